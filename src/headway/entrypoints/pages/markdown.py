"""Markdown that people write, as HTML that can do no harm: no raw HTML, no scripts' addresses, no images of other hosts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup

from headway.collaboration import Mention
from headway.entrypoints.pages.links import seen

_NAMED = re.compile(r"@\[[^\]]*\]\((person:[\w-]+)\)")


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
    return reader.enable(["table", "strikethrough"]).disable(["image"])


def to_html(text: str | None) -> Markup:
    """Render CommonMark with tables; HTML in it is shown as text, pictures as links."""
    return Markup(_reader().render(text or ""))  # noqa: S704  the reader escapes what people wrote


def with_mentions(text: str, mentions: Iterable[Mention]) -> Markup:
    """Render what somebody said, with the people they mentioned as links to their pages."""
    names = {mention.person: mention.name for mention in mentions}

    def linked(found: re.Match[str]) -> str:
        name = names.get(found[1], found[1])
        return f"[@{name}]({address})" if (address := seen(found[1])) else f"@{name}"

    return to_html(_NAMED.sub(linked, text))
