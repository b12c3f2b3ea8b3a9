"""The decision-rights matrix as a table: YAML and spreadsheets out, and what a filled-in file says, every fault by its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import yaml

from headway.documents import ReadTable, Sheet, SheetColumn, Value
from headway.governance.adapters import PlainLoader
from headway.governance.mandates.rights import EVERY, STAGES, STEPS, RightsRow, plain
from headway.identity import LANES
from headway.kernel.errors import Fault

Language = Literal["en", "de"]
HEAD: Final = "decision_rights"
MOST_BYTES: Final = 1_000_000
FIELDS: Final = ("stage", "lane", *STEPS)
LABELS: Final[Mapping[str, Mapping[Language, str]]] = {
    "stage": {"en": "Stage", "de": "Stufe"},
    "lane": {"en": "Lane", "de": "Weg"},
    "proposes": {"en": "Proposes", "de": "Schlägt vor"},
    "reviews": {"en": "Reviews", "de": "Prüft"},
    "decides": {"en": "Decides", "de": "Entscheidet"},
    "told": {"en": "Is told", "de": "Wird informiert"},
}
TITLES: Final[Mapping[Language, str]] = {"en": "Decision rights", "de": "Entscheidungsrechte"}
NOTES: Final[Mapping[Language, str]] = {
    "en": "Roles, and seats as seat:legal, between commas. Empty: as the permission rules have it; nobody: nobody at all.",
    "de": "Rollen, und Sitze als seat:legal, zwischen Kommas. Leer: wie die Zugriffsregeln; nobody: niemand.",
}


def columns(language: Language = "en") -> tuple[SheetColumn, ...]:
    """The columns of the table, in order."""
    choices = {"stage": tuple(STAGES), "lane": (EVERY, *LANES)}
    return tuple(
        SheetColumn(
            name=name,
            label=LABELS[name][language],
            also=tuple(LABELS[name].values()),
            choices=choices.get(name, ()),
            note=NOTES[language] if name in STEPS else None,
            width=14 if name in choices else 34,
        )
        for name in FIELDS
    )


def sheet(rows: Sequence[RightsRow], language: Language = "en") -> Sheet:
    """Write a matrix as a sheet that can be changed and sent back."""
    told: list[tuple[Value, ...]] = [
        (row.stage, row.lane, *(", ".join(row.named(step)) or None for step in STEPS)) for row in rows
    ]
    return Sheet(title=TITLES[language], columns=columns(language), rows=told)


def of_table(table: ReadTable) -> tuple[tuple[RightsRow, ...], list[Fault]]:
    """Read a filled-in sheet; rows without a stage that say anything else are faults."""
    rows = []
    faults = [Fault(rule="rights.cell", column=one.cell, value=one.value, message=one.message) for one in table.faults]
    for each in table.rows:
        said = {name: str(each.values.get(name) or "").strip() for name in FIELDS}
        if any(said.values()):
            several = {step: _several(said[step]) for step in STEPS}
            rows.append(RightsRow(lane=said["lane"] or EVERY, stage=said["stage"], **several))
    return tuple(rows), faults


def _several(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.replace(";", ",").replace("\n", ",").split(",") if one.strip())


def write_yaml(rows: Sequence[RightsRow]) -> str:
    """Write a matrix as YAML; steps that nobody is named for are left out."""
    told = [{name: value for name, value in plain(one).items() if value} for one in rows]
    return str(yaml.safe_dump({HEAD: told}, allow_unicode=True, sort_keys=False, width=120))


def of_yaml(data: bytes) -> tuple[tuple[RightsRow, ...], list[Fault]]:
    """Read a matrix from YAML."""
    if len(data) > MOST_BYTES:
        return (), [_fault("file", f"the file has more than {MOST_BYTES:,} bytes")]
    try:
        found: Any = yaml.load(data.decode("utf-8-sig"), Loader=PlainLoader)  # noqa: S506  a safe loader of our own
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        return (), [_fault("file", f"this is no YAML: {error}")]
    listed = found.get(HEAD) if isinstance(found, dict) and set(found) == {HEAD} else None
    if not isinstance(listed, list):
        return (), [_fault("file", f"write one list under {HEAD!r}")]
    rows, faults = [], []
    for number, one in enumerate(listed, 1):
        row, wrong = _yaml_row(number, one)
        rows.append(row)
        faults += wrong
    return tuple(rows), faults


def _yaml_row(number: int, told: object) -> tuple[RightsRow, list[Fault]]:
    if not isinstance(told, dict):
        return RightsRow(lane=EVERY, stage=""), [_fault("rows", f"row {number} is no row with a stage and steps")]
    faults = [_fault(str(name), f"row {number}: there is no column {name!r}") for name in told if name not in FIELDS]
    several: dict[str, tuple[str, ...]] = {}
    for step in STEPS:
        value = told.get(step, [])
        if isinstance(value, str):
            value = list(_several(value))
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            faults.append(_fault(step, f"row {number}: {step} is a list of roles and seats"))
            value = []
        several[step] = tuple(value)
    return RightsRow(lane=str(told.get("lane", EVERY)), stage=str(told.get("stage", "")), **several), faults


def _fault(column: str, message: str) -> Fault:
    return Fault(rule=f"rights.{column}", column=column, message=message)
