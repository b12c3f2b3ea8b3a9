"""What simple fields say of columns, written into a contract, and the version that the change needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from open_data_contract_standard.model import DataQuality, SchemaProperty

from headway.catalog import contract as odcs
from headway.catalog import evolving
from headway.catalog.changes.entities import ColumnEdit
from headway.catalog.errors import UnknownColumn
from headway.kernel.errors import Fault

CLASSIFICATIONS: Final = ("public", "internal", "confidential", "restricted")
_PER_CENT: Final = 100


def edited(contract: odcs.Contract, edits: Sequence[ColumnEdit]) -> dict[str, object]:
    """Write edits of columns into a contract; the version is raised as far as they need.

    Raises: UnknownColumn with every fault: no such column, a share outside 0 to 100, an unknown classification.
    """
    model = odcs.model_of(contract)
    known = {one.name: one for one in (model.schema_ or [])[0].properties or []}
    faults = [fault for one in edits for fault in _faults(one, known)]
    if faults:
        raise UnknownColumn("; ".join(fault.message for fault in faults), faults=faults)
    for one in edits:
        _write(known[one.column], one)
    return raised(contract, odcs.as_json(model))


def raised(before: odcs.Contract, after: odcs.Contract) -> dict[str, object]:
    """The contract with the least version that its difference from the one before needs; kept where that is met."""
    found = evolving.diff(before, after)
    if found.fault is None or found.version_needed is None:
        return dict(after)
    return dict(after) | {"version": found.version_needed}


def missing_percent_of(one: SchemaProperty) -> float | None:
    """How many per cent of a column may be missing by its contract: 0 where it is required, None where nothing is said."""
    if one.required or one.primaryKey:
        return 0.0
    for rule in one.quality or []:
        if rule.metric == "nullValues" and rule.unit == "percent" and rule.mustBeLessOrEqualTo is not None:
            return float(rule.mustBeLessOrEqualTo)
    return None


def _faults(edit: ColumnEdit, known: dict[str | None, SchemaProperty]) -> list[Fault]:
    found, share = [], edit.missing_percent
    if edit.column not in known:
        found.append(_fault(edit.column, f"there is no column {edit.column!r}"))
    if share is not None and not 0 <= share <= _PER_CENT:
        found.append(_fault(edit.column, f"{edit.column}: from 0 to 100 per cent may be missing, not {share:g}"))
    if edit.classification and edit.classification not in CLASSIFICATIONS:
        words = f"{edit.column}: the classification is one of {', '.join(CLASSIFICATIONS)}, not {edit.classification!r}"
        found.append(_fault(edit.column, words))
    return found


def _fault(column: str, message: str) -> Fault:
    return Fault(rule="contract.column", column=column, message=message)


def _write(one: SchemaProperty, edit: ColumnEdit) -> None:
    if edit.description is not None:
        one.description = edit.description.strip() or None
    if edit.classification is not None:
        one.classification = edit.classification or None
    if edit.required is not None:
        one.required = edit.required
    if edit.unique is not None:
        one.unique = edit.unique
    if edit.missing_percent is not None:
        kept = [rule for rule in one.quality or [] if not (rule.metric == "nullValues" and rule.unit == "percent")]
        if 0 < edit.missing_percent < _PER_CENT:
            one.required = False
            kept.append(_borne(edit.missing_percent))
        else:
            one.required = edit.missing_percent == 0
        one.quality = kept or None


def _borne(percent: float) -> DataQuality:
    return DataQuality.model_validate({"metric": "nullValues", "mustBeLessOrEqualTo": percent, "unit": "percent"})
