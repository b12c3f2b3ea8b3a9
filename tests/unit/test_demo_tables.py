"""Applicants, survey, demand, conversations, payments and expenses: what is planted in them can be found again.

Bounds are four standard errors, with fixed seeds; the estimators are written here and know nothing of the simulator.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from headway import demo
from headway.demo import applicants, conversations, demand, survey, transactions
from tests.factories.company import company, plain, table

Floats = npt.NDArray[np.float64]
MAY = datetime(2025, 5, 1, tzinfo=UTC)


def spec(
    name: str, *events: dict[str, Any], rows: int = 40_000, language: str = "en", **changes: Any
) -> dict[str, Any]:
    """A plain spec of one table in one region."""
    data = plain(rows=rows, events=[{"department": "d", "table": name, **event} for event in events], **changes)
    regions = [{"name": "north", "share": 1, "language": language}]
    data["departments"] = [{"name": "d", "tables": {name: 1}, "regions": regions}]
    return data


def both(made: demo.Company, name: str) -> pl.DataFrame:
    """Data and truth side by side."""
    data, truth = table(made, f"data/d/north/{name}"), table(made, f"truth/d/north/{name}")
    return data.join(truth, on=data.columns[0], maintain_order="left")


def features(rows: pl.DataFrame, names: list[str]) -> Floats:
    """The columns behind weights."""
    columns = []
    for name in names:
        column, mark, level = name.partition("=")
        if name == "intercept":
            columns.append(np.ones(rows.height))
        elif mark:
            columns.append((rows[column].cast(pl.String) == level).to_numpy().astype(np.float64))
        else:
            columns.append(rows[column].to_numpy().astype(np.float64))
    return np.column_stack(columns)


def fitted(x: Floats, y: Floats, kind: str) -> tuple[Floats, Floats]:
    """Coefficients of a logistic or Poisson regression by Newton's method, and their standard errors."""
    beta = np.zeros(x.shape[1])
    if kind == "poisson":
        beta[0] = np.log(y.mean())
    for _ in range(30):
        mean = np.exp(x @ beta) if kind == "poisson" else 1 / (1 + np.exp(-x @ beta))
        spread = mean if kind == "poisson" else mean * (1 - mean)
        information = (x * spread[:, None]).T @ x
        beta = beta + np.linalg.solve(information, x.T @ (y - mean))
    return beta, np.sqrt(np.diag(np.linalg.inv(information)))


# ------------------------------------------------------------------------------------------------ applicants
def test_a_bias_holds_from_its_day_and_the_fair_answer_is_kept(tmp_path: Path) -> None:
    event = {"kind": "bias", "start": "2025-05-01", "weights": {"gender=female": -0.9}}
    made = company(tmp_path / "c", spec("applicants", event, rows=60_000))
    rows = both(made, "applicants")
    names = [*applicants.WEIGHTS, "gender=female"]
    planted = np.array(list(applicants.WEIGHTS.values()))
    for bias, part in (
        (0.0, rows.filter(pl.col("applied_at") < MAY)),
        (-0.9, rows.filter(pl.col("applied_at") >= MAY)),
    ):
        found, error = fitted(features(part, names), (part["invited"] == "yes").to_numpy().astype(float), "logistic")
        assert np.all(np.abs(found - np.append(planted, bias)) < 4 * error), dict(zip(names, found, strict=True))
        assert error[-1] < 0.07
    wronged = (rows["invited"] == "yes") != rows["invited_fair"]
    assert wronged.sum() > 200
    assert set(rows.filter(wronged)["gender"]) == {"female"}
    assert rows.filter(wronged)["applied_at"].min() >= MAY  # type: ignore[operator]
    fair = (rows["invited_fair"].cast(pl.Int8) - rows["probability_fair"]).to_numpy()
    assert abs(fair.mean()) < 4 * fair.std() / np.sqrt(rows.height)


# ------------------------------------------------------------------------------------------------ demand
def test_the_planted_elasticities_are_recovered(tmp_path: Path) -> None:
    rows = both(
        company(tmp_path / "c", spec("demand", weights={"demand": {"elasticity:product=lamp": -0.4}})), "demand"
    )
    weights = {**demand.WEIGHTS, "elasticity:product=lamp": -0.4}
    levels = [name for name in weights if not name.startswith("elasticity")]
    slopes = [name for name in weights if name.startswith("elasticity")]
    relative = np.log((rows["price"] / rows["list_price"]).to_numpy())
    inner = [name.removeprefix("elasticity").removeprefix(":") or "intercept" for name in slopes]
    x = np.column_stack([features(rows, levels), features(rows, inner) * relative[:, None]])
    found, error = fitted(x, rows["units"].to_numpy().astype(float), "poisson")
    planted = np.array([weights[name] for name in (*levels, *slopes)])
    assert np.all(np.abs(found - planted) < 4 * error), dict(zip((*levels, *slopes), found, strict=True))
    assert error[-1] < 0.1
    assert (rows["revenue"] - rows["units"] * rows["price"]).abs().max() < 0.006  # type: ignore[operator]
    assert rows["units"].min() == 0


