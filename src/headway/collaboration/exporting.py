"""Comments as files: one JSON object a line, or CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

from headway.collaboration.entities import Comment
from headway.kernel.clock import iso

_COLUMNS = (
    "id", "subject", "parent", "author", "author_name", "text", "mentions", "created_at", "edited_at", "edits",
    "resolved_at", "resolved_by", "deleted_at", "deleted_by",
)  # fmt: skip
_RUNS = ("=", "+", "-", "@", "\t", "\r")


def comments_jsonl(comments: Iterable[Comment]) -> str:
    """Write comments as JSON lines."""
    return "".join(json.dumps(_plain(one), ensure_ascii=False) + "\n" for one in comments)


def comments_csv(comments: Iterable[Comment]) -> str:
    """Write comments as CSV; a text that a spreadsheet would run as a formula gets an apostrophe in front."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for one in comments:
        row = _plain(one)
        row["mentions"] = " ".join(mention.person for mention in one.mentions)
        writer.writerow([_guarded(row[name]) for name in _COLUMNS])
    return out.getvalue()


def _plain(comment: Comment) -> dict[str, object]:
    return {name: _time(value) for name, value in asdict(comment).items()}


def _time(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, tuple):
        return [dict(one) if isinstance(one, Mapping) else one for one in value]
    return value


def _guarded(value: object) -> object:
    if isinstance(value, str) and value.startswith(_RUNS):
        return "'" + value
    return "" if value is None else value
