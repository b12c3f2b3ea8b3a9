"""Golden cases: what a pack must answer about systems whose right answer is known. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import cast, get_args

from headway.governance import facts, gates, tiers
from headway.governance.entities import Evidence, FactValue, Gate, GoldenCase, Pack, Status, Tier
from headway.governance.reading import Reader
from headway.kernel.errors import Fault, Scalar
from headway.kernel.settings import ENVIRONMENTS


def read(reader: Reader) -> GoldenCase:
    tiers, statuses = [tier.value for tier in Tier], [status.value for status in Status]
    tier = reader.text("tier", tiers) if reader.has("tier") else None
    expect = reader.mapping("expect")
    for name in (name for name, status in expect.items() if status not in statuses):
        reader.fault("expect", f"{name}: must be one of {', '.join(statuses)}")
    facts = {root: _inner(reader, "facts", root, told) for root, told in reader.mapping("facts").items()}
    evidence = {name: _inner(reader, "evidence", name, told) for name, told in reader.mapping("evidence").items()}
    made = GoldenCase(
        name=reader.text("name"),
        gate=cast(Gate, reader.text("gate", get_args(Gate)) if reader.has("gate") else "pre_deploy"),
        environment=reader.text("environment", ENVIRONMENTS) if reader.has("environment") else "production",
        on=reader.day("on", needed=True) or date.min,
        facts=cast("Mapping[str, Mapping[str, FactValue]]", facts),
        evidence=cast("Mapping[str, Mapping[str, Scalar]]", evidence),
        tier=Tier(tier) if tier in tiers else None,
        expect={name: Status(str(status)) for name, status in expect.items() if status in statuses},
    )
    if made.tier is None and not made.expect:
        reader.fault("expect", "say which tier or which status of a control is right")
    reader.done()
    return made


def _inner(reader: Reader, name: str, key: str, value: object) -> Mapping[str, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        reader.fault(name, f"{key} must be a mapping")
        return {}
    return value


def faults(pack: Pack) -> list[Fault]:
    """Put every golden case to the pack; a fault for each answer that differs, each named control that is not there."""
    return [
        Fault(rule="pack.golden", column=case.name, message=f"golden case {case.name!r}: {message}")
        for case in pack.golden
        for message in _differs(pack, case)
    ]


def _differs(pack: Pack, case: GoldenCase) -> list[str]:
    known = {control.id for control in pack.controls}
    types = {kind.name for kind in pack.evidence_types}
    found = [f"the pack has no control {name!r}" for name in case.expect if name not in known]
    found += [
        f"{name} is not asked at the gate {case.gate}"
        for name in case.expect
        if name in known and not _is_asked(pack, case, name)
    ]
    found += [f"the pack declares no evidence {name!r}" for name in case.evidence if name not in types]
    if found:
        return found
    told = _facts(pack, case)
    tier = tiers.decide(pack.tier_rules, told["sys"]).tier if pack.tier_rules else None
    if case.tier is not None and tier is not case.tier:
        found.append(f"the tier is {tier.value if tier else 'not decided by this pack'}, not {case.tier.value}")
    if tier not in (None, Tier.undecided) and "tier" not in told["sys"]:
        told["sys"] = {**told["sys"], "tier": str(tier)}
    answers = {one.id: one for one in gates.ask((pack,), _question(case, told))}
    return found + [
        f"{name} is {answers[name].status.value} ({answers[name].reason}), not {status.value}"
        for name, status in case.expect.items()
        if answers[name].status is not status
    ]


def _is_asked(pack: Pack, case: GoldenCase, name: str) -> bool:
    return any(control.id == name and case.gate in control.gates for control in pack.controls)


def _facts(pack: Pack, case: GoldenCase) -> dict[str, Mapping[str, FactValue]]:
    kinds = {fact.name: fact.kind for fact in pack.facts} | {"tier": "text"}
    sys = {name: v for name, v in case.facts.get("sys", {}).items() if facts.fits(v, kinds.get(name, ""))}
    return {
        "sys": sys,
        "use_case": case.facts.get("use_case", {}),
        "approvals": {"count": 0, **case.facts.get("approvals", {})},
        "change": {"replaces": False, **case.facts.get("change", {})},
        "gate": {**facts.gate(case.environment, revoked=False), **case.facts.get("gate", {})},
    }


def _question(case: GoldenCase, told: Mapping[str, Mapping[str, FactValue]]) -> gates.Question:
    at = datetime.combine(case.on, time(12), UTC)
    rows = {name: _evidence(name, values, at) for name, values in case.evidence.items()}
    evidence = {name: {key: v for key, v in row.facts.items() if v is not None} for name, row in rows.items()}
    return gates.Question(case.gate, case.environment, {**told, "evidence": evidence}, rows, at)


def _evidence(name: str, values: Mapping[str, Scalar], at: datetime) -> Evidence:
    return Evidence(
        id=f"golden:{name}",
        type=name,
        subject="bundle:golden",
        subject_digest="sha256-" + 64 * "0",
        facts=values,
        producer="service:golden",
        made_at=at,
        payload_digest=None,
    )
