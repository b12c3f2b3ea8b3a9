"""How heavy is each page, and how long does the server take for it, on a home with 1,000 use cases?

One case a page. ``server_p95_ms``: from sending the request on a kept connection to having read the whole answer, over loopback,
signed in as the AI office, who sees everything; pages for those who have not signed in are asked for without a session and named
so. A page that leads on to another would tell the other's time: the run ends there. ``kb_compressed``: the page with the style
sheets, scripts and the font that it asks for, as sent to a browser that comes for the first time.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx
from harness import ROOT, Bench

sys.path.append(str(ROOT))

from tests.browser.places import places
from tests.browser.test_every_page import page_routes
from tests.factories.lived_in import PASSWORD, LivedIn, client_as, live_in
from tests.factories.running import Home

WARM = 3
FOR_VISITORS = ("/sign-in", "/sign-in/link", "/join", "/setup")
ASKED_FOR = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|js|woff2))"')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="not read: the home is made by driving the product")
    parser.add_argument("--usecases", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=40)
    arguments = parser.parse_args()
    bench = Bench("pages")
    with tempfile.TemporaryDirectory(prefix="headway-bench-") as folder:
        home = Home(Path(folder) / "home")
        try:
            lived_in = live_in(home)
            fill(lived_in, arguments.usecases)
            measure(bench, lived_in, arguments.rounds)
        finally:
            home.remove()
    bench.finish()


def fill(lived_in: LivedIn, count: int) -> None:
    """Open use cases over the API until there are as many as wanted."""
    departments = ("sales", "hr", "finance")
    with client_as(lived_in.url, lived_in.people["ada"].email) as client:
        for number in range(count):
            department = departments[number % 3]
            client.post(
                "/usecases",
                {
                    "slug": f"case-{number:04d}",
                    "title": f"Use case {number} of {department}",
                    "department": department,
                    "purpose": "a purpose of some twenty words, as people write them when they are asked to say what it is for",
                    "owner": lived_in.people["hedy"].ref if number % 2 else None,
                },
            )


def measure(bench: Bench, lived_in: LivedIn, rounds: int) -> None:
    """Ask for each page again and again."""
    known = places(lived_in)
    weights: dict[str, int] = {}
    slowest = 0.0
    with client(lived_in) as member, client(lived_in) as visitor:
        sign_in(member, lived_in)
        for path in page_routes():
            address = known.get(path, path)
            if address is None:
                continue
            is_open = path in FOR_VISITORS
            case, http = (f"{path} (no session)", visitor) if is_open else (path, member)
            answer, p95 = timed(http, address, rounds)
            slowest = max(slowest, p95)
            bench.add(case, "server_p95_ms", p95, "ms")
            bench.add(case, "kb_compressed", weight(http, answer, weights) / 1000, "kB")
    bench.add("slowest page", "server_p95_ms", slowest, "ms")


def client(lived_in: LivedIn) -> httpx.Client:
    """A browser's connection, kept open."""
    return httpx.Client(base_url=lived_in.url, follow_redirects=True, timeout=60)


def timed(http: httpx.Client, address: str, rounds: int) -> tuple[httpx.Response, float]:
    """Ask for a page again and again; gives the last answer and the 95th percentile of the times in milliseconds."""
    times = []
    for turn in range(WARM + rounds):
        began = time.perf_counter()
        answer = http.get(address)
        if turn >= WARM:
            times.append((time.perf_counter() - began) * 1000)
    if answer.status_code != 200 or answer.history:
        raise SystemExit(f"{address} answered {answer.status_code} at {answer.url.path}")
    return answer, statistics.quantiles(times, n=20)[-1]


def sign_in(http: httpx.Client, lived_in: LivedIn) -> None:
    """Sign in on the sign-in page; the client keeps the cookie."""
    form = {"email": lived_in.people["ada"].email, "password": PASSWORD, "next": "/"}
    answer = http.post("/sign-in", data=form, headers={"origin": lived_in.url})
    if answer.url.path != "/":
        raise SystemExit(f"could not sign in: {answer.status_code}")


def weight(http: httpx.Client, page: httpx.Response, weights: dict[str, int]) -> int:
    """Bytes that a first visit brings over the wire, without heads."""
    total = sent(page)
    for name in sorted(set(ASKED_FOR.findall(page.text))):
        if name not in weights:
            weights[name] = sent(http.get(name))
        total += weights[name]
    return total


def sent(answer: httpx.Response) -> int:
    """The size of a body as it was sent."""
    return answer.num_bytes_downloaded


if __name__ == "__main__":
    main()
