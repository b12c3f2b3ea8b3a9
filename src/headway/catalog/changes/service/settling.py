"""What is due: changes whose notice is over take effect, and those who have not answered are reminded once."""

from __future__ import annotations

from headway import ledger
from headway.catalog.changes import standing, store
from headway.catalog.changes.service.means import means_of
from headway.catalog.changes.service.proposing import entry, get_change, locked
from headway.catalog.changes.service.taking_effect import take_effect
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.errors import HeadwayError
from headway.kernel.logs import logger
from headway.kernel.web import Parts


def settle_changes(parts: Parts) -> int:
    """Do what is due, each change in a transaction of its own; safe to repeat and in two processes at once.

    Returns: how many changes took effect.
    """
    today, settled = clock.now().date(), 0
    with parts.database.session() as session:
        for change_id, consumer in store.due_reminders(session, today + standing.SOON):
            found = get_change(session, change_id)
            if found.answer_by is not None and today <= found.answer_by:
                store.write_answer(session, change_id, consumer, {"reminded_at": clock.now()})
                ledger.record(session, actor=SYSTEM, type="contract.answer_near", **entry(found, person=consumer))
        waiting = [one.id for one in store.open_changes(session)]
    for change_id in waiting:
        try:
            settled += _settle(parts, change_id)
        except HeadwayError as error:
            logger("contracts").error("change.not_settled", change=change_id, exc_info=error)
    return settled


def _settle(parts: Parts, change_id: str) -> int:
    with parts.database.session() as session:
        found = locked(session, change_id)
        because = standing.reason_to_take_effect(
            level=found.level, answers=found.answers, answer_by=found.answer_by, day=clock.now().date()
        )
        if because is None or found.effective_at or found.withdrawn_at:
            return 0
        take_effect(session, means_of(parts), found, because)
        return 1
