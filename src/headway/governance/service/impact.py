"""What a pack would change before it is switched on, and what a day in the law's calendar will change by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from headway.governance import comparing, facts, gates, policy, store, tiers
from headway.governance.adapters import read_pack
from headway.governance.entities import (
    Impact,
    Pack,
    PackDiff,
    SubjectImpact,
    Tier,
    UseCase,
    UseCaseImpact,
    VerdictRecord,
)
from headway.governance.errors import FactsInvalid
from headway.governance.service import gating
from headway.governance.service.packs import enforced, get_pack, list_packs, newest_published
from headway.governance.service.usecases import tier_pack
from headway.kernel import clock
from headway.kernel.errors import Fault


class World:
    """The packs that are asked, and the day on which; use cases with the same risk facts are classified once."""

    def __init__(self, packs: tuple[Pack, ...], at: datetime) -> None:
        self.packs, self.at = packs, at
        self._rules, self._definitions = tier_pack(packs).tier_rules, policy.fact_definitions(packs)
        self._classified: dict[str, tiers.Classified] = {}

    def tier(self, case: UseCase) -> tiers.Classified:
        """What the rules say of a use case."""
        risk = facts.risk(case, self._definitions)
        key = repr(risk)  # in the order of the packs' own questions
        if key not in self._classified:
            self._classified[key] = tiers.decide(self._rules, risk, self._definitions)
        return self._classified[key]


def diff_pack(session: Session, *, new: str, old: str | None = None, old_version: str | None = None) -> PackDiff:
    """Tell what a pack changes against another text, or against a published version of the same pack.

    Args: new, old: packs as YAML. old_version: without ``old``; None for the version in force.
    Raises: PackInvalid with every fault; PackUnknown: nothing was published under this name and version.
    """
    wanted = read_pack(new).pack
    before = read_pack(old).pack if old is not None else get_pack(session, wanted.id, old_version)
    return comparing.diff(before, wanted)


def pack_impact(
    session: Session,
    *,
    pack: str | None = None,
    published: str | None = None,
    without: str | None = None,
    on: date | None = None,
) -> Impact:
    """Tell for which use cases something changes with a pack or on a day; nothing is stored.

    Every use case that is not retired is classified by the rules in force and by those to come. What may be served (the
    newest verdict of each environment, not revoked, not over) is put to its gate twice. Evidence and approvals count as
    they do now: only rules and dates move.

    Args: pack: YAML; takes the place of the pack of the same id, or comes beside those in force. published: the same with a
    published pack, NAME or NAME@VERSION. without: a pack that would be switched off. on: today by itself.
    Raises: PackInvalid with every fault; PackUnknown; FactsInvalid: the day has passed.
    """
    now = clock.now()
    day = _future(on, now)
    at = now if day == now.astimezone(UTC).date() else datetime(day.year, day.month, day.day, tzinfo=UTC)
    current = World(list_packs(session), now)
    coming = World(_coming(session, current.packs, pack, published, without), at)
    served: dict[str, list[VerdictRecord]] = {}
    for verdict in store.served_verdicts(session, now):
        served.setdefault(verdict.usecase, []).append(verdict)
    # Where no rule changes no tier does: only what is released can answer differently on another day.
    only = served if coming.packs == current.packs else None
    cases = [case for case in store.every_usecase(session, only) if case.retired_at is None]
    inventory = len(store.usecase_departments(session)) - len(store.retired_usecases(session))
    methods = store.decision_methods(session)
    found = [
        _usecase(session, case, methods.get((case.slug, case.digest)), served.get(case.slug, ()), (current, coming))
        for case in cases
    ]
    changed = sorted((one for one in found if _is_changed(one)), key=lambda one: (not _is_stopped(one), one.usecase))
    return Impact(
        on=day,
        packs_before=_named(current.packs),
        packs_after=_named(coming.packs),
        looked_at=inventory,
        gates_asked=sum(len(served.get(case.slug, ())) for case in cases),
        usecases=tuple(changed),
    )


def _future(on: date | None, now: datetime) -> date:
    today = now.astimezone(UTC).date()
    if on is not None and on < today:
        message = f"{on} has passed; old verdicts tell what held then"
        fault = Fault(rule="impact.day", column="on", value=on.isoformat(), message=message)
        raise FactsInvalid(message, faults=[fault], hint=f"name a day from {today} on")
    return on or today


def _with(packs: Sequence[Pack], new: Pack) -> tuple[Pack, ...]:
    kept = tuple(new if pack.id == new.id else pack for pack in packs)
    both = kept if new in kept else (*kept, new)
    policy.evidence_types(both)
    return both


def _coming(
    session: Session, packs: tuple[Pack, ...], pack: str | None, published: str | None, without: str | None
) -> tuple[Pack, ...]:
    if without is not None:
        gone = get_pack(session, without)
        packs = tuple(one for one in packs if one.id != gone.id)
    if published is not None:
        name, _, version = published.partition("@")
        newest = newest_published(session, name) if not version else get_pack(session, name, version)
        packs = _with(packs, newest)
    return _with(packs, read_pack(pack).pack) if pack is not None else packs


def _named(packs: Sequence[Pack]) -> Mapping[str, str]:
    return {f"{pack.id}@{pack.version}": pack.digest for pack in packs}


def _usecase(
    session: Session,
    case: UseCase,
    method: str | None,
    served: Sequence[VerdictRecord],
    worlds: tuple[World, World],
) -> UseCaseImpact:
    current, coming = worlds
    before = current.tier(case)
    after = before if coming.packs == current.packs else coming.tier(case)
    by_person = method == "person"
    stays = method is None or (by_person and after.tier is not Tier.prohibited) or before.tier is after.tier
    then = case.tier if stays else after.tier
    return UseCaseImpact(
        usecase=case.slug,
        title=case.title,
        department=case.department,
        tier=case.tier,
        is_by_person=by_person,
        tier_before=before.tier,
        tier_after=after.tier,
        facts_needed=tuple(fact for fact in after.facts_needed if fact not in before.facts_needed),
        subjects=tuple(
            made for one in served if (made := _subject(session, one, then, worlds)).controls or _differs(made)
        ),
    )


def _subject(session: Session, verdict: VerdictRecord, tier: Tier, worlds: tuple[World, World]) -> SubjectImpact:
    current, coming = worlds
    subject, environment = verdict.subject_digest, verdict.environment
    basis = gating.gather(session, subject_digest=subject, usecase=verdict.usecase, at=current.at)
    count = len(gating.valid_approvals(session, basis, environment=environment, at=current.at))
    then = basis
    if coming.packs != current.packs:
        packs = enforced(coming.packs)
        then = gating.gather(session, subject_digest=subject, usecase=verdict.usecase, at=current.at, packs=packs)
    then = replace(then, use_case=replace(basis.use_case, tier=tier))
    before, after = (
        gating.answered(
            one, gating.question_of(one, "pre_deploy", environment, gating.facts_of(one, environment, count), world.at)
        ).controls
        for one, world in ((basis, current), (then, coming))
    )
    return SubjectImpact(
        verdict=verdict.id,
        environment=environment,
        subject=verdict.subject,
        subject_digest=subject,
        before=gates.result(before, basis.tier),
        after=gates.result(after, tier),
        controls=comparing.control_changes(before, after),
    )


def _differs(one: SubjectImpact) -> bool:
    return one.before != one.after


def _is_changed(one: UseCaseImpact) -> bool:
    return one.tier_before is not one.tier_after or bool(one.facts_needed) or bool(one.subjects)


def _is_stopped(one: UseCaseImpact) -> bool:
    return any(subject.after == "block" != subject.before for subject in one.subjects)
