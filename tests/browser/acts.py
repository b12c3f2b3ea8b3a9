"""What people do in the journeys, said once."""

from __future__ import annotations

from pathlib import Path

from headway.solutions.sales import lead_scoring
from tests.factories.browser import Watched
from tests.factories.lived_in import LivedIn

TRAINED = 240_000
"""Milliseconds that a pilot may take on a slow machine."""


def leads(folder: Path, *, seed: int, rows: int = 600) -> Path:
    """A file of past leads."""
    path = folder / "past-leads.csv"
    lead_scoring.write_example(path, rows=rows, seed=seed)
    return path


def choose_file(watched: Watched, path: Path, department: str = "sales") -> None:
    """Choose the file of a new pilot; it is not sent yet."""
    watched.open("/pilots/new")
    watched.page.set_input_files("#f-file", path)
    if watched.page.locator("#f-department").count():
        watched.page.select_option("#f-department", department)


def start_pilot(watched: Watched, path: Path, name: str) -> str:
    """Start a pilot from a file; returns the address of its page."""
    page = watched.page
    choose_file(watched, path)
    page.click("text=Look at the file")
    page.wait_for_selector("#f-label")
    page.select_option("#f-label", "converted")
    page.select_option("#f-solution", "sales.lead-scoring")
    page.check(f"input[name=exclude][value={lead_scoring.PLANTED_LEAK}]")
    page.fill("#f-name", name)
    page.fill("#f-value_per_success", "120")
    page.fill("#f-cost_per_action", "4")
    page.click("button:has-text('Start the pilot')")
    page.wait_for_url("**/pilots/plt_*")
    return page.url.removeprefix(watched.base)


def until_done(watched: Watched) -> None:
    """Wait on the page of a pilot until it turns into the page of its result, by itself."""
    watched.page.wait_for_selector("text=Read the report", timeout=TRAINED)
    watched.rest()


def end_sessions(lived_in: LivedIn, who: str) -> None:
    """End all sessions of somebody from elsewhere, as they would who lost their laptop."""
    with lived_in.client(who) as client:
        client.delete("/sessions")
