"""Values of governance: use cases, packs of controls, evidence, tier decisions, gate results, approvals, verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from headway.kernel.errors import Scalar

FactValue = Scalar | list[str]
Enforce = Literal["block", "warn", "record"]
Result = Literal["pass", "warn", "block"]
Confidence = Literal["verified", "secondary", "recall"]
Gate = Literal["intake", "design", "pre_deploy", "change", "operate", "retire"]
PackMode = Literal["enforced", "mapping"]
EntryState = Literal["active", "retired"]


class Tier(StrEnum):
    """Legal class of a use case: a category, never a score. ``undecided`` means that facts are missing."""

    prohibited = "prohibited"
    high = "high"
    transparency = "transparency"
    minimal = "minimal"
    undecided = "undecided"


class Status(StrEnum):
    """What became of a control at a gate; ``failed`` and ``indeterminate`` are not fine, ``waived`` would be one of them."""

    passed = "passed"
    failed = "failed"
    indeterminate = "indeterminate"
    waived = "waived"
    not_applicable = "not_applicable"
    upcoming = "upcoming"


class SystemKind(StrEnum):
    """Where a system comes from: made here, bought, or built on a model that generates content."""

    own = "own"
    vendor_supplied = "vendor_supplied"
    generative = "generative"


class ApprovalState(StrEnum):
    """Where an approval stands."""

    requested = "requested"
    approved = "approved"
    rejected = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemSummary:
    """A system as its use cases name it."""

    slug: str
    title: str
    kind: SystemKind
    vendor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedFact:
    """A risk fact that the platform knows by itself, and from what: references to systems, vendors, a department."""

    name: str
    value: FactValue
    sources: tuple[str, ...]


class ExceptionCondition(StrEnum):
    """Why a use of Annex III is held not to be high-risk: the four conditions of Art. 6(3) of the EU AI Act."""

    narrow_task = "narrow_task"
    improves_finished_work = "improves_finished_work"
    detects_patterns = "detects_patterns"
    preparatory_task = "preparatory_task"


class ExceptionState(StrEnum):
    """What became of an assessed exception; whether an accepted one still counts is told by ``TierException.counts``."""

    assessed = "assessed"
    accepted = "accepted"
    refused = "refused"
    ended = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class TierException:
    """An assessed exception from the tier high: by whom, why, accepted by somebody else, for a time, for the use as it was.

    ``basis``: digest over what the use case was when it was assessed; of another use the exception does not count.
    """

    id: str
    usecase: str
    condition: ExceptionCondition
    reasons: str
    days: int
    basis: str
    state: ExceptionState
    assessed_by: str
    assessed_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None
    ends_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    ended_because: str | None
    counts: bool  # now: accepted, not over, not ended, of the use case as it is


@dataclass(frozen=True, slots=True)
class ExceptionMark:
    """What of the newest accepted exception settles whether it counts."""

    id: str
    basis: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCase:
    """One entry of the AI inventory. What nobody has said stays None and is named in ``missing``."""

    slug: str
    title: str
    department: str
    solution: str | None
    purpose: str | None
    owner: str | None  # the person who answers for it
    sponsor: str | None
    success_measure: str | None
    people_affected: str | None
    risk: Mapping[str, FactValue]  # what people said
    derived: tuple[DerivedFact, ...]  # what the platform knows by itself; it counts beside what people said
    systems: tuple[SystemSummary, ...]
    digest: str  # over what a tier decision depends on: department, solution, purpose, people affected, risk facts
    tier: Tier
    missing: tuple[str, ...]
    opened_by: str
    opened_at: datetime
    updated_at: datetime
    retired_at: datetime | None
    retired_by: str | None
    retired_because: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Something that does the work of use cases. Its versions and deployments are those of the use cases it serves."""

    slug: str
    title: str
    kind: SystemKind
    vendor: str | None  # who supplies it, or the model in it; always there when the kind is vendor_supplied
    description: str | None
    usecases: tuple[str, ...]
    status: EntryState
    opened_by: str
    opened_at: datetime
    updated_at: datetime
    retired_at: datetime | None
    retired_by: str | None
    retired_because: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """Somebody outside who supplies systems, or models in them. ``missing`` names in words what is not in order."""

    slug: str
    name: str
    supplies: str | None
    contact: str | None
    contract_ends: date | None  # the last day
    exit_plan: str | None  # how to go on without them
    systems: tuple[str, ...]  # retired ones too
    digest: str  # over what an assessment looks at: name, supplies, end of the contract, exit plan
    assessed_at: datetime | None  # by the newest evidence of type vendor_assessment
    assessed_until: datetime | None
    missing: tuple[str, ...]
    status: EntryState
    opened_by: str
    opened_at: datetime
    updated_at: datetime
    retired_at: datetime | None
    retired_by: str | None
    retired_because: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactDefinition:
    """One fact about a use case that rules may ask for."""

    name: str
    kind: Literal["boolean", "text", "number", "list"]
    values: tuple[str, ...]  # closed set of texts, empty when free
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceType:
    """A kind of evidence: who may write it, how long it counts, which facts it carries."""

    name: str
    title: str
    producer: Literal["auto", "human"]
    freshness_days: int  # 0: counts for the exact subject digest only, without an age limit
    facts: Mapping[str, Literal["boolean", "text", "number"]]
    scope: Literal["subject", "organisation"] = "subject"  # organisation: written once, counts for every subject


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRule:
    """One ordered rule that may decide the tier."""

    id: str
    tier: Tier
    when: str  # CEL
    source: str
    title: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One condition a gate asks for: when it applies, what evidence it needs, what must hold."""

    id: str
    title: str
    source: str
    gates: tuple[Gate, ...]
    applies_when: str  # CEL
    check: str | None  # CEL; None: the evidence is there and fresh
    evidence: tuple[str, ...]
    enforce: Enforce
    sandbox: Literal["warn", "block"]  # what a failed blocking control does in the sandbox
    valid_from: date | None
    valid_to: date | None
    confidence: Confidence
    missing: str  # what to do, in plain words, when it is not passed
    waivable: bool = True  # whether a waiver may ever stand in for it
    grace_days: int | None = (
        None  # of something that runs: days of warning before it is suspended; None: it is only warned
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenCase:
    """A case with its right answers, which belongs to a pack: a pack that answers otherwise cannot be published.

    ``facts`` holds what rules may see but evidence: ``sys``, ``use_case``, ``approvals``, ``gate``. Evidence is taken as fresh.
    """

    name: str
    gate: Gate
    environment: str
    on: date
    facts: Mapping[str, Mapping[str, FactValue]]
    evidence: Mapping[str, Mapping[str, Scalar]]  # by type
    tier: Tier | None  # what the rules of the pack must say; None: they are not asked
    expect: Mapping[str, Status]  # by control; those not named are not looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A version of a set of rules and controls. Immutable: ``digest`` is SHA-256 over its canonical JSON.

    ``mode``: gates ask the controls of an enforced pack. A mapping pack stops nothing: it shows which proofs there are
    for a framework that has no pass mark of its own.
    """

    id: str
    version: str
    title: str
    note: str
    as_of: date  # the state of the world it was written for
    digest: str
    facts: tuple[FactDefinition, ...]
    evidence_types: tuple[EvidenceType, ...]
    tier_rules: tuple[TierRule, ...]
    controls: tuple[Control, ...]
    mode: PackMode = "enforced"
    golden: tuple[GoldenCase, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStep:
    """What one tier rule said: true, false, or indeterminate because facts are unknown."""

    rule: str
    tier: Tier
    expression: str
    source: str
    result: Literal["true", "false", "indeterminate"]
    why: str
    decides: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TierDecision:
    """A tier, who decided it by which rule of which pack, and the trace of every rule asked."""

    id: str
    usecase: str
    usecase_digest: str
    tier: Tier
    rule: str | None  # None: no rule decided, or a person did
    method: Literal["rules", "person"]
    decider: str
    reasons: str | None
    trace: tuple[TraceStep, ...]
    facts_needed: tuple[str, ...]
    pack_id: str
    pack_version: str
    pack_digest: str
    confidence: Confidence | None
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Facts about a subject of one digest, and who or what produced them. Never changed once written."""

    id: str
    type: str
    subject: str  # a Ref as text
    subject_digest: str
    facts: Mapping[str, Scalar]
    producer: str
    made_at: datetime
    payload_digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlResult:
    """One control at one gate."""

    id: str
    title: str
    pack: str
    source: str
    status: Status
    enforce: Enforce  # in this environment
    evidence_ids: tuple[str, ...]
    reason: str
    confidence: Confidence
    valid_from: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """What a gate says of one exact subject in one environment."""

    gate: Gate
    environment: str
    usecase: str
    subject: str
    subject_digest: str
    result: Result
    tier: Tier
    controls: tuple[ControlResult, ...]
    missing: tuple[str, ...]  # before production, in plain words
    approvals: tuple[str, ...]  # ids of those that count
    exceptions: tuple[str, ...]  # ids of waivers and break-glass without which it would say something else
    exceptions_until: datetime | None  # the first end of these; nothing that rests on the answer lasts longer
    pack_digests: Mapping[str, str]  # "id@version" to digest
    pack_digest: str  # over all of them
    facts_digest: str
    evaluated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """How many different people besides the requester must say yes before an approval counts, in one environment."""

    environment: str
    needed: int
    changed_by: str | None  # None: nobody changed it yet
    changed_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One person's yes to an approval, and why. Never changed, never taken back."""

    person: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The yes of other people to one exact subject under one exact set of packs and evidence.

    ``needed``: how many must say yes; of an open one the larger of what was in force when it was asked for and what is
    in force now, of a decided one what held then. ``approved_by`` is who completed it, ``reason`` theirs.
    """

    id: str
    subject: str
    subject_digest: str
    environment: str
    usecase: str
    pack_digest: str
    evidence_digest: str
    state: ApprovalState
    needed: int
    votes: tuple[Vote, ...]  # oldest first
    requested_by: str
    requested_at: datetime
    approved_by: str | None
    rejected_by: str | None
    decided_at: datetime | None
    reason: str | None


class WaiverState(StrEnum):
    """What was done with a waiver; whether it counts is a matter of time as well: see ``WaiverStanding``."""

    requested = "requested"
    rejected = "rejected"
    granted = "granted"
    ended = "ended"


class WaiverStanding(StrEnum):
    """Where a waiver stands now; ``ending`` is in force and ends within a week."""

    requested = "requested"
    rejected = "rejected"
    in_force = "in_force"
    ending = "ending"
    over = "over"
    ended = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One control of one pack, excused for one use case in one environment, for at most 30 days.

    ``answered_by`` granted or rejected it. ``number``: the how manieth it is for this control there; ``in_a_row``: how
    many, this one with them, follow each other without 30 days between.
    """

    id: str
    usecase: str
    environment: str
    pack: str  # its id, without a version
    control: str
    subject_digest: str | None  # None: whatever the use case releases there
    reason: str
    compensation: str  # the compensating control: what is done instead meanwhile
    days: int  # how long it is to hold once it is granted
    state: WaiverState
    requested_by: str
    requested_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None
    ends_at: datetime | None  # None: it was never granted
    ended_by: str | None  # before its time
    ended_at: datetime | None
    ended_because: str | None
    number: int
    in_a_row: int
    standing: WaiverStanding


class BreakGlassState(StrEnum):
    """What was done with a break-glass; where it stands is a matter of time as well: see ``BreakGlassStanding``."""

    requested = "requested"
    rejected = "rejected"
    confirmed = "confirmed"
    reviewed = "reviewed"


class ReviewFinding(StrEnum):
    """What a review found of a break-glass."""

    justified = "justified"
    not_justified = "not_justified"


class BreakGlassStanding(StrEnum):
    """Where a break-glass stands now.

    ``lapsed``: nobody confirmed it within a day. ``open``: it lets in, and waits for its review; ``overdue``: it lets in
    no more, and nobody reviewed it in time.
    """

    requested = "requested"
    lapsed = "lapsed"
    rejected = "rejected"
    open = "open"
    overdue = "overdue"
    justified = "justified"
    not_justified = "not_justified"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlass:
    """In an emergency, one exact subject let into an environment although its gate blocks; ``answered_by`` confirmed or rejected it."""

    id: str
    usecase: str
    environment: str
    subject: str
    subject_digest: str
    reason: str
    state: BreakGlassState
    requested_by: str
    requested_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None
    confirmed_at: datetime | None  # None: it was not confirmed
    ends_at: datetime | None  # three days after it was confirmed; until then it lets in and has to be reviewed
    reviewed_by: str | None
    reviewed_at: datetime | None
    finding: ReviewFinding | None
    review: str | None
    standing: BreakGlassStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """A subject digest that must no longer be served anywhere."""

    id: str
    subject_digest: str
    reason: str
    revoked_by: str
    revoked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Something that was kept out of an environment: what, where, by which rule, and through which door it came."""

    subject: str  # a Ref as text: a bundle by digest where that is known, else a deployment, a use case, an environment
    environment: str | None
    code: str
    reason: str
    via: str  # api, page, gate check, kubernetes, node
    usecase: str | None = None
    subject_digest: str | None = None
    action: str | None = None
    resource: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRecord:
    """A verdict as kept: what was decided, on which facts, and the signed envelope."""

    id: str
    gate: str
    environment: str
    usecase: str
    subject: str
    subject_digest: str
    result: Result
    tier: Tier
    controls: tuple[ControlResult, ...]
    missing: tuple[str, ...]
    approvals: tuple[str, ...]
    exceptions: tuple[str, ...]  # ids of the waivers and break-glass it rests on
    engines: Mapping[str, str]  # what answered, with versions; empty where an earlier Headway did not say
    facts: Mapping[str, object]
    facts_digest: str
    pack_digests: Mapping[str, str]
    pack_digest: str
    issued_by: str
    issued_at: datetime
    serve_until: datetime
    key_id: str
    envelope_digest: str
    revoked_at: datetime | None


# --- packs on and off ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSwitch:
    """What a person, or the first start, did with a pack: on with one version, or off. The newest of a pack counts."""

    pack: str
    version: str
    digest: str
    is_on: bool
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPack:
    """A published version of a pack, and whether gates ask it."""

    id: str
    version: str
    digest: str
    title: str
    mode: PackMode
    as_of: date
    controls: int
    comes_with: bool  # with Headway, not from the organisation
    is_on: bool
    is_newer: bool  # than the version of the pack that is on
    published_by: str
    published_at: datetime
    switched: PackSwitch | None  # the last that was done with this version


# --- proofs and controls ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CrosswalkRow:
    """A kind of evidence, and every control that it helps to close."""

    evidence: str
    title: str
    producer: Literal["auto", "human"]
    controls: Mapping[str, tuple[str, ...]]  # control ids by pack id


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageControl:
    """A control as it stands for one subject, at the first gate that asks it."""

    id: str
    title: str
    source: str
    gates: tuple[Gate, ...]
    status: Status
    enforce: Enforce
    reason: str
    confidence: Confidence
    evidence: tuple[str, ...]  # the types that it asks for
    evidence_ids: tuple[str, ...]  # those that are there
    lacking: tuple[str, ...]  # the types that are not
    valid_from: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackCoverage:
    """How far one pack is shown for a subject; ``applies`` counts controls that apply and have begun."""

    pack: str
    version: str
    title: str
    mode: PackMode
    is_on: bool
    applies: int
    passed: int
    upcoming: int
    controls: tuple[CoverageControl, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What proofs there are for every control of every pack asked, about one subject in one environment."""

    usecase: str
    environment: str
    subject: str
    subject_digest: str
    at: datetime
    packs: tuple[PackCoverage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageBinding:
    """Which bundle a container image carries, as a build said; the newest for an image counts."""

    id: str  # of the evidence
    image: str
    image_digest: str
    bundle_digest: str
    bound_by: str
    bound_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSubject:
    """What a name given to the gate means: a digest, and what is known of it. ``why``: there is nothing to ask about."""

    asked: str
    digest: str | None = None
    usecase: str | None = None
    binding: ImageBinding | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """One reason not to let something in, with a stable code."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Whether something may be put to work in an environment, for the few minutes that the answer counts."""

    id: str
    subject: str  # as it was asked for
    subject_digest: str | None
    image_digest: str | None  # of the image that carries it, where an image was asked for
    environment: str
    gate: Gate
    usecase: str | None
    allowed: bool
    result: Result
    reasons: tuple[Objection, ...]
    missing: tuple[str, ...]  # before production, in plain words
    verdict: str | None
    binding: str | None  # evidence that ties the image to the bundle
    exceptions: tuple[str, ...]  # ids of the waivers that the verdict rests on
    pack_digests: Mapping[str, str]
    facts_digest: str | None
    asked_by: str
    at: datetime
    valid_until: datetime
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionAnswer:
    """An admission, and the same signed: a DSSE envelope as JSON text, which verifies anywhere."""

    admission: Admission
    envelope: str


# --- packs compared ----------------------------------------------------------------------------------------------

PackPart = Literal["pack", "control", "tier_rule", "fact", "evidence_type"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that reads differently; None where it was or is left open."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackChange:
    """A part of a pack that came, went or changed; ``fields`` says how, for what changed."""

    part: PackPart
    id: str
    change: Literal["added", "removed", "changed"]
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackDiff:
    """What differs between two versions of a pack; ``old`` and ``new`` as ``id@version``."""

    old: str
    new: str
    old_digest: str
    new_digest: str
    changes: tuple[PackChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlChange:
    """A control that answers differently; None where it is not asked."""

    id: str
    pack: str  # its id, without a version
    title: str
    before: Status | None
    after: Status | None
    enforce_before: Enforce | None
    enforce_after: Enforce | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectImpact:
    """What a gate says of something that is released, as things stand and as they would be."""

    verdict: str  # the newest one, which may be served
    environment: str
    subject: str
    subject_digest: str
    before: Result
    after: Result
    controls: tuple[ControlChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCaseImpact:
    """A use case for which something changes.

    ``tier`` is the one that was decided; ``tier_before`` and ``tier_after`` are what the rules say of it now and then.
    A tier that a person decided stays, unless the rules find the use prohibited.
    """

    usecase: str
    title: str
    department: str
    tier: Tier
    is_by_person: bool
    tier_before: Tier
    tier_after: Tier
    facts_needed: tuple[str, ...]  # what the new rules do not know
    subjects: tuple[SubjectImpact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """Which use cases change under other packs or on another day, before anything is switched on."""

    on: date
    packs_before: Mapping[str, str]  # "id@version" to digest
    packs_after: Mapping[str, str]
    looked_at: int  # use cases that are not retired
    gates_asked: int  # releases that may be served, each asked twice
    usecases: tuple[UseCaseImpact, ...]  # what blocks first, then by name


# --- the operate gate --------------------------------------------------------------------------------------------


class FindingState(StrEnum):
    """Where a finding of the operate gate stands; a cleared one never opens again."""

    warned = "warned"
    suspended = "suspended"
    cleared = "cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operated:
    """Something at work, as the operate gate is asked about it."""

    usecase: str
    environment: str
    subject: str  # a Ref as text
    subject_digest: str
    begun: datetime  # when it was put to work


@dataclass(frozen=True, slots=True, kw_only=True)
class OperateFinding:
    """A blocking control that something at work lost: warned about first, then the reason why it is suspended."""

    id: str
    usecase: str
    environment: str
    subject: str
    subject_digest: str
    pack: str  # its id, without a version
    control: str
    title: str
    reason: str
    remedy: str  # what to do, in the pack's words
    state: FindingState
    since: datetime
    grace_days: int | None
    suspends_at: datetime | None  # None: it is only warned about
    suspended_at: datetime | None
    cleared_at: datetime | None
    cleared_because: Literal["passed", "gone"] | None  # gone: what it was about is no longer at work
    seen_at: datetime  # the last run that found it


@dataclass(frozen=True, slots=True, kw_only=True)
class OperateAnswer:
    """What the operate gate says of something at work."""

    usecase: str
    environment: str
    subject: str
    subject_digest: str
    result: Result
    tier: Tier
    controls: tuple[ControlResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperateRun:
    """One run of the operate gate: how much it was asked about, what changed, and what stands open after it."""

    at: datetime
    asked: int
    warned: tuple[str, ...]  # ids of findings that this run opened or took back to a warning
    suspended: tuple[str, ...]
    cleared: tuple[str, ...]
    answers: tuple[OperateAnswer, ...]  # those not passed; all of them when one use case was asked about
    findings: tuple[OperateFinding, ...]  # open ones of what was asked about
