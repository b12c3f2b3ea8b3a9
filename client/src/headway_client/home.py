"""Where the platform is: told by the environment, or running on this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from headway_client.errors import HeadwayError, NotFound, Unauthenticated

_HINT = "start 'headway up', or set HEADWAY_URL and HEADWAY_TOKEN"


class Place(NamedTuple):
    """An address, and the token to use there."""

    url: str
    token: str | None


def find(environ: Mapping[str, str] | None = None) -> Place:
    """Find the control plane: HEADWAY_URL with HEADWAY_TOKEN, else what runs on HEADWAY_HOME or ~/.headway.

    Raises: NotFound: nothing runs there. Unauthenticated: the local owner's token cannot be read.
    """
    told = os.environ if environ is None else environ
    if told.get("HEADWAY_URL"):
        return Place(told["HEADWAY_URL"], told.get("HEADWAY_TOKEN"))
    home = _home(told)
    return Place(_running(home, "url"), told.get("HEADWAY_TOKEN") or _owner_token(home))


def find_node(environ: Mapping[str, str] | None = None) -> str:
    """Find the address of the node that runs on HEADWAY_HOME or ~/.headway; raises NotFound when none does."""
    return _running(_home(os.environ if environ is None else environ), "node_url")


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HEADWAY_HOME") or Path.home() / ".headway").expanduser()


def _running(home: Path, name: str) -> str:
    path = home / "run" / "server.json"
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))[name])
    except FileNotFoundError:
        raise _error(NotFound, f"nothing runs on {home}", "client.nothing_runs", 404) from None
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise _error(NotFound, f"{path} does not tell an address: {error}", "client.nothing_runs", 404) from error


def _owner_token(home: Path) -> str:
    path = home / "keys" / "cli-token"
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        said = f"{path} cannot be read: {error.strerror}"
        raise _error(Unauthenticated, said, "client.no_token", 401) from error


def _error(kind: type[HeadwayError], detail: str, code: str, status: int) -> HeadwayError:
    return kind({"detail": detail, "code": code, "hint": _HINT}, status)
