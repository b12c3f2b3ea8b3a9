"""The AI inventory: opening, changing and reading use cases, and deciding their legal tier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.governance import derived, facts, inventory, mandates, policy, store, tiers
from headway.governance.entities import FactValue, Pack, Tier, TierDecision, UseCase
from headway.governance.errors import (
    FactsContradict,
    FactsInvalid,
    PackUnknown,
    TierFixed,
    UseCaseTaken,
    UseCaseUnknown,
)
from headway.governance.service.packs import list_packs
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Denied, Fault, Scalar
from headway.kernel.ids import Ref, new_id
from headway.kernel.paging import MAX_LIMIT, Page

MIN_REASONS = 10


def open_usecase(
    session: Session,
    actor: Actor,
    *,
    slug: str,
    title: str,
    department: str,
    solution: str | None = None,
    purpose: str | None = None,
    owner: str | None = None,
    sponsor: str | None = None,
    success_measure: str | None = None,
    people_affected: str | None = None,
    risk: Mapping[str, Scalar | Sequence[str]] | None = None,
) -> UseCase:
    """Write a new entry of the inventory; what nobody knows stays None and is named in ``missing``.

    Args: risk: facts that packs ask for (``Pack.facts``); None or absent says unknown.
    Raises: FactsInvalid with every fault; UseCaseTaken; NotFound when the department is not known; IntakeClosed.
    """
    said = {
        "title": title,
        "department": department,
        "solution": solution,
        "purpose": purpose,
        "owner": owner,
        "sponsor": sponsor,
        "success_measure": success_measure,
        "people_affected": people_affected,
    }
    known = _known(risk or {})
    cleaned = _cleaned(said)
    _check(session, slug, cleaned, known, derived.contradictions(known, derived.derive(department.strip(), ())))
    mandates.refuse_closed(session, department.strip())
    now = clock.now()
    values = {"slug": slug, **cleaned, "risk": known, "opened_by": actor.ref, "opened_at": now, "updated_at": now}
    if not store.add_usecase(session, values):
        raise _taken(slug)
    payload = {**cleaned, "risk": known}
    ledger.record(session, actor=actor, type="usecase.opened", subject=ref(slug), payload=payload, personal=True)
    return get_usecase(session, slug)


def refuse_taken(session: Session, slug: str) -> None:
    """Raise UseCaseTaken when an entry has this name."""
    if store.get_usecase(session, slug) is not None:
        raise _taken(slug)


def _taken(slug: str) -> UseCaseTaken:
    hint = "choose another name, or change the one there"
    return UseCaseTaken(f"a use case {slug!r} exists", hint=hint, values={"slug": slug})


def update_usecase(
    session: Session,
    actor: Actor,
    slug: str,
    *,
    changes: Mapping[str, str | None],
    risk: Mapping[str, Scalar | Sequence[str]] | None = None,
) -> UseCase:
    """Change fields of a use case; risk facts are merged, None makes one unknown again.

    What its systems settle is not kept a second time, and said otherwise it is refused: FactsInvalid. Where it moves to a
    department that takes nothing in: IntakeClosed.
    When what the tier depends on changes, rules decide it anew; a tier decided by a person is open again.
    """
    store.lock_usecase(session, slug)
    before = get_usecase(session, slug)
    unknown = sorted(set(changes) - set(store.USE_CASE_FIELDS))
    if unknown:
        faults = [Fault(rule="usecase.field", column=n, message=f"a use case has no field {n!r}") for n in unknown]
        raise FactsInvalid(faults[0].message, faults=faults)
    merged = _known({**before.risk, **(risk or {})})
    cleaned = _cleaned(changes)
    said = _known(risk or {})
    whole = {"title": before.title, "department": before.department, **cleaned}
    _check(session, slug, whole, said, derived.contradictions(said, before.derived))
    if whole["department"] != before.department:
        mandates.refuse_closed(session, str(whole["department"]))
    merged = derived.left_to_say(merged, before.derived)
    store.change_usecase(session, slug, {**cleaned, "risk": merged, "updated_at": clock.now()})
    payload = {**cleaned, "risk": {name: merged.get(name) for name in risk or {}}}
    ledger.record(session, actor=actor, type="usecase.updated", subject=ref(slug), payload=payload, personal=True)
    return _decided_anew(session, actor, slug)


def settle(session: Session, actor: Actor, slug: str) -> UseCase:
    """Bring a use case in step with its systems, which changed: what they settle now counts, and the tier is decided anew.

    Raises: FactsContradict: people said otherwise.
    """
    store.lock_usecase(session, slug)
    case = get_usecase(session, slug)
    if faults := derived.contradictions(case.risk, case.derived):
        names = " ".join(f"--fact {fault.column}=unknown" for fault in faults)
        raise FactsContradict(
            f"of the use case {slug} it is said otherwise: " + "; ".join(fault.message for fault in faults),
            hint=f"correct the use case first (headway usecase set {slug} {names}), or the system",
            faults=faults,
            values={"usecase": slug},
        )
    store.change_usecase(
        session, slug, {"risk": derived.left_to_say(case.risk, case.derived), "updated_at": clock.now()}
    )
    payload = {"facts": {fact.name: fact.value for fact in case.derived}, "systems": [one.slug for one in case.systems]}
    ledger.record(session, actor=actor, type="usecase.settled", subject=ref(slug), payload=payload)
    return _decided_anew(session, actor, slug)


def _decided_anew(session: Session, actor: Actor, slug: str) -> UseCase:
    """Let the rules decide again where they decided about another state of the use case; what a person decided is open."""
    after, decision = get_usecase(session, slug), store.newest_decision(session, slug)
    if decision is not None and decision.method == "rules" and decision.usecase_digest != after.digest:
        classify(session, actor, slug)
    return get_usecase(session, slug)


def get_usecase(session: Session, slug: str) -> UseCase:
    """Read a use case; raises UseCaseUnknown."""
    found = store.get_usecase(session, slug)
    if found is None:
        raise UseCaseUnknown(f"no use case {slug!r}", hint="'headway usecase list' names them", values={"slug": slug})
    return found


def list_usecases(
    session: Session, *, department: str | None = None, limit: int = 50, cursor: str | None = None
) -> Page[UseCase]:
    """Read use cases by name."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.list_usecases(session, department=department, after=cursor, limit=limit + 1)
    return Page(items=tuple(found[:limit]), next=found[limit - 1].slug if len(found) > limit else None)


