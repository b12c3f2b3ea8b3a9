"""Departments, people and roles out into a spreadsheet and back, with a look at the differences first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from sqlalchemy.orm import Session

from headway import documents, ledger
from headway.documents import ImportPreview, RowChange, Sheet, Told, differences
from headway.identity import importing, store
from headway.identity.entities import ROOT, Person
from headway.identity.errors import ImportChanged, ImportRefused
from headway.identity.importing import DEPARTMENT, PERSON, Language, There
from headway.identity.service.departments import add_department, update_department
from headway.identity.service.people import enroll_person, rename_person
from headway.identity.service.roles import BY_HAND, grant_role, revoke_role
from headway.kernel import staging
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref
from headway.kernel.staging import StagedFile
from headway.kernel.storage import Storage

KIND: Final = "people"


def people_sheets(session: Session, language: Language = "en") -> tuple[Sheet, Sheet]:
    """Write active people with their roles given by hand, and departments, as sheets that can be sent back."""
    return importing.sheets(_there(session), language)


def people_template(language: Language = "en") -> tuple[Sheet, ...]:
    """Give empty sheets to fill in."""
    return tuple(
        Sheet(title=importing.TITLES[table][language], columns=importing.columns(table, language), rows=())
        for table in (PERSON, DEPARTMENT)
    )


def stage_import(session: Session, storage: Storage, actor: Actor, *, filename: str, data: bytes) -> ImportPreview:
    """Keep a file with people or departments for a day, and tell what it would change.

    Raises: documents.SheetUnreadable: it holds neither; then nothing is kept.
    """
    _read(data)
    staged = staging.stage(session, storage, actor, kind=KIND, filename=filename, data=data)
    return _preview(session, staged, data)


def get_import(session: Session, storage: Storage, actor: Actor, import_id: str) -> ImportPreview:
    """Tell anew what a file would change, or what applying it did. Raises staging.StagedFileUnknown."""
    staged = staging.get(session, actor, kind=KIND, staged_id=import_id)
    if staged.applied_at is not None:
        return differences.outcome(staged)
    return _preview(session, staged, staging.read(storage, staged))


def apply_import(
    session: Session, storage: Storage, actor: Actor, import_id: str, *, preview_digest: str
) -> ImportPreview:
    """Do what a preview told: every row or none. People are added without a code; invite them when it is time.

    Args: preview_digest: of the preview that somebody looked at.
    Raises: ImportChanged, ImportRefused with every wrong cell, LastAiOffice, staging.StagedFileUnknown,
        staging.StagedFileApplied.
    """
    staged = staging.get(session, actor, kind=KIND, staged_id=import_id, lock=True)
    data = staging.read(storage, staged)
    store.lock_everybody(session)
    preview = _preview(session, staged, data)
    if preview.faults:
        faults = differences.fixable(preview)
        raise ImportRefused(f"{len(faults)} cells have to be corrected first", faults=faults)
    if preview.digest != preview_digest:
        raise ImportChanged(
            "people or departments changed since this file was looked at",
            hint="look at the differences again, then apply",
            values={"import": staged.id, "digest": preview.digest},
        )
    _apply(session, actor, preview.changes)
    done = differences.summary(preview.changes, preview.unchanged)
    payload = {"kind": KIND, "file": staged.filename, "file_digest": staged.digest, **asdict(done)}
    ledger.record(session, actor=actor, type="import.applied", subject=Ref("import", staged.id), payload=payload)
    return differences.outcome(staging.applied(session, staged, asdict(done)))


def import_scope(session: Session, preview: ImportPreview) -> tuple[tuple[str, str | None], ...]:
    """Name the actions that applying a preview needs, each with its department; None: everywhere."""
    places = store.parents(session)
    new = {one.key: str(_after(one).get("parent")) for one in preview.changes if one.table == DEPARTMENT}

    def known(place: str | None) -> str | None:
        """The place itself, or the nearest above it that is there already."""
        while place is not None and place not in places:
            place = new.get(place)
        return place

    needed: set[tuple[str, str | None]] = set()
    for one in preview.changes:
        if one.table == DEPARTMENT:
            needed.add(("department:manage", known(one.key)))
            continue
        fields = {field.field: field for field in one.fields}
        if one.change == "added" or "name" in fields:
            needed.add(("person:manage", None))
        if "roles" in fields:
            given, taken = _roles(fields["roles"].before), _roles(fields["roles"].after)
            needed |= {("role:grant", known(importing.parted(role)[1])) for role in given ^ taken}
    return tuple(sorted(needed, key=lambda one: (one[0], one[1] or "")))


def _read(data: bytes) -> dict[str, documents.ReadTable]:
    kinds = {table: importing.columns(table) for table in (PERSON, DEPARTMENT)}
    return documents.read_tables(data, kinds, needed=importing.NEEDED)


def _there(session: Session) -> There:
    people = {str(person.email): person for person in store.everybody(session) if person.email}
    by_ref = {person.ref: email for email, person in people.items()}
    roles: dict[str, list[str]] = {}
    for held in store.roles(session, source=BY_HAND, limit=1_000_000):
        if email := by_ref.get(held.principal):
            roles.setdefault(email, []).append(importing.written(held.role.value, held.department))
    return There(
        departments={one.slug: one for one in store.own_departments(session)},
        people=people,
        roles={email: tuple(sorted(held)) for email, held in roles.items()},
    )


def _preview(session: Session, staged: StagedFile, data: bytes) -> ImportPreview:
    tables, there = _read(data), _there(session)
    wanted, faults = importing.wanted(tables, there)
    changes, unchanged = differences.compare(there.known(), wanted)
    reading = differences.Reading(
        faults=faults,
        unknown=tuple(f"{table.sheet}: {one}" for table in tables.values() for one in table.unknown),
        notes=tuple(f"{table.sheet}: {one}" for table in tables.values() for one in table.notes),
    )
    return differences.preview(staged, changes, unchanged, reading)


def _apply(session: Session, actor: Actor, changes: tuple[RowChange, ...]) -> None:
    """Departments before what lies in them, people before their roles, and roles given before any is taken."""
    places = {one.key: _after(one) for one in changes if one.table == DEPARTMENT and one.change == "added"}
    for slug in importing.parents_first({slug: str(after["parent"]) for slug, after in places.items()}):
        after = places[slug]
        name, region = str(after["name"]), after.get("region")
        parent = str(after["parent"] or ROOT)
        add_department(session, actor, slug=slug, name=name, parent=parent, region=str(region) if region else None)
    for one in changes:
        after = _after(one)
        if one.table == DEPARTMENT and one.change == "changed":
            said = {name: str(after[name]) for name in ("name", "region") if name in after}
            update_department(session, actor, one.key, name=said.get("name"), region=said.get("region"))
        elif one.table == PERSON and one.change == "added":
            enroll_person(session, actor, name=str(after["name"]), email=one.key)
    people = {str(person.email): person for person in store.everybody(session)}
    for one in changes:
        if one.table == PERSON and one.change == "changed" and "name" in _after(one):
            rename_person(session, actor, people[one.key].id, name=str(_after(one)["name"]))
    _move_roles(session, actor, changes, people)


def _move_roles(session: Session, actor: Actor, changes: tuple[RowChange, ...], people: Mapping[str, Person]) -> None:
    moves = [(one, field) for one in changes if one.table == PERSON for field in one.fields if field.field == "roles"]
    for one, field in moves:
        for text in sorted(_roles(field.after) - _roles(field.before)):
            role, place = importing.parted(text)
            grant_role(session, actor, principal=Ref.parse(people[one.key].ref), role=role, department=place)
    for one, field in moves:
        gone = _roles(field.before) - _roles(field.after)
        for held in store.roles(session, principal=people[one.key].ref, source=BY_HAND):
            if importing.written(held.role.value, held.department) in gone:
                revoke_role(session, actor, held.id)


def _after(change: RowChange) -> dict[str, Told]:
    return {field.field: field.after for field in change.fields}


def _roles(value: Told) -> set[str]:
    return set(value) if isinstance(value, list) else set()
