"""Departments and people as tables: their columns, their rows out, and what filled-in rows say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from headway.documents import CellFault, ReadRow, ReadTable, Sheet, SheetColumn, Told, Wanted, differences
from headway.identity.entities import ROOT, Person, Role
from headway.identity.passwords import normal_email
from headway.kernel.errors import Invalid
from headway.kernel.ids import slug as make_slug

Language = Literal["en", "de"]
DEPARTMENT: Final = "department"
PERSON: Final = "person"
NONE: Final = {"en": "none", "de": "keine"}
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {DEPARTMENT: ("slug",), PERSON: ("email",)}
TITLES: Final[Mapping[str, Mapping[Language, str]]] = {
    PERSON: {"en": "People", "de": "Personen"},
    DEPARTMENT: {"en": "Departments", "de": "Abteilungen"},
}
LABELS: Final[Mapping[str, Mapping[str, Mapping[Language, str]]]] = {
    DEPARTMENT: {
        "slug": {"en": "Department", "de": "Abteilung"},
        "name": {"en": "Shown as", "de": "Anzeigename"},
        "parent": {"en": "Below", "de": "Unter"},
        "region": {"en": "Region", "de": "Region"},
    },
    PERSON: {
        "name": {"en": "Name", "de": "Name"},
        "email": {"en": "Mail address", "de": "E-Mail"},
        "roles": {"en": "Roles", "de": "Rollen"},
    },
}
NOTES: Final[Mapping[str, Mapping[str, Mapping[Language, str]]]] = {
    DEPARTMENT: {
        "slug": {
            "en": "Name in addresses: lower-case letters, digits, hyphens. Needed.",
            "de": "Kurzname in Adressen: Kleinbuchstaben, Ziffern, Bindestriche. Nötig.",
        },
        "parent": {
            "en": "Name of the department above; empty: the organisation. It never changes.",
            "de": "Kurzname der Abteilung darüber; leer: die Organisation. Er ändert sich nie.",
        },
    },
    PERSON: {
        "email": {"en": "Whom the row is about. Needed.", "de": "Um wen es in der Zeile geht. Nötig."},
        "roles": {
            "en": f"role@department, several with ; between them, such as data_scientist@sales; employee. Without "
            f"@department everywhere. The word none takes all away; empty leaves them. Roles: {', '.join(Role)}",
            "de": f"rolle@abteilung, mehrere mit ; dazwischen, etwa data_scientist@sales; employee. Ohne @abteilung "
            f"überall. Das Wort keine nimmt alle weg; leer lässt sie. Rollen: {', '.join(Role)}",
        },
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDepartment:
    """A department as its row says, with its own region and not an inherited one."""

    slug: str
    name: str
    parent: str | None
    region: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """What there is: departments by slug, people and their roles given by hand by mail address."""

    departments: Mapping[str, OwnDepartment]
    people: Mapping[str, Person]
    roles: Mapping[str, tuple[str, ...]]

    def known(self) -> dict[tuple[str, str], Mapping[str, Told]]:
        """What can be changed of it, by table and key."""
        found: dict[tuple[str, str], Mapping[str, Told]] = {
            (DEPARTMENT, one.slug): {"name": one.name, "parent": one.parent, "region": one.region}
            for one in self.departments.values()
        }
        for email, person in self.people.items():
            found[PERSON, email] = {"name": person.name, "roles": list(self.roles.get(email, ()))}
        return found


def columns(table: str, language: Language = "en") -> tuple[SheetColumn, ...]:
    """The columns of a table."""
    return tuple(
        SheetColumn(
            name=name,
            label=labels[language],
            also=tuple(labels.values()),
            note=NOTES[table].get(name, {}).get(language),
            width=60 if name == "roles" else None,
        )
        for name, labels in LABELS[table].items()
    )


def sheets(there: There, language: Language = "en") -> tuple[Sheet, Sheet]:
    """Write people and departments as sheets that can be changed and sent back; nobody's code or password is there."""
    people = (
        (person.name, email, "; ".join(there.roles.get(email, ())) or NONE[language])
        for email, person in sorted(there.people.items())
        if person.is_active
    )
    places = ((one.slug, one.name, one.parent, one.region) for one in there.departments.values())
    return (
        Sheet(title=TITLES[PERSON][language], columns=columns(PERSON, language), rows=people),
        Sheet(title=TITLES[DEPARTMENT][language], columns=columns(DEPARTMENT, language), rows=places),
    )


def wanted(tables: Mapping[str, ReadTable], there: There) -> tuple[tuple[Wanted, ...], tuple[CellFault, ...]]:
    """Say what the rows of a file want, and what is wrong with them, every cell by its address."""
    faults = [fault for table in tables.values() for fault in table.faults]
    found: list[Wanted] = []
    if DEPARTMENT in tables:
        rows = tables[DEPARTMENT].rows
        told = {str(row.values.get("slug") or "").strip(): row for row in rows}
        found += [_department(row, there, told, faults) for row in rows]
        faults += _rings(found, there, told)
    places = {*there.departments, *(one.key for one in found)}
    if PERSON in tables:
        found += [_person(row, there, places, faults) for row in tables[PERSON].rows]
    cells = {(t, row.number): row.cells[NEEDED[t][0]] for t, table in tables.items() for row in table.rows}
    faults += differences.twice([(one.table, one.key, cells[one.table, one.row]) for one in found if one.key])
    return tuple(found), tuple(faults)


