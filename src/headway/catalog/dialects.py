"""Where the SQL of engines differs: the names of parameters, regular expressions, the type of text, times with a zone.

A contract is compiled for one dialect; everything else in the statements is SQL that DuckDB 2 and Spark 4 read alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from headway.catalog.errors import InvalidContract

_ASCII: Final = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
_NEGATED: Final = {"D": "d", "W": "w", "S": "s"}
_CONTROL: Final = frozenset("tnrf")
_ENDS: Final = {"^": r"\A", "$": r"\z"}
_REPEATED: Final = re.compile(r"\{[0-9]{1,3}(,[0-9]{0,3})?\}(?![+*{])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one engine writes what others write differently."""

    name: str
    mark: str
    """Before the name of a parameter."""
    text: str
    zoned: str
    """The type of a time with a zone."""
    first: str = ""
    """Before a pattern that must match a whole value; ``last`` stands after it. Empty: there is a function for that."""
    last: str = ""

    def matches(self, value: str, parameter: str) -> str:
        """A condition: the whole value matches the pattern bound as the parameter."""
        return f"regexp_like({value}, {parameter})" if self.first else f"regexp_full_match({value}, {parameter})"

    def pattern(self, pattern: str) -> str:
        """A regular expression as the engine takes it.

        Raises: InvalidContract: it uses what the engines read differently.
        """
        if not self.first:
            return f"(?:{pattern})"
        plain = portable(pattern)
        if plain is None:
            raise InvalidContract(f"{pattern!r} cannot be checked on {self.name}: engines read it differently")
        return f"{self.first}(?:{plain}){self.last}"


DUCKDB: Final = Dialect(name="DuckDB", mark="$", text="VARCHAR", zoned="TIMESTAMPTZ")
SPARK: Final = Dialect(name="Spark", mark=":", text="STRING", zoned="TIMESTAMP", first=r"(?d)\A", last=r"\z")
"""``(?d)``: only the line feed ends a line for Java's dot, as for RE2's."""


def portable(pattern: str) -> str | None:
    r"""A pattern in the syntax that RE2, Java and Rust read alike, or None where there is none.

    The classes ``\d \w \s`` become their ASCII members, which is what RE2 means by them. Left out because the engines
    differ: flags, look-around, ``\b``, Unicode classes, POSIX classes, set operations, open repetitions, look-alikes.

    Example: ``portable(r"\d+\.\w")`` gives ``[0-9]+\.[0-9A-Za-z_]``.
    """
    made: list[str] = []
    at, in_class = 0, False
    while at < len(pattern):
        sign = pattern[at]
        step = _escape(pattern[at + 1 : at + 2], in_class) if sign == "\\" else _plain(pattern, at, in_class)
        if step is None:
            return None
        made.append(step)
        if sign == "[" and not in_class:
            in_class, at = True, _class_begins(pattern, at, made)
            if at < 0:
                return None
            continue
        in_class = in_class and sign != "]"
        at += {"\\": 2, "{": len(step)}.get(sign, 1)
    return None if in_class else "".join(made)


def _class_begins(pattern: str, at: int, made: list[str]) -> int:
    """The place after ``[`` or ``[^``; -1 where the class begins with a bracket."""
    at += 1
    if pattern[at : at + 1] == "^":
        made.append("^")
        at += 1
    return -1 if pattern[at : at + 1] in ("]", "") else at


def _escape(sign: str, in_class: bool) -> str | None:
    if sign in _ASCII and sign:
        return _ASCII[sign] if in_class else f"[{_ASCII[sign]}]"
    if sign in _NEGATED and sign:
        return None if in_class else f"[^{_ASCII[_NEGATED[sign]]}]"
    if sign in _CONTROL and sign:
        return "\\" + sign
    return "\\" + sign if sign and sign in r"\.+*?()|[]{}^$-/@#&~" else None


def _plain(pattern: str, at: int, in_class: bool) -> str | None:
    sign, following = pattern[at], pattern[at + 1 : at + 2]
    if in_class:
        refused = sign in "[#" or (sign.isspace() and sign != " ") or (sign in "&~-|" and following == sign)
        return None if refused else sign
    if sign == "{":
        found = _REPEATED.match(pattern, at)
        return found.group() if found else None
    refused = (
        (sign == "(" and following == "?" and pattern[at + 1 : at + 3] != "?:")
        or (sign in "*+?" and following in ("+", "*"))
        or sign in "}]"
    )
    return None if refused else _ENDS.get(sign, sign)
