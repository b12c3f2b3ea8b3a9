"""When a change takes effect, who has to answer, and what is wrong with proposals and answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from headway.catalog.changes.entities import Answer, Because, ChangeState, Consumer, ContractChange
from headway.catalog.evolving import Level
from headway.kernel.errors import Fault

LEAST_NOTICE, MOST_NOTICE, USUAL_NOTICE = 7, 366, 30
"""Days between the proposal and the last day of its notice."""
USUAL_KEPT, MOST_KEPT = 30, 366
LEAST_REASON, MOST_TEXT = 10, 2000
SOON: Final = timedelta(days=3)
"""How long before the last day those who have not answered are reminded."""


def asked_people(consumers: Iterable[Consumer], proposer: str) -> dict[str, tuple[str, ...]]:
    """Who has to answer a breaking change, each with what makes them a consumer; who proposes it has said so already."""
    found: dict[str, dict[str, None]] = {}
    for one in consumers:
        for person in one.people:
            if person != proposer:
                found.setdefault(person, {})[one.ref] = None
    return {person: tuple(refs) for person, refs in sorted(found.items())}


def reason_to_take_effect(
    *, level: Level, answers: Iterable[Answer], answer_by: date | None, day: date
) -> Because | None:
    """Tell why a change takes effect on a day (UTC), or None while it must wait.

    What does not break its readers waits for nobody. What does waits until all accept, or until its notice is over.
    """
    given = list(answers)
    if level != "breaking":
        return "compatible"
    if not given:
        return "no_consumer"
    if all(one.accepted for one in given):
        return "accepted"
    return "notice_over" if answer_by is not None and day > answer_by else None


def may_answer(change: ContractChange, answer: Answer, who: str) -> bool:
    """Whether somebody may give an answer now: the consumer or their delegate, once, while the change is open."""
    return change.state is ChangeState.open and answer.accepted is None and who in (answer.consumer, answer.delegate)


def proposal_faults(*, reason: str, answer_by: date | None, keep_days: int, today: date) -> list[Fault]:
    """Find everything that is wrong with the words and days of a proposal."""
    faults = reason_faults(reason)
    earliest, latest = today + timedelta(days=LEAST_NOTICE), today + timedelta(days=MOST_NOTICE)
    if answer_by is not None and not earliest <= answer_by <= latest:
        words = f"the last day of the notice lies from {earliest} to {latest}, not on {answer_by}"
        faults.append(Fault(rule="change.answer_by", column="answer_by", value=str(answer_by), message=words))
    if not 0 <= keep_days <= MOST_KEPT:
        words = f"the old version stays for 0 to {MOST_KEPT} days, not {keep_days}"
        faults.append(Fault(rule="change.keep_days", column="keep_days", value=str(keep_days), message=words))
    return faults


def reason_faults(reason: str) -> list[Fault]:
    """Find what is wrong with a reason."""
    if LEAST_REASON <= len(reason.strip()) <= MOST_TEXT:
        return []
    words = f"say in {LEAST_REASON} to {MOST_TEXT:,} characters why"
    return [Fault(rule="change.reason", column="reason", message=words)]
