"""What is planted can be found again: coefficients, effects, drift from its day on, concept change, propensity, volume.

Bounds are four standard errors, with fixed seeds; the estimators are written here and know nothing of the simulator.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from headway import demo
from tests.factories.company import company, plain, table

Floats = npt.NDArray[np.float64]
END = datetime(2025, 7, 20, tzinfo=UTC)
CHANGE = datetime(2025, 4, 15, tzinfo=UTC)
NAMES = ["intercept", "source=referral", "pages_viewed", "days_since_contact", "existing_customer=true", "effect"]


def logistic(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Coefficients by maximum likelihood (Newton) and their standard errors."""
    beta = np.zeros(x.shape[1])
    for _ in range(25):
        p = 1 / (1 + np.exp(-x @ beta))
        information = (x * (p * (1 - p))[:, None]).T @ x
        beta = beta + np.linalg.solve(information, x.T @ (y - p))
    return beta, np.sqrt(np.diag(np.linalg.inv(information)))


def design(leads: pl.DataFrame) -> Floats:
    return np.column_stack(
        [
            np.ones(leads.height),
            (leads["source"] == "referral").to_numpy(),
            leads["pages_viewed"].to_numpy(),
            leads["days_since_contact"].fill_null(18.0).to_numpy(),
            leads["existing_customer"].to_numpy(),
            (leads["action"] == "call today").to_numpy(),
        ]
    ).astype(np.float64)


def answered(leads: pl.DataFrame) -> pl.DataFrame:
    """Leads whose time is up: of later ones sales are known before losses, which would flatter."""
    done = leads.filter(pl.col("created_at") < END - timedelta(days=30))
    assert done["converted"].null_count() == 0
    return done


def test_the_planted_coefficients_are_recovered(tmp_path: Path) -> None:
    data = plain(rows=60_000)
    leads = answered(table(company(tmp_path / "c", data), "data/sales/north/leads"))
    found, error = logistic(design(leads), (leads["converted"] == "yes").to_numpy().astype(np.float64))
    planted = np.array([data["leads"]["weights"][name] for name in NAMES])
    assert np.all(np.abs(found - planted) < 4 * error), dict(
        zip(NAMES, zip(found, planted, error, strict=True), strict=True)
    )
    assert np.all(error < 0.06)


def test_a_region_has_the_concept_of_its_own(tmp_path: Path) -> None:
    data = plain(rows=60_000, region={"weights": {"source=referral": -0.4, "effect": 0.0}})
    leads = answered(table(company(tmp_path / "c", data), "data/sales/north/leads"))
    found, error = logistic(design(leads), (leads["converted"] == "yes").to_numpy().astype(np.float64))
    assert abs(found[1] - -0.4) < 4 * error[1]
    assert abs(found[5]) < 4 * error[5]


def test_a_concept_change_holds_from_its_day_and_not_before(tmp_path: Path) -> None:
    event = {"kind": "concept_change", "start": "2025-04-15", "weights": {"source=referral": -0.8}}
    leads = answered(table(company(tmp_path / "c", plain(events=[event], rows=90_000)), "data/sales/north/leads"))
    for planted, part in ((1.2, pl.col("created_at") < CHANGE), (-0.8, pl.col("created_at") >= CHANGE)):
        rows = leads.filter(part)
        found, error = logistic(design(rows), (rows["converted"] == "yes").to_numpy().astype(np.float64))
        assert abs(found[1] - planted) < 4 * error[1]


def test_the_effect_in_sales_is_the_planted_one(tmp_path: Path) -> None:
    made = demo.generate(demo.northwind(rows=180_000), tmp_path / "c")
    truth = table(made, "truth/sales/north/leads")
    each = truth["sold_with"].cast(pl.Int8) - truth["sold_without"].cast(pl.Int8)
    planted = truth["probability_with"] - truth["probability_without"]
    difference = (each - planted).to_numpy()
    assert abs(difference.mean()) < 4 * difference.std() / np.sqrt(truth.height)
    assert 0.02 < float(planted.mean()) < 0.08  # type: ignore[arg-type]  # a mean of numbers
    # what the company sees, weighted by the known propensity, estimates the same effect (Horvitz and Thompson 1952)
    acted, p = truth["acted"].to_numpy(), truth["propensity"].to_numpy()
    sold = np.where(acted, truth["sold_with"].to_numpy(), truth["sold_without"].to_numpy())
    score = sold * acted / p - sold * ~acted / (1 - p)
    assert abs(score.mean() - float(planted.mean())) < 4 * score.std() / np.sqrt(truth.height)  # type: ignore[arg-type]
    naive = sold[acted].mean() - sold[~acted].mean()
    assert naive > score.mean() + 0.01, "promising leads were called more often, so a naive comparison flatters"


