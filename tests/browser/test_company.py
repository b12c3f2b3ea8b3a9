"""The simulated company in real processes: the links that are printed, anybody with one click, and the way to one's own home."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.hands import ALL
from tests.factories.browser import Watched, watched
from tests.factories.running import Home

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1500)]
LINK = re.compile(r"(http://127\.0\.0\.1:\d+)(/sign-in/link#\S+)")
SMALL = ("demo", "--scale", "0.3", "--usecases", "6", "--every", "28")
WITHIN = 120_000
SHOTS = os.environ.get("HEADWAY_SHOTS")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = Home(tmp_path_factory.mktemp("company") / "home")
    try:
        yield made
    finally:
        made.run("down", check=False)
        made.remove()


@pytest.mark.skipif(
    not ALL, reason="a run by hand builds the company in real processes and walks it; CI has not the time"
)
def test_a_newcomer_sees_the_company_becomes_somebody_else_and_starts_their_own(browser: Browser, home: Home) -> None:
    first = home.run(*SMALL, timeout=1200).stdout
    assert "a simulated company, nothing in it is real" in first
    again = home.run("demo", timeout=240).stdout  # it is there, and runs: only new links are printed
    assert "building" not in again
    links = LINK.findall(again)
    assert len(links) == 6
    for base, path in links[1:]:
        with watched(browser, base) as here:
            _enter(here, path)
    with watched(browser, links[0][0]) as here:
        _enter(here, links[0][1])
        assert here.complaints() == []
        _become_dana_by_keyboard(here)
        _see_everybody(here)
        _see_what_only_a_company_has(here)
        _start_ones_own(here)


def _enter(here: Watched, path: str) -> None:
    """A link signs in with a click, so that what looks at links does not use them up."""
    here.open(path)
    here.page.get_by_role("main").get_by_role("button").first.click()
    here.page.wait_for_url(lambda url: "/sign-in" not in url)
    here.rest()
    expect(here.page.get_by_role("region", name="Simulated company")).to_contain_text("Northwind Group")


def _become_dana_by_keyboard(here: Watched) -> None:
    here.open("/usecases")
    menu = here.page.locator(".company summary")
    menu.focus()
    here.page.keyboard.press("Enter")
    dana = here.page.get_by_role("button", name="Dana Petrova")
    expect(dana).to_be_visible()
    here.rest()
    assert here.complaints() == []
    dana.focus()
    here.page.keyboard.press("Enter")
    expect(here.page.get_by_label("Signed in as Dana Petrova")).to_be_visible()
    assert here.page.url.endswith("/usecases")


def _see_everybody(here: Watched) -> None:
    for size in ({"width": 1440, "height": 900}, {"width": 390, "height": 844}):
        here.page.set_viewport_size(size)  # type: ignore[arg-type]  # the names that Playwright wants
        for path in ("/company/people", "/company/wipe", "/usecases/lead-scoring/value"):
            assert here.open(path) == 200
            assert here.complaints() == [], (path, size)
    assert here.page.locator(".company-people button").count() == 0
    here.open("/company/people")
    assert here.page.locator("main .company-people button").count() == 26


def _see_what_only_a_company_has(here: Watched) -> None:
    """An alert, what monitoring and a plan for the next department tell: no other browser test has a year of decisions."""
    here.page.set_viewport_size({"width": 1440, "height": 900})
    found = ["/deployments/lead-scoring/monitoring?environment=production"]
    for listed, link in (
        ("/alerts", "a[href^='/alerts/']"),
        ("/usecases/lead-scoring/scale", "a[href^='/scale-plans/']"),
    ):
        assert here.open(listed) == 200
        found += [listed, here.page.locator(f"main {link}").first.get_attribute("href") or ""]
    for theme in ("light", "dark"):
        here.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # both are themes
        for size, (width, height) in {"wide": (1440, 900), "phone": (390, 844)}.items():
            here.page.set_viewport_size({"width": width, "height": height})
            for path in found:
                assert here.open(path) == 200
                assert here.complaints() == [], (path, theme, size)
                if SHOTS:
                    name = re.sub(r"\W+", "-", path.strip("/"))
                    here.page.screenshot(path=Path(SHOTS) / f"company-{name}-{theme}-{size}.png", full_page=True)


def _start_ones_own(here: Watched) -> None:
    here.open("/company/wipe")
    here.expected += ["422", "ERR_CONNECTION", "Failed to load resource"]
    name = here.page.get_by_label("Name of the company to take away")
    name.fill("northwind")
    here.page.keyboard.press("Enter")
    expect(here.page.get_by_role("alert")).to_contain_text("type 'Northwind Group' to take it away")
    name.fill("Northwind Group")
    here.page.keyboard.press("Enter")
    expect(here.page.get_by_role("heading", name="Starting your own")).to_be_visible()
    here.page.wait_for_url(re.compile("/setup"), timeout=WITHIN)
    expect(here.page.get_by_role("heading", name="Set up Headway")).to_be_visible()
    here.rest()
    assert here.complaints() == []
    assert here.page.get_by_label("Set-up code").input_value() != ""
    for label, value in {"Your name": "Ada", "Mail address": "ada@example.org"}.items():
        here.page.get_by_label(label).fill(value)
    for field in ("Password", "Password again"):
        here.page.get_by_label(field, exact=True).fill("three unrelated words in a row")
    here.page.get_by_role("button", name="Set up and sign in").click()
    here.page.wait_for_url(re.compile("/setup/organisation"))
    expect(here.page.locator(".company")).to_have_count(0)
    assert here.open("/company/people") == 404
