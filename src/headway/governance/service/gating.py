"""Gates: facts gathered from evidence, the use case and approvals, never from who asks; then every control is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from headway.governance import (
    assessments,
    break_glass,
    changing,
    clearances,
    council,
    facts,
    gates,
    mandates,
    operating,
    policy,
    quorum,
    store,
    supplied,
    waivers,
)
from headway.governance.entities import (
    Approval,
    ApprovalState,
    BreakGlass,
    ControlResult,
    Evidence,
    EvidenceType,
    Gate,
    GateResult,
    Pack,
    Result,
    Status,
    Tier,
    TierDecision,
    UseCase,
    Waiver,
)
from headway.governance.errors import FactsInvalid, SubjectUnknown
from headway.governance.service.evidence import DIGEST
from headway.governance.service.packs import enforced, list_packs
from headway.governance.service.usecases import get_decision, get_usecase, ref
from headway.kernel import clock
from headway.kernel.canonical import digest
from headway.kernel.errors import Fault, Scalar
from headway.kernel.ids import Ref
from headway.kernel.settings import ENVIRONMENTS

# Evidence of this type, written by a job about the exact subject, says on which data the subject rests.
DATA_LINK = ("dataset_card", "data_digest")
OF_USECASE = ("intake", "retire")
"""Gates that are asked about a use case as it stands; the others about something of it, by digest."""
RETIRED = "reopen the use case: it was retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Everything a gate looks at but the approvals. ``waivers``: those in force for the subject, in any environment."""

    use_case: UseCase
    packs: tuple[Pack, ...]
    evidence: Mapping[str, Evidence]
    clearances: tuple[Evidence, ...]
    waivers: tuple[Waiver, ...]
    glass: tuple[BreakGlass, ...]  # confirmed for this subject, in any environment
    decision: TierDecision | None
    is_revoked: bool
    subject_digest: str
    pack_digest: str
    organisation: mandates.Facts = field(
        default_factory=lambda: {**mandates.UNSET, **council.UNSET}
    )  # what it has set for this use case

    @property
    def tier(self) -> Tier:
        """The tier that counts."""
        return self.use_case.tier

    def waivers_in(self, environment: str, at: datetime) -> tuple[Waiver, ...]:
        """The waivers that count in an environment at a time; none for a revoked subject."""
        if self.is_revoked:
            return ()
        return waivers.counting(self.waivers, environment, self.subject_digest, self.tier, at)

    def evidence_digest(self, environment: str, at: datetime) -> str:
        """What an approval for an environment is bound to: evidence, clearances, tier, use case and waivers there."""
        return _evidence_digest(self, self.waivers_in(environment, at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What every control said, the ids of the exceptions that were needed, and when the first of them ends."""

    controls: tuple[ControlResult, ...]
    exceptions: tuple[str, ...]
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A gate's result with the facts it was made of."""

    result: GateResult
    facts: Mapping[str, object]


def evaluate_gate(
    session: Session,
    *,
    gate: Gate = "pre_deploy",
    environment: str,
    subject: Ref,
    subject_digest: str,
    usecase: str,
    now: datetime | None = None,
) -> GateResult:
    """Ask a gate about one exact subject. Facts come from what is stored; the caller brings none.

    Returns: the result for ``environment``; ``missing`` says what production would still need, whatever the
    environment asked for.
    """
    return evaluate(
        session,
        gate=gate,
        environment=environment,
        subject=subject,
        subject_digest=subject_digest,
        usecase=usecase,
        at=now or clock.now(),
    ).result


def check_gate(
    session: Session,
    *,
    usecase: str,
    environment: str,
    gate: Gate = "pre_deploy",
    subject: Ref | None = None,
    subject_digest: str | None = None,
) -> GateResult:
    """Ask a gate for a person or a pipeline; without a digest, about the subject of the use case's last verdict, and at the gates
    ``OF_USECASE`` about the use case itself.

    Raises: SubjectUnknown: there is no digest and no verdict yet.
    """
    case = get_usecase(session, usecase)
    if gate in OF_USECASE and subject_digest is None:
        subject, subject_digest = ref(usecase), case.digest
    elif subject_digest is None:
        last = store.list_verdicts(
            session, usecase=usecase, subject_digest=None, environment=None, before=None, limit=1
        )
        if not last:
            raise SubjectUnknown(
                f"nothing was ever released for {usecase}, so there is nothing to ask about",
                hint="name what to ask about by its digest, sha256-...",
                values={"usecase": usecase},
            )
        subject, subject_digest = Ref.parse(last[0].subject), last[0].subject_digest
    return evaluate_gate(
        session,
        gate=gate,
        environment=environment,
        subject=subject or Ref("bundle", subject_digest),
        subject_digest=subject_digest,
        usecase=usecase,
    )


def evaluate(
    session: Session, *, gate: Gate, environment: str, subject: Ref, subject_digest: str, usecase: str, at: datetime
) -> Evaluation:
    """Ask a gate, and keep the facts beside the result."""
    check_question(environment, subject_digest)
    basis = gather(session, subject_digest=subject_digest, usecase=usecase, at=at)
    approvals = valid_approvals(session, basis, environment=environment, at=at)
    known = facts_of(basis, environment, len(approvals), _change(session, basis, gate, environment, at))
    told = answered(basis, question_of(basis, gate, environment, known, at))
    result = GateResult(
        gate=gate,
        environment=environment,
        usecase=usecase,
        subject=str(subject),
        subject_digest=subject_digest,
        result=_joined(basis, gate, told.controls),
        tier=basis.tier,
        controls=told.controls,
        missing=_missing_for_production(session, basis, gate, at),
        approvals=tuple(approval.id for approval in approvals),
        exceptions=told.exceptions,
        exceptions_until=told.until,
        pack_digests={f"{pack.id}@{pack.version}": pack.digest for pack in basis.packs},
        pack_digest=basis.pack_digest,
        facts_digest=digest(known),
        evaluated_at=at,
    )
    return Evaluation(result=result, facts=known)


def answered(basis: Basis, question: gates.Question, *, emergencies: bool = True) -> Answered:
    """Ask every control, then let waivers excuse what may be, then a break-glass what still blocks."""
    at, environment = question.at, question.environment
    controls = _asked(basis, question)
    controls, used = waivers.excused(controls, basis.packs, basis.waivers_in(environment, at))
    is_open = emergencies and question.gate in break_glass.GATES and not basis.is_revoked
    opened = [one for one in basis.glass if one.environment == environment and break_glass.is_in_force(one, at)]
    controls, broken = break_glass.broken(controls, basis.tier, opened if is_open else ())
    ends = (waivers.first_end(used), *(one.ends_at for one in broken))
    return Answered(
        controls=controls,
        exceptions=tuple(dict.fromkeys([one.id for one in used] + [one.id for one in broken])),
        until=min((end for end in ends if end is not None), default=None),
    )


def gather(
    session: Session, *, subject_digest: str, usecase: str, at: datetime, packs: tuple[Pack, ...] | None = None
) -> Basis:
    """Collect what counts about a subject at a time. Args: packs: to ask, instead of those that are enforced."""
    packs = enforced(list_packs(session)) if packs is None else packs
    types = policy.evidence_types(packs)
    use_case, decision = get_usecase(session, usecase), get_decision(session, usecase)
    vendors = supplied.vendors_of(use_case)
    own, rows = _evidence_rows(session, types, subject_digest, (str(ref(usecase)), *vendors))
    if gone := assessments.outdated_evidence(session, use_case):
        own, rows = [[one for one in found if one.id not in gone] for found in (own, rows)]
    evidence = gates.newest(supplied.weakest(rows, vendors, at), types, at)
    cleared = tuple(row for row in own if row.type == clearances.CLEARANCE and row.made_at <= at)
    return Basis(
        use_case=use_case,
        packs=packs,
        evidence=evidence,
        clearances=cleared,
        waivers=tuple(store.waivers_in_force(session, usecase=usecase, subject_digest=subject_digest, at=at)),
        glass=tuple(
            one for one in store.break_glass_in_force(session, [usecase], at) if one.subject_digest == subject_digest
        ),
        decision=decision,
        is_revoked=bool(store.list_revocations(session, [subject_digest])),
        subject_digest=subject_digest,
        pack_digest=policy.combined_digest(packs),
        organisation={
            **mandates.facts_for(session, [use_case], at)[usecase],
            **council.facts_for(session, [usecase], at)[usecase],
        },
    )


def _evidence_rows(
    session: Session, types: Mapping[str, EvidenceType], subject_digest: str, beside: Collection[str]
) -> tuple[list[Evidence], list[Evidence]]:
    """The evidence of the subject itself, and with that of its data, of what it rests on and the organisation."""

    def about(data_digests: tuple[str, ...]) -> list[Evidence]:
        return store.evidence_about(
            session,
            subject_digest=subject_digest,
            data_digests=data_digests,
            beside=beside,
            aged_types={name for name, kind in types.items() if kind.freshness_days and kind.scope == "subject"},
            organisation_types={name for name, kind in types.items() if kind.scope == "organisation"},
        )

    own = about(())
    data = data_digest(own, subject_digest)
    return own, about((data,)) if data else own


def valid_approvals(session: Session, basis: Basis, *, environment: str, at: datetime) -> Sequence[Approval]:
    """Give the approvals that count: for this subject here, completed, nothing changed since they were asked for."""
    bound_to = basis.evidence_digest(environment, at)
    given = store.list_approvals(
        session,
        subject_digest=basis.subject_digest,
        environment=environment,
        usecase=basis.use_case.slug,
        state=ApprovalState.approved,
    )
    return [
        approval
        for approval in given
        if approval.pack_digest == basis.pack_digest
        and approval.evidence_digest == bound_to
        and approval.approved_by not in (None, approval.requested_by)
        and quorum.is_reached(approval.votes, approval.requested_by, approval.needed)
    ]


def data_digest(rows: Sequence[Evidence], subject_digest: str) -> str | None:
    """On which data a subject rests, as its newest card says."""
    kind, name = DATA_LINK
    cards = [row for row in rows if row.type == kind and row.subject_digest == subject_digest]
    found = max(cards, key=lambda row: (row.made_at, row.id)).facts.get(name) if cards else None
    return found if isinstance(found, str) and DIGEST.fullmatch(found) else None


def _evidence_digest(basis: Basis, excused: Iterable[Waiver]) -> str:
    evidence = (*basis.evidence.values(), *basis.clearances)
    looked_at = {row.id: row for row in evidence if row.type not in operating.RENEWED}
    kept = sorted(looked_at.values(), key=lambda row: (row.type, row.id))
    rows = [[r.type, r.id, digest(dict(r.facts)), r.payload_digest] for r in kept]
    tier = basis.decision.id if basis.decision else None
    told: dict[str, object] = {"usecase": basis.use_case.digest, "tier": tier, "evidence": rows}
    if names := sorted(one.id for one in excused):
        told["waivers"] = names
    return digest(told)


def _joined(basis: Basis, gate: Gate, controls: Sequence[ControlResult]) -> Result:
    """A retired use case passes nothing, a prohibited one only the way out."""
    if gate == "retire":
        return gates.result(controls, Tier.minimal)
    return "block" if basis.use_case.retired_at else gates.result(controls, basis.tier)


def _asked(basis: Basis, question: gates.Question) -> tuple[ControlResult, ...]:
    """Ask the controls of the gate; what would take the place of something else is asked those of the change gate too."""
    controls = gates.ask(basis.packs, question)
    change = question.facts["change"]
    if question.gate != "pre_deploy" or not isinstance(change, Mapping) or change.get("replaces") is not True:
        return controls
    known = {(one.pack, one.id) for one in controls}
    more = gates.ask(basis.packs, replace(question, gate="change"))
    return (*controls, *(one for one in more if (one.pack, one.id) not in known))


def _change(session: Session, basis: Basis, gate: Gate, environment: str, at: datetime) -> Mapping[str, Scalar]:
    """Hold the subject against what is served in the environment now."""
    served = None
    if gate in ("pre_deploy", "change"):
        found = store.list_verdicts(
            session, usecase=basis.use_case.slug, subject_digest=None, environment=environment, before=None, limit=1
        )
        is_other = bool(found) and found[0].subject_digest != basis.subject_digest and found[0].revoked_at is None
        served = found[0].facts if is_other and found[0].serve_until > at else None
    return changing.facts(served, facts_of(basis, environment, 0))


def facts_of(
    basis: Basis, environment: str, approvals: int, change: Mapping[str, Scalar] | None = None
) -> dict[str, object]:
    """What rules may see of a subject in an environment, with so many approvals that count.

    Args: change: what it would change (see ``changing.facts``); nothing, where it takes no other's place.
    """
    risk = dict(facts.risk(basis.use_case, policy.fact_definitions(basis.packs)))
    tier = {} if basis.tier is Tier.undecided else {"tier": basis.tier.value}
    types = policy.evidence_types(basis.packs)
    told = facts.evidence(basis.evidence.values(), types.values())
    if clearances.REPORT in told:
        told[clearances.REPORT] = clearances.after_clearances(told[clearances.REPORT], basis.clearances)
    return {
        "sys": {**risk, **tier},
        "use_case": facts.described(basis.use_case),
        "evidence": told,
        "approvals": {"count": approvals},
        "gate": facts.gate(environment, revoked=basis.is_revoked),
        "change": change or changing.facts(None, {}),
        **basis.organisation,
    }


def question_of(
    basis: Basis, gate: Gate, environment: str, known: Mapping[str, object], at: datetime
) -> gates.Question:
    """What a gate is asked with, on the day that decides which controls have begun."""
    return gates.Question(gate, environment, known, basis.evidence, at, {clearances.REPORT: basis.clearances})


def _missing_for_production(session: Session, basis: Basis, gate: Gate, at: datetime) -> tuple[str, ...]:
    approvals = valid_approvals(session, basis, environment="production", at=at)
    known = facts_of(basis, "production", len(approvals), _change(session, basis, gate, "production", at))
    controls = answered(basis, question_of(basis, gate, "production", known, at), emergencies=False).controls
    entry = (RETIRED, *basis.use_case.missing) if basis.use_case.retired_at else basis.use_case.missing
    return gates.missing(controls, basis.packs, basis.tier, entry)


def check_question(environment: str, subject_digest: str) -> None:
    """Raise FactsInvalid unless the environment is known and the digest one."""
    faults = []
    if environment not in ENVIRONMENTS:
        message = f"environment is one of {', '.join(ENVIRONMENTS)}"
        faults.append(Fault(rule="gate.environment", column="environment", value=environment, message=message))
    if not DIGEST.fullmatch(subject_digest):
        message = "subject_digest must be sha256- and 64 hex digits"
        faults.append(Fault(rule="gate.digest", column="subject_digest", value=subject_digest, message=message))
    if faults:
        raise FactsInvalid("; ".join(f.message for f in faults), faults=faults)


def not_passed(result: GateResult) -> list[Fault]:
    """Tell the controls that block, as faults."""
    return [
        Fault(rule=control.id, message=f"{control.title}: {control.reason}")
        for control in result.controls
        if control.enforce == "block" and control.status in (Status.failed, Status.indeterminate)
    ]