def test_demand_moves_with_a_concept_change_and_not_before(tmp_path: Path) -> None:
    event = {"kind": "concept_change", "start": "2025-05-01", "weights": {"elasticity": -2.4}}
    rows = both(company(tmp_path / "c", spec("demand", event, rows=2000)), "demand")
    calm = both(company(tmp_path / "calm", spec("demand", rows=2000)), "demand")
    moved = (rows["elasticity"] - calm["elasticity"]).round(9)
    assert (moved == pl.select(pl.when(rows["offered_at"] >= MAY).then(-1.0).otherwise(0.0)).to_series()).all()
    before = pl.col("offered_at") < MAY
    assert rows.filter(before).equals(calm.filter(before))
    assert rows.select("price", "product").equals(calm.select("price", "product"))


# ------------------------------------------------------------------------------------------------ survey
def test_engagement_and_leaving_follow_the_planted_model(tmp_path: Path) -> None:
    rows = both(company(tmp_path / "c", spec("survey")), "survey")
    x, y = features(rows, list(survey.WEIGHTS)), rows["engagement"].to_numpy()
    found = np.linalg.lstsq(x, y)[0]
    error = np.sqrt(np.diag(np.linalg.inv(x.T @ x)))  # engagement varies by 1 around its expectation
    assert np.all(np.abs(found - np.array(list(survey.WEIGHTS.values()))) < 4 * error)
    left = (rows["left_within_year"] == "yes").to_numpy().astype(float)
    found, error = fitted(np.column_stack([np.ones(len(y)), y]), left, "logistic")
    assert np.all(np.abs(found - np.array(survey.LEAVING)) < 4 * error)
    for name in survey.LOADINGS:
        assert set(rows[name]) == {1, 2, 3, 4, 5}
        assert np.corrcoef(rows[name].to_numpy(), y)[0, 1] > 0.7


# ------------------------------------------------------------------------------------------------ conversations
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_text_says_its_intent_and_its_sentiment(language: str, tmp_path: Path) -> None:
    rows = both(company(tmp_path / "c", spec("conversations", rows=20_000, language=language)), "conversations")
    cores, tones = conversations.CORES[language], conversations.TONES[language]
    for text, intent, sentiment in rows.select("text", "intent", "sentiment").unique().iter_rows():
        assert any(core in text for core in cores[intent])
        assert any(text.endswith(tone) for tone in tones[sentiment])
        assert not any(core in text for other in cores if other != intent for core in cores[other])
    for intent, moods in conversations.MOODS.items():
        part = rows.filter(pl.col("intent") == intent)["sentiment"]
        for sentiment, planted in zip(conversations.SENTIMENTS, moods, strict=True):
            error = np.sqrt(planted * (1 - planted) / part.len())
            assert abs(float((part == sentiment).mean()) - planted) < 4 * error  # type: ignore[arg-type]


def test_intents_can_drift_though_the_company_does_not_have_them(tmp_path: Path) -> None:
    mix = {"bill": 0.1, "delivery": 0.1, "fault": 0.6, "cancel": 0.1, "question": 0.1}
    event = {"kind": "drift", "start": "2025-05-01", "column": "intent", "mix": mix}
    made = company(tmp_path / "c", spec("conversations", event, rows=20_000))
    assert "intent" not in table(made, "data/d/north/conversations").columns
    rows = both(made, "conversations")
    for planted, part in ((0.2, pl.col("received_at") < MAY), (0.6, pl.col("received_at") >= MAY)):
        found = rows.filter(part)["intent"] == "fault"
        assert abs(float(found.mean()) - planted) < 4 * np.sqrt(planted * (1 - planted) / found.len())  # type: ignore[arg-type]
    for event in (
        {"kind": "quality_fault", "start": "2025-05-01", "column": "intent", "share": 0.1, "how": "missing"},
        {"kind": "schema_break", "start": "2025-05-01", "column": "intent", "code": {"bill": "money"}},
    ):
        with pytest.raises(demo.SpecInvalid):
            demo.read_spec(spec("conversations", event))


# ------------------------------------------------------------------------------------------------ payments and expenses
RINGS: list[dict[str, Any]] = [
    {"name": "one", "kind": "fraud_ring", "start": "2025-03-01", "until": "2025-05-01", "share": 0.03, "members": 4},
    {"name": "two", "kind": "fraud_ring", "start": "2025-04-01", "share": 0.02},
]


