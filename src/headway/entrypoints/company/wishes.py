"""The wish to have the company taken away: left by a page for the process that holds the home, which alone can do it."""

from __future__ import annotations

import json
import os
from pathlib import Path

WISH = Path("run") / "wipe.json"


def ask(home: Path, code: str) -> str | None:
    """Leave the wish, with the code that the set-up of the empty home will take; None when somebody else just did."""
    try:
        descriptor = os.open(home / WISH, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return None
    with open(descriptor, "w", encoding="utf-8") as stream:  # noqa: PTH123  from a descriptor
        json.dump({"code": code}, stream)
    return code


def is_asked(home: Path) -> bool:
    """Whether the wish is there."""
    return (home / WISH).exists()


def take(home: Path) -> str | None:
    """Take the wish away; returns the code, None when there is no wish."""
    try:
        code = str(json.loads((home / WISH).read_text(encoding="utf-8"))["code"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError):  # cut off while it was written
        code = None
    (home / WISH).unlink(missing_ok=True)
    return code
