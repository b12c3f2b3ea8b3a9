"""Hands on the keyboard alone: going from one thing to the next as somebody does who uses no mouse."""

from __future__ import annotations

from playwright.sync_api import Page

SHOWN = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), look = getComputedStyle(at);
  const inside = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const ring = (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0) || look.boxShadow !== "none";
  return inside && ring;
}"""


class Keys:
    """A keyboard at a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.page.keyboard.type(text)

    def is_at(self, selector: str) -> bool:
        """Whether the focus is on what a selector names."""
        return bool(self.page.evaluate("s => document.activeElement.matches(s)", selector))

    def go_to(self, selector: str, *, most: int = 150) -> None:
        """Press Tab until the focus is there; on the way every stop can be seen."""
        for _ in range(most):
            self.press("Tab")
            assert self.is_at("body, iframe") or self._is_seen(), f"the focus cannot be seen: {self.here()}"
            if self.is_at(selector):
                return
        raise AssertionError(f"{most} times Tab do not reach {selector} on {self.page.url}")

    def _is_seen(self) -> bool:
        """Whether the focus can be seen, once the page has come to rest: it scrolls there smoothly."""
        for _ in range(40):
            if self.page.evaluate(SHOWN):
                return True
            self.page.wait_for_timeout(25)
        return False

    def here(self) -> str:
        """What has the focus, for messages."""
        return str(self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))

    def enter(self) -> None:
        """Press Enter on something that leads to another page, and wait for it."""
        with self.page.expect_navigation():
            self.press("Enter")
