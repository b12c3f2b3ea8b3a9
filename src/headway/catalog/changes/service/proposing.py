"""Proposing a new version of a contract, withdrawing the proposal, and reading what was proposed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from headway import ledger
from headway.catalog import contract as odcs
from headway.catalog import evolving, minima
from headway.catalog import store as products
from headway.catalog.changes import standing, store
from headway.catalog.changes.entities import Answer, ChangeState, ContractChange
from headway.catalog.changes.errors import ChangeClosed, ChangeInvalid, ChangeUnknown
from headway.catalog.changes.places import line_faults
from headway.catalog.changes.service.consumers import consumers_of
from headway.catalog.changes.service.looking import base_of, read
from headway.catalog.changes.service.means import Means
from headway.catalog.changes.service.taking_effect import take_effect
from headway.catalog.entities import DataProduct
from headway.catalog.errors import InvalidContract
from headway.catalog.service import get_product
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Denied, Fault
from headway.kernel.ids import Ref, new_id
from headway.kernel.paging import Page


def propose(
    session: Session,
    actor: Actor,
    means: Means,
    *,
    product: str,
    text: str,
    reason: str,
    answer_by: date | None = None,
    keep_days: int = standing.USUAL_KEPT,
) -> ContractChange:
    """Propose a contract as the next version of a product's.

    What breaks nobody takes effect at once. What breaks readers is put to every consumer, and waits for them until the last day
    of the notice.

    Args: answer_by: that day (UTC); default is in 30 days.  keep_days: how long the old version is read after a breaking one.
    Raises: UnknownProduct; ChangeInvalid with every fault, those of the text with their lines; ChangeClosed: one is open.
    """
    need_person(actor, "propose a contract")
    slug = get_product(session, product).slug
    products.lock(session, slug)
    known = get_product(session, slug)
    for one in store.open_changes(session, slug):
        hint = "let its consumers answer, or withdraw it first"
        raise ChangeClosed(f"{one.id} of {slug} is open", hint=hint, values={"change": one.id})
    contract, difference, faults = _looked_at(session, known, text)
    day = answer_by or clock.now().date() + timedelta(days=standing.USUAL_NOTICE)
    faults += standing.proposal_faults(reason=reason, answer_by=day, keep_days=keep_days, today=clock.now().date())
    _refuse(faults)
    if contract is None or difference is None:
        raise AssertionError("a contract without faults was read")
    made = _proposal(session, actor, means, known, contract=contract, difference=difference, reason=reason,
                     answer_by=day, keep_days=keep_days)  # fmt: skip
    store.add_change(session, made)
    ledger.record(session, actor=actor, type="contract.proposed", **entry(made))
    because = standing.reason_to_take_effect(
        level=made.level, answers=made.answers, answer_by=made.answer_by, day=clock.now().date()
    )
    return take_effect(session, means, made, because) if because else made


def withdraw(session: Session, actor: Actor, change_id: str, reason: str) -> ContractChange:
    """Take a proposal back, with a reason; raises ChangeUnknown, ChangeClosed, ChangeInvalid."""
    need_person(actor, "withdraw a proposal")
    _refuse(standing.reason_faults(reason))
    found = locked(session, change_id)
    need_open(found)
    values = {"withdrawn_by": actor.ref, "withdrawn_at": clock.now(), "withdrawn_because": reason.strip()}
    store.end_change(session, change_id, values)
    made = get_change(session, change_id)
    people = [one.consumer for one in made.answers]
    told = entry(made, reason=reason.strip(), people=people)
    ledger.record(session, actor=actor, type="contract.withdrawn", **told)
    return made


def get_change(session: Session, change_id: str) -> ContractChange:
    """Read a change as it stands; raises ChangeUnknown."""
    found = store.get_change(session, change_id)
    if found is None:
        raise ChangeUnknown(f"there is no change of a contract {change_id!r}", values={"change": change_id})
    return found


def list_changes(session: Session, product: str, *, limit: int = 50, cursor: str | None = None) -> Page[ContractChange]:
    """Changes of a product's contract, newest first; raises UnknownProduct."""
    return store.changes(session, get_product(session, product).slug, limit, cursor)


