"""Which clocks an incident starts: rules as data, asked of facts in three-valued logic (Kleene). Pure.

What nobody knows is never taken for a no: a clock runs until a known fact, or a person with a reason, rules it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from headway.incidents.calendars import ends_at
from headway.incidents.entities import Answer, CaseFacts, ClockRule, ClockSet, Fact, Place, Question, Reading, Start

OWN = "own"
"""The jurisdiction of the organisation's own rules, which every incident is in."""
_RANK = {Answer.no: 0, Answer.unknown: 1, Answer.yes: 2}


def readings(
    incident: Mapping[str, Fact],
    cases: Sequence[CaseFacts],
    places: Sequence[Place],
    sets: Iterable[ClockSet],
    moments: Mapping[Start, datetime],
) -> tuple[Reading, ...]:
    """Ask every clock of every set about an incident.

    Args: incident: facts of the incident itself by name. cases: the use cases concerned, at least one. places: what people
        said of jurisdictions, which counts above what use cases say. moments: ``aware``, ``occurred``, ``opened``; where
        nobody knows when it occurred, the moment of becoming aware counts.
    Returns: one reading a clock; of several use cases the one that answers most strictly.
    """
    said = {one.jurisdiction: one.answer for one in places if one.said_by is not None}
    found = []
    for kept in sets:
        for rule in kept.clocks:
            since = moments[rule.starts]
            answer, why, missing = _strictest(rule, incident, cases, said, since)
            until = ends_at(since, rule.amount, rule.unit, time_zone=kept.time_zone, holidays=kept.holidays)
            found.append(
                Reading(
                    rule=rule,
                    set=f"{kept.id}@{kept.version}",
                    set_digest=kept.digest,
                    answer=answer,
                    why=why,
                    missing=missing,
                    since=since,
                    until=until,
                )
            )
    return tuple(found)


def _strictest(
    rule: ClockRule,
    incident: Mapping[str, Fact],
    cases: Sequence[CaseFacts],
    said: Mapping[str, Answer],
    since: datetime,
) -> tuple[Answer, str, tuple[str, ...]]:
    day = since.date()
    if (rule.valid_from and day < rule.valid_from) or (rule.valid_until and day > rule.valid_until):
        return Answer.no, f"the rule was not in force on {day.isoformat()}", ()
    asked = [_ask(rule, {**dict(case.facts), **incident}, case, said) for case in cases]
    return max(asked, key=lambda one: _RANK[one[0]])


def _ask(
    rule: ClockRule, facts: Mapping[str, Fact], case: CaseFacts, said: Mapping[str, Answer]
) -> tuple[Answer, str, tuple[str, ...]]:
    """What a clock says for one use case: the answer, in words why, and the facts that are missing."""
    about = f" ({case.usecase})" if case.usecase else ""
    where = place_answer(rule.jurisdiction, case.jurisdictions, said)
    if where is Answer.no:
        return Answer.no, f"not in {rule.jurisdiction}{about}", ()
    missing = {"jurisdictions"} if where is Answer.unknown else set()
    known = []
    for tests in rule.when:
        answers = [(test, tested(test, facts.get(test.fact))) for test in tests]
        best = max((answer for _, answer in answers), key=_RANK.__getitem__)
        if best is Answer.no:
            told = " and ".join(f"{test.fact} is {_told(facts.get(test.fact))}" for test, _ in answers)
            return Answer.no, told + about, ()
        if best is Answer.unknown:
            missing |= {test.fact for test, answer in answers if answer is Answer.unknown}
        else:
            known += [f"{test.fact} is {_told(facts.get(test.fact))}" for test, one in answers if one is Answer.yes]
    if missing:
        names = tuple(sorted(missing))
        return Answer.unknown, f"nobody knows yet: {', '.join(names)}{about}", names
    place = [] if rule.jurisdiction == OWN else [f"it is in {rule.jurisdiction}"]
    return Answer.yes, ("; ".join([*place, *known]) or "it is asked of every incident") + about, ()


def place_answer(wanted: str, of_case: tuple[str, ...] | None, said: Mapping[str, Answer]) -> Answer:
    """Whether a use case, or a person with a reason, puts an incident into a jurisdiction; ``US-CO`` lies in ``US``."""
    if wanted == OWN:
        return Answer.yes
    inside = [answer for name, answer in said.items() if lies_in(name, wanted)]
    if Answer.yes in inside:
        return Answer.yes
    if said.get(wanted) is Answer.no:
        return Answer.no
    if of_case is None:
        return Answer.unknown
    left = [name for name in of_case if said.get(name) is not Answer.no]
    return Answer.yes if any(lies_in(name, wanted) for name in left) else Answer.no


def lies_in(name: str, wanted: str) -> bool:
    """Whether one jurisdiction is another or a part of it."""
    return name == wanted or name.startswith(f"{wanted}-")


def tested(test: Question, known: Fact) -> Answer:
    """Ask one thing of one fact."""
    if known is None:
        return Answer.unknown
    held: tuple[str | bool, ...] = known if isinstance(known, tuple) else (known,)
    return Answer.yes if any(value in test.values for value in held) else Answer.no


def _told(known: Fact) -> str:
    if isinstance(known, tuple):
        return ", ".join(known) or "none"
    return {True: "yes", False: "no"}[known] if isinstance(known, bool) else str(known)


def places_of(cases: Sequence[CaseFacts], known: Iterable[str], said: Iterable[Place]) -> tuple[Place, ...]:
    """Tell of every jurisdiction that a use case names, that a clock knows or that a person spoke of, whether the incident is in it.

    Args: known: the jurisdictions that clocks know. said: what people said, which counts above the rest.
    """
    told = {one.jurisdiction: one for one in said}
    named = {name for case in cases for name in case.jurisdictions or ()}
    names = sorted({*named, *(name for name in known if name != OWN), *told})
    return tuple(told.get(name) or _derived(name, cases) for name in names)


def _derived(name: str, cases: Sequence[CaseFacts]) -> Place:
    naming = [case for case in cases if any(lies_in(one, name) for one in case.jurisdictions or ())]
    silent = [case for case in cases if case.jurisdictions is None]
    answer = Answer.yes if naming else Answer.unknown if silent else Answer.no
    sources = tuple(f"usecase:{case.usecase}" for case in naming or silent or cases if case.usecase)
    return Place(jurisdiction=name, answer=answer, sources=sources, said_by=None, said_at=None, reason=None)
