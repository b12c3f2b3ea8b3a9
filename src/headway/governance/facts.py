"""Facts as rules may see them: of the kind declared and known, or not there at all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from headway.governance import derived
from headway.governance.entities import Evidence, EvidenceType, FactDefinition, FactValue, UseCase
from headway.kernel.canonical import SAFE_INTEGER
from headway.kernel.errors import Fault, Scalar

MAX_ITEMS = 100
MAX_TEXT = 2_000
USE_CASE_FACTS = (
    "slug",
    "title",
    "department",
    "solution",
    "purpose",
    "owner",
    "sponsor",
    "success_measure",
    "people_affected",
)
APPROVAL_FACTS = ("count",)
GATE_FACTS = ("environment", "revoked")
ORGANISATION_FACTS: Mapping[str, tuple[str, ...]] = {
    "mandate": ("is_needed", "in_force"),
    "council": ("conditions_missed",),
    "appetite": ("limits_set", "limits_passed"),
    "rights": ("is_set", "unheld_intake", "unheld_pilot", "unheld_production"),
}
"""What the organisation has set, by root. Beside these a root may hold ``reason``: why a check does not hold, and who mends it."""
CHANGE_FACTS = (
    "replaces",
    "data_changed",
    "columns_changed",
    "tier_changed",
    "purpose_changed",
    "risk_changed",
    "score_drop",
)


def fits(value: object, kind: str) -> bool:
    """Tell whether a value is known and of a kind: boolean, number, text or list (of texts)."""
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "number":
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return math.isfinite(value) and (isinstance(value, float) or abs(value) <= SAFE_INTEGER)
    if kind == "text":
        return is_text(value) and bool(str(value).strip())
    return isinstance(value, list) and len(value) <= MAX_ITEMS and all(is_text(v) and v for v in value)


def is_text(value: object) -> bool:
    """Tell whether a value is a text of bearable length that the database can hold."""
    return isinstance(value, str) and len(value) <= MAX_TEXT and "\0" not in value


def risk_faults(risk: Mapping[str, FactValue], definitions: Iterable[FactDefinition]) -> list[Fault]:
    """Find every risk fact that no pack asks for or that has a wrong kind or value; None says unknown and is fine."""
    known = {definition.name: definition for definition in definitions}
    faults = []
    for name, value in risk.items():
        definition = known.get(name)
        if definition is None:
            faults.append(Fault(rule="risk.unknown", column=name, message=f"no pack knows a risk fact {name!r}"))
        elif value is not None and not fits(value, definition.kind):
            faults.append(
                Fault(
                    rule="risk.kind",
                    column=name,
                    value=repr(value)[:200],
                    message=f"{name} must be of kind {definition.kind}",
                )
            )
        elif value is not None and (bad := _outside(value, definition.values)):
            allowed = ", ".join(definition.values)
            faults.append(
                Fault(rule="risk.value", column=name, value=", ".join(bad), message=f"{name}: only {allowed} are known")
            )
    return faults


def _outside(value: FactValue, allowed: tuple[str, ...]) -> list[str]:
    given = value if isinstance(value, list) else [value]
    return [str(v) for v in given if allowed and v not in allowed]


def evidence_faults(facts: Mapping[str, object], kind: EvidenceType) -> list[Fault]:
    """Find every fact of an evidence that is no scalar, or not of the kind its type declares; None says unknown."""
    faults = []
    for name, value in facts.items():
        declared = kind.facts.get(name)
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            continue  # unknown: kept as null, seen by no rule
        if declared and not fits(value, declared) and value != "":
            faults.append(
                Fault(
                    rule="evidence.kind",
                    column=name,
                    value=repr(value)[:200],
                    message=f"{name} must be of kind {declared}",
                )
            )
        elif not declared and not (isinstance(value, bool) or is_text(value) or fits(value, "number")):
            faults.append(
                Fault(
                    rule="evidence.scalar",
                    column=name,
                    value=repr(value)[:200],
                    message=f"{name} must be one plain value",
                )
            )
    return faults


def risk(use_case: UseCase, definitions: Iterable[FactDefinition]) -> dict[str, FactValue]:
    """Keep the risk facts that are known and of their kind: what people said, and what follows from the systems."""
    known = derived.merged(use_case.risk, use_case.derived)
    return {d.name: known[d.name] for d in definitions if fits(known.get(d.name), d.kind)}


def described(use_case: UseCase) -> dict[str, str]:
    """Keep what has been said of a use case."""
    said = {name: getattr(use_case, name) for name in USE_CASE_FACTS}
    return {name: value for name, value in said.items() if fits(value, "text")}


def evidence(rows: Iterable[Evidence], types: Iterable[EvidenceType]) -> dict[str, dict[str, Scalar]]:
    """Keep, by type, the declared facts of evidence that are known and of their kind."""
    declared = {kind.name: kind.facts for kind in types}
    return {
        row.type: {n: row.facts[n] for n, k in declared[row.type].items() if fits(row.facts.get(n), k)}
        for row in rows
        if row.type in declared
    }


def gate(environment: str, *, revoked: bool) -> dict[str, Scalar]:
    """What the gate itself knows."""
    return {"environment": environment, "revoked": revoked}
