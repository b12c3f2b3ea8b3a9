"""Answers about use cases, packs, evidence and gates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from headway_client.answer import Answer


class SystemSummary(Answer):
    """A system as its use cases name it."""

    slug: str
    title: str
    kind: str
    vendor: str | None


class DerivedFact(Answer):
    """A risk fact that the platform knows by itself, and from what: references to systems, vendors, a department."""

    name: str
    value: Any
    sources: list[str]


class UseCase(Answer):
    """One entry of the AI inventory. What nobody has said stays None and is named in ``missing``."""

    slug: str
    title: str
    department: str
    solution: str | None
    purpose: str | None
    owner: str | None
    sponsor: str | None
    success_measure: str | None
    people_affected: str | None
    risk: dict[str, Any]
    derived: list[DerivedFact]
    systems: list[SystemSummary]
    digest: str
    tier: str
    missing: list[str]
    opened_by: str
    opened_at: datetime
    updated_at: datetime
    retired_at: datetime | None
    retired_by: str | None
    retired_because: str | None


class System(Answer):
    """Something that does the work of use cases. Its versions and deployments are those of the use cases it serves."""

    slug: str
    title: str
    kind: str
    vendor: str | None
    description: str | None
    usecases: list[str]
    status: str
    opened_by: str
    opened_at: datetime
    updated_at: datetime
    retired_at: datetime | None
    retired_by: str | None
    retired_because: str | None


class Vendor(Answer):
    """Somebody outside who supplies systems, or models in them. ``missing`` names in words what is not in order."""

    slug: str
    name: str
    supplies: str | None
    contact: str | None
    contract_ends: date | None
    exit_plan: str | None
    systems: list[str]
    digest: str
    assessed_at: datetime | None
    assessed_until: datetime | None
    missing: list[str]
    status: str
    opened_by: str
    opened_at: datetime
    updated_at: datetime
    retired_at: datetime | None
    retired_by: str | None
    retired_because: str | None


class Blocker(Answer):
    """One thing that keeps a use case where it stands."""

    kind: str
    ref: str | None
    count: int
    who: str | None
    since: datetime | None


class Pitfall(Answer):
    """Something that makes pilots stall, as the facts show it now; nobody filled in a form for it."""

    kind: str
    severity: str
    found: str
    todo: str
    ref: str | None
    since: datetime | None


class Standing(Answer):
    """A use case with its stage and what keeps it there, the most pressing first."""

    usecase: UseCase
    stage: str
    blockers: list[Blocker]


class Standings(Answer):
    """The use cases that were asked for; ``total`` is exact unless ``is_more`` says that there are more."""

    items: list[Standing]
    total: int
    is_more: bool
    query: dict[str, Any]


class TraceStep(Answer):
    """What one tier rule said: true, false, or indeterminate because facts are unknown."""

    rule: str
    tier: str
    expression: str
    source: str
    result: str
    why: str
    decides: bool


class TierDecision(Answer):
    """A tier, who decided it by which rule of which pack, and the trace of every rule asked."""

    id: str
    usecase: str
    usecase_digest: str
    tier: str
    rule: str | None
    method: str
    decider: str
    reasons: str | None
    trace: list[TraceStep]
    facts_needed: list[str]
    pack_id: str
    pack_version: str
    pack_digest: str
    confidence: str | None
    decided_at: datetime


class ControlResult(Answer):
    """One control at one gate."""

    id: str
    title: str
    pack: str
    source: str
    status: str
    enforce: str
    evidence_ids: list[str]
    reason: str
    confidence: str
    valid_from: date | None


class GateResult(Answer):
    """What a gate says of one exact subject in one environment."""

    gate: str
    environment: str
    usecase: str
    subject: str
    subject_digest: str
    result: str
    tier: str
    controls: list[ControlResult]
    missing: list[str]
    approvals: list[str]
    exceptions: list[str]
    exceptions_until: datetime | None
    pack_digests: dict[str, str]
    pack_digest: str
    facts_digest: str
    evaluated_at: datetime


class OperateFinding(Answer):
    """A blocking control that something at work lost: warned about first, then the reason why it is suspended."""

    id: str
    usecase: str
    environment: str
    subject: str
    subject_digest: str
    pack: str
    control: str
    title: str
    reason: str
    remedy: str
    state: str
    since: datetime
    grace_days: int | None
    suspends_at: datetime | None
    suspended_at: datetime | None
    cleared_at: datetime | None
    cleared_because: str | None
    seen_at: datetime


class OperateFindings(Answer):
    """The part of the list of findings that was asked for; ``total`` is exact up to 10,000."""

    items: list[OperateFinding]
    total: int
    is_more: bool
    query: dict[str, Any]


class OperateAnswer(Answer):
    """What the operate gate says of something at work."""

    usecase: str
    environment: str
    subject: str
    subject_digest: str
    result: str
    tier: str
    controls: list[ControlResult]


class OperateRun(Answer):
    """One run of the operate gate: how much it was asked about, what changed, and what stands open after it."""

    at: datetime
    asked: int
    warned: list[str]
    suspended: list[str]
    cleared: list[str]
    answers: list[OperateAnswer]
    findings: list[OperateFinding]


class Objection(Answer):
    """One reason not to let something in."""

    code: str
    reason: str


class Admission(Answer):
    """Whether something may be put to work in an environment, for the few minutes that the answer counts."""

    id: str
    subject: str
    subject_digest: str | None
    image_digest: str | None
    environment: str
    gate: str
    usecase: str | None
    allowed: bool
    result: str
    reasons: list[Objection]
    missing: list[str]
    verdict: str | None
    binding: str | None
    exceptions: list[str]
    pack_digests: dict[str, str]
    facts_digest: str | None
    asked_by: str
    at: datetime
    valid_until: datetime
    key_id: str


class AdmissionAnswer(Answer):
    """An admission, and the same signed: a DSSE envelope as JSON text."""

    admission: Admission
    envelope: str


class ImageBinding(Answer):
    """Which bundle a container image carries, as a build said."""

    id: str
    image: str
    image_digest: str
    bundle_digest: str
    bound_by: str
    bound_at: datetime


class FactDefinition(Answer):
    """One fact about a use case that rules may ask for."""

    name: str
    kind: str
    values: list[str]
    question: str


class EvidenceType(Answer):
    """A kind of evidence: who may write it, how long it counts, which facts it carries."""

    name: str
    title: str
    producer: str
    freshness_days: int
    facts: dict[str, str]
    scope: str


class TierRule(Answer):
    """One ordered rule that may decide the tier."""

    id: str
    tier: str
    when: str
    source: str
    title: str
    confidence: str


class Control(Answer):
    """One condition a gate asks for: when it applies, what evidence it needs, what must hold."""

    id: str
    title: str
    source: str
    gates: list[str]
    applies_when: str
    check: str | None
    evidence: list[str]
    enforce: str
    sandbox: str
    valid_from: date | None
    valid_to: date | None
    confidence: str
    missing: str
    waivable: bool
    grace_days: int | None


class GoldenCase(Answer):
    """A case with its right answers, which belongs to a pack."""

    name: str
    gate: str
    environment: str
    on: date
    facts: dict[str, dict[str, Any]]
    evidence: dict[str, dict[str, Any]]
    tier: str | None
    expect: dict[str, str]


class TierException(Answer):
    """An assessed exception from the tier high; ``counts`` says whether it does now."""

    id: str
    usecase: str
    condition: str
    reasons: str
    days: int
    basis: str
    state: str
    assessed_by: str
    assessed_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None
    ends_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    ended_because: str | None
    counts: bool


class Pack(Answer):
    """A version of a set of rules and controls. Immutable: ``digest`` is SHA-256 over its canonical JSON."""

    id: str
    version: str
    title: str
    note: str
    as_of: date
    digest: str
    facts: list[FactDefinition]
    evidence_types: list[EvidenceType]
    tier_rules: list[TierRule]
    controls: list[Control]
    mode: str
    golden: list[GoldenCase]


class PackSwitch(Answer):
    """What was done with a pack: on with one version, or off."""

    pack: str
    version: str
    digest: str
    is_on: bool
    reason: str
    by: str
    at: datetime


class PublishedPack(Answer):
    """A published version of a pack, and whether gates ask it."""

    id: str
    version: str
    digest: str
    title: str
    mode: str
    as_of: date
    controls: int
    comes_with: bool
    is_on: bool
    is_newer: bool
    published_by: str
    published_at: datetime
    switched: PackSwitch | None


class CrosswalkRow(Answer):
    """A kind of evidence, and every control that it helps to close, by pack."""

    evidence: str
    title: str
    producer: str
    controls: dict[str, list[str]]


class Use(Answer):
    """A place that uses a field: a function or table (``module:name``), or the address of a page."""

    kind: str
    where: str


class FieldUses(Answer):
    """What uses a field of a form; ``asked_by`` names rules and controls of the packs in force as ``PACK/ID``."""

    form: str
    field: str
    asked_by: list[str]
    uses: list[Use]


class CoverageControl(Answer):
    """A control as it stands for one subject; ``lacking`` names the kinds of evidence that are not there."""

    id: str
    title: str
    source: str
    gates: list[str]
    status: str
    enforce: str
    reason: str
    confidence: str
    evidence: list[str]
    evidence_ids: list[str]
    lacking: list[str]
    valid_from: date | None


class PackCoverage(Answer):
    """How far one pack is shown for a subject; ``applies`` counts controls that apply and have begun."""

    pack: str
    version: str
    title: str
    mode: str
    is_on: bool
    applies: int
    passed: int
    upcoming: int
    controls: list[CoverageControl]


class Coverage(Answer):
    """What proofs there are for every control of every pack asked, about one subject in one environment."""

    usecase: str
    environment: str
    subject: str
    subject_digest: str
    at: datetime
    packs: list[PackCoverage]


class FieldChange(Answer):
    """One field that reads differently; None where it was or is left open."""

    name: str
    before: str | None
    after: str | None


class PackChange(Answer):
    """A part of a pack that came, went or changed; ``fields`` says how, for what changed."""

    part: str
    id: str
    change: str
    fields: list[FieldChange]


class PackDiff(Answer):
    """What differs between two versions of a pack; ``old`` and ``new`` as ``id@version``."""

    old: str
    new: str
    old_digest: str
    new_digest: str
    changes: list[PackChange]


class ControlChange(Answer):
    """A control that answers differently; None where it is not asked."""

    id: str
    pack: str
    title: str
    before: str | None
    after: str | None
    enforce_before: str | None
    enforce_after: str | None
    reason: str


class SubjectImpact(Answer):
    """What a gate says of something that is released, as things stand and as they would be."""

    verdict: str
    environment: str
    subject: str
    subject_digest: str
    before: str
    after: str
    controls: list[ControlChange]


class UseCaseImpact(Answer):
    """A use case for which something changes."""

    usecase: str
    title: str
    department: str
    tier: str
    is_by_person: bool
    tier_before: str
    tier_after: str
    facts_needed: list[str]
    subjects: list[SubjectImpact]


class Impact(Answer):
    """Which use cases change under other packs or on another day, before anything is switched on."""

    on: date
    packs_before: dict[str, str]
    packs_after: dict[str, str]
    looked_at: int
    gates_asked: int
    usecases: list[UseCaseImpact]


class Evidence(Answer):
    """Facts about a subject of one digest, and who or what produced them. Never changed once written."""

    id: str
    type: str
    subject: str
    subject_digest: str
    facts: dict[str, Any]
    producer: str
    made_at: datetime
    payload_digest: str | None


class Quorum(Answer):
    """How many different people besides the requester must say yes before an approval counts, in one environment."""

    environment: str
    needed: int
    changed_by: str | None
    changed_at: datetime | None
    reason: str | None


class Vote(Answer):
    """One person's yes to an approval, and why."""

    person: str
    reason: str
    at: datetime


