"""The same walk with three kinds of hands: a mouse at a wide window, the keyboard alone, a thumb on a phone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from _pytest.mark import ParameterSet
from playwright.sync_api import Page, expect

from tests.browser.keyboard import Keys
from tests.factories.browser import Watched

SLOW = 60_000
"""Milliseconds that a page with a file in it may take on a slow machine."""


class Hands:
    """A mouse at a page; what differs for other hands is said below."""

    asks_axe: Literal["always", "once", "never"] = "always"
    """Whether axe looks at a page each time, at the first visit of it, or not at all: it takes a second."""

    def __init__(self, here: Watched) -> None:
        self.here = here
        self.looked_at: set[str] = set()

    @property
    def page(self) -> Page:
        """The page at hand."""
        return self.here.page

    def reach(self, selector: str) -> None:
        """Come to something without pressing it; a mouse needs no way."""

    def push(self, selector: str) -> None:
        """Press what was reached."""
        self.page.click(selector)

    def press(self, selector: str) -> None:
        """Press something."""
        self.reach(selector)
        self.push(selector)

    def fill(self, selector: str, text: str) -> None:
        """Write into a field, over what is in it."""
        self.press(selector)
        self.page.fill(selector, text)

    def choose(self, selector: str, label: str) -> None:
        """Choose an option by how its words begin; the list itself is drawn by the browser, not by the page."""
        self.page.locator(selector).focus()
        self.page.select_option(selector, label=self._option(selector, label))

    def tick(self, selector: str) -> None:
        """Tick a box or one of several choices."""
        self.press(selector)

    def open(self, path: str) -> None:
        """Type an address."""
        assert self.here.open(path) == 200, path
        self.look()

    def go(self, selector: str, to: str, *, timeout: float = SLOW) -> None:
        """Press something that leads to another page; nothing may be wrong with that one."""
        self.reach(selector)
        with self.page.expect_navigation(url=to, timeout=timeout) as led:
            self.push(selector)
        self.here.source = led.value.text()
        self.here.rest()
        self.look()

    def give(self, selector: str, path: Path) -> None:
        """Choose a file."""
        with self.page.expect_file_chooser() as asked:
            self.press(selector)
        asked.value.set_files(path)

    def fetch(self, selector: str, path: Path) -> None:
        """Download what a link leads to."""
        with self.page.expect_download() as begun:
            self.press(selector)
        begun.value.save_as(path)

    def look(self) -> None:
        """Nothing for axe, nothing on the console, nothing from elsewhere, nothing sideways."""
        path = urlsplit(self.page.url).path
        asked = self.asks_axe == "always" or (self.asks_axe == "once" and path not in self.looked_at)
        self.looked_at.add(path)
        told = self.here.complaints(axe=asked)
        assert told == [], f"{self.page.url}: {told}"

    def _option(self, selector: str, label: str) -> str:
        options = self.page.locator(f"{selector} option").all_text_contents()
        found = [one for one in options if one.strip().startswith(label)]
        assert len(found) == 1, f"{label} among {options}"
        return found[0]


class Keyboard(Hands):
    """The keyboard alone; whatever is reached on the way can be seen. The mouse has shown axe the same pages already."""

    asks_axe = "never"

    def __init__(self, here: Watched) -> None:
        super().__init__(here)
        self.keys = Keys(here.page)

    def reach(self, selector: str) -> None:
        """Go there by Tab; from the top of a page by the link that skips its navigation, as whoever tabs a lot does."""
        if self.keys.is_at("body") and self.page.locator(f"#main :is({selector})").count():
            self.keys.press("Tab")
            if self.keys.is_at(".skip"):  # behind a # Tab begins further down
                self.keys.press("Enter")
        if not self.keys.is_at(selector):
            self.keys.go_to(selector)

    def push(self, selector: str) -> None:
        """Enter; Space opens what Enter does not."""
        self.keys.press("Space" if self.keys.is_at("input[type=file], summary") else "Enter")

    def fill(self, selector: str, text: str) -> None:
        """Go there by Tab, then type."""
        self.reach(selector)
        self.keys.press("Control+a")
        self.keys.type(text)

    def choose(self, selector: str, label: str) -> None:
        """Go there by Tab, then type how the option begins."""
        wanted = self._option(selector, label)
        self.reach(selector)
        self.keys.type(label)
        expect(self.page.locator(f"{selector} option:checked")).to_have_text(wanted)

    def tick(self, selector: str) -> None:
        """Space on a box; arrows among several choices, of which Tab reaches one."""
        box = self.page.locator(selector)
        if box.get_attribute("type") == "checkbox":
            self.reach(selector)
            self.keys.press("Space")
        else:
            self.reach(f"input[name={json.dumps(box.get_attribute('name'))}]")
            for _ in range(20):
                if self.keys.is_at(selector):
                    break
                self.keys.press("ArrowDown")
            if not box.is_checked():
                self.keys.press("Space")
        expect(box).to_be_checked()


class Touch(Hands):
    """A thumb on a phone."""

    asks_axe = "once"

    def push(self, selector: str) -> None:
        """Tap."""
        self.page.tap(selector)


WIDE: dict[str, Any] = {"size": "wide"}
PHONE: dict[str, Any] = {"size": "phone", "has_touch": True, "is_mobile": True}
KINDS: dict[str, tuple[Callable[[Watched], Hands], dict[str, Any]]] = {
    "mouse": (Hands, WIDE),
    "keyboard": (Keyboard, WIDE),
    "phone": (Touch, PHONE),
}
"""How hands are made, and the window they work in."""

ALL = bool(os.environ.get("HEADWAY_SHOTS")) or not os.environ.get("CI")


def kinds(in_ci: str) -> list[ParameterSet]:
    """Every kind of hands for a long journey, of which CI goes one way."""
    why = f"CI goes this way by {in_ci}; a run by hand by {', '.join(KINDS)}"
    return [pytest.param(kind, marks=pytest.mark.skipif(kind != in_ci and not ALL, reason=why)) for kind in KINDS]