def names_in(session: Session, department: str) -> frozenset[str]:
    """Name the use cases of a department, without those of the departments below it."""
    return frozenset(store.usecase_names(session, department))


def ref(slug: str) -> Ref:
    """The reference of a use case."""
    return Ref("usecase", slug)


def _cleaned(said: Mapping[str, str | None]) -> dict[str, str | None]:
    return {name: (value.strip() or None) if value is not None else None for name, value in said.items()}


def _known(risk: Mapping[str, Scalar | Sequence[str]]) -> dict[str, FactValue]:
    told = {name: list(v) if isinstance(v, tuple) else v for name, v in risk.items()}
    return {name: cast(FactValue, value) for name, value in told.items() if value is not None}


def usecase_faults(
    session: Session,
    slug: str,
    said: Mapping[str, str | None],
    risk: Mapping[str, Scalar | Sequence[str]] | None = None,
) -> list[Fault]:
    """Tell everything that is wrong with an entry before it is written: texts, name, risk facts; nothing is changed."""
    return _faults(session, slug, _cleaned(said), _known(risk or {}))


def _check(
    session: Session,
    slug: str,
    said: Mapping[str, str | None],
    risk: Mapping[str, FactValue],
    against: Sequence[Fault],
) -> None:
    if faults := [*_faults(session, slug, said, risk), *against]:
        hint = "leave out what the platform knows, or correct where it knows it from" if against else None
        raise FactsInvalid("; ".join(f.message for f in faults), faults=faults, hint=hint)
    identity.get_department(session, str(said["department"]))


def _faults(session: Session, slug: str, said: Mapping[str, str | None], risk: Mapping[str, FactValue]) -> list[Fault]:
    definitions = policy.fact_definitions(list_packs(session))
    return [*inventory.faults(slug, said), *facts.risk_faults(risk, definitions), *_excepted(risk)]


