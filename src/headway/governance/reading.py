"""Plain data read field by field: every fault is noted with its place, and reading goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from headway.governance import rules
from headway.kernel.errors import Fault


class Reader:
    """Reads fields of one mapping and notes every fault instead of stopping at the first."""

    def __init__(self, source: object, where: str, faults: list[Fault]) -> None:
        self.where, self.faults = where, faults
        self.seen: set[str] = set()
        if not isinstance(source, Mapping):
            self.fault("", "must be a mapping")
        self.source: Mapping[str, object] = source if isinstance(source, Mapping) else {}

    def fault(self, name: str, message: str) -> None:
        place = f"{self.where}.{name}" if name else self.where
        self.faults.append(Fault(rule="pack.schema", column=place, message=f"{place}: {message}"))

    def text(self, name: str, allowed: Sequence[str] = ()) -> str:
        value = self._take(name)
        if not isinstance(value, str) or not value.strip():
            self.fault(name, "must be a text")
            return ""
        if allowed and value not in allowed:
            self.fault(name, f"must be one of {', '.join(allowed)}")
        return value.strip()

    def texts(self, name: str, allowed: Sequence[str] = ()) -> tuple[str, ...]:
        value = self._take(name)
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            self.fault(name, "must be a list of texts")
            return ()
        for item in value:
            if allowed and item not in allowed:
                self.fault(name, f"{item!r} is none of {', '.join(allowed)}")
        return tuple(value)

    def day(self, name: str, *, needed: bool = False) -> date | None:
        value = self._take(name)
        if value is None and not needed:
            return None
        try:
            return date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            self.fault(name, "must be a day as 'YYYY-MM-DD' in quotes")
            return None

    def many(self, name: str) -> list[Reader]:
        value = self._take(name)
        if not isinstance(value, list):
            self.fault(name, "must be a list")
            return []
        return [Reader(item, f"{self.where}.{name}[{index}]", self.faults) for index, item in enumerate(value)]

    def expression(self, name: str, *, is_check: bool = False) -> str:
        value = self.text(name)
        for message in rules.lint(value, is_check=is_check) if value else []:
            self.fault(name, message)
        return value

    def whole(self, name: str) -> int:
        value = self._take(name)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.fault(name, "must be a whole number from 0 up")
            return 0
        return value

    def flag(self, name: str, *, otherwise: bool) -> bool:
        value = self._take(name)
        if value is not None and not isinstance(value, bool):
            self.fault(name, "must be true or false")
        return otherwise if value is None else value is True

    def has(self, name: str) -> bool:
        return self.source.get(name) is not None

    def mapping(self, name: str) -> Mapping[str, object]:
        value = self._take(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            self.fault(name, "must be a mapping")
            return {}
        return value

    def raw(self, name: str) -> object:
        return self._take(name)

    def done(self) -> None:
        for name in sorted(set(map(str, self.source)) - self.seen):
            self.fault(name, "is not known here")

    def _take(self, name: str) -> object:
        self.seen.add(name)
        return self.source.get(name)
