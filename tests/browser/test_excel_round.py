"""The inventory filled in in Excel: wrong cells are named, corrected, looked at as differences, applied whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.excel import inventory_round
from tests.browser.hands import KINDS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_workbook_with_wrong_cells_is_corrected_and_applied(window: Open, tmp_path: Path, kind: str) -> None:
    make, options = KINDS[kind]
    hands = make(window("ada", **options))
    title, other = f"Pay fairness by {kind}", f"Room plans by {kind}"
    hands.open("/usecases/import")
    wrong, right = {"Title": other, "Department": "atlantis"}, {"Title": other, "Department": "finance"}
    inventory_round(hands, tmp_path, title=title, wrong=wrong, right=right)
    hands.go("main .callout a.btn-primary", "**/usecases")
    for name in (title, other):
        expect(hands.page.get_by_role("link", name=name)).to_be_visible()
