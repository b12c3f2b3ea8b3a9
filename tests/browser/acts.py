"""What people do in the journeys, said once."""

from __future__ import annotations

from pathlib import Path

from headway.solutions.sales import lead_scoring
from tests.browser.hands import Hands
from tests.factories.browser import Watched
from tests.factories.lived_in import PASSWORD, LivedIn

TRAINED = 240_000
"""Milliseconds that a pilot may take on a slow machine."""


def leads(folder: Path, *, seed: int, rows: int = 600) -> Path:
    """A file of past leads."""
    path = folder / "past-leads.csv"
    lead_scoring.write_example(path, rows=rows, seed=seed)
    return path


def sign_in(hands: Hands, lived_in: LivedIn, who: str) -> None:
    """Sign in on the sign-in page."""
    hands.open("/sign-in")
    hands.fill("#f-email", lived_in.people[who].email)
    hands.fill("#f-password", PASSWORD)
    hands.go("form .btn-primary", f"{hands.here.base}/")


def choose_file(hands: Hands, path: Path, department: str = "Sales") -> None:
    """Choose the file of a new pilot; it is not sent yet."""
    hands.open("/pilots/new")
    hands.give("#f-file", path)
    if hands.page.locator("#f-department").count():
        hands.choose("#f-department", department)


def start_pilot(hands: Hands, path: Path, name: str) -> str:
    """Start a pilot from a file; returns the address of its page."""
    choose_file(hands, path)
    hands.go("form[action='/pilots/new/file'] .btn-primary", "**/pilots/new?upload=*")
    hands.choose("#f-label", "converted")
    hands.choose("#f-solution", "Lead scoring")
    hands.here.rest()
    hands.tick(f"input[name=exclude][value={lead_scoring.PLANTED_LEAK}]")
    hands.fill("#f-name", name)
    hands.fill("#f-value_per_success", "120")
    hands.fill("#f-cost_per_action", "4")
    hands.go("form[action='/pilots/new'] .btn-primary", "**/pilots/plt_*")
    return hands.page.url.removeprefix(hands.here.base)


def until_done(watched: Watched) -> None:
    """Wait on the page of a pilot until it turns into the page of its result, by itself."""
    watched.page.wait_for_selector("text=Read the report", timeout=TRAINED)
    watched.rest()


def end_sessions(lived_in: LivedIn, who: str) -> None:
    """End all sessions of somebody from elsewhere, as they would who lost their laptop."""
    with lived_in.client(who) as client:
        client.delete("/sessions")
