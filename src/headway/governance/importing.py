"""The inventory as a table: its columns, its rows out, and what filled-in rows say."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

from headway.documents import CellFault, ReadRow, ReadTable, SheetColumn, Told, Value, Wanted, differences
from headway.governance import derived, facts, inventory
from headway.governance.entities import FactDefinition, FactValue, UseCase
from headway.kernel.errors import Fault, Invalid
from headway.kernel.ids import slug as make_slug

Language = Literal["en", "de"]
TABLE: Final = "usecase"
RISK: Final = "risk."
MOST_ROWS: Final = 2_000
NONE: Final = {"en": "none", "de": "keine"}
_EMPTY: Final = (*NONE.values(), "[]")
_ODD: Final = re.compile(r"[,;\"\r\n]")
YES_NO: Final = {"en": ("yes", "no"), "de": ("ja", "nein")}
FIELDS: Final = (
    "title",
    "department",
    "solution",
    "purpose",
    "owner",
    "sponsor",
    "success_measure",
    "people_affected",
)
LABELS: Final[Mapping[str, Mapping[Language, str]]] = {
    "slug": {"en": "Name", "de": "Kurzname"},
    "title": {"en": "Title", "de": "Titel"},
    "department": {"en": "Department", "de": "Abteilung"},
    "solution": {"en": "Solution", "de": "Lösung"},
    "purpose": {"en": "Purpose", "de": "Zweck"},
    "owner": {"en": "Owner", "de": "Verantwortlich"},
    "sponsor": {"en": "Sponsor", "de": "Sponsor"},
    "success_measure": {"en": "Success measure", "de": "Erfolgsmaß"},
    "people_affected": {"en": "People affected", "de": "Betroffene Personen"},
    "tier": {"en": "Tier (not read back)", "de": "Risikoklasse (wird nicht gelesen)"},
    "missing": {"en": "Open (not read back)", "de": "Offen (wird nicht gelesen)"},
    "updated_at": {"en": "Changed at, UTC (not read back)", "de": "Geändert am, UTC (wird nicht gelesen)"},
}
NOTES: Final[Mapping[str, Mapping[Language, str]]] = {
    "slug": {
        "en": "Lower-case letters, digits and hyphens; leave it empty for a new use case to have it made of the title.",
        "de": "Kleinbuchstaben, Ziffern, Bindestriche; bei neuen leer lassen, dann entsteht er aus dem Titel.",
    },
    "title": {"en": "What people call it. Needed.", "de": "Wie man es nennt. Nötig."},
    "department": {"en": "The department's name in addresses. Needed.", "de": "Kurzname der Abteilung. Nötig."},
    "purpose": {"en": "What it is for.", "de": "Wofür es da ist."},
}
TOLD_ONLY: Final = ("tier", "missing", "updated_at")
"""Columns that an export shows and an import leaves alone."""


def columns(
    definitions: Sequence[FactDefinition], departments: Sequence[str] = (), language: Language = "en"
) -> tuple[SheetColumn, ...]:
    """The columns of the inventory, in order: fields, then a column for each risk fact that a pack asks for."""
    choices = {"department": tuple(departments)}
    fields = tuple(
        SheetColumn(
            name=name,
            label=LABELS[name][language],
            also=tuple(LABELS[name].values()),
            note=NOTES.get(name, {}).get(language),
            choices=choices.get(name, ()),
        )
        for name in ("slug", *FIELDS)
    )
    return fields + tuple(_fact_column(definition, language) for definition in definitions)


def told_columns(language: Language = "en") -> tuple[SheetColumn, ...]:
    """The columns that an export shows besides."""
    return tuple(
        SheetColumn(name=name, label=LABELS[name][language], also=tuple(LABELS[name].values())) for name in TOLD_ONLY
    )


def _fact_column(definition: FactDefinition, language: Language) -> SheetColumn:
    name = definition.name.replace("_", " ")
    closed = f" ({', '.join(definition.values)}; {NONE[language]})" if definition.kind == "list" else ""
    return SheetColumn(
        name=RISK + definition.name,
        label=("Risk: " if language == "en" else "Risiko: ") + name,
        also=(definition.name, f"Risk: {name}", f"Risiko: {name}"),
        kind="boolean" if definition.kind == "boolean" else "number" if definition.kind == "number" else "text",
        note=f"{definition.question}{closed}",
        choices=YES_NO[language] if definition.kind == "boolean" else _choices(definition),
        width=18,
    )


def _choices(definition: FactDefinition) -> tuple[str, ...]:
    return definition.values if definition.kind == "text" else ()


# --- out ---------------------------------------------------------------------------------------------------------


def rows(
    cases: Iterable[UseCase], definitions: Sequence[FactDefinition], language: Language = "en"
) -> Iterable[tuple[Value, ...]]:
    """Write use cases as rows of ``columns`` and ``told_columns``."""
    for case in cases:
        said: list[Value] = [getattr(case, name) for name in ("slug", *FIELDS)]
        settled = {fact.name: fact.value for fact in case.derived if not isinstance(fact.value, list)}
        known = {**case.risk, **settled}
        risk = [_cell(known.get(definition.name), language) for definition in definitions]
        yield (*said, *risk, case.tier.value, str(len(case.missing)), case.updated_at.isoformat(sep=" ")[:16])


def _cell(value: FactValue, language: Language) -> Value:
    return write_list(value, language) if isinstance(value, list) else value


def write_list(items: Sequence[str], language: Language = "en") -> str:
    """Write a list into one cell, items between commas and in quotes where they need them; an empty one in words."""
    if not items:
        return NONE[language]
    if not any(_ODD.search(item) or item != item.strip() or item.casefold() in _EMPTY for item in items):
        return ", ".join(items)
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="").writerow(items)
    return out.getvalue()


def read_list(text: str) -> list[str]:
    """Undo ``write_list``; semicolons and lines part items as well when there is no comma. Raises Invalid."""
    if text.strip().casefold() in _EMPTY:
        return []
    plain = text if "," in text or '"' in text else text.replace(";", ",").replace("\n", ",")
    try:
        [items] = csv.reader(io.StringIO(plain, newline=""), skipinitialspace=True, strict=True)
    except (csv.Error, ValueError) as error:
        raise Invalid("write items between commas, or the word none") from error
    return [item if '"' in plain else item.strip() for item in items if item.strip() or '"' in plain]


# --- in ----------------------------------------------------------------------------------------------------------


def known(case: UseCase) -> dict[str, Told]:
    """What there is of a use case, by the names of columns."""
    return {name: getattr(case, name) for name in FIELDS} | {RISK + name: value for name, value in case.risk.items()}


def wanted(
    table: ReadTable,
    definitions: Sequence[FactDefinition],
    there: Mapping[str, UseCase],
    departments: Iterable[str],
    *,
    closed: Mapping[str, str] = MappingProxyType({}),
) -> tuple[tuple[Wanted, ...], tuple[CellFault, ...]]:
    """Say what the rows of a file want, and what is wrong with them, every cell by its address.

    Args: closed: departments that take nothing new in, each with why.
    """
    places = frozenset(departments)
    faults = [fault for fault in table.faults if fault.column not in TOLD_ONLY]
    found = []
    for row in table.rows:
        if all(row.values.get(name) is None for name in row.values if name not in TOLD_ONLY):
            continue
        one, wrong = _wanted(row, definitions, there, places)
        faults += [*wrong, *_taken_in(row, one, there.get(one.key), closed)]
        found.append(one)
    cells = {row.number: _cell_of(row, "slug") for row in table.rows}
    keys = [(TABLE, one.key, cells[one.row]) for one in found if one.key]
    return tuple(found), (*faults, *differences.twice(keys))


def _taken_in(row: ReadRow, one: Wanted, before: UseCase | None, closed: Mapping[str, str]) -> list[CellFault]:
    """What keeps a row out whose use case would come into a department that takes nothing new in."""
    place = one.fields.get("department")
    if not isinstance(place, str) or place not in closed or (before is not None and before.department == place):
        return []
    return [CellFault(cell=_cell_of(row, "department"), column="department", value=place, message=closed[place])]


def _wanted(
    row: ReadRow, definitions: Sequence[FactDefinition], there: Mapping[str, UseCase], departments: frozenset[str]
) -> tuple[Wanted, list[CellFault]]:
    said = _said(row)
    risk, faults = _risk(row, definitions)
    slug = str(row.values["slug"]).strip() if row.values.get("slug") is not None else ""
    title = said.get("title")
    if not slug and title:
        slug, is_free = _slug_of(title, there)
        if not is_free:
            told = f"there is a use case {slug}; write its name here to change it, or another one for a new use case"
            faults.append(CellFault(cell=_cell_of(row, "slug"), column="slug", value="", message=told))
    before = there.get(slug)
    whole = {**({name: getattr(before, name) for name in FIELDS} if before else {}), **said}
    typed = {n.removeprefix(RISK): v for n, v in risk.items()}
    told_risk = {**(before.risk if before else {}), **typed}
    known = before.derived if before else ()
    unread = {fault.column for fault in faults}
    for fault in (*entry_faults(slug, whole, told_risk, definitions), *derived.contradictions(typed, known)):
        name = fault.column or ""
        column = name if name in ("slug", *FIELDS) else RISK + name
        if column not in unread:
            faults.append(_fault(row, column, fault))
    place = said.get("department")
    if place and place not in departments:
        told = f"there is no department {place!r}; add it first, or write one of those there are"
        faults.append(CellFault(cell=_cell_of(row, "department"), column="department", value=place, message=told))
    fields: dict[str, Told] = {**said, **{RISK + n: v for n, v in derived.left_to_say(typed, known).items()}}
    shown = title or (before.title if before else slug)
    return Wanted(table=TABLE, key=slug, title=shown, row=row.number, fields=fields), faults


def _said(row: ReadRow) -> dict[str, str | None]:
    told = {name: row.values[name] for name in FIELDS if name in row.values}
    return {name: str(value).strip() if value is not None else None for name, value in told.items()}


def _risk(row: ReadRow, definitions: Sequence[FactDefinition]) -> tuple[dict[str, Told], list[CellFault]]:
    risk: dict[str, Told] = {}
    faults = []
    for definition in definitions:
        name = RISK + definition.name
        value = row.values.get(name)
        if name not in row.values:
            continue
        if definition.kind != "list" or value is None:
            risk[name] = value if isinstance(value, str | int | float | bool) else None
            continue
        try:
            risk[name] = read_list(str(value))
        except Invalid as error:
            faults.append(CellFault(cell=row.cells[name], column=name, value=str(value)[:200], message=error.message))
    return risk, faults


def _slug_of(title: str, there: Mapping[str, UseCase]) -> tuple[str, bool]:
    try:
        slug = make_slug(title)[:100]
    except Invalid:
        return "", True
    return slug, slug not in there


def entry_faults(
    slug: str, said: Mapping[str, str | None], risk: Mapping[str, FactValue], definitions: Iterable[FactDefinition]
) -> list[Fault]:
    """Find everything that is wrong with an entry of the inventory but its department."""
    return [*inventory.faults(slug, said), *facts.risk_faults(risk, definitions)]


def _cell_of(row: ReadRow, name: str) -> str:
    return row.cells.get(name, f"row {row.number}")


def _fault(row: ReadRow, column: str, fault: Fault) -> CellFault:
    return CellFault(cell=_cell_of(row, column), column=column, value=fault.value or "", message=fault.message)
