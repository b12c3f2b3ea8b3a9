"""Fields of plain data, read with every fault noted instead of stopping at the first."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from headway.kernel.errors import Fault

NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
MOST_SIGNS: Final = 120


class Reader:
    """One mapping of the spec and its place in it."""

    def __init__(self, source: object, where: str, faults: list[Fault]) -> None:
        self.where, self.faults = where, faults
        self.taken: set[str] = set()
        if not isinstance(source, Mapping):
            self.fault("", "must be a mapping")
        self.source: Mapping[object, object] = source if isinstance(source, Mapping) else {}

    def fault(self, name: str, message: str) -> None:
        """Note what is wrong with a field; without a name, with the mapping itself."""
        place = ".".join(part for part in (self.where, name) if part) or "spec"
        self.faults.append(Fault(rule="spec", column=place, message=message))

    def take(self, name: str) -> object:
        """The raw value, None when it is not there."""
        self.taken.add(name)
        return self.source.get(name)

    def finish(self) -> None:
        """Note fields that nobody asked for, so that a slip of the pen is not left out in silence."""
        for name in self.source:
            if name not in self.taken:
                self.fault(str(name), "is not a field here; the fields are " + ", ".join(sorted(self.taken)))

    def text(self, name: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self.take(name)
        if value is None and default is not None:
            return default
        if not is_text(value):
            self.fault(name, "must be a text of at most 120 characters, without line breaks")
            return default or ""
        return str(value)

    def name(self, name: str = "name") -> str:
        """A name that is fit for a folder."""
        value = self.take(name)
        if not isinstance(value, str) or not NAME.fullmatch(value) or len(value) > 60:
            self.fault(name, "must be lower-case letters, digits and single hyphens, starting with a letter")
            return ""
        return value

    def number(self, name: str, default: float | None, *, least: float, most: float) -> float:
        """A number within bounds."""
        value = self.take(name)
        if value is None and default is not None:
            return default
        if not is_number(value) or not least <= float(value) <= most:  # type: ignore[arg-type]  # is_number tells
            self.fault(name, f"must be a number from {least:g} to {most:g}")
            return default if default is not None else least
        return float(value)  # type: ignore[arg-type]  # is_number tells

    def whole(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self.take(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.fault(name, f"must be a whole number from {least} to {most}")
            return default
        return value

    def choice(self, name: str, allowed: Sequence[str], default: str | None = None) -> str:
        """One of a closed set; when it is none of them, the first stands in, so that reading goes on."""
        value = self.take(name)
        if value is None and default is not None:
            return default
        if value not in allowed or not isinstance(value, str):
            self.fault(name, "must be one of " + ", ".join(allowed))
            return allowed[0]
        return value

    def day(self, name: str, *, is_needed: bool = True) -> date | None:
        """A day, as YAML knows it or as text."""
        value = self.take(name)
        if value is None and not is_needed:
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            self.fault(name, "must be a day, YYYY-MM-DD")
            return None

    def many(self, name: str) -> list[Reader]:
        """A list of mappings; an empty one when it is not there."""
        value = self.take(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(name, "must be a list")
            return []
        return [Reader(item, f"{self.place(name)}[{index}]", self.faults) for index, item in enumerate(value)]

    def one(self, name: str) -> Reader:
        """A mapping, empty when it is not there."""
        value = self.take(name)
        return Reader({} if value is None else value, self.place(name), self.faults)

    def numbers(self, name: str, *, least: float, most: float) -> dict[str, float]:
        """A mapping of names to numbers within bounds."""
        inner = self.one(name)
        return {str(key): inner.number(str(key), None, least=least, most=most) for key in inner.source}

    def texts(self, name: str) -> dict[str, str]:
        """A mapping of texts to texts; YAML's true and false count as their words."""
        inner, found = self.one(name), {}
        for key, value in inner.source.items():
            word = str(key).lower() if isinstance(key, bool) else str(key)
            if not is_text(value):
                inner.fault(word, "must be a text of at most 120 characters, without line breaks")
            found[word] = str(value)
        return found

    def nested_texts(self, name: str) -> dict[str, dict[str, str]]:
        """A mapping of names to mappings of texts."""
        inner = self.one(name)
        return {str(key): inner.texts(str(key)) for key in inner.source}

    def nested_numbers(self, name: str, *, least: float, most: float) -> dict[str, dict[str, float]]:
        """A mapping of names to mappings of numbers."""
        inner = self.one(name)
        return {str(key): inner.shares(str(key), least=least, most=most) for key in inner.source}

    def shares(self, name: str, *, least: float = 0.0, most: float = 1.0) -> dict[str, float]:
        """A mapping of values to numbers; YAML's true and false count as their words."""
        inner, found = self.one(name), {}
        for key, value in inner.source.items():
            word = str(key).lower() if isinstance(key, bool) else str(key)
            if not is_number(value) or not least <= float(value) <= most:  # type: ignore[arg-type]  # is_number tells
                inner.fault(word, f"must be a number from {least:g} to {most:g}")
                continue
            found[word] = float(value)  # type: ignore[arg-type]  # is_number tells
        return found

    def names(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self.take(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(is_text(item) for item in value):
            self.fault(name, "must be a list of texts")
            return ()
        return tuple(value)

    def place(self, name: str) -> str:
        """The address of a field in the spec."""
        return ".".join(part for part in (self.where, name) if part)


def is_text(value: object) -> bool:
    """Tell whether a value is a text that fits a cell of a header."""
    return isinstance(value, str) and bool(value.strip()) and len(value) <= MOST_SIGNS and value.isprintable()


def is_number(value: object) -> bool:
    """Tell whether a value is a finite number; true and false are none."""
    return (
        isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300 and math.isfinite(value)
    )
