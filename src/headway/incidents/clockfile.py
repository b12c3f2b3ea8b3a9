"""A file of clocks, read from plain data: every fault is told at once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast, get_args
from zoneinfo import available_timezones

from headway.incidents.entities import (
    ClockRule,
    ClockSet,
    Confidence,
    Harm,
    MetBy,
    Question,
    RiskToPersons,
    Severity,
    Start,
    Unit,
)
from headway.incidents.errors import ClocksInvalid
from headway.kernel.canonical import digest
from headway.kernel.errors import Fault

FACTS: Mapping[str, tuple[str | bool, ...] | None] = {
    "tier": ("undecided", "minimal", "transparency", "high", "prohibited"),
    "roles": None,
    "departments": None,
    "vendor_supplied": (True, False),
    "personal_data": (True, False),
    "annex_iii": None,
    "consequential_domain": None,
    "severity": tuple(one.value for one in Severity),
    "harm": tuple(one.value for one in Harm),
    "widespread": (True, False),
    "personal_data_breach": (True, False),
    "risk_to_persons": tuple(one.value for one in RiskToPersons),
}
"""What a clock may ask for, and the values there are; None: any words."""
MOST_DAYS = 3_650


class _Reader:
    """Takes fields out of plain data and remembers what is wrong."""

    def __init__(self, source: object, where: str, faults: list[Fault]) -> None:
        self.source: dict[str, Any] = dict(source) if isinstance(source, Mapping) else {}
        self.where, self.faults = where, faults
        if not isinstance(source, Mapping):
            self.fault("", "must be a mapping of names to values")

    def fault(self, name: str, message: str) -> None:
        place = ".".join(part for part in (self.where, name) if part)
        self.faults.append(Fault(rule="clocks.form", column=place or None, message=f"{place or 'file'}: {message}"))

    def text(self, name: str, allowed: tuple[str, ...] = (), *, needed: bool = True) -> str:
        value = self.source.pop(name, None)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.fault(name, "write some words")
            return ""
        if allowed and value not in allowed:
            self.fault(name, f"is one of {', '.join(allowed)}")
        return value.strip()

    def day(self, name: str) -> date | None:
        value = self.source.pop(name, None)
        try:
            return None if value is None else value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fault(name, "write a day as 2026-03-31")
            return None

    def many(self, name: str) -> list[Any]:
        value = self.source.pop(name, [])
        if not isinstance(value, list):
            self.fault(name, "must be a list")
            return []
        return value

    def done(self) -> None:
        for name in self.source:
            self.fault(str(name), "is not known here")


def read(source: object, *, published_by: str | None = None, published_at: datetime | None = None) -> ClockSet:
    """Read a file of clocks from its plain data; raises ClocksInvalid with every fault."""
    faults: list[Fault] = []
    reader = _Reader(source, "", faults)
    zone = reader.text("time_zone")
    if zone and zone not in available_timezones():
        reader.fault("time_zone", "is no time zone such as Europe/Brussels")
    found = {
        "id": reader.text("id"),
        "version": reader.text("version"),
        "title": reader.text("title"),
        "note": reader.text("note", needed=False),
    }
    as_of = reader.day("as_of")
    holidays = tuple(one for one in map(_day, reader.many("holidays")) if one is not None)
    nothing = reader.source.pop("nothing_known", None) or {}
    clocks = tuple(_rule(one, f"clocks.{at}", faults) for at, one in enumerate(reader.many("clocks"), start=1))
    reader.done()
    _once(clocks, faults)
    if as_of is None:
        reader.fault("as_of", "say of which day it is")
    if faults or as_of is None:
        raise ClocksInvalid("; ".join(one.message for one in faults), faults=faults)
    return ClockSet(
        **found,
        as_of=as_of,
        time_zone=zone,
        holidays=holidays,
        nothing_known=tuple((str(name), str(text)) for name, text in dict(nothing).items()),
        clocks=clocks,
        digest=digest(_plain(source)),
        published_by=published_by,
        published_at=published_at,
    )


def _day(value: object) -> date | None:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        return None


def _once(clocks: tuple[ClockRule, ...], faults: list[Fault]) -> None:
    seen: set[str] = set()
    for rule in clocks:
        if rule.id in seen:
            faults.append(Fault(rule="clocks.once", column=rule.id, message=f"{rule.id} stands there twice"))
        seen.add(rule.id)


def _rule(source: object, where: str, faults: list[Fault]) -> ClockRule:
    reader = _Reader(source, where, faults)
    within = _Reader(reader.source.pop("within", None), f"{where}.within", faults)
    amount = within.source.pop("amount", None)
    if not isinstance(amount, int) or isinstance(amount, bool) or not 1 <= amount <= MOST_DAYS:
        within.fault("amount", f"is a whole number from 1 to {MOST_DAYS}")
        amount = 1
    unit = within.text("unit", tuple(Unit))
    within.done()
    rule = ClockRule(
        id=reader.text("id"),
        title=reader.text("title"),
        source=reader.text("source"),
        confidence=cast(Confidence, reader.text("confidence", get_args(Confidence))),
        jurisdiction=reader.text("jurisdiction"),
        starts=cast(Start, reader.text("starts", get_args(Start))),
        amount=amount,
        unit=Unit(unit) if unit in tuple(Unit) else Unit.hours,
        met_by=cast(MetBy, reader.text("met_by", get_args(MetBy))),
        to=reader.text("to"),
        valid_from=reader.day("from"),
        valid_until=reader.day("until"),
        note=reader.text("note", needed=False),
        when=tuple(_tests(one, f"{where}.when.{at}", faults) for at, one in enumerate(reader.many("when"), start=1)),
    )
    reader.done()
    return rule


def _tests(source: object, where: str, faults: list[Fault]) -> tuple[Question, ...]:
    if isinstance(source, Mapping) and set(source) == {"any"} and isinstance(source["any"], list) and source["any"]:
        return tuple(_test(one, f"{where}.{at}", faults) for at, one in enumerate(source["any"], start=1))
    return (_test(source, where, faults),)


def _test(source: object, where: str, faults: list[Fault]) -> Question:
    reader = _Reader(source, where, faults)
    fact = reader.text("fact", tuple(FACTS))
    values = tuple(reader.many("is"))
    known = FACTS.get(fact)
    if not values or any(not isinstance(one, str | bool) for one in values):
        reader.fault("is", "list at least one word, or true or false")
    elif known is not None and (wrong := [one for one in values if one not in known]):
        reader.fault("is", f"{fact} is never {', '.join(map(str, wrong))}")
    reader.done()
    return Question(fact=fact, values=values)


def _plain(value: Any) -> Any:  # noqa: ANN401  data of a file
    """The data with days as text, so that it can be hashed and kept."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


plain = _plain
