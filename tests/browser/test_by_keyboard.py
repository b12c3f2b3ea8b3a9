"""The essential steps without a mouse: every stop can be seen, and the focus comes back after dialogs."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.keyboard import Keys
from tests.factories.lived_in import PASSWORD, LivedIn

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


def test_sign_in_propose_comment_and_approve_with_the_keyboard_alone(lived_in: LivedIn, window: Open) -> None:
    here = window(None)
    page, keys = here.page, Keys(here.page)
    here.open("/sign-in")
    assert keys.is_at("#f-email"), "who signs in can type at once"
    keys.type(lived_in.people["ada"].email)
    keys.go_to("#f-password")
    keys.type(PASSWORD)
    keys.enter()
    here.rest()

    keys.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    keys.press("Escape")
    keys.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    keys.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()

    keys.press("g")
    with page.expect_navigation(url="**/usecases"):
        keys.press("u")
    here.rest()
    assert here.complaints() == []
    keys.go_to("a[href='/usecases/new']")
    keys.enter()
    here.rest()
    keys.go_to("#f-title")
    keys.type("Route vans")
    keys.go_to("#f-department")
    keys.type("Sales")
    keys.go_to("#f-purpose")
    keys.type("Choose the order in which parcels are delivered")
    here.rest()
    keys.go_to("#new-usecase .form-foot button")
    keys.enter()
    page.wait_for_url("**/usecases/route-vans*")
    here.rest()

    expect(page.locator("#together #f-text")).to_be_visible()
    keys.go_to("#together #f-text")
    keys.type("Who reads them today?")
    keys.go_to("#together button.btn-primary")
    keys.press("Enter")
    expect(page.locator("#together .said")).to_contain_text("Who reads them today?")
    here.rest()
    assert page.evaluate("document.activeElement.closest('#together') !== null"), "the focus stays where one works"
    assert here.complaints() == []

    keys.press("Control+k")
    keys.type("approvals")
    expect(page.locator("#hits a").first).to_contain_text("Approvals")
    keys.press("ArrowDown")
    with page.expect_navigation(url="**/approvals"):
        keys.press("Enter")
    here.rest()
    keys.go_to(f"a[href='/approvals/{_waiting(lived_in)}']")
    keys.enter()
    here.rest()
    keys.go_to("button[data-open=approve]")
    keys.press("Enter")
    expect(page.locator("dialog#approve")).to_be_visible()
    keys.press("Escape")
    assert keys.is_at("button[data-open=approve]"), "after the dialog the focus is where it was"
    keys.press("Space")
    keys.go_to("#approve textarea")
    keys.type("I read the report and the evidence; the figures hold")
    keys.go_to("#approve .btn-primary")
    keys.enter()
    here.rest()
    expect(page.locator("h1")).to_contain_text("approved", ignore_case=True)
    assert here.complaints() == []


def _waiting(lived_in: LivedIn) -> str:
    """An approval that dora asks for and ada may give."""
    with lived_in.client("dora") as dora:
        asked = dora.post("/releases", {"version": lived_in.version, "environment": "pilot"})
    return str(asked["approval"])
