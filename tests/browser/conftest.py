"""One platform in real processes for all browser tests, lived in by a few people; a real Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.factories.browser import Theme, Watched, sign_in, watched
from tests.factories.lived_in import PASSWORD, LivedIn, live_in
from tests.factories.running import Home

Open = Callable[..., Watched]


@pytest.fixture(scope="session")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivedIn]:
    """A platform with departments, people of every role, a pilot, a release, decisions and words about them."""
    home = Home(tmp_path_factory.mktemp("browser") / "home")
    try:
        yield live_in(home)
    finally:
        home.remove()


@pytest.fixture
def window(browser: Browser, lived_in: LivedIn) -> Iterator[Open]:
    """Opens a window: ``window("ada")`` for somebody signed in, ``window(None)`` for nobody; all are closed at the end."""
    with ExitStack() as stack:

        def opened(who: str | None = "ada", *, theme: Theme = "light", size: str = "wide", **options: Any) -> Watched:
            made = stack.enter_context(watched(browser, lived_in.url, theme=theme, size=size, **options))
            if who is not None:
                sign_in(made, lived_in.people[who].email, PASSWORD)
            return made

        yield opened