def _excepted(risk: Mapping[str, FactValue]) -> list[Fault]:
    """An exception is assessed by one person and accepted by another; nobody can just say that there is one."""
    if risk.get(derived.EXCEPTED) is not True:
        return []
    message = f"{derived.EXCEPTED} is not said but assessed and accepted: headway exception assess USECASE"
    return [Fault(rule="risk.exception", column=derived.EXCEPTED, value="yes", message=message)]


# --- tiers -------------------------------------------------------------------------------------------------------


def classify(session: Session, actor: Actor, usecase_slug: str) -> TierDecision:
    """Let the ordered rules decide the tier; ``undecided`` names the facts that lack."""
    use_case = get_usecase(session, usecase_slug)
    return _record(session, actor, _by_rules(session, actor, use_case), before=use_case.tier)


def decide_tier(session: Session, actor: Actor, usecase_slug: str, *, tier: Tier, reasons: str) -> TierDecision:
    """Let a named person decide the tier, with reasons; the rules' trace is kept beside it.

    Raises: Denied when no person decides; FactsInvalid without reasons; TierFixed when the rules find the use
    prohibited: then the facts must be corrected, not the tier.
    """
    if not actor.is_person:
        raise Denied("only a person can decide a tier", values={"rule": "governance.person_decides"})
    if tier is Tier.undecided or len(reasons.strip()) < MIN_REASONS:
        message = f"name a tier and give reasons of at least {MIN_REASONS} characters"
        raise FactsInvalid(message, faults=[Fault(rule="tier.reasons", column="reasons", message=message)])
    use_case = get_usecase(session, usecase_slug)
    found = _by_rules(session, actor, use_case)
    if found.tier is Tier.prohibited and tier is not Tier.prohibited:
        raise TierFixed(
            f"rule {found.rule} finds this use prohibited; a person cannot decide otherwise",
            hint="correct the risk facts if they are wrong",
            values={"rule": found.rule, "tier": found.tier.value},
        )
    decision = replace(found, tier=tier, rule=None, method="person", reasons=reasons.strip(), facts_needed=())
    return _record(session, actor, decision, before=use_case.tier)


def get_decision(session: Session, usecase_slug: str) -> TierDecision | None:
    """Read the tier decision that counts now; None when there is none or the use case changed since."""
    use_case = get_usecase(session, usecase_slug)
    decision = store.newest_decision(session, usecase_slug)
    return decision if decision is not None and decision.usecase_digest == use_case.digest else None


def list_decisions(session: Session, usecase_slug: str) -> Sequence[TierDecision]:
    """Read all tier decisions of a use case, newest first."""
    get_usecase(session, usecase_slug)
    return store.list_decisions(session, usecase_slug, limit=MAX_LIMIT)


def tier_pack(packs: Sequence[Pack]) -> Pack:
    """The pack whose rules decide tiers."""
    for pack in packs:
        if pack.tier_rules:
            return pack
    raise PackUnknown("no pack has rules for the tier")


def _by_rules(session: Session, actor: Actor, use_case: UseCase) -> TierDecision:
    packs = list_packs(session)
    pack, definitions = tier_pack(packs), policy.fact_definitions(packs)
    found = tiers.decide(pack.tier_rules, facts.risk(use_case, definitions), definitions)
    return TierDecision(
        id=new_id("tier"),
        usecase=use_case.slug,
        usecase_digest=use_case.digest,
        tier=found.tier,
        rule=found.rule.id if found.rule else None,
        method="rules",
        decider=actor.ref,
        reasons=None,
        trace=found.trace,
        facts_needed=found.facts_needed,
        pack_id=pack.id,
        pack_version=pack.version,
        pack_digest=pack.digest,
        confidence=found.rule.confidence if found.rule else None,
        decided_at=clock.now(),
    )


def _record(session: Session, actor: Actor, decision: TierDecision, *, before: Tier) -> TierDecision:
    store.add_decision(session, decision)
    payload = {
        "decision": decision.id,
        "tier": decision.tier.value,
        "before": before.value,
        "rule": decision.rule,
        "method": decision.method,
        "reasons": decision.reasons,
        "usecase_digest": decision.usecase_digest,
        "pack": f"{decision.pack_id}@{decision.pack_version}",
        "pack_digest": decision.pack_digest,
    }
    ledger.record(session, actor=actor, type="tier.decided", subject=ref(decision.usecase), payload=payload)
    return decision
