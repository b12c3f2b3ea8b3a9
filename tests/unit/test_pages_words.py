"""The languages of the pages: nothing is missing, places are kept, numbers and dates are written as their readers write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from headway.entrypoints import wording
from headway.entrypoints.pages import words

OTHERS = sorted(set(words.LANGUAGES) - {"en"})
AT = datetime(2026, 3, 5, 12, 30, tzinfo=UTC)
PLACES = re.compile(r"%\(\w+\)[a-z]|%%|%")
ENDS = (".", ":", "?", "!", "…")
# What is the same word in both languages, and is no oversight.
SAME = {
    "de": {
        "%(environment)s", "%(seconds)s s", "Alarm", "Alias", "Arm", "Arm %(name)s", "Board", "Body", "Budget", "Bundle", "Checkpoint",
        "Checkpoints", "Client", "Code", "Commitment", "Compliance", "IT", "Index (PSI)", "Jensen-Shannon", "Median",
        "Deployment", "Deployments", "Gate", "Host", "Id", "Ledger", "Name", "Navigation", "Organisation", "Person",
        "PDF", "Pilot", "Pilot %(name)s", "Port", "Quorum", "Region", "Sandbox", "Schema", "Score", "Scopes", "Scores", "Snapshots",
        "Sponsor", "System", "Text", "Training",
        "Version", "Version %(number)s", "Webhook", "Webhooks",
    },
}  # fmt: skip


def messages(language: str) -> Iterator[Message]:
    content = wording.catalog_file(language).read_bytes()
    yield from (message for message in read_po(BytesIO(content), locale=language, abort_invalid=True) if message.id)


def pairs(language: str) -> Iterator[tuple[str, str]]:
    """Each English text with its translation, each form of a plural for itself."""
    for message in messages(language):
        if isinstance(message.id, str):
            assert isinstance(message.string, str)
            yield message.id, message.string
        else:
            assert len(message.string) == len(message.id) == 2, message.id
            yield from zip(message.id, message.string, strict=True)


@pytest.mark.parametrize("language", OTHERS)
def test_everything_that_is_said_is_translated(language: str) -> None:
    assert wording.missing(language) == [], "run 'headway dev words', then translate what is empty in the catalog"


def test_a_message_without_translation_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = wording.Catalog()
    for one in ("Kept", "Empty", ("%(num)s row", "%(num)s rows"), "Guessed", "New"):
        said.add(one)
    file = tmp_path / "messages.po"
    file.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        'msgid "Kept"\nmsgstr "Behalten"\n\nmsgid "Empty"\nmsgstr ""\n\n#, fuzzy\nmsgid "Guessed"\nmsgstr "Geraten"\n\n'
        'msgid "%(num)s row"\nmsgid_plural "%(num)s rows"\nmsgstr[0] "%(num)s Zeile"\nmsgstr[1] ""\n'
    )
    monkeypatch.setattr(wording, "said", lambda: said)
    monkeypatch.setattr(wording, "catalog_file", lambda language: file)
    assert wording.missing("de") == ["Empty", "%(num)s row", "Guessed", "New"]


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_keeps_the_places_of_its_message(language: str) -> None:
    assert [
        (english, text)
        for english, text in pairs(language)
        if sorted(PLACES.findall(english)) != sorted(PLACES.findall(text))
    ] == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_begins_and_ends_as_its_message_does(language: str) -> None:
    for english, text in pairs(language):
        assert text == text.strip(), text
        assert "".join(end for end in ENDS if english.endswith(end)) == "".join(
            end for end in ENDS if text.endswith(end)
        ), text


@pytest.mark.parametrize("language", OTHERS)
def test_only_words_known_to_be_the_same_are_left_as_they_are(language: str) -> None:
    same = {english for english, text in pairs(language) if english == text}
    assert same - SAME[language] == set()


def test_german_has_german_quotation_marks_and_says_sie() -> None:
    for english, text in pairs("de"):
        assert not re.search(r"[\"“](?=\w)|”", text.replace("„", "")), text
        assert text.count("„") == text.count("“") >= english.count("“"), text
        assert not re.search(r"\b(du|dir|dich|dein(e[mnrs]?)?)\b", text, re.IGNORECASE), text


@pytest.mark.parametrize("language", OTHERS)
def test_the_pages_read_the_catalog_that_there_is(language: str) -> None:
    known = words.catalog(language)
    assert len(known.single) > 1000
    assert all(
        known.plural[one.id[0], form] for one in messages(language) if not isinstance(one.id, str) for form in (0, 1)
    )


def test_words_come_in_the_language_spoken_and_fall_back_to_english() -> None:
    assert words.gettext("Use cases") == "Use cases"
    with words.speaking("de"):
        assert words.gettext("Use cases") == "Anwendungsfälle"
        assert words.gettext("said nowhere") == "said nowhere"
        assert [words.ngettext("%(num)s request", "%(num)s requests", count) % {"num": count} for count in (0, 1, 2)] == [
            "0 Anträge", "1 Antrag", "2 Anträge",
        ]  # fmt: skip
        with words.speaking("xx"):
            assert words.language() == "en"
        assert words.language() == "de"
    assert words.ngettext("%(num)s request", "%(num)s requests", 1) == "%(num)s request"


@pytest.mark.parametrize(
    ("language", "day", "moment", "before"),
    [
        ("en", "5 Mar 2026", "5 Mar 2026, 12:30 UTC", "4 Mar 2026, 23:00 UTC"),
        ("de", "05.03.2026", "05.03.2026, 12:30 UTC", "04.03.2026, 23:00 UTC"),
    ],
)
def test_dates_and_times_are_written_by_locale_and_in_utc(language: str, day: str, moment: str, before: str) -> None:
    with words.speaking(language):
        assert words.day(date(2026, 3, 5)) == words.day(AT) == day
        assert words.moment(AT) == moment
        assert words.moment(datetime(2026, 3, 5, 1, 0, tzinfo=timezone(timedelta(hours=2)))) == before
        assert words.day(None) == words.moment(None) == words.ago(None) == ""


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", ["3 days ago", "in 2 hours", "just now"]), ("de", ["vor 3 Tagen", "in 2 Stunden", "gerade eben"])],
)
def test_how_long_ago_is_told_by_locale(language: str, told: list[str]) -> None:
    with words.speaking(language):
        assert [
            words.ago(AT + away, AT) for away in (timedelta(days=-3), timedelta(hours=2), timedelta(seconds=-44))
        ] == told


@pytest.mark.parametrize(
    ("language", "numbers", "shares", "sums"),
    [
        ("en", ["1,234,567.891", "0.50", "1,234"], ["12.3 %", "100 %"], ["€12.50", "€1,234,568", "-€250"]),
        ("de", ["1.234.567,891", "0,50", "1.234"], ["12,3 %", "100 %"], ["12,50\xa0€", "1.234.568\xa0€", "-250\xa0€"]),
    ],
)
def test_numbers_shares_and_money_are_written_by_locale(
    language: str, numbers: list[str], shares: list[str], sums: list[str]
) -> None:
    with words.speaking(language):
        assert [words.number(1234567.891), words.number(Decimal("0.5"), 2), words.number(1234.4, 0)] == numbers
        assert [words.percent(0.1234), words.percent(1, 0)] == shares
        assert [words.money(Decimal(amount), "EUR") for amount in ("12.5", "1234567.8", "-250")] == sums
        assert words.number(None) == words.percent(None) == words.money(None, "EUR") == "–"


@pytest.mark.parametrize(
    ("accepted", "wanted", "spoken"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", None, "de"),
        ("fr-FR, fr;q=0.9, DE;q=0.5, en;q=0.1", None, "de"),
        ("en-US,de;q=0.5", None, "en"),
        ("fr,it", None, "en"),
        ("", None, "en"),
        ("*", None, "en"),
        (",;q=,,", None, "en"),
        ("en", "de", "de"),
        ("de", "xx", "de"),
        ("de", "", "de"),
    ],
)
def test_the_language_is_the_one_chosen_else_the_first_of_the_browsers_that_there_is(
    accepted: str, wanted: str | None, spoken: str
) -> None:
    assert words.best(accepted, wanted) == spoken
