"""What the server refuses is said where one works: nothing that was typed is lost, and the console stays silent."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Open
from tests.browser.hands import KINDS
from tests.factories.lived_in import LivedIn

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_dialog_that_was_refused_opens_again_with_what_was_typed(lived_in: LivedIn, window: Open, kind: str) -> None:
    make, options = KINDS[kind]
    hands = make(window("olga", **options))
    page, name = hands.page, lived_in.pilot["deployment"]["name"]
    hands.open(f"/deployments/{name}?environment=sandbox")
    hands.here.rest()
    hands.press("button[data-open=ask-limit]")
    hands.fill("#ask-limit #f-decisions_per_day", "5000")
    hands.here.expected = ["Failed to load resource: the server responded with a status of 4"]
    hands.go("#ask-limit .btn-primary", f"**/deployments/{name}/limit")
    expect(page.locator("#ask-limit")).to_be_visible()
    expect(page.locator("#ask-limit [role=alert]")).to_be_focused()
    expect(page.locator("#f-decisions_per_day")).to_have_value("5000")
    expect(page.locator("#ask-suspend")).to_be_hidden()


def test_a_field_that_is_checked_when_it_is_left_says_so_and_logs_nothing(window: Open) -> None:
    here = window("ada")
    here.open("/usecases/new")
    here.page.fill("#f-title", "x")
    here.page.press("#f-title", "Tab")
    here.page.fill("#f-title", "")
    here.page.press("#f-title", "Tab")
    expect(here.page.locator("#e-title")).to_contain_text("title cannot be empty")
    here.rest()
    assert here.complaints() == []


def test_a_late_answer_about_a_field_takes_nothing_from_who_typed_on(window: Open) -> None:
    here = window("ada")
    page = here.page

    def late(route: Route) -> None:
        page.wait_for_timeout(700)
        route.continue_()

    here.open("/usecases/new")
    page.route("**/usecases/check", late, times=1)
    page.fill("#f-title", "x")
    page.locator("#f-title").dispatch_event("change")  # left for a moment, and come back to
    page.fill("#f-title", "Lead scoring for the whole of sales")
    page.wait_for_timeout(1500)
    expect(page.locator("#f-title")).to_have_value("Lead scoring for the whole of sales")
    here.rest()
    assert here.complaints() == []


def test_a_card_dropped_where_it_cannot_go_snaps_back_with_the_reason(window: Open) -> None:
    here = window("ada")
    page = here.page
    here.open("/usecases?view=board")
    card, lane = "[data-card=churn-warning]", "[data-lane=live]"
    page.locator(card).hover(position={"x": 5, "y": 5})
    page.mouse.down()
    box = page.locator(lane).bounding_box()
    assert box is not None
    for part in (0.3, 0.6, 1.0):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20 * part, steps=6)
    page.mouse.up()
    expect(page.locator("#toasts")).to_contain_text("A pilot comes first")
    expect(page.locator(f"[data-lane=proposed] {card}")).to_be_visible()
    here.rest()
    assert here.complaints() == []
