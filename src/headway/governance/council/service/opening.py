"""What comes before the council, what rules decide without it, and what nobody can decide alone."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance.council import lanes, store
from headway.governance.council.entities import Item, ItemState, Lane, Outcome, Rules
from headway.governance.council.errors import CouncilDecides
from headway.governance.council.service.bodies import body_for
from headway.governance.council.service.deciding import conclude, write_end
from headway.governance.council.service.reading import conflicts, get_item, ref
from headway.governance.council.tables import ItemRow, RecusalRow
from headway.governance.entities import Approval, UseCase
from headway.governance.intake import Registration, Umbrella
from headway.governance.service import usecases
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.ids import Ref, new_id

MADE = "model.version_registered"
MOST_MADE = 20


def open_item(session: Session, actor: Actor, approval: Approval) -> Item | None:
    """Bring an approval before the council of its use case when its lane says so; None when it does not.

    Safe to repeat. Older items of the same use case and environment by the same person lapse.
    """
    case = usecases.get_usecase(session, approval.usecase)
    body = body_for(session, case.department)
    if body is None or lanes.lane_of(case.tier, on_pattern=False)[0] is not Lane.council:
        return None
    if found := store.item_of(session, approval.id):
        return found
    now = clock.now()
    rules = Rules(
        quorum=body.quorum,
        needed=approval.needed,
        required=body.required,
        reviews=body.reviews,
        tie=body.tie,
        chair=body.chair,
        days=body.days,
        makers=makers_of(session, case, approval),
    )
    item_id = new_id("cit")
    values = {
        "body": body.slug,
        "lane": Lane.council.value,
        "state": ItemState.open.value,
        "approval": approval.id,
        "subject": approval.subject,
        "usecase": case.slug,
        "environment": approval.environment,
        "requested_by": approval.requested_by,
        "opened_at": now,
        "closes_at": now + timedelta(days=body.days),
        "rules": store.rules_as_json(rules),
        "decided_at": None,
        "decided_by": None,
        "why": list(lanes.lane_of(case.tier, on_pattern=False)[1]),
    }
    _lapse_older(session, actor, approval)
    store.add(session, ItemRow(id=item_id, **values))
    recused = conflicts(session, case, approval.requested_by)
    for person, reason in recused.items():
        store.add(session, RecusalRow(item=item_id, person=person, reason=reason, is_automatic=True, at=now))
    ledger.record(
        session,
        actor=actor,
        type="council.opened",
        subject=ref(item_id),
        payload={"item": item_id, **values, "recused": recused},
    )
    return get_item(session, item_id)


def makers_of(session: Session, case: UseCase, approval: Approval) -> tuple[str, ...]:
    """Name who cannot validate a case independently, by the ledger: who opened or asked for it, and who made the version."""
    made = ledger.find(session, subject=approval.subject, type=MADE, limit=MOST_MADE).items
    opened = ledger.find(session, subject=Ref("usecase", case.slug), type="usecase.opened", limit=1).items
    found = (approval.requested_by, *(one.actor for one in (*opened, *made)))
    return tuple(sorted({one for one in found if one.startswith("person:")}))


def _lapse_older(session: Session, actor: Actor, approval: Approval) -> None:
    for old in store.list_items(session, usecase=approval.usecase, states=store.UNDECIDED):
        if (old.environment, old.requested_by) == (approval.environment, approval.requested_by):
            conclude(session, actor, old, Outcome(state=ItemState.lapsed, why=(f"asked for anew: {approval.id}",)))


def note_automatic(session: Session, actor: Actor, umbrella: Umbrella, registration: Registration) -> Item | None:
    """Record that rules decided an intake without people: it is of minimal tier and falls under an approved pattern.

    None where the department has no council, or the tier asks for a person.
    """
    case = usecases.get_usecase(session, umbrella.usecase)
    lane, why = lanes.lane_of(case.tier, on_pattern=True)
    body = body_for(session, registration.department)
    if body is None or lane is not Lane.automatic:
        return None
    now, item_id = clock.now(), new_id("cit")
    why = (
        *why,
        f"pattern {umbrella.id} of {case.slug}, approved by {umbrella.approved_by}, until {umbrella.valid_until}",
    )
    rules = Rules(quorum=0, needed=0, required=(), reviews=(), tie="rejected", chair=None, days=0)
    values = {
        "body": body.slug,
        "lane": lane.value,
        "state": ItemState.approved.value,
        "approval": None,
        "subject": f"usecase:{case.slug}",
        "usecase": case.slug,
        "environment": None,
        "requested_by": actor.ref,
        "opened_at": now,
        "closes_at": now,
        "rules": store.rules_as_json(rules),
        "decided_at": now,
        "decided_by": SYSTEM.ref,
        "why": list(why),
    }
    store.add(session, ItemRow(id=item_id, **values))
    ledger.record(
        session,
        actor=SYSTEM,
        type="council.decided_by_rules",
        subject=ref(item_id),
        payload={"item": item_id, **values, "registration": registration.id},
    )
    return get_item(session, item_id)


def refuse_alone(session: Session, approval: Approval) -> None:
    """Raise CouncilDecides when an approval is the council's to give."""
    found = store.item_of(session, approval.id)
    if found is not None:
        raise CouncilDecides(
            f"the council {found.body} decides {approval.id}",
            hint=f"cast the vote of your seat on {found.id}: headway council vote {found.id}",
            values={"approval": approval.id, "item": found.id},
        )
    case = usecases.get_usecase(session, approval.usecase)
    body = body_for(session, case.department)
    if body is not None and lanes.lane_of(case.tier, on_pattern=False)[0] is Lane.council:
        raise CouncilDecides(
            f"{case.slug} is of tier {case.tier.value}, which the council {body.slug} decides",
            hint="ask for the approval again; it then comes before the council",
            values={"approval": approval.id},
        )


def note_taken_back(session: Session, actor: Actor, approval: Approval) -> None:
    """Let an item lapse whose approval its requester takes back; raises CouncilDecides for everybody else."""
    found = store.item_of(session, approval.id, lock=True)
    if found is None or found.state.value not in store.UNDECIDED:
        return
    if actor.ref != approval.requested_by:
        refuse_alone(session, approval)
    write_end(session, actor, found, Outcome(state=ItemState.lapsed, why=("who asked took it back",)))
