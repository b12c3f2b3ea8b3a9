"""Every page in both themes and two widths: nothing for axe, nothing on the console, nothing from elsewhere, not too heavy."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from headway.entrypoints import pages
from tests.browser.conftest import Open
from tests.browser.hands import ALL
from tests.browser.places import places
from tests.factories.lived_in import LivedIn

pytestmark = pytest.mark.e2e
HEAVIEST_KB, HEAVIEST_WITH_CHARTS_KB = 250, 500
# Addresses that are no pages: parts, streams, files, and doors that lead on.
NO_PAGES = re.compile(
    r"^/(static|session$|search$|jobs/tray$|inbox/count$|home/(value|newest)$|pilots/new/positive$|usecases/(similar|known)$|setup/next$)"
    r"|/(stream|ended|chain|waiting|figures|pitfalls|card|export|download|envelope)$"
    r"|\.(xlsx|csv|pdf|json|zip|md|yaml|ics)$"
)
SHOTS = os.environ.get("HEADWAY_SHOTS")
OF_THE_OWNER = {
    "/products/{slug}/suggestions",
    "/products/{slug}/labels",
    "/products/{slug}/repairs/{act_id}",
}
"""Pages with rows, which the AI office may not read: the owner of the data looks at them."""
WHY = "CI looks at each page in one of two windows; make shots and a run by hand look at all four"


def page_routes() -> list[str]:
    """The address of every page there is, with its parameters in braces."""
    routes = [route for router in pages.ROUTERS for route in router.routes]
    found = [r.path for r in routes if isinstance(r, APIRoute) and "GET" in r.methods]
    return sorted({path for path in found if not NO_PAGES.search(path)})


def test_every_page_is_known_to_this_test(lived_in: LivedIn) -> None:
    known = places(lived_in)
    assert len(page_routes()) > 25
    assert [path for path in page_routes() if "{" in path and path not in known] == []


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("theme", "size"),
    [
        ("light", "wide"),
        ("dark", "phone"),
        pytest.param("light", "phone", marks=pytest.mark.skipif(not ALL, reason=WHY)),
        pytest.param("dark", "wide", marks=pytest.mark.skipif(not ALL, reason=WHY)),
    ],
)
def test_nothing_is_wrong_with_any_page(lived_in: LivedIn, window: Open, theme: str, size: str) -> None:
    known = places(lived_in)
    wrong: dict[str, list[str]] = {}
    windows = {who: window(who, theme=theme, size=size) for who in ("ada", "otto")}
    for one in windows.values():  # each page is weighed as if it were the first
        one.cdp.send("Network.setCacheDisabled", {"cacheDisabled": True})
    for at, path in enumerate(page_routes()):
        address = known.get(path, path)
        if address is None or not (ALL or at % 2 == (theme == "dark")):
            continue
        watched = windows["otto" if path in OF_THE_OWNER else "ada"]
        status = watched.open(address)
        told = watched.complaints()
        if status != 200:
            told.append(f"status {status}")
        limit = HEAVIEST_WITH_CHARTS_KB if "chart-wide" in watched.source else HEAVIEST_KB
        if watched.kb > limit:
            told.append(f"{watched.kb:.0f} kB, and {limit} at most")
        if SHOTS:
            name = address.strip("/").replace("/", "-").replace("?", "_") or "home"
            watched.page.screenshot(path=Path(SHOTS) / f"{name}-{theme}-{size}.png", full_page=True)
        if told:
            wrong[address] = told
    assert wrong == {}
