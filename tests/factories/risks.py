"""A risk as people tell it."""

from __future__ import annotations

from typing import Any

from headway.governance.risks import Estimate, Range

BODY: dict[str, Any] = {
    "title": "Leads of a source are ranked too low",
    "cause": "a new web form fills a column otherwise",
    "event": "the model ranks its leads low for weeks",
    "consequence": "sales that are not made",
    "currency": "EUR",
    "inherent_rate": {"low": 0.5, "high": 4.0},
    "inherent_impact": {"low": 5_000.0, "high": 60_000.0},
    "residual_rate": {"low": 0.2, "high": 2.0},
    "residual_impact": {"low": 1_000.0, "high": 15_000.0},
    "harms": {"reputation": "slight"},
    "reason": "two such events in three years",
}


def estimate(**more: Any) -> Estimate:
    """The same as an entity."""
    told = {**BODY, **more}
    ranges = {name: Range(**told[name]) for name in told if name.endswith(("_rate", "_impact"))}
    return Estimate(**{**told, **ranges})
