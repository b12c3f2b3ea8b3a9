"""The leads of a region: what the company sees of them, what came of each, and the effect that is true. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

INPUTS: Final = (
    "source",
    "industry",
    "job_level",
    "company_size",
    "pages_viewed",
    "emails_opened",
    "days_since_contact",
    "existing_customer",
)
ACTED: Final = "call first"
"""The action that the simulator knows as ``call today``; every other one is work as usual."""
WINDOW: Final = timedelta(days=60)
LEAST, MEAN = 2.0, 12.0
"""Days after which a sale becomes known: at least, and the mean of what comes on top. As in the spec."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A lead about which was decided, and what came of it."""

    lead: str
    at: datetime
    arm: str
    action: str
    sold: bool
    known_at: datetime
    effect: float
    """True gain in the probability of a sale by what was done with the lead."""


def joined(data: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Put what is true of leads beside what was written of them, by time."""
    wanted = ["lead_id", "sold_without", "sold_with", "acted", "probability_without", "probability_with", "known_at"]
    return data.join(truth.select(wanted), on="lead_id").sort("created_at", "lead_id")


def records(leads: pl.DataFrame) -> list[dict[str, Any]]:
    """Leads as a caller sends them to a node: what is known when a lead comes in; nothing where nothing is known."""
    rows = leads.select("lead_id", *INPUTS).iter_rows(named=True)
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def batches(leads: pl.DataFrame, first: datetime, last: datetime, every: int) -> Iterator[tuple[int, pl.DataFrame]]:
    """Give the leads of every so many days from ``first`` to before ``last``, with the number of the last of these days."""
    inside = leads.filter(pl.col("created_at").is_between(first, last, closed="left"))
    number = ((pl.col("created_at") - first).dt.total_days() // every).alias("batch")
    for (batch,), rows in inside.group_by(number, maintain_order=True):
        yield min((int(str(batch)) + 1) * every, (last - first).days) - 1, rows


def came_of(row: Mapping[str, Any], arm: str, action: str, decided_at: datetime) -> Decided:
    """Tell what came of a lead under the action that was taken: the simulator knows both fates.

    Nothing becomes known before the least delay after the decision, also where decisions waited for days.
    """
    acted = action == ACTED
    sold = bool(row["sold_with"] if acted else row["sold_without"])
    as_before = bool(row["sold_with"] if row["acted"] else row["sold_without"])
    known = row["known_at"] if sold == as_before else row["created_at"] + _delay(str(row["lead_id"]), sold)
    known = max(known, decided_at + timedelta(days=LEAST))
    gain = row["probability_with"] - row["probability_without"] if acted else 0.0
    return Decided(
        lead=str(row["lead_id"]), at=row["created_at"], arm=arm, action=action, sold=sold, known_at=known, effect=gain
    )


def _delay(lead: str, sold: bool) -> timedelta:
    """How long it takes until an outcome is known that the simulated past did not have; the same for a lead each time."""
    if not sold:
        return WINDOW
    drawn = int.from_bytes(hashlib.blake2b(lead.encode(), digest_size=7).digest(), "big") / 2**56
    return min(timedelta(days=LEAST - MEAN * math.log(1.0 - drawn)), WINDOW)


def history(leads: pl.DataFrame, first: datetime, now: datetime, decided: Mapping[str, Decided]) -> pl.DataFrame:
    """The export of the leads from ``first`` on that are settled by now, as a system of customers writes it.

    ``days_open`` is filled in when a lead is closed: it tells the outcome, and must not be learnt from.
    """
    settled = leads.filter(pl.col("created_at").is_between(first, now - WINDOW, closed="left"))
    usual = pl.when("acted").then("sold_with").otherwise("sold_without")
    known = settled.with_columns(sold=usual, closed_at=pl.col("known_at"), done=pl.col("action"))
    if decided:
        known = known.join(_table(list(decided.values())), on="lead_id", how="left").with_columns(
            sold=pl.coalesce("sold_now", "sold"),
            closed_at=pl.coalesce("known_now", "closed_at"),
            done=pl.coalesce("done_now", "done"),
        )
    open_days = (pl.col("closed_at") - pl.col("created_at")).dt.total_days()
    return known.select(
        "lead_id",
        pl.col("created_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        *INPUTS,
        action="done",
        days_open=open_days,
        converted=pl.when("sold").then(pl.lit("yes")).otherwise(pl.lit("no")),
    )


def _table(decided: Sequence[Decided]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "lead_id": [one.lead for one in decided],
            "sold_now": [one.sold for one in decided],
            "known_now": [one.known_at for one in decided],
            "done_now": ["call today" if one.action == ACTED else "as usual" for one in decided],
        },
        schema_overrides={"known_now": pl.Datetime("us", "UTC")},
    )


def outcomes(decided: Sequence[Decided]) -> pl.DataFrame:
    """A file of outcomes as the company's people bring it in."""
    return pl.DataFrame(
        {
            "subject": [one.lead for one in decided],
            "outcome": ["yes" if one.sold else "no" for one in decided],
            "at": [one.known_at.strftime("%Y-%m-%dT%H:%M:%SZ") for one in decided],
        }
    )


def share(leads: pl.DataFrame, column: str, value: str) -> float:
    """The share of leads with a value."""
    return leads.filter(pl.col(column) == value).height / max(1, leads.height)


def planted_effect(decided: Sequence[Decided], since: datetime, until: datetime) -> float:
    """The true gain in sales a lead in the champion's arm, over the leads that are settled: what a hold-out can measure."""
    gains = [one.effect for one in decided if one.arm == "champion" and since <= one.at < until - WINDOW]
    return sum(gains) / len(gains)
