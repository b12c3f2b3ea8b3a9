"""People, roles and departments out and back: nobody's code in a file, every fault by its cell, all rows or none."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from headway import documents, identity, ledger
from headway.documents import About, ImportPreview
from headway.identity import Role
from headway.identity.tables import CodeRow
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref
from headway.kernel.storage import Storage

BOSS = Actor(ref="person:boss", name="Boss")
ABOUT = About(by="Boss", at=datetime(2026, 3, 2, tzinfo=UTC), source="https://headway.example")


def book(**sheets: list[list[Any]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.fixture
def send(session: Session, storage: Storage) -> Any:
    identity.ensure_department(session, BOSS, "sales")

    def stage(data: bytes | str) -> ImportPreview:
        told = data.encode() if isinstance(data, str) else data
        return identity.stage_import(session, storage, BOSS, filename="people.xlsx", data=told)

    return stage


def people(session: Session) -> dict[str, tuple[str, list[tuple[Role, str | None]]]]:
    found = {}
    for person in identity.list_people(session, limit=1000).items:
        held = identity.list_roles(session, principal=person.ref).items
        roles = sorted(((role.role, role.department) for role in held), key=str)
        found[str(person.email)] = (person.name, roles)
    return found


WHOLE = book(
    Departments=[
        ["Department", "Shown as", "Below", "Region"],
        ["emea-north", "EMEA North", "emea", None],
        ["emea", None, None, "EU"],
        ["sales", "Sales and more", None, None],
    ],
    People=[
        ["Name", "Mail address", "Roles", "Shoe size"],
        ["Ana", "ANA@example.org ", "data_scientist@emea-north; employee", 38],
        ["Ben", "ben@example.org", None, 44],
    ],
)


def test_departments_people_and_roles_come_in_together(session: Session, storage: Storage, send: Any) -> None:
    preview = send(WHOLE)
    assert preview.faults == ()
    assert preview.unknown_columns == ("People: D1 'Shoe size'",)
    assert [(one.change, one.table, one.key) for one in preview.changes] == [
        ("added", "department", "emea-north"),
        ("added", "department", "emea"),
        ("changed", "department", "sales"),
        ("added", "person", "ana@example.org"),
        ("added", "person", "ben@example.org"),
    ]
    assert identity.import_scope(session, preview) == (
        ("department:manage", "org"),
        ("department:manage", "sales"),
        ("person:manage", None),
        ("role:grant", None),
        ("role:grant", "org"),
    )
    codes = len(session.scalars(select(CodeRow)).all())
    done = identity.apply_import(session, storage, BOSS, preview.id, preview_digest=preview.digest)
    assert done.applied == documents.Summary(added=4, changed=1, unchanged=0)
    north = identity.get_department(session, "emea-north")
    assert (north.name, north.parent, north.region) == ("EMEA North", "emea", "EU")
    assert (identity.get_department(session, "emea").name, identity.get_department(session, "emea").parent) == (
        "Emea",
        "org",
    )
    assert identity.get_department(session, "sales").name == "Sales and more"
    found = people(session)
    assert found["ana@example.org"] == ("Ana", [(Role.data_scientist, "emea-north"), (Role.employee, None)])
    assert found["ben@example.org"] == ("Ben", [])
    assert len(session.scalars(select(CodeRow)).all()) == codes, "nobody is invited by a file"
    [ana] = [p for p in identity.list_people(session, limit=1000).items if p.email == "ana@example.org"]
    assert identity.invite_person(session, BOSS, ana.id).code
    types = {event.type for event in ledger.find(session, actor=BOSS.ref, limit=100).items}
    assert {"department.added", "department.updated", "person.added", "role.granted", "import.applied"} <= types


def test_an_export_sent_back_changes_nothing_and_holds_no_secret(session: Session, storage: Storage, send: Any) -> None:
    first = send(WHOLE)
    identity.apply_import(session, storage, BOSS, first.id, preview_digest=first.digest)
    for language in ("en", "de"):
        sheets = identity.people_sheets(session, language)
        data = documents.write_xlsx(sheets, ABOUT)
        again = send(data)
        assert (again.faults, again.changes) == ((), ())
        assert again.unchanged == len(people(session)) + len(identity.list_departments(session))
        assert send(documents.write_csv(identity.people_sheets(session, language)[0])).changes == ()
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["Name", "E-Mail", "Rollen"]


def test_names_and_roles_are_moved_and_empty_cells_leave_things_alone(
    session: Session, storage: Storage, send: Any
) -> None:
    first = send(WHOLE)
    identity.apply_import(session, storage, BOSS, first.id, preview_digest=first.digest)
    text = "email,name,roles\nana@example.org,Ana Berg,employee@sales\nben@example.org,,\n"
    preview = send(text)
    assert [(f.field, f.before, f.after) for f in preview.changes[0].fields] == [
        ("name", "Ana", "Ana Berg"),
        ("roles", ["data_scientist@emea-north", "employee"], ["employee@sales"]),
    ]
    assert preview.unchanged == 1
    assert set(identity.import_scope(session, preview)) == {
        ("person:manage", None),
        ("role:grant", None),
        ("role:grant", "emea-north"),
        ("role:grant", "sales"),
    }
    identity.apply_import(session, storage, BOSS, preview.id, preview_digest=preview.digest)
    assert people(session)["ana@example.org"] == ("Ana Berg", [(Role.employee, "sales")])
    gone = send("email,roles\nana@example.org,none\n")
    identity.apply_import(session, storage, BOSS, gone.id, preview_digest=gone.digest)
    assert people(session)["ana@example.org"] == ("Ana Berg", [])


def test_every_wrong_cell_is_told_with_its_sheet_and_address(session: Session, storage: Storage, send: Any) -> None:
    preview = send(
        book(
            People=[
                ["Name", "Mail address", "Roles"],
                ["Ana", "no address", "king@sales; employee@mars"],
                [None, "cleo@example.org", None],
                ["Cleo", "cleo@example.org", None],
            ],
            Departments=[
                ["Department", "Below"],
                ["Not A Slug", None],
                ["a", "b"],
                ["b", "a"],
                ["sales", "a"],
                ["c", "atlantis"],
            ],
        )
    )
    assert [(fault.cell, fault.column) for fault in preview.faults] == [
        ("Departments!A2", "slug"),
        ("Departments!B5", "parent"),
        ("Departments!B6", "parent"),
        ("Departments!B3", "parent"),
        ("Departments!B4", "parent"),
        ("People!B2", "email"),
        ("People!C2", "roles"),
        ("People!C2", "roles"),
        ("People!A3", "name"),
        ("People!B4", None),
    ]
    with pytest.raises(identity.ImportRefused):
        identity.apply_import(session, storage, BOSS, preview.id, preview_digest=preview.digest)


def test_the_ai_office_is_not_emptied_and_what_changed_is_looked_at_again(
    session: Session, storage: Storage, send: Any
) -> None:
    boss = identity.enroll_person(session, BOSS, name="Olga", email="olga@example.org")
    identity.grant_role(session, BOSS, principal=Ref.parse(boss.ref), role=Role.ai_office)
    preview = send("email,roles\nolga@example.org,employee\n")
    others = [h for h in identity.list_roles(session, role=Role.ai_office).items if h.principal != boss.ref]
    for held in others:
        identity.revoke_role(session, BOSS, held.id)
    with pytest.raises(identity.LastAiOffice), session.begin_nested():
        identity.apply_import(session, storage, BOSS, preview.id, preview_digest=preview.digest)
    assert people(session)["olga@example.org"][1] == [(Role.ai_office, None)]
    identity.rename_person(session, BOSS, boss.id, name="Olga B.")
    named = send("email,name\nolga@example.org,Olga C.\n")
    identity.rename_person(session, BOSS, boss.id, name="Olga D.")
    with pytest.raises(identity.ImportChanged):
        identity.apply_import(session, storage, BOSS, named.id, preview_digest=named.digest)
    identity.deactivate_person(session, BOSS, identity.enroll_person(session, BOSS, name="Z", email="z@example.org").id)
    assert [fault.cell for fault in send("email,name\nz@example.org,Zoe\n").faults] == ["A2"]
