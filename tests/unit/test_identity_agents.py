"""A device is told to its owner by program and system."""

from __future__ import annotations

import pytest

from headway.identity.agents import LONGEST, describe_agent

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36", "Chrome on Linux"),
        (
            f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.1 Safari/605.1.15",
            "Safari on Mac",
        ),
        ("python-httpx/0.28.1", "Python client"),
        ("curl/8.5.0", "curl"),
        ("Something/1.0 of ours", "Something/1.0"),
        ("", "unknown device"),
        ("   ", "unknown device"),
    ],
)
def test_a_device_is_recognised(header: str, told: str) -> None:
    assert describe_agent(header) == told


def test_whatever_is_sent_stays_short_and_printable() -> None:
    told = describe_agent("x" * 5000 + "\0\x1b[31m")
    assert len(told) == LONGEST
    assert describe_agent("\x1b[31m\0").isprintable()
