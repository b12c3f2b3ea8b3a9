"""The operate gate: everything at work is asked again, what it lost is warned about, and stopped once its grace is over.

Who is at work is not known here: whoever serves brings it, asks who is to stop, and stops it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance import clearances, council, gates, mandates, operating, policy, rules, store, supplied
from headway.governance.entities import (
    BreakGlass,
    Evidence,
    EvidenceType,
    FindingState,
    OperateAnswer,
    Operated,
    OperateFinding,
    OperateRun,
    Pack,
    UseCase,
    Waiver,
)
from headway.governance.errors import OperateSuspended
from headway.governance.operating import Key, Loss, Stand
from headway.governance.service import gating
from headway.governance.service.gating import Basis
from headway.governance.service.packs import list_packs
from headway.governance.service.usecases import ref
from headway.governance.store import findings as kept
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref, new_id
from headway.kernel.listing import Found, ListQuery

Place = kept.Place


def ask_operate(
    session: Session, actor: Actor, at_work: Sequence[Operated], *, usecases: Collection[str] | None = None
) -> OperateRun:
    """Ask the operate gate about what is at work, and keep what it lost.

    A finding whose subject is not ``at_work`` ends as gone; it goes on where it stood when the subject comes back soon.

    Args: at_work: everything that is, or everything of ``usecases`` where those are named.
    """
    kept.lock_findings(session)
    now = clock.now()
    subjects = _once(at_work)
    packs = _asked_packs(list_packs(session))
    answered = [(one, _answer(one, basis, count, now)) for one, basis, count in _bases(session, subjects, packs, now)]
    run = _Run(session, actor, now, usecases)
    for subject, answer in answered:
        run.judge(subject, operating.losses(answer.controls, packs, answer.tier))
    run.end({_place(one) for one in subjects})
    return OperateRun(
        at=now,
        asked=len(subjects),
        warned=tuple(run.warned),
        suspended=tuple(run.suspended),
        cleared=tuple(run.cleared),
        answers=tuple(one for _, one in answered if one.result != "pass" or (usecases and len(usecases) == 1)),
        findings=tuple(kept.open_findings(session, usecases)),
    )


def operate_suspensions(session: Session, usecase: str | None = None) -> Mapping[Place, OperateFinding]:
    """Name what the operate gate has suspended, with the finding that did it first."""
    found: dict[Place, OperateFinding] = {}
    for one in kept.open_findings(session, None if usecase is None else {usecase}):
        if one.state is FindingState.suspended:
            found.setdefault((one.usecase, one.environment, one.subject_digest), one)
    return found


def refuse_suspended(session: Session, usecase: str, environment: str, digests: Iterable[str]) -> None:
    """Raise OperateSuspended when the operate gate has suspended one of some digests there."""
    found = operate_suspensions(session, usecase)
    for digest in digests:
        if finding := found.get((usecase, environment, digest)):
            raise OperateSuspended(
                f"suspended by the operate gate: {finding.control}, {finding.reason}",
                hint=f"{finding.remedy}; then 'headway gate operate {usecase}' lifts it",
                values={"finding": finding.id, "usecase": usecase, "environment": environment},
            )


def find_operate_findings(session: Session, asked: ListQuery) -> Found[OperateFinding]:
    """Search, filter, sort and leaf through findings of the operate gate; raises BadListing."""
    return kept.find_findings(session, asked)


def open_findings(session: Session, usecase: str | None = None) -> tuple[OperateFinding, ...]:
    """Read the findings that stand open, of everything or of one use case, oldest first."""
    return tuple(kept.open_findings(session, None if usecase is None else {usecase}))


def newest_facts(session: Session, digests: Collection[str], type: str) -> tuple[Evidence, ...]:
    """Read the newest evidence of a type about each of some digests; of what names an environment, the newest in each."""
    return tuple(kept.newest_evidence(session, digests, {type}))


def operate_marks(session: Session) -> tuple[str, str, str]:
    """Remember how far evidence, tiers and revocations have come, for ``operate_news``."""
    return kept.newest_marks(session)


def operate_news(session: Session, marks: tuple[str, str, str]) -> tuple[Collection[str], Collection[str]]:
    """About which digests and which use cases evidence, a tier or a revocation came after some marks."""
    return kept.news_since(session, marks)


# --- what is asked ------------------------------------------------------------------------------------------------


def _once(at_work: Iterable[Operated]) -> list[Operated]:
    """Each place once, as begun by the first that put it to work."""
    found: dict[Place, Operated] = {}
    for one in at_work:
        before = found.get(_place(one))
        if before is None or one.begun < before.begun:
            found[_place(one)] = one
    return [found[place] for place in sorted(found)]


def _place(one: Operated) -> Place:
    return (one.usecase, one.environment, one.subject_digest)


def _asked_packs(packs: Iterable[Pack]) -> tuple[Pack, ...]:
    """The enforced packs with those controls only that the operate gate asks."""
    return tuple(
        replace(pack, controls=tuple(one for one in pack.controls if "operate" in one.gates))
        for pack in packs
        if pack.mode == "enforced"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """The evidence and waivers about much at once, by digest, reference or use case."""

    types: Mapping[str, EvidenceType]
    own: Mapping[str, Sequence[Evidence]]
    data: Mapping[str, Sequence[Evidence]]
    beside: Mapping[str, Sequence[Evidence]]  # of use cases, vendors and the organisation
    clearances: Mapping[str, Sequence[Evidence]]
    waivers: Mapping[str, Sequence[Waiver]]
    glass: Mapping[tuple[str, str], Sequence[BreakGlass]]  # in force, by use case and digest
    revoked: frozenset[str]
    organisation: Mapping[str, mandates.Facts]  # by use case

    def basis(self, one: Operated, case: UseCase, packs: tuple[Pack, ...], at: datetime) -> Basis:
        """What the gate looks at for one subject; approvals are asked for elsewhere."""
        return Basis(
            use_case=case,
            packs=packs,
            evidence=self._about(one, case, at),
            clearances=tuple(row for row in self.clearances[one.subject_digest] if row.made_at <= at),
            waivers=tuple(self.waivers[one.usecase]),
            glass=tuple(self.glass[one.usecase, one.subject_digest]),
            decision=None,
            is_revoked=one.subject_digest in self.revoked,
            subject_digest=one.subject_digest,
            pack_digest="",
            organisation=self.organisation[one.usecase],
        )

    def _about(self, one: Operated, case: UseCase, at: datetime) -> dict[str, Evidence]:
        """What counts of it: what names another environment says nothing of this one."""
        own = self.own[one.subject_digest]
        here = [row for row in own if row.facts.get("environment", one.environment) == one.environment]
        vendors = supplied.vendors_of(case)
        digest = gating.data_digest(here, one.subject_digest)
        rows = [*here, *(self.data[digest] if digest else ())]
        for name in (str(ref(one.usecase)), *vendors, store.ORGANISATION):
            rows += self.beside[name]
        return gates.newest(supplied.weakest(rows, vendors, at), self.types, at)


def _bases(
    session: Session, subjects: Sequence[Operated], packs: tuple[Pack, ...], at: datetime
) -> list[tuple[Operated, Basis, int]]:
    """What the gate looks at for each subject, read for all of them together, and how many approvals count."""
    if _ask_approvals(packs):
        return [(one, *_whole(session, one, packs, at)) for one in subjects]
    cases = {one.slug: one for one in store.every_usecase(session, {one.usecase for one in subjects})}
    facts = _read_facts(session, subjects, cases, packs, at)
    return [(one, facts.basis(one, cases[one.usecase], packs, at), 0) for one in subjects]


def _ask_approvals(packs: Iterable[Pack]) -> bool:
    asked = [text for pack in packs for one in pack.controls for text in (one.applies_when, one.check) if text]
    return any(path[0] == "approvals" for text in asked for path in rules.paths(text))


def _whole(session: Session, one: Operated, packs: tuple[Pack, ...], at: datetime) -> tuple[Basis, int]:
    found = gating.gather(session, subject_digest=one.subject_digest, usecase=one.usecase, at=at)
    approvals = gating.valid_approvals(session, found, environment=one.environment, at=at)
    return replace(found, packs=packs), len(approvals)


def _read_facts(
    session: Session,
    subjects: Sequence[Operated],
    cases: Mapping[str, UseCase],
    packs: tuple[Pack, ...],
    at: datetime,
) -> _Facts:
    known = policy.evidence_types(packs)
    types = {name for pack in packs for control in pack.controls for name in control.evidence}
    digests = {one.subject_digest for one in subjects}
    own = _by_digest(kept.newest_evidence(session, digests, {*types, gating.DATA_LINK[0]}))
    aged = {name for name in types if known[name].freshness_days and known[name].scope == "subject"}
    everywhere = {name for name in types if known[name].scope == "organisation"}
    data = {found for digest, rows in own.items() if (found := gating.data_digest(rows, digest))}
    about = {str(ref(slug)) for slug in cases} | {one for case in cases.values() for one in supplied.vendors_of(case)}
    beside: dict[str, list[Evidence]] = defaultdict(list)
    for row in kept.newest_about(session, about, aged) + kept.newest_about(session, {store.ORGANISATION}, everywhere):
        beside[row.subject].append(row)
    cleared = kept.evidence_of_type(session, digests, clearances.CLEARANCE) if clearances.REPORT in types else []
    waivers: dict[str, list[Waiver]] = defaultdict(list)
    for waiver in store.all_waivers_in_force(session, cases, at):
        waivers[waiver.usecase].append(waiver)
    glass: dict[tuple[str, str], list[BreakGlass]] = defaultdict(list)
    for broken in store.break_glass_in_force(session, cases, at):
        glass[broken.usecase, broken.subject_digest].append(broken)
    return _Facts(
        types={name: known[name] for name in types},
        own=own,
        data=_by_digest(kept.newest_evidence(session, data, aged)),
        beside=beside,
        clearances=_by_digest(cleared),
        waivers=waivers,
        glass=glass,
        revoked=frozenset(one.subject_digest for one in store.list_revocations(session, digests)),
        organisation=_organisation(session, cases, at),
    )


def _organisation(session: Session, cases: Mapping[str, UseCase], at: datetime) -> dict[str, mandates.Facts]:
    """What the organisation has set for each use case: mandates, and conditions of the council."""
    given, owed = mandates.facts_for(session, cases.values(), at), council.facts_for(session, cases, at)
    return {slug: {**given[slug], **owed[slug]} for slug in cases}


def _by_digest(rows: Iterable[Evidence]) -> dict[str, list[Evidence]]:
    found: dict[str, list[Evidence]] = defaultdict(list)
    for row in rows:
        found[row.subject_digest].append(row)
    return found


def _answer(one: Operated, basis: Basis, approvals: int, at: datetime) -> OperateAnswer:
    known = gating.facts_of(basis, one.environment, approvals)
    controls = gating.answered(basis, gating.question_of(basis, "operate", one.environment, known, at)).controls
    return OperateAnswer(
        usecase=one.usecase,
        environment=one.environment,
        subject=one.subject,
        subject_digest=one.subject_digest,
        result=gates.result(controls, basis.tier),
        tier=basis.tier,
        controls=controls,
    )


# --- what is kept -------------------------------------------------------------------------------------------------


class _Run:
    """One run over findings: what is open before it, and what it changes."""

    def __init__(self, session: Session, actor: Actor, at: datetime, usecases: Collection[str] | None) -> None:
        self.session, self.actor, self.at = session, actor, at
        self.open: dict[Place, dict[Key, OperateFinding]] = defaultdict(dict)
        for one in kept.open_findings(session, usecases):
            self.open[one.usecase, one.environment, one.subject_digest][_key(one)] = one
        self.away: dict[Place, dict[Key, datetime]] = defaultdict(dict)
        for (place, pack, control), since in kept.gone_findings(session, at - operating.GOES_ON, usecases).items():
            self.away[place][Key(pack=pack, control=control)] = since
        self.warned: list[str] = []
        self.suspended: list[str] = []
        self.cleared: list[str] = []
        self.seen: list[str] = []

    def judge(self, subject: Operated, lost: Sequence[Loss]) -> None:
        """Keep what a subject lost and what it has again."""
        place = _place(subject)
        before = self.open[place]
        made = operating.step(
            {key: one.since for key, one in before.items()},
            lost,
            at=self.at,
            begun=subject.begun,
            taken_away=self.away[place],
        )
        for key in made.cleared:
            self._clear(before[key], "passed")
        told = {one.key: one for one in lost}
        for key, stand in made.lost.items():
            if key in before:
                self._follow(before[key], told[key], stand)
            else:
                self._open(subject, told[key], stand)

    def end(self, at_work: set[Place]) -> None:
        """End the findings of what is no longer at work, and note those that go on as they were."""
        if self.seen:
            kept.see_findings(self.session, self.seen, self.at)
        for place, found in self.open.items():
            if place not in at_work:
                for one in found.values():
                    self._clear(one, "gone")

    def _open(self, subject: Operated, loss: Loss, stand: Stand) -> None:
        is_suspended = stand.state is FindingState.suspended
        made = OperateFinding(
            id=new_id("opf"),
            usecase=subject.usecase,
            environment=subject.environment,
            subject=subject.subject,
            subject_digest=subject.subject_digest,
            pack=loss.key.pack,
            control=loss.key.control,
            title=loss.title,
            reason=loss.reason,
            remedy=loss.remedy,
            state=stand.state,
            since=stand.since,
            grace_days=loss.grace_days,
            suspends_at=stand.suspends_at,
            suspended_at=self.at if is_suspended else None,
            cleared_at=None,
            cleared_because=None,
            seen_at=self.at,
        )
        kept.add_finding(self.session, made)
        self._tell(made)

    def _follow(self, before: OperateFinding, loss: Loss, stand: Stand) -> None:
        """Write how a finding stands now; a suspension that goes on keeps the days it was made by."""
        now = replace(before, title=loss.title, reason=loss.reason, remedy=loss.remedy, seen_at=self.at)
        is_suspended = stand.state is FindingState.suspended
        if not (is_suspended and before.state is FindingState.suspended):
            now = replace(
                now,
                state=stand.state,
                grace_days=loss.grace_days,
                suspends_at=stand.suspends_at,
                suspended_at=self.at if is_suspended else None,
            )
        values = {name: getattr(now, name) for name in _CHANGING if getattr(now, name) != getattr(before, name)}
        if set(values) <= {"seen_at"}:
            self.seen.append(before.id)
        else:
            kept.change_finding(self.session, before.id, values)
        if now.state is not before.state:
            self._tell(now)

    def _clear(self, one: OperateFinding, because: str) -> None:
        values = {"state": FindingState.cleared, "cleared_at": self.at, "cleared_because": because}
        kept.change_finding(self.session, one.id, values)
        self.cleared.append(one.id)
        self._record(replace(one, state=FindingState.cleared), {"because": because})

    def _tell(self, one: OperateFinding) -> None:
        is_suspended = one.state is FindingState.suspended
        (self.suspended if is_suspended else self.warned).append(one.id)
        self._record(one, {})

    def _record(self, one: OperateFinding, more: Mapping[str, object]) -> None:
        payload = {
            "finding": one.id,
            "usecase": one.usecase,
            "environment": one.environment,
            "subject": one.subject,
            "subject_digest": one.subject_digest,
            "pack": one.pack,
            "control": one.control,
            "title": one.title,
            "reason": one.reason,
            "since": one.since,
            "suspends_at": one.suspends_at,
            **more,
        }
        about = Ref("usecase", one.usecase)
        ledger.record(self.session, actor=self.actor, type=f"operate.{one.state.value}", subject=about, payload=payload)


_CHANGING = ("title", "reason", "remedy", "state", "grace_days", "suspends_at", "suspended_at", "seen_at")


def _key(one: OperateFinding) -> Key:
    return Key(pack=one.pack, control=one.control)