def list_asked(session: Session, person: str) -> tuple[ContractChange, ...]:
    """Open changes that wait for an answer of somebody's, or of those who handed theirs on to them."""
    return store.asked_of(session, person)


def locked(session: Session, change_id: str) -> ContractChange:
    """Read a change and keep others from it until the transaction ends; raises ChangeUnknown."""
    found = get_change(session, change_id)
    products.lock(session, found.product)
    return store.get_change(session, change_id, lock=True) or found


def need_open(change: ContractChange) -> None:
    """Refuse what took effect or was withdrawn; raises ChangeClosed."""
    if change.state is not ChangeState.open:
        raise ChangeClosed(f"{change.id} is {change.state.value}", values={"change": change.id})


def need_person(actor: Actor, what: str) -> None:
    """Refuse services; raises Denied."""
    if not actor.is_person:
        raise Denied(f"a person must {what}", hint="sign in and do it yourself", values={"rule": "people-decide"})


def entry(about: ContractChange, **more: object) -> dict[str, Any]:
    """The subject and payload of a ledger entry about a change."""
    payload: dict[str, object] = {
        "change": about.id,
        "product": about.product,
        "version": about.version,
        "version_before": about.version_before,
        "contract_digest": about.digest,
        "level": about.level,
        "requested_by": about.proposed_by,
        "until": about.answer_by.isoformat() if about.answer_by else None,
        "reason": about.reason,
    }
    return {"subject": Ref("contract-change", about.id), "payload": payload | more}


def _looked_at(
    session: Session, product: DataProduct, text: str
) -> tuple[dict[str, object] | None, evolving.Difference | None, list[Fault]]:
    """The contract and its difference from the one in force, and what is wrong with them."""
    try:
        contract = read(text)
        difference = evolving.diff(base_of(session, product), contract)
        minima.need_no_loosening(session, product.slug, contract)
    except InvalidContract as error:
        found = [
            Fault(
                rule=one.rule, column="contract", message=f"line {one.line}: {one.message}" if one.line else one.message
            )
            for one in line_faults(text, error)
        ]
        return None, None, found
    faults = []
    if difference.bump == "none":
        faults.append(Fault(rule="change.none", column="contract", message="it says what the contract in force says"))
    elif difference.fault is not None:
        faults.append(Fault(rule="change.version", column="contract", message=difference.fault))
    elif str(contract.get("version")) in products.contract_versions(session, product.slug):
        words = f"version {contract.get('version')} is another contract of {product.slug}; raise it"
        faults.append(Fault(rule="change.version", column="contract", message=words))
    return contract, difference, faults


def _proposal(
    session: Session,
    actor: Actor,
    means: Means,
    product: DataProduct,
    *,
    contract: dict[str, object],
    difference: evolving.Difference,
    reason: str,
    answer_by: date,
    keep_days: int,
) -> ContractChange:
    level = difference.changes[0].level
    is_breaking = level == "breaking"
    people = (
        standing.asked_people(consumers_of(session, means.subjects, product.slug), actor.ref) if is_breaking else {}
    )
    base = base_of(session, product)
    return ContractChange(
        id=new_id("chg"),
        product=product.slug,
        version_before=str(base.get("version", "")),
        digest_before=odcs.contract_digest(base),
        version=str(contract.get("version", "")),
        digest=odcs.contract_digest(contract),
        level=level,
        changes=difference.changes,
        contract=contract,
        reason=reason.strip(),
        proposed_by=actor.ref,
        proposed_at=clock.now(),
        answer_by=answer_by if is_breaking else None,
        keep_days=keep_days,
        answers=tuple(_unanswered(person, because) for person, because in people.items()),
        state=ChangeState.open,
        effective_at=None,
        effective_because=None,
        withdrawn_by=None,
        withdrawn_at=None,
        withdrawn_because=None,
    )


def _unanswered(person: str, because: tuple[str, ...]) -> Answer:
    return Answer(
        consumer=person,
        because=because,
        delegate=None,
        accepted=None,
        reason=None,
        answered_by=None,
        answered_at=None,
    )


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise ChangeInvalid("; ".join(fault.message for fault in faults), faults=faults)