def _text(row: ReadRow, name: str) -> str | None:
    value = row.values.get(name)
    return str(value).strip() or None if value is not None else None


def _wrong(row: ReadRow, name: str, message: str) -> CellFault:
    shown = row.values.get(name)
    return CellFault(
        cell=row.cells.get(name, f"row {row.number}"),
        column=name,
        value="" if shown is None else str(shown)[:200],
        message=message,
    )


def _department(row: ReadRow, there: There, told: Mapping[str, ReadRow], faults: list[CellFault]) -> Wanted:
    slug = _text(row, "slug") or ""
    before = there.departments.get(slug)
    parent = _text(row, "parent")
    fields: dict[str, Told] = {name: value for name in ("name", "region") if (value := _text(row, name)) is not None}
    if not _is_slug(slug):
        faults.append(_wrong(row, "slug", "write lower-case letters, digits and single hyphens only"))
    if before is not None and parent is not None and parent != before.parent:
        told_of = f"{slug} lies below {before.parent or 'nothing'}; its place never changes, so leave it as it is"
        faults.append(_wrong(row, "parent", told_of))
    if before is None:
        fields = {"name": fields.get("name") or slug.replace("-", " ").capitalize(), **fields, "parent": parent or ROOT}
        if parent is not None and parent not in there.departments and parent not in told:
            faults.append(_wrong(row, "parent", f"there is no department {parent!r}, and none in this file"))
    return Wanted(table=DEPARTMENT, key=slug, title=str(fields.get("name") or slug), row=row.number, fields=fields)


def _is_slug(text: str) -> bool:
    try:
        return bool(text) and make_slug(text) == text
    except Invalid:
        return False


def _rings(found: Sequence[Wanted], there: There, told: Mapping[str, ReadRow]) -> list[CellFault]:
    """Departments that would lie below themselves."""
    above = {one.key: str(one.fields["parent"]) for one in found if "parent" in one.fields}
    faults = []
    for slug, parent in above.items():
        seen, place = {slug}, parent
        while place in above and place not in there.departments and place not in seen:
            seen.add(place)
            place = above[place]
        if place in seen and slug in told:
            faults.append(_wrong(told[slug], "parent", f"{slug} would lie below itself"))
    return faults


def _person(row: ReadRow, there: There, places: set[str], faults: list[CellFault]) -> Wanted:
    email, name = _text(row, "email") or "", _text(row, "name")
    try:
        email = normal_email(email)
    except Invalid:
        faults.append(_wrong(row, "email", "write a mail address, such as ana@example.org"))
    before = there.people.get(email)
    fields: dict[str, Told] = {}
    if before is not None and not before.is_active:
        faults.append(_wrong(row, "email", "this person's account is closed; a file does not open it again"))
    if name is not None:
        fields["name"] = name
    elif before is None:
        faults.append(_wrong(row, "name", "say the person's name"))
    if (roles := _text(row, "roles")) is not None:
        held, wrong = read_roles(roles, places)
        fields["roles"] = list(held)
        faults += [_wrong(row, "roles", message) for message in wrong]
    elif before is None:
        fields["roles"] = []
    return Wanted(table=PERSON, key=email, title=name or email, row=row.number, fields=fields)


def read_roles(text: str, places: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read ``data_scientist@sales; employee`` into roles in order, and say what is wrong with each that is none."""
    known, found, wrong = set(places), [], []
    if text.casefold() in NONE.values():
        return (), ()
    for one in re.split(r"[;,\n]", text):
        role, _, place = (part.strip() for part in one.strip().partition("@"))
        if not role and not place:
            continue
        if role not in tuple(Role):
            wrong.append(f"{role!r} is no role; write one of {', '.join(Role)}")
        elif place and place != ROOT and place not in known:
            wrong.append(f"there is no department {place!r}, and none in this file")
        else:
            found.append(written(role, None if place in ("", ROOT) else place))
    return tuple(sorted(set(found))), tuple(wrong)


def written(role: str, department: str | None) -> str:
    """Write a role as people do: with its department, or alone when it holds everywhere."""
    return f"{role}@{department}" if department else role


def parted(text: str) -> tuple[Role, str | None]:
    """Undo ``written``."""
    role, _, place = text.partition("@")
    return Role(role), place or None


def parents_first(found: Mapping[str, str]) -> Iterator[str]:
    """Put new departments in an order in which each parent comes before what lies below it.

    Args: found: the parent of each new department, without rings.
    """
    done: set[str] = set()

    def with_parents(slug: str) -> Iterator[str]:
        if slug in found and slug not in done:
            yield from with_parents(found[slug])
            done.add(slug)
            yield slug

    for slug in found:
        yield from with_parents(slug)
