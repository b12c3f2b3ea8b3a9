"""Small companies for tests of the simulator: plain specs to change, and what was written read back."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from headway import demo

PLAIN: dict[str, Any] = {
    "name": "Try Ltd",
    "seed": 3,
    "start": "2025-01-01",
    "days": 200,
    "rows": 20_000,
    "departments": [
        {"name": "sales", "tables": {"leads": 1}, "regions": [{"name": "north", "share": 1}]},
    ],
    "leads": {
        "weights": {
            "intercept": -1.5,
            "source=referral": 1.2,
            "pages_viewed": 0.1,
            "days_since_contact": -0.02,
            "existing_customer=true": 0.6,
            "effect": 0.5,
        },
        "window_days": 30,
    },
}


def plain(
    events: Sequence[dict[str, Any]] = (), region: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """A plain spec of one department in one region; events get their place unless they name one."""
    data = {**copy.deepcopy(PLAIN), **changes}
    if region is not None:
        data["departments"][0]["regions"][0] |= region
    place = {"department": "sales", "table": "leads"}
    data["events"] = [{"name": f"event-{index + 1}", **place, **event} for index, event in enumerate(events)]
    return data


def company(folder: Path, data: dict[str, Any], **how: Any) -> demo.Company:
    """Write the company of a plain spec."""
    return demo.generate(demo.read_spec(data), folder, **how)


def table(made: demo.Company, path: str) -> pl.DataFrame:
    """Read a file of a company."""
    return pl.read_parquet(made.folder / f"{path}.parquet")
