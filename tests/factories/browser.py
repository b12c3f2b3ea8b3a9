"""A real Chromium, and what is watched on every page: accessibility, the console, requests, weight, inline code."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Page, Playwright, Request

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "build" / "frontend" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
Theme = Literal["light", "dark"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The installed browser; None when there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def launch(playwright: Playwright) -> Browser:
    """Start the installed browser."""
    return playwright.chromium.launch(executable_path=chromium(), args=FLAGS)


@dataclass
class Watched:
    """A page with everything it said and asked for since the last look."""

    page: Page
    cdp: CDPSession
    base: str
    messages: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    source: str = ""
    sizes: dict[str, int] = field(default_factory=dict)
    expected: list[str] = field(default_factory=list)
    """Parts of console messages that a test provokes on purpose."""

    def open(self, path: str) -> int:
        """Go to a page, wait until it rests, and return its status."""
        self.sizes.clear()
        answer = self.page.goto(self.base + path)
        assert answer is not None, path
        self.source = answer.text()
        self.rest()
        return answer.status

    def rest(self) -> None:
        """Wait until nothing is under way but a stream."""
        self.page.wait_for_load_state("load")
        self.page.wait_for_timeout(60)
        # Not wait_for_function: from its second look on it needs eval, which our policy forbids.
        self.page.locator(".htmx-request").first.wait_for(state="detached")

    def axe(self) -> list[str]:
        """What axe finds on the page as it stands, a line a finding."""
        self.cdp.send("Runtime.evaluate", {"expression": _axe()})
        asked = (
            f"axe.run(document, {{runOnly: {json.dumps(RULES)}}}).then(r => JSON.stringify(r.violations.flatMap("
            "v => v.nodes.slice(0, 5).map(n => v.id + ' ' + n.target.join(' ') + ' ' + n.failureSummary.split('\\n').slice(1).join(' ')))))"
        )
        answer = self.cdp.send("Runtime.evaluate", {"expression": asked, "awaitPromise": True, "returnByValue": True})
        found: list[str] = json.loads(answer["result"]["value"])
        return found

    def complaints(self, *, axe: bool = True) -> list[str]:
        """Everything about this page that must not be: findings of axe, console messages, requests that left the host, inline code."""
        told = [f"console: {text}" for text in self.messages if not any(part in text for part in self.expected)]
        told += [f"left the host: {url}" for url in self.strangers]
        told += [f"axe: {line}" for line in (self.axe() if axe else ())]
        told += [f"inline: {line}" for line in re.findall(r"<style[^>]*>|<[a-z]+[^>]* style=[^>]*>", self.source)]
        told += [
            f"inline: {line}"
            for line in re.findall(r"<script(?![^>]*\bsrc=)[^>]*>|<[a-z]+[^>]* on[a-z]+=[^>]*>", self.source)
        ]
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        told += [f"scrolls sideways by {wide} px"] if wide > 1 else []
        self.messages.clear()
        self.strangers.clear()
        return told

    @property
    def kb(self) -> float:
        """What came over the wire since the page was opened, in kB."""
        return sum(self.sizes.values()) / 1000


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


@contextmanager
def watched(
    browser: Browser, base: str, *, theme: Theme = "light", size: str = "wide", **options: Any
) -> Iterator[Watched]:
    """A fresh window on a base address; everything it says and asks for is kept."""
    context = browser.new_context(viewport=SIZES[size], color_scheme=theme, accept_downloads=True, **options)
    page = context.new_page()
    made = watch(context, page, base)
    try:
        yield made
    finally:
        context.close()


def watch(context: BrowserContext, page: Page, base: str) -> Watched:
    """Keep what a page says and asks for."""
    made = Watched(page, context.new_cdp_session(page), base)

    def heard(message: ConsoleMessage) -> None:
        made.messages.append(f"{message.type}: {message.text}"[:300])

    def asked(request: Request) -> None:
        host = urlsplit(request.url)
        if host.scheme in ("http", "https") and f"{host.scheme}://{host.netloc}" != base:
            made.strangers.append(request.url)

    page.on("console", heard)
    page.on("pageerror", lambda error: made.messages.append(f"error: {error}"[:300]))
    page.on("request", asked)
    made.cdp.send("Network.enable")
    made.cdp.on(
        "Network.loadingFinished", lambda e: made.sizes.__setitem__(e["requestId"], int(e["encodedDataLength"]))
    )
    return made


def sign_in(watched: Watched, email: str, password: str) -> None:
    """Sign in on the sign-in page."""
    watched.open("/sign-in")
    watched.page.fill("#f-email", email)
    watched.page.fill("#f-password", password)
    watched.page.press("#f-password", "Enter")
    watched.page.wait_for_url(lambda url: "/sign-in" not in url)
    watched.rest()