@pytest.mark.parametrize(
    ("name", "time", "party", "shared", "limit"),
    [("payments", "paid_at", "payee", "account", 10_000), ("expenses", "spent_at", "employee", "receipt", 50)],
)
def test_rings_are_where_they_were_planted(  # noqa: PLR0917  what the two tables call things
    name: str, time: str, party: str, shared: str, limit: float, tmp_path: Path
) -> None:
    rows = both(company(tmp_path / "c", spec(name, *RINGS)), name)
    calm = both(company(tmp_path / "calm", spec(name)), name)
    honest = rows.filter(~pl.col("is_fraud"))
    assert calm["is_fraud"].sum() == 0
    untouched = table_columns(rows)
    assert honest.select(untouched).equals(calm.filter(~rows["is_fraud"]).select(untouched))
    members: list[set[str]] = []
    for event, start, until in ((RINGS[0], "2025-03-01", "2025-05-01"), (RINGS[1], "2025-04-01", "2026-01-01")):
        ring = rows.filter(pl.col("ring") == event["name"])
        window = rows.filter(pl.col(time).dt.strftime("%F").is_between(pl.lit(start), pl.lit(until), closed="left"))
        assert ring.filter(~pl.col(time).is_in(window[time].implode())).height == 0
        free = window.filter(pl.col("ring").is_null() | (pl.col("ring") == event["name"]))
        share = (free["ring"] == event["name"]).fill_null(False)
        assert abs(float(share.mean()) - event["share"]) < 4 * np.sqrt(event["share"] / free.height)  # type: ignore[arg-type]
        assert ring["amount"].is_between(0.9 * limit - 0.01, limit, closed="left").all()
        members.append(set(ring[party]))
        assert len(members[-1]) == event.get("members", 5)
        assert not set(ring[shared]) & set(honest[shared])
        if name == "payments":
            assert ring[shared].n_unique() == 1
        else:
            assert 4 < ring.height / ring[shared].n_unique() < 13
    assert not members[0] & members[1]
    assert not (members[0] | members[1]) & set(honest[party])
    if name == "payments":
        assert honest.group_by(party).agg(pl.col(shared).n_unique())[shared].max() == 1
        assert honest[shared].n_unique() == honest[party].n_unique()
    else:
        assert honest[shared].n_unique() == honest.height


def table_columns(rows: pl.DataFrame) -> list[str]:
    """The columns of the company, without those of the truth."""
    return [column for column in rows.columns if column not in ("delivered", "is_fraud", "ring")]


# ------------------------------------------------------------------------------------------------ transactions
def bought(
    folder: Path, *events: dict[str, Any], rows: int = 60_000, **changes: Any
) -> tuple[demo.Company, pl.DataFrame]:
    data = spec("transactions", *events, rows=rows, **changes)
    data["departments"][0]["tables"] = {"customers": 1, "transactions": 5}
    made = company(folder, data)
    return made, both(made, "transactions")


def test_transactions_are_booked_on_records_that_are_there_and_of_the_customer_told(tmp_path: Path) -> None:
    made, rows = bought(tmp_path / "c")
    customers = both(made, "customers").select("customer_id", true="entity", again="is_duplicate")
    found = rows.join(customers, on="customer_id", how="left")
    assert found["true"].null_count() == 0 and (found["true"] == found["entity"]).all()
    assert abs(found["again"].mean() - 0.05) < 0.05 and found["again"].sum() > 100  # type: ignore[operator]
    assert (rows["amount"] - rows["units"] * rows["price"]).abs().max() < 0.01  # type: ignore[operator]
    assert rows.group_by("entity").agg(pl.col("segment").n_unique())["segment"].max() == 1


def test_segments_buy_as_often_and_as_much_as_was_planted(tmp_path: Path) -> None:
    made, rows = bought(tmp_path / "c", records={"duplicate_share": 0.0})
    people = both(made, "customers")["entity"].n_unique()
    for name, share, bought_share, units in zip(
        transactions.SEGMENTS, transactions.PEOPLE, transactions.BOUGHT, transactions.UNITS, strict=True
    ):
        part = rows.filter(segment=name)
        error = (bought_share * (1 - bought_share) / rows.height) ** 0.5
        assert abs(part.height / rows.height - bought_share) < 4 * error
        assert part["entity"].n_unique() <= round(people * share) + 1
        assert abs(float(part["units"].mean()) - 1 - units) < 4 * (units / part.height) ** 0.5  # type: ignore[arg-type]
    loyal = rows.filter(segment="loyal").group_by("entity").len()["len"].mean()
    assert loyal > 5 * rows.filter(segment="rare").group_by("entity").len()["len"].mean()  # type: ignore[operator]


def test_transactions_need_customers_beside_them() -> None:
    with pytest.raises(demo.SpecInvalid) as caught:
        demo.read_spec(spec("transactions"))
    assert "needs the table customers in the same department" in str([f.message for f in caught.value.faults])
