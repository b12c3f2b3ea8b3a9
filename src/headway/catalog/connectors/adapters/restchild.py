"""Runs dlt's REST source in a process of its own, started by path; the task comes as JSON on the input.

Writes JSON lines; prints {"rows": n, "greatest": value} or {"error": "..."}.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def main() -> int:
    """Read the pages of one endpoint."""
    asked = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (asked["memory"], asked["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        told = read(asked)
    except Exception as error:  # noqa: BLE001  the edge of the process: whatever broke is told in one line
        told = {"error": why(error)}
    sys.stdout.write("\n" + json.dumps(told))
    return 0


def why(error: BaseException) -> str:
    """The innermost reason, in one line."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:250]}"


def read(asked: dict[str, Any]) -> dict[str, Any]:
    """Write the rows and tell how many there are, and the greatest value of the cursor."""
    from dlt.sources.rest_api import rest_api_source

    settings, most = asked["settings"], asked["most"]
    wanted: Any = config(asked)
    source = rest_api_source(wanted, name="port")
    rows, greatest = 0, asked["before"]
    with Path(asked["out"]).open("w", encoding="utf-8") as out:
        for item in source.resources["rows"]:
            for row in item if isinstance(item, list) else [item]:
                if most is not None and rows >= most:
                    return {"rows": rows, "greatest": None}
                out.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
                rows += 1
                value = within(row, settings["cursor"]) if "cursor" in settings else None
                if value is not None and (greatest is None or greater(value, greatest)):
                    greatest = value
    return {"rows": rows, "greatest": greatest if "cursor" in settings else None}


def config(asked: dict[str, Any]) -> dict[str, Any]:
    """The task in the words of dlt's REST source."""
    settings = asked["settings"]
    params: dict[str, Any] = {}
    if "size_param" in settings:
        params[settings["size_param"]] = int(settings.get("page_size", "100"))
    if "cursor_param" in settings and asked["since"] is not None:
        params[settings["cursor_param"]] = asked["since"]
    endpoint: dict[str, Any] = {"path": settings["path"], "params": params, "paginator": paginator(settings)}
    if "records" in settings:
        endpoint["data_selector"] = settings["records"]
    client: dict[str, Any] = {"base_url": settings["url"], "session": session(asked["hosts"])}
    if (auth := authentication(settings, asked["secret"])) is not None:
        client["auth"] = auth
    return {"client": client, "resources": [{"name": "rows", "max_table_nesting": 0, "endpoint": endpoint}]}


def paginator(settings: dict[str, str]) -> Any:  # noqa: ANN401  dlt's own types
    """How the pages are told apart."""
    param, path = settings.get("page_param"), settings.get("next_path", "next")
    size, size_param = int(settings.get("page_size", "100")), settings.get("size_param", "limit")
    empty = {"total_path": None, "stop_after_empty_page": True}
    ways: dict[str, Any] = {
        "page": {"type": "page_number", "page_param": param or "page", "base_page": 1, **empty},
        "offset": {
            "type": "offset", "limit": size, "limit_param": size_param, "offset_param": param or "offset", **empty,
        },
        "cursor": {"type": "cursor", "cursor_path": path, "cursor_param": param or "cursor"},
        "link": {"type": "json_link", "next_url_path": path},
        "header": "header_link",
        "none": "single_page",
    }  # fmt: skip
    return ways.get(settings.get("pagination", "auto"), "auto")


def authentication(settings: dict[str, str], secret: str | None) -> dict[str, str] | None:
    """How the API knows us."""
    match settings.get("auth", "none"):
        case "bearer":
            return {"type": "bearer", "token": secret or ""}
        case "api_key":
            name = settings.get("auth_name", "X-API-Key")
            return {"type": "api_key", "name": name, "api_key": secret or "", "location": "header"}
        case "basic":
            return {"type": "http_basic", "username": settings["auth_name"], "password": secret or ""}
        case _:
            return None


def session(hosts: str | None) -> Any:  # noqa: ANN401  a session of requests, which comes with dlt
    """A session that reaches listed hosts alone, also where a page or a redirect points elsewhere."""
    from dlt.sources.helpers import requests as dlt_requests
    from requests.adapters import BaseAdapter

    from headway.catalog.connectors.specs import is_listed

    made = dlt_requests.Client(raise_for_status=False).session
    made.trust_env = False

    class Guarded(BaseAdapter):
        def __init__(self, inner: BaseAdapter) -> None:
            super().__init__()
            self.inner = inner

        def send(self, request: Any, *args: Any, **more: Any) -> Any:  # noqa: ANN401
            host = urlsplit(request.url).hostname or ""
            if not is_listed(host, hosts):
                raise PermissionError(f"input ports may not reach {host}")
            return self.inner.send(request, *args, **more)

        def close(self) -> None:
            self.inner.close()

    for prefix in list(made.adapters):
        made.mount(prefix, Guarded(made.adapters[prefix]))
    return made


def within(row: Any, path: str) -> Any:  # noqa: ANN401  JSON
    """The value at a dotted path."""
    for name in path.split("."):
        row = row.get(name) if isinstance(row, dict) else None
    return row if isinstance(row, str | int | float) and not isinstance(row, bool) else None


def greater(value: Any, other: Any) -> bool:  # noqa: ANN401  JSON
    """Whether a value comes after another: numbers by value, text by its letters."""
    if isinstance(value, str) or isinstance(other, str):
        return str(value) > str(other)
    return bool(value > other)


if __name__ == "__main__":
    sys.exit(main())
