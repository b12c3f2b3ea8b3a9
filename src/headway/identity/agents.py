"""What a device calls itself, in words that its owner recognises in a list of sessions."""

from __future__ import annotations

import re

_PROGRAMS = (
    # The first that fits: most browsers also name the ones they descend from.
    ("Edge", r"\bEdgA?(?:iOS)?/"),
    ("Opera", r"\bOPR/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"\b(?:Chrome|CriOS|HeadlessChrome)/"),
    ("Safari", r"\bVersion/\S+ (?:Mobile/\S+ )?Safari/"),
    ("Python client", r"\b(?:python-httpx|headway-client)/"),
    ("curl", r"^curl/"),
)
_SYSTEMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Mac", r"\bMac(?:intosh| OS)\b"),
    ("Linux", r"\bLinux\b"),
)
LONGEST = 60


def describe_agent(header: str) -> str:
    """Shorten a User-Agent header to program and system, for example ``Firefox on Windows``.

    Returns: the header's first word where nothing is recognised, ``unknown device`` where there is none.
    """
    program = next((name for name, pattern in _PROGRAMS if re.search(pattern, header)), None)
    system = next((name for name, pattern in _SYSTEMS if re.search(pattern, header)), None)
    if program is None:
        words = "".join(letter if letter.isprintable() else " " for letter in header).split()
        program = words[0][:LONGEST] if words else "unknown device"
    return f"{program} on {system}" if system else program