class Approval(Answer):
    """The yes of other people to one exact subject; it counts once ``needed`` of them said so in ``votes``."""

    id: str
    subject: str
    subject_digest: str
    environment: str
    usecase: str
    pack_digest: str
    evidence_digest: str
    state: str
    needed: int
    votes: list[Vote]
    requested_by: str
    requested_at: datetime
    approved_by: str | None
    rejected_by: str | None
    decided_at: datetime | None
    reason: str | None


class Waiver(Answer):
    """One control of one pack, excused for one use case in one environment, for at most 30 days."""

    id: str
    usecase: str
    environment: str
    pack: str
    control: str
    subject_digest: str | None
    reason: str
    compensation: str
    days: int
    state: str
    requested_by: str
    requested_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None
    ends_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    ended_because: str | None
    number: int
    in_a_row: int
    standing: str


class BreakGlass(Answer):
    """In an emergency, one exact subject let into an environment although its gate blocks."""

    id: str
    usecase: str
    environment: str
    subject: str
    subject_digest: str
    reason: str
    state: str
    requested_by: str
    requested_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None
    confirmed_at: datetime | None
    ends_at: datetime | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    finding: str | None
    review: str | None
    standing: str


class VerdictRecord(Answer):
    """A verdict as kept: what was decided, on which facts, and the signed envelope."""

    id: str
    gate: str
    environment: str
    usecase: str
    subject: str
    subject_digest: str
    result: str
    tier: str
    controls: list[ControlResult]
    missing: list[str]
    approvals: list[str]
    exceptions: list[str]
    engines: dict[str, str]
    facts: dict[str, Any]
    facts_digest: str
    pack_digests: dict[str, str]
    pack_digest: str
    issued_by: str
    issued_at: datetime
    serve_until: datetime
    key_id: str
    envelope_digest: str
    revoked_at: datetime | None


