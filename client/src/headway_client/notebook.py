"""How answers look in a notebook: plain HTML, every text escaped, no style of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

COLUMNS, ROWS, LETTERS = 8, 50, 200


def text(value: object) -> str:
    """One value as escaped text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return escape(f"{value:.6g}")
    shown = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)
    return escape(shown if len(shown) <= LETTERS else shown[: LETTERS - 1] + "…")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> str:
    """A table with a head."""
    head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{said}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def entity(kind: str, raw: Mapping[str, Any]) -> str:
    """One object: a line a field."""
    lines = "".join(
        f'<tr><th scope="row">{escape(str(name))}</th><td>{text(value)}</td></tr>' for name, value in raw.items()
    )
    return f"<table><caption>{escape(kind)}</caption><tbody>{lines}</tbody></table>"


def listing(kind: str, rows: Sequence[Mapping[str, Any]], shown: Sequence[str], *, has_more: bool) -> str:
    """A list of objects: the columns named, or the first ones that hold simple values."""
    names = list(shown) or _simple(rows)
    more = len(rows) > ROWS or has_more
    caption = f"{kind}, the first {min(len(rows), ROWS)}" if more else f"{kind}, {len(rows)}"
    if not rows:
        return f"<p>{escape(kind)}: nothing here yet</p>"
    return table(names, ([row.get(name) for name in names] for row in rows[:ROWS]), caption)


def _simple(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    names = [name for name in (rows[0] if rows else {}) if not any(isinstance(r.get(name), dict | list) for r in rows)]
    return names[:COLUMNS]


def chain(raw: Mapping[str, Any]) -> str:
    """A decision's chain of evidence: each link with what its check found."""
    found = {True: "holds", False: "BROKEN", None: "waits"}
    rows = (
        [found.get(link.get("verified"), ""), link.get("kind"), link.get("ref"), link.get("at"), link.get("note")]
        for link in raw.get("links", [])
    )
    state = "every link holds" if raw.get("verified") else "the chain is not whole, or a link is broken"
    caption = f"Decision {raw.get('decision')}: {state}"
    return table(["check", "link", "reference", "at", "note"], rows, caption)


def report(raw: Mapping[str, Any]) -> str:
    """A pilot's report: what it does, what to read first, how good it is, what is missing."""
    parts = [f"<h3>{text(raw.get('title'))}</h3>", f"<p>{text(raw.get('what_it_does'))}</p>"]
    parts += _bullets("Read this first", raw.get("warnings"))
    parts += _bullets("How good it is", raw.get("how_good"))
    suspects = [f"{one.get('column')}: {one.get('reason')}" for one in raw.get("suspects") or []]
    parts += _bullets("Columns to look at", suspects)
    parts += _bullets("Missing before production", raw.get("missing_before_production"))
    return "".join(parts)


def _bullets(title: str, lines: Sequence[object] | None) -> list[str]:
    if not lines:
        return []
    return [f"<h4>{escape(title)}</h4><ul>", *(f"<li>{escape(str(line))}</li>" for line in lines), "</ul>"]