def test_effects_of_persons_have_the_planted_mean_and_spread(tmp_path: Path) -> None:
    data = plain(rows=40_000)
    data["leads"] |= {"effect_sd": 0.3}
    data["leads"]["weights"] |= {"effect:source=event": -0.7}
    made = company(tmp_path / "c", data)
    truth, leads = table(made, "truth/sales/north/leads"), table(made, "data/sales/north/leads")

    def log_odds(name: str) -> Floats:
        p = truth[name].to_numpy()
        return np.asarray(np.log(p / (1 - p)))

    effect = log_odds("probability_with") - log_odds("probability_without")
    at_events = (leads["source"] == "event").to_numpy()
    for planted, part in ((-0.2, effect[at_events]), (0.5, effect[~at_events])):
        assert abs(part.mean() - planted) < 4 * part.std() / np.sqrt(len(part))
        assert abs(part.std() - 0.3) < 4 * 0.3 / np.sqrt(2 * len(part))


def test_the_action_was_taken_as_often_as_the_propensity_says(tmp_path: Path) -> None:
    truth = table(demo.generate(demo.northwind(rows=90_000), tmp_path / "c"), "truth/sales/south/leads")
    for low, high in ((0.0, 0.2), (0.2, 0.3), (0.3, 0.4), (0.4, 1.0)):
        part = truth.filter(pl.col("propensity").is_between(low, high, closed="left"))
        expected, error = part["propensity"].mean(), np.sqrt((part["propensity"] * (1 - part["propensity"])).sum())
        assert part.height > 300
        assert abs(part["acted"].sum() - expected * part.height) < 4 * error  # type: ignore[operator]  # numbers


def test_drift_of_a_category_appears_from_its_day_and_ramps(tmp_path: Path) -> None:
    mix = {"web form": 0.1, "event": 0.5, "partner": 0.15, "referral": 0.15, "cold list": 0.1}
    event = {"kind": "drift", "start": "2025-04-15", "ramp_days": 40, "column": "source", "mix": mix}
    leads = table(company(tmp_path / "c", plain(events=[event], rows=60_000)), "data/sales/north/leads")
    is_event = (pl.col("source") == "event").alias("hit")
    day = ((pl.col("created_at") - CHANGE).dt.total_seconds() / 86_400).alias("day")
    rows = leads.select(day, is_event)
    for low, high, planted in ((-200, 0, 0.15), (15, 25, 0.325), (40, 200, 0.5)):
        part = rows.filter(pl.col("day").is_between(low, high, closed="left"))["hit"]
        assert abs(part.mean() - planted) < 4 * np.sqrt(planted * (1 - planted) / part.len())  # type: ignore[operator]


def test_trend_and_factor_of_a_region_scale_numbers(tmp_path: Path) -> None:
    data = plain(
        rows=40_000, days=731, region={"factor": {"leads.company_size": 3}, "trend": {"leads.company_size": 2}}
    )
    size = table(company(tmp_path / "c", data), "data/sales/north/leads").with_columns(
        year=(pl.col("created_at") - datetime(2025, 1, 1, tzinfo=UTC)).dt.total_seconds() / (365.25 * 86_400)
    )
    slope, level = np.polyfit(size["year"].to_numpy(), np.log(size["company_size"].to_numpy() + 0.5), 1)
    assert abs(slope - np.log(2)) < 4 * 1.1 / (0.577 * np.sqrt(size.height))
    assert abs(level - np.log(3 * 66)) < 0.05


def test_volume_follows_season_and_weekends(tmp_path: Path) -> None:
    data = plain(rows=80_000, days=364, region={"season": 0.5, "peak_day": 100, "weekend": 0.25})
    leads = table(company(tmp_path / "c", data), "data/sales/north/leads")
    by_day = leads.group_by(pl.col("created_at").dt.weekday().alias("day")).len().sort("day")["len"].to_numpy()
    assert abs(by_day[5:].mean() / by_day[:5].mean() - 0.25) < 0.01
    of_year = leads["created_at"].dt.ordinal_day()
    peak, low = of_year.is_between(87, 113).sum(), of_year.is_between(269, 295).sum()  # 27 days each: as many weekends
    assert 2.6 < peak / low < 3.3
    assert leads["created_at"].is_sorted()