class Revocation(Answer):
    """A subject digest that must no longer be served anywhere."""

    id: str
    subject_digest: str
    reason: str
    revoked_by: str
    revoked_at: datetime


class Alike(Answer):
    """An entry that is like a proposal, and why; a twin is so alike that one joins it, or says why one's own is different."""

    slug: str
    title: str
    department: str
    owner: str | None
    score: float
    is_twin: bool
    is_retired: bool
    words: list[str]
    data: list[str]
    umbrella: str | None
    conditions: str | None


class Distinction(Answer):
    """Why an entry is another one than one very like it."""

    usecase: str
    other: str
    reason: str
    said_by: str
    said_at: datetime


class Join(Answer):
    """Somebody of a department who uses what a use case gives."""

    id: str
    usecase: str
    department: str
    person: str
    what_for: str
    joined_at: datetime


class Relations(Answer):
    """Who joined a use case, and which entries it was said to differ from."""

    usecase: str
    joins: list[Join]
    distinctions: list[Distinction]


class Umbrella(Answer):
    """A use case as a pattern of low risk under which people register in one step."""

    id: str
    usecase: str
    title: str
    purpose: str | None
    department: str
    conditions: str
    tier: str
    tier_now: str
    state: str
    valid_until: date
    registrations: int
    asked_by: str
    asked_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    ended_because: str | None


class Registration(Answer):
    """Somebody who does what an umbrella describes; lapsed when it is not in force."""

    id: str
    umbrella: str
    department: str
    person: str
    what_for: str
    registered_at: datetime
    is_lapsed: bool


class SightingReport(Answer):
    """What somebody said of a tool; ``reporter`` is None for whoever may not know."""

    reporter: str | None
    is_unnamed: bool
    what_for: str
    reported_at: datetime


class Sighting(Answer):
    """A tool that was reported or that a gateway saw: one item for each tool and department."""

    id: str
    tool: str
    host: str | None
    department: str | None
    uses: int
    users: int
    first_seen: datetime
    last_seen: datetime
    age_days: int
    state: str
    reports: list[SightingReport]
    entries: list[str]
    settled_by: str | None
    settled_at: datetime | None
    reason: str | None
    usecase: str | None


class GatewayImport(Answer):
    """What reading the log of a gateway did."""

    filename: str
    digest: str
    lines: int
    added: int
    updated: int
    reopened: int
    known: int
    unknown_hosts: list[str]


class Known(Answer):
    """A field of a proposal that nobody has to type, and where it is known from."""

    field: str
    value: Any
    source: str
