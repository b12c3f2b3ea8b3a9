"""Tables that come back from Excel: template, wrong cells by their address, differences, all rows or none."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl

from headway import governance, identity
from headway.identity import Role
from headway.kernel.auth import SYSTEM
from headway.kernel.listing import ListQuery
from headway.kernel.web import Parts
from tests.factories.governance import open_usecase
from tests.factories.pages import Browser, application, signed_in

START = "/usecases/import"
KNOWN = {"Name": "lead-scoring", "Title": "Lead scoring", "Department": "sales"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def filled(template: bytes, rows: list[dict[str, Any]]) -> bytes:
    """A person's work in Excel: the template with rows under its headers."""
    book = openpyxl.load_workbook(BytesIO(template))
    sheet = book.worksheets[0]
    headers = {str(cell.value): cell.column for cell in sheet[1]}
    for number, row in enumerate(rows, start=2):
        for header, value in row.items():
            sheet.cell(row=number, column=headers[header], value=value)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def sent(browser: Browser, data: bytes, name: str = "inventory.xlsx") -> Any:
    browser.get(START)
    return browser.send(START, files={"file": (name, data, XLSX)})


def office(parts: Parts) -> Browser:
    with parts.database.session() as session:
        open_usecase(session)
        identity.ensure_department(session, SYSTEM, "hr")
    return signed_in(parts, "Ada", (Role.ai_office, None))


def slugs(parts: Parts) -> set[str]:
    with parts.database.session() as session:
        return set(governance.usecase_departments(session))


def test_a_file_is_looked_at_corrected_and_applied_whole(parts: Parts) -> None:
    ada = office(parts)
    template = ada.get(f"{START}/template.xlsx").content
    good = {"Title": "Pay bands", "Department": "hr", "Purpose": "Find unfair pay"}
    wrong = sent(ada, filled(template, [good, {"Title": "Nobody knows", "Department": "atlantis"}]))
    assert wrong.url.path.startswith(f"{START}/")
    assert "Cells to correct" in wrong.text
    assert "atlantis" in wrong.text
    assert "/apply" not in wrong.text
    assert slugs(parts) == {"lead-scoring"}
    right = sent(ada, filled(template, [good, {**KNOWN, "Owner": "Otto"}]))
    assert "Pay bands" in right.text
    assert "<ins>Find unfair pay</ins>" in right.text
    assert slugs(parts) == {"lead-scoring"}  # looking changes nothing
    done = ada.send(f"{right.url.path}/apply")
    assert "Every row was applied" in done.text
    assert "pay-bands" in slugs(parts)
    with parts.database.session() as session:
        changed = governance.get_usecase(session, "lead-scoring")
    assert (changed.owner, changed.purpose) == ("Otto", None)  # an empty cell under a header empties the field
    again = ada.get(right.url.path).text
    assert f'action="{right.url.path}/apply"' not in again


def test_differences_that_are_no_longer_true_are_not_applied(parts: Parts) -> None:
    ada = office(parts)
    template = ada.get(f"{START}/template.xlsx").content
    page = sent(ada, filled(template, [{**KNOWN, "Owner": "Otto"}]))
    assert "<del>Olga Owner</del>" in page.text
    with parts.database.session() as session:
        governance.update_usecase(session, SYSTEM, "lead-scoring", changes={"owner": "Petra"})
    late = ada.send(f"{page.url.path}/apply")
    assert late.status_code == 409
    assert "changed since" in late.text


def test_what_is_no_table_is_said_on_the_form(parts: Parts) -> None:
    ada = office(parts)
    page = sent(ada, b"not a workbook")
    assert page.status_code == 422
    assert "Send the file" in page.text
    ada.get(START)
    assert ada.send(START).status_code == 422


def test_rows_for_other_departments_and_files_of_others_are_refused(parts: Parts) -> None:
    ada = office(parts)
    template = ada.get(f"{START}/template.xlsx").content
    app = application(parts)
    emil = signed_in(parts, "Emil", (Role.employee, "sales"), app=app)
    assert sent(emil, filled(template, [{"Title": "Spy", "Department": "hr"}])).status_code == 403
    mine = sent(emil, filled(template, [{"Title": "Churn", "Department": "sales"}]))
    assert mine.status_code == 200
    assert ada.get(mine.url.path).status_code == 404
    assert signed_in(parts, "Rita", (Role.auditor, None), app=app).get(START).status_code == 403


def test_people_and_departments_come_in_the_same_way(parts: Parts) -> None:
    ada = office(parts)
    template = ada.get("/people/import/template.xlsx").content
    book = openpyxl.load_workbook(BytesIO(template))
    assert len(book.worksheets) >= 2
    rows = [{"Name": "Lena Long", "Mail address": "lena@example.org", "Roles": "data_scientist@hr"}]
    ada.get("/people/import")
    page = ada.send("/people/import", files={"file": ("people.xlsx", filled(template, rows), XLSX)})
    assert "Lena Long" in page.text
    assert "data_scientist@hr" in page.text
    done = ada.send(f"{page.url.path}/apply")
    assert "Every row was applied" in done.text
    with parts.database.session() as session:
        found = identity.find_people(session, ListQuery(search="lena@example.org")).items
    assert [one.name for one in found] == ["Lena Long"]
    emil = signed_in(parts, "Emil", (Role.employee, "sales"), app=application(parts))
    assert emil.get("/people/import").status_code == 403
