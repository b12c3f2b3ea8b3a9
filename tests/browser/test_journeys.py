"""What people do from end to end in a real browser, and what must not be lost on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.acts import choose_file, end_sessions, leads, start_pilot, until_done
from tests.browser.conftest import Open
from tests.browser.hands import Hands
from tests.factories.browser import watched
from tests.factories.lived_in import PASSWORD, LivedIn

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
WAIT = 60_000


def test_a_pilot_goes_on_when_the_browser_is_closed(lived_in: LivedIn, window: Open, tmp_path: Path) -> None:
    first = window("dora")
    address = start_pilot(Hands(first), leads(tmp_path, seed=21), "closed-browser")
    expect(first.page.get_by_text("The pilot has begun; you may close this page")).to_be_visible(timeout=WAIT)
    first.page.context.close()
    again = window("dora", theme="dark")
    again.open(address)
    until_done(again)
    assert again.page.url.endswith(address)
    expect(again.page.get_by_role("heading", name="What it made")).to_be_visible()
    assert again.complaints() == []


def test_a_form_sent_after_the_session_ended_is_kept_and_sent_later(lived_in: LivedIn, window: Open) -> None:
    here = window("hedy")
    here.expected = ["401 (Unauthorized)"]
    page = here.page
    here.open("/usecases/new")
    page.fill("#f-title", "Answer letters")
    if page.locator("select#f-department").count():  # with one department there is nothing to choose
        page.select_option("#f-department", "sales")
    with page.expect_response(
        "**/usecases/similar*"
    ):  # asked for a moment after the last key; nothing else is asked for then
        page.fill("#f-purpose", "Draft an answer that a person reads and sends")
    here.rest()
    end_sessions(lived_in, "hedy")
    page.click("button:has-text('Propose')")
    page.wait_for_url("**/sign-in?next=/resume/*")
    page.fill("#f-email", lived_in.people["hedy"].email)
    page.fill("#f-password", PASSWORD)
    page.press("#f-password", "Enter")
    page.wait_for_url("**/resume/*")
    here.rest()
    expect(page.get_by_text("Nothing is lost")).to_be_visible()
    expect(page.get_by_text("Draft an answer that a person reads and sends")).to_be_visible()
    assert here.complaints() == []
    page.click("button:has-text('Send it now')")
    page.wait_for_url("**/usecases/answer-letters*")
    here.rest()
    expect(page.get_by_text("Draft an answer that a person reads and sends").first).to_be_visible()
    assert here.complaints() == []


def test_a_part_of_the_page_that_comes_too_late_takes_nothing_away(lived_in: LivedIn, window: Open) -> None:
    here = window("sven")
    here.expected = ["401 (Unauthorized)"]
    page = here.page
    here.open("/usecases/new")
    page.fill("#f-purpose", "A long text that took half an hour")
    here.rest()
    end_sessions(lived_in, "sven")
    page.fill("#f-title", "Sort invoices")
    page.press("#f-title", "Tab")
    told = page.get_by_role("dialog", name="Your session has ended")
    expect(told).to_be_visible(timeout=WAIT)
    assert here.complaints() == []
    told.get_by_role("button", name="Back to the form").click()
    expect(page.locator("#f-purpose")).to_have_value("A long text that took half an hour")


def test_a_file_chosen_before_the_session_ended_is_sent_after_signing_in_again(
    lived_in: LivedIn, window: Open, tmp_path: Path
) -> None:
    here = window("dora")
    here.expected = ["401 (Unauthorized)"]
    page = here.page
    choose_file(Hands(here), leads(tmp_path, seed=22))
    end_sessions(lived_in, "dora")
    page.click("text=Look at the file")
    told = page.get_by_role("dialog", name="Your session has ended")
    expect(told).to_be_visible(timeout=WAIT)
    assert here.complaints() == []
    with page.context.expect_page() as opened:
        told.get_by_role("link", name="Sign in").click()
    tab = opened.value
    tab.fill("#f-email", lived_in.people["dora"].email)
    tab.fill("#f-password", PASSWORD)
    tab.press("#f-password", "Enter")
    expect(tab.get_by_role("heading", name="You are signed in")).to_be_visible(timeout=WAIT)
    tab.close()
    page.bring_to_front()
    if told.is_visible():
        told.get_by_role("button", name="Back to the form").click()
    page.click("text=Look at the file")
    expect(page.locator("#f-label")).to_be_visible(timeout=WAIT)
    here.rest()
    assert here.complaints() == []


@pytest.mark.parametrize("chosen", ["light", "dark", None])
@pytest.mark.parametrize("device", ["light", "dark"])
def test_the_first_paint_has_the_right_colours(
    browser: Browser, lived_in: LivedIn, chosen: str | None, device: str
) -> None:
    # The moment the body is there and nothing of it can have been painted.
    noted = (
        "new MutationObserver((_, watch) => { if (document.body) { watch.disconnect();"
        " window.atFirst = document.documentElement.dataset.bsTheme; } }).observe(document, {childList: true, subtree: true});"
    )
    with watched(browser, lived_in.url, theme=device) as here:  # type: ignore[arg-type]  # both are themes
        here.page.context.add_init_script(noted)
        if chosen is not None:
            here.page.context.add_cookies([{"name": "headway_theme", "value": chosen, "url": lived_in.url}])
        here.open("/sign-in")
        assert here.page.evaluate("window.atFirst") == (chosen or device)
        here.page.emulate_media(color_scheme="light" if device == "dark" else "dark")
        other = "light" if device == "dark" else "dark"
        # The page hears of the device's change a moment later.
        expect(here.page.locator("html")).to_have_attribute("data-bs-theme", chosen or other, timeout=WAIT)
        assert here.complaints() == []
