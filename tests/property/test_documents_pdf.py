"""Whatever text a document holds, it is set, and the text is there as text."""

from __future__ import annotations

import io
import re
from datetime import date

import pypdf
from hypothesis import given, settings
from hypothesis import strategies as st

from headway import documents as d
from tests.factories.dose import examples

MARKUP = st.text(alphabet="#[]{}()*_`$\\<>@=-+/:;\"'~^&%|!? abcXYZ019.,", min_size=1, max_size=60)
ANY = st.one_of(
    st.text(max_size=40), st.sampled_from(["\x00", "\ud800", "\ufeff", "\ufffe", "日本語 😀", "\u202e", "\ue000"])
)


def document(text: str) -> d.Document:
    blocks = (d.Paragraph(text), d.Bullets((d.inline(text),)), d.Table(headers=("h",), rows=((text,),)), d.Code(text))
    return d.Document(
        title=text,
        organisation=text,
        made_on=date(2026, 3, 7),
        facts=((text, text),),
        sections=(d.Section(title=text, blocks=blocks),),
    )


@given(text=MARKUP)
@settings(deadline=None, max_examples=examples(40))
def test_signs_of_markup_are_set_as_they_are(text: str) -> None:
    made = pypdf.PdfReader(io.BytesIO(d.pdf(document(text))))
    flat = re.sub(r"[\s\u200b]+", "", "".join(page.extract_text() for page in made.pages))
    assert flat.count(re.sub(r"\s+", "", text)) >= 5


@given(text=ANY)
@settings(deadline=None, max_examples=examples(40))
def test_any_text_is_set(text: str) -> None:
    assert d.pdf(document(text)).startswith(b"%PDF-1.7")
