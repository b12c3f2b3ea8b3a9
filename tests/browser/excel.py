"""What people do in Excel and with the pages that take its files, said once."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from playwright.sync_api import Locator, Page, expect

from tests.browser.hands import Hands

SEND = "form[action$='/import'] .btn-primary"
APPLY = "form[action$='/apply'] button"
TEMPLATE = "a[href$='/import/template.xlsx']"


def type_rows(path: Path, rows: list[dict[str, str]], sheet: int = 0) -> None:
    """Type rows under the headers of the template, as somebody does in Excel."""
    book = openpyxl.load_workbook(path)
    at = book.worksheets[sheet]
    columns = {str(cell.value): cell.column for cell in at[1]}
    for number, row in enumerate(rows, start=2):
        for header, value in row.items():
            at.cell(row=number, column=columns[header], value=value)
    book.save(path)


def send(hands: Hands, path: Path) -> None:
    """Send a workbook; leads to its differences or to its wrong cells."""
    hands.give("#f-file", path)
    hands.go(SEND, "**/import/imp_*")


def wrong_cells(page: Page) -> Locator:
    """The table of cells to correct."""
    return page.get_by_role("region", name="Cells to correct")


def differences(page: Page) -> Locator:
    """The rows that would be added or changed."""
    return page.locator("section.card", has=page.get_by_role("heading", name="Differences"))


def apply(hands: Hands) -> None:
    """Apply what is shown."""
    hands.go(APPLY, "**/import/imp_*")
    expect(hands.page.get_by_text("Every row was applied", exact=True)).to_be_visible()


def inventory_round(hands: Hands, folder: Path, *, title: str, wrong: dict[str, str], right: dict[str, str]) -> None:
    """From the page of an import: the template filled in with a wrong cell, corrected, looked at, applied."""
    path = folder / "inventory.xlsx"
    hands.fetch(TEMPLATE, path)
    good = {"Title": title, "Department": right["Department"], "Purpose": f"What {title} is for"}
    type_rows(path, [good, wrong])
    send(hands, path)
    expect(wrong_cells(hands.page)).to_contain_text(wrong["Department"])
    expect(hands.page.locator(APPLY)).to_have_count(0)
    type_rows(path, [good, right])
    send(hands, path)
    expect(differences(hands.page)).to_contain_text(f"What {title} is for")
    apply(hands)
