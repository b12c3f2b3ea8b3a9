"""A small file of leads with known truth, for the first try and for tests.

Everything is made from one seed with the standard library alone, so the same call gives the same bytes anywhere.
What is true of the file: the probability of each sale comes from ``WEIGHTS``; ``onboarding_minutes`` is filled in
after the sale and must not be learnt from; ``Leads.faults`` lists every value that breaks the contract.
"""

from __future__ import annotations

import csv
import io
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

COLUMNS = (
    "lead_id",
    "created_at",
    "source",
    "industry",
    "job_level",
    "company_size",
    "pages_viewed",
    "emails_opened",
    "days_since_contact",
    "existing_customer",
    "onboarding_minutes",
    "converted",
)
PLANTED_LEAK = "onboarding_minutes"
LABEL, POSITIVE, TIME, SUBJECT = "converted", "yes", "created_at", "lead_id"
INPUTS = tuple(name for name in COLUMNS if name not in (LABEL, TIME, PLANTED_LEAK))

SOURCES = {"web form": 0.40, "event": 0.15, "partner": 0.15, "referral": 0.10, "cold list": 0.20}
INDUSTRIES = {"manufacturing": 0.30, "retail": 0.25, "software": 0.20, "health": 0.15, "public": 0.10}
LEVELS = {"staff": 0.45, "manager": 0.35, "director": 0.20}
WEIGHTS = {
    "intercept": -3.3,
    "source=referral": 1.6,
    "source=partner": 0.7,
    "source=cold list": -1.2,
    "job_level=director": 0.9,
    "job_level=manager": 0.4,
    "industry=software": 0.5,
    "industry=public": -0.6,
    "pages_viewed": 0.11,
    "emails_opened": 0.22,
    "days_since_contact": -0.030,
    "existing_customer": 0.8,
    "company_size": 0.0,
}
"""Log-odds of a sale for each unit of a column; ``company_size`` has no effect."""
Record = dict[str, str | int | float | bool]
START = datetime(2025, 1, 6, 8, tzinfo=UTC)
DAYS = 270


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedFault:
    """A value that breaks the contract: row counted from 1 below the header."""

    row: int
    column: str
    rule: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leads:
    """The file and what is true of it."""

    csv: str
    rows: int
    wins: int
    faults: tuple[PlantedFault, ...]
    probability: tuple[float, ...]
    """The true probability of a sale for each row: no model can rank better than by this."""
    won: tuple[bool, ...]


def make_leads(rows: int = 3000, seed: int = 7) -> Leads:
    """Make a file of leads in order of time; at least 500 rows."""
    if rows < 500:
        raise ValueError("the example needs at least 500 rows")
    chance = random.Random(seed)  # noqa: S311  made-up leads need no secrecy
    table, probabilities, wins = [], [], []
    for number in range(rows):
        record = _lead(chance, number, rows)
        probability = _probability(record)
        won = chance.random() < probability
        record[PLANTED_LEAK] = str(_onboarding(chance, won))
        record[LABEL] = POSITIVE if won else "no"
        table.append(record)
        probabilities.append(probability)
        wins.append(won)
    faults = _plant(chance, table)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return Leads(
        csv=stream.getvalue(),
        rows=rows,
        wins=sum(wins),
        faults=faults,
        probability=tuple(probabilities),
        won=tuple(wins),
    )


def write_example(path: Path, rows: int = 3000, seed: int = 7) -> Leads:
    """Write a made-up file of leads and return what is true of it."""
    leads = make_leads(rows, seed)
    path.write_text(leads.csv, encoding="utf-8", newline="")
    return leads


def example_records(count: int, seed: int = 7, *, with_leak: bool = False) -> list[Record]:
    """Make leads as a caller sends them to a decision node: inputs and subject; no label, nothing from afterwards.

    Args: with_leak: send the planted column too, as zero, for a model that was trained with it all the same.
    """
    chance = random.Random(seed)  # noqa: S311  made-up leads need no secrecy
    made = []
    for number in range(count):
        lead = _lead(chance, 900_000 + number, 1_000_000)
        record: Record = {name: lead[name] for name in INPUTS if lead.get(name)}
        for name in ("company_size", "pages_viewed", "emails_opened"):
            record[name] = int(lead[name])
        if "days_since_contact" in record:
            record["days_since_contact"] = float(lead["days_since_contact"])
        record["existing_customer"] = lead["existing_customer"] == "true"
        if with_leak:
            record[PLANTED_LEAK] = 0
        made.append(record)
    return made


def break_record(record: Mapping[str, str | int | float | bool]) -> Record:
    """Put three faults into a record: text for a number, a number for text, and a field nobody knows."""
    return {**record, "pages_viewed": "many", "industry": 7, "favourite_colour": "green"}


def _lead(chance: random.Random, number: int, rows: int) -> dict[str, str]:
    at = START + timedelta(days=DAYS * number / rows, minutes=chance.randrange(0, 60))
    record = {
        "lead_id": f"L{number + 1:06d}",
        "created_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "source": _pick(chance, SOURCES),
        "industry": _pick(chance, INDUSTRIES),
        "job_level": _pick(chance, LEVELS),
        "company_size": str(max(1, round(math.exp(chance.gauss(4.2, 1.1))))),
        "pages_viewed": str(min(40, int(chance.expovariate(1 / 5)))),
        "emails_opened": str(min(12, int(chance.expovariate(1 / 2)))),
        "days_since_contact": f"{min(120.0, chance.expovariate(1 / 18)):.1f}",
        "existing_customer": "true" if chance.random() < 0.2 else "false",
    }
    if chance.random() < 0.08:  # many forms do not ask; missing is a fact, not a fault
        record["days_since_contact"] = ""
    return record


def _probability(record: dict[str, str]) -> float:
    score = WEIGHTS["intercept"]
    score += sum(WEIGHTS.get(f"{column}={record[column]}", 0.0) for column in ("source", "job_level", "industry"))
    score += WEIGHTS["pages_viewed"] * int(record["pages_viewed"]) + WEIGHTS["emails_opened"] * int(
        record["emails_opened"]
    )
    score += WEIGHTS["days_since_contact"] * float(record["days_since_contact"] or 18)
    score += WEIGHTS["existing_customer"] * (record["existing_customer"] == "true")
    return 1 / (1 + math.exp(-score))


def _onboarding(chance: random.Random, won: bool) -> int:
    """Minutes of introduction to the product: most buyers get it, a few others sit in a trial session."""
    if chance.random() < (0.88 if won else 0.06):
        return max(5, round(chance.gauss(80 if won else 45, 25)))
    return 0


def _pick(chance: random.Random, shares: dict[str, float]) -> str:
    return chance.choices(list(shares), list(shares.values()))[0]


def _plant(chance: random.Random, table: list[dict[str, str]]) -> tuple[PlantedFault, ...]:
    """Break a few values, each in a row of its own, the way real exports do."""
    plan = [("company_size", "type", "unknown size")] * 4 + [("created_at", "type", "yesterday")] * 2
    plan += [("pages_viewed", "type", "lots")] * 3 + [(LABEL, "required", "")] * 2
    faults = []
    places = sorted(chance.sample(range(50, len(table) - 50), len(plan)))
    chance.shuffle(plan)
    for place, (column, rule, value) in zip(places, plan, strict=True):
        table[place][column] = value
        faults.append(PlantedFault(row=place + 1, column=column, rule=rule, value=value))
    return tuple(faults)
