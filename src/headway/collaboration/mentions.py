"""Who a text names: ``@mail@address`` or ``@[Name](person:ID)``, outside of code.

The text stays as it was written. Finding names is reading, so it never fails; what names nobody stays plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^(?P<mark>`{3,}|~{3,}).*?(?:^(?P=mark)[`~]*\s*$|\Z)", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?P<mark>`+)(?!`).+?(?<!`)(?P=mark)(?!`)", re.DOTALL)
_LINK = re.compile(r"(?<![\w\\])@\[(?P<name>[^\]\n]{1,200})\]\(person:(?P<id>[A-Za-z0-9][A-Za-z0-9._/-]{0,99})\)")
# Letters, digits and the marks that addresses have in practice; the last letter is no full stop, so a sentence may end.
_MAIL = re.compile(r"(?<![\w\\@])@(?P<mail>[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)")


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody a text names: by the id of a person or by a mail address."""

    person_id: str | None
    email: str | None


def named_in(text: str) -> tuple[Named, ...]:
    """Find who a Markdown text names, each once, in the order of the text."""
    plain = _SPAN.sub(" ", _FENCE.sub(" ", text))
    found = [(m.start(), Named(person_id=m["id"], email=None)) for m in _LINK.finditer(plain)]
    rest = _LINK.sub(lambda m: " " * len(m[0]), plain)
    found += [(m.start(), Named(person_id=None, email=m["mail"].lower())) for m in _MAIL.finditer(rest)]
    return tuple(dict.fromkeys(named for _, named in sorted(found, key=lambda pair: pair[0])))


def excerpt(text: str, most: int = 160) -> str:
    """Shorten a Markdown text to one line: names of people as names, white space as single spaces."""
    line = " ".join(_LINK.sub(lambda m: "@" + m["name"], text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
