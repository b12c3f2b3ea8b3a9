"""Rows that come again as they came before: what was decided about them then holds for them now, and is told.

A source that is read again and again brings the same bad row each time. Whoever mended or gave it up once is not asked anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from headway.catalog.batches import store
from headway.catalog.batches.entities import Outcome, QuarantinedRow, RowState
from headway.catalog.entities import Registration
from headway.catalog.quarantine.entities import Again, Edit
from headway.catalog.quarantine.service.ground import Places
from headway.catalog.quarantine.service.mending import MOST_EDITS, dismiss, fix
from headway.catalog.quarantine.service.replaying import replay
from headway.kernel.auth import Actor


def take_again(session: Session, actor: Actor, places: Places, made: Registration) -> Again:
    """Do with the rows of a batch that were decided before what was decided: mend and replay them, or give them up.

    Rows are the same when every cell came with the same text. Of several earlier words about equal rows the newest counts. What is
    mended is held to the contract as ever; what no longer passes stays open.

    Returns: how many rows entered and how many were given up; the entries in the ledger name the batch that was decided before.
    """
    batch = made.batch
    if batch is None or batch.outcome is not Outcome.quarantined:
        return Again(replayed=0, dismissed=0)
    slug, known = batch.product, store.decided_before(session, batch.product, batch.id)
    given_up = [number for number, before in known.items() if before.state is RowState.dismissed]
    for reason, numbers in _by_reason(known, given_up).items():
        dismiss(session, actor, slug, {batch.id: numbers}, reason)
    mended = [number for number in known if number not in set(given_up)]
    for reason, numbers in _by_reason(known, mended).items():
        for start in range(0, len(numbers), MOST_EDITS):
            some = numbers[start : start + MOST_EDITS]
            edits = [Edit(batch=batch.id, row=number, values=_changed(known[number])) for number in some]
            fix(session, actor, places, slug, edits=edits, reason=reason)
    entered = replay(session, actor, places, slug, batch=batch.id, reason="mended before").replayed if mended else 0
    return Again(replayed=entered, dismissed=len(given_up))


def _by_reason(known: Mapping[int, QuarantinedRow], numbers: Collection[int]) -> Mapping[str, list[int]]:
    told: dict[str, list[int]] = {}
    for number in numbers:
        before = known[number]
        why = before.settled_because if before.state is RowState.dismissed else before.mended_because
        told.setdefault(f"as in {before.batch}: {_own(why or '')}", []).append(number)
    return told


def _own(reason: str) -> str:
    """What a person said, without the batches through which it was carried."""
    while reason.startswith("as in bat_") and ": " in reason:
        reason = reason.split(": ", 1)[1]
    return reason


def _changed(before: QuarantinedRow) -> Mapping[str, str | None]:
    return {name: text for name, text in before.values.items() if text != before.original.get(name)}
