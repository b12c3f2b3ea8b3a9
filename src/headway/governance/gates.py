"""A gate: every control of every pack asked over the same facts; an error, an unknown and an old proof never pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from headway.governance import rules
from headway.governance.entities import (
    Control,
    ControlResult,
    Enforce,
    Evidence,
    EvidenceType,
    Gate,
    Pack,
    Result,
    Status,
    Tier,
)
from headway.governance.facts import ORGANISATION_FACTS

if TYPE_CHECKING:
    import cel

SERVE_DAYS = {"sandbox": 14, "pilot": 90, "production": 365}
SERVE_DAYS_HIGH = 180


@dataclass(frozen=True, slots=True)
class Question:
    """What a gate is asked with. ``facts`` are known facts only; ``evidence`` holds one row a type.

    ``beside`` holds rows that change what the evidence of a type says, and are named with it.
    """

    gate: Gate
    environment: str
    facts: Mapping[str, object]
    evidence: Mapping[str, Evidence]
    at: datetime
    beside: Mapping[str, Sequence[Evidence]] = field(default_factory=dict)


def newest(rows: Iterable[Evidence], types: Mapping[str, EvidenceType], at: datetime) -> dict[str, Evidence]:
    """Choose the evidence that counts: the newest of each type, unless it is too old or from the future.

    An older row never stands in for a newer one: when the newest is stale, the type has no evidence.
    """
    latest: dict[str, Evidence] = {}
    for row in rows:
        if row.type in types and (
            row.type not in latest or (latest[row.type].made_at, latest[row.type].id) < (row.made_at, row.id)
        ):
            latest[row.type] = row
    return {name: row for name, row in latest.items() if _is_fresh(row, types[name], at)}


def _is_fresh(row: Evidence, kind: EvidenceType, at: datetime) -> bool:
    if row.made_at > at:
        return False
    return kind.freshness_days == 0 or at - row.made_at <= timedelta(days=kind.freshness_days)


def ask(packs: Sequence[Pack], question: Question) -> tuple[ControlResult, ...]:
    """Ask all controls of the packs that belong to this gate."""
    context = rules.prepared(question.facts)
    return tuple(
        ask_control(pack, control, question, context)
        for pack in packs
        for control in pack.controls
        if question.gate in control.gates
    )


def ask_control(pack: Pack, control: Control, question: Question, context: cel.Context) -> ControlResult:
    """Ask one control, whatever gates it belongs to. Args: context: the question's facts ``rules.prepared``."""
    kept = [name for name in control.evidence if name in question.evidence]
    rows = [row for name in kept for row in (question.evidence[name], *question.beside.get(name, ()))]
    status, reason = _status(control, question, context)
    return ControlResult(
        id=control.id,
        title=control.title,
        pack=f"{pack.id}@{pack.version}",
        source=control.source,
        status=status,
        enforce=_enforce(control, status, question.environment),
        evidence_ids=tuple(row.id for row in rows),
        reason=reason,
        confidence=control.confidence,
        valid_from=control.valid_from,
    )


def _status(control: Control, question: Question, context: cel.Context) -> tuple[Status, str]:
    day = question.at.astimezone(UTC).date()
    if control.valid_to is not None and day > control.valid_to:
        return Status.not_applicable, f"ended on {control.valid_to}"
    applies = rules.ask(control.applies_when, question.facts, context)
    if applies.value is False:
        return Status.not_applicable, "does not apply here"
    if control.valid_from is not None and day < control.valid_from:
        return Status.upcoming, f"applies from {control.valid_from}"
    unsure = f"; taken to apply, since {applies.why}" if applies.value is None else ""
    status, reason = _checked(control, question, context)
    return status, reason + unsure


def _checked(control: Control, question: Question, context: cel.Context) -> tuple[Status, str]:
    lacking = [name for name in control.evidence if name not in question.evidence]
    if lacking:
        return Status.indeterminate, f"no evidence that counts: {', '.join(lacking)}"
    if control.check is None:
        return Status.passed, "the evidence is there"
    answer = rules.strict(control.check, question.facts, context)
    if answer.value is None:
        return Status.indeterminate, answer.why
    return (Status.passed if answer.value else Status.failed), _shown(control.check, answer, question.facts)


def _shown(check: str, answer: rules.Answer, facts: Mapping[str, object]) -> str:
    """Say what was asked and with which values, so that a refusal explains itself; names of people are left out."""
    values = []
    for path in rules.paths(check):
        if path[0] == "use_case":
            continue
        here: object = facts
        for name in path:
            here = here[name] if isinstance(here, Mapping) else None
        values.append(f"{'.'.join(path)} = {here!r}")
    told = f" ({'; '.join(values)})" if values else ""
    why = "" if answer.value else _why(check, facts)
    return f"{check} {'holds' if answer.value else 'does not hold'}{told}{why}"


def _why(check: str, facts: Mapping[str, object]) -> str:
    """What the organisation's own settings, where a check reads them, say of why it does not hold and who mends it."""
    roots = dict.fromkeys(path[0] for path in rules.paths(check) if path[0] in ORGANISATION_FACTS)
    said = [here.get("reason") for root in roots if isinstance(here := facts.get(root), Mapping)]
    return "".join(f": {one}" for one in said if one)


def _enforce(control: Control, status: Status, environment: str) -> Enforce:
    """Soften blocks to warnings in the sandbox, but not a plain breach of what holds everywhere."""
    if environment != "sandbox" or control.enforce != "block":
        return control.enforce
    return "block" if control.sandbox == "block" and status is Status.failed else "warn"


def result(controls: Iterable[ControlResult], tier: Tier) -> Result:
    """Join the controls to one answer; a prohibited use is blocked everywhere, whatever the controls say."""
    looked_at = tuple(controls)
    worst = {c.enforce for c in looked_at if c.status in (Status.failed, Status.indeterminate)}
    if tier is Tier.prohibited or "block" in worst:
        return "block"
    is_waived = any(c.status is Status.waived for c in looked_at)
    return "warn" if is_waived or "warn" in worst else "pass"


def missing(
    controls: Iterable[ControlResult], packs: Iterable[Pack], tier: Tier, entry: Sequence[str]
) -> tuple[str, ...]:
    """Name in plain words what keeps the subject from the environment the controls were asked for.

    Args: entry: what the use case itself leaves open (``UseCase.missing``); it comes first, word for word.
    """
    words = {(f"{pack.id}@{pack.version}", control.id): control.missing for pack in packs for control in pack.controls}
    lines = ["stop: the use is prohibited"] if tier is Tier.prohibited else []
    lines += entry
    for control in controls:
        if control.status in (Status.failed, Status.indeterminate) and control.enforce == "block":
            lines.append(words[control.pack, control.id])
    return tuple(dict.fromkeys(lines))


def serve_until(environment: str, tier: Tier, at: datetime, exceptions_until: datetime | None = None) -> datetime:
    """Say how long a verdict may be served: by environment, for a high tier at most 180 days, never past an exception."""
    days = SERVE_DAYS[environment]
    until = at + timedelta(days=min(days, SERVE_DAYS_HIGH) if tier is Tier.high else days)
    return until if exceptions_until is None else min(until, exceptions_until)
