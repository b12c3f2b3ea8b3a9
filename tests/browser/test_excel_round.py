"""The inventory filled in in Excel: wrong cells are named, corrected, looked at as differences, applied whole."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.factories.browser import Watched

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
GOOD = {"Title": "Pay fairness", "Department": "hr", "Purpose": "Find unfair pay"}


def test_a_workbook_with_wrong_cells_is_corrected_and_applied(window: Open, tmp_path: Path) -> None:
    here = window("ada")
    page = here.page
    here.open("/usecases/import")
    assert here.complaints() == []
    with page.expect_download() as begun:
        page.click("text=Download the template")
    path = tmp_path / "inventory.xlsx"
    begun.value.save_as(path)

    _fill(path, [GOOD, {"Title": "Room plans", "Department": "atlantis"}])
    _send(here, path)
    wrong = page.get_by_role("region", name="Cells to correct")
    expect(wrong).to_contain_text("atlantis")
    expect(page.locator("form[action$='/apply']")).to_have_count(0)
    assert here.complaints() == []

    _fill(path, [GOOD, {"Title": "Room plans", "Department": "finance"}])
    _send(here, path)
    expect(_differences(page)).to_contain_text("Find unfair pay")
    assert here.complaints() == []
    page.click("form[action$='/apply'] button")
    expect(page.get_by_text("Every row was applied", exact=True)).to_be_visible()
    here.rest()
    assert here.complaints() == []
    here.open("/usecases?q=pay+fairness")
    expect(page.get_by_role("link", name="Pay fairness")).to_be_visible()
    assert here.complaints() == []


def _fill(path: Path, rows: list[dict[str, str]]) -> None:
    """Type rows under the headers of the template, as somebody does in Excel."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    columns = {str(cell.value): cell.column for cell in sheet[1]}
    for number, row in enumerate(rows, start=2):
        for header, value in row.items():
            sheet.cell(row=number, column=columns[header], value=value)
    book.save(path)


def _send(here: Watched, path: Path) -> None:
    page = here.page
    page.set_input_files("#f-file", path)
    with page.expect_navigation(url="**/usecases/import/imp_*"):
        page.click("button:has-text('Look at the differences')")
    here.rest()


def _differences(page: Page) -> Locator:
    return page.locator("section.card", has=page.get_by_role("heading", name="Differences"))
