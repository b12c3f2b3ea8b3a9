"""Suspicious columns are named; honest ones are not."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from headway.registry.entities import Suspect
from headway.registry.suspects import find_suspects
from headway.registry.suspects.words import speaks_of_after, words
from tests.factories.training import leads

ROWS = 1500


@pytest.fixture(scope="module")
def plain() -> pl.DataFrame:
    return leads(ROWS)


def answers(frame: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return (frame["won"] == "yes").cast(pl.Float64).to_numpy()


def suspects(frame: pl.DataFrame, **more: object) -> dict[tuple[str, str], Suspect]:
    columns = [name for name in frame.columns if name != "won"]
    found = find_suspects(frame, columns, answers(frame), **more)  # type: ignore[arg-type]
    return {(suspect.column, suspect.kind): suspect for suspect in found}


def figure(suspect: Suspect, name: str) -> float:
    value = suspect.evidence[name]
    assert isinstance(value, float)
    return value


def test_a_rare_amount_that_only_successes_have_is_named() -> None:
    rng = np.random.default_rng(6)
    won = rng.random(20_000) < 0.01
    spend = np.where(won, np.where(rng.random(20_000) < 0.5, 29.99, rng.uniform(29, 500, 20_000).round(2)), 0.0)
    frame = leads(20_000).with_columns(won=pl.Series(np.where(won, "yes", "no")), spend=pl.Series(spend))
    assert ("spend", "separates_alone") in suspects(frame)


def test_honest_columns_are_not_suspected(plain: pl.DataFrame) -> None:
    assert suspects(plain) == {}


def test_identifiers_and_constants_are_named(plain: pl.DataFrame) -> None:
    rng = np.random.default_rng(0)
    found = suspects(
        plain.with_columns(
            row=pl.int_range(ROWS),
            shuffled_no=pl.Series(rng.permutation(ROWS) * 3),
            code=pl.Series([f"L{n:05d}" for n in range(ROWS)]),
            income_cents=pl.Series(rng.choice(10**7, ROWS, replace=False)),
            note=pl.Series([f"called {n % 900}" for n in range(ROWS)]),
            same=pl.lit("EU"),
            empty=pl.lit(None, pl.Float64),
            nearly=pl.Series([1] * (ROWS - 3) + [0, 2, 3]),
            account=pl.Series(rng.integers(0, 50, ROWS)),
        ),
        keys={"account"},
    )
    assert set(found) == {
        ("row", "identifier"),
        ("shuffled_no", "identifier"),
        ("code", "identifier"),
        ("account", "identifier"),
        ("note", "too_many_values"),
        ("same", "constant"),
        ("empty", "constant"),
        ("nearly", "near_constant"),
    }
    assert found["same", "constant"].severity == "strong"
    assert found["nearly", "near_constant"].evidence == {"share": pytest.approx((ROWS - 3) / ROWS)}


def test_copies_of_the_label_are_named(plain: pl.DataFrame) -> None:
    won = answers(plain)
    smudged = won.copy()
    smudged[:5] = 1 - smudged[:5]
    found = suspects(
        plain.with_columns(
            exact=pl.Series(np.where(won == 1, "W", "L")),
            near=pl.Series(smudged),
            only_when_won=pl.Series(["x" if w else None for w in won]),
        )
    )
    assert found["exact", "label_copy"].reason == "it repeats the label"
    assert found["near", "label_copy"].evidence["accuracy"] == pytest.approx(1 - 5 / ROWS)
    assert ("only_when_won", "label_copy") in found


def test_a_rare_label_does_not_make_every_column_a_copy() -> None:
    rng = np.random.default_rng(3)
    frame = pl.DataFrame({"a": rng.integers(0, 3, 5000), "won": np.where(np.arange(5000) % 200 == 0, "yes", "no")})
    assert suspects(frame) == {}


def test_a_column_that_separates_alone_is_named(plain: pl.DataFrame) -> None:
    rng = np.random.default_rng(1)
    paid = answers(plain) * rng.uniform(1, 99, ROWS) * (rng.random(ROWS) < 0.97)
    found = suspects(plain.with_columns(amount_paid=pl.Series(paid)))
    assert found["amount_paid", "separates_alone"].severity == "strong"
    assert figure(found["amount_paid", "separates_alone"], "auc_alone") > 0.95


def test_a_column_that_carries_the_signal_is_named_only_when_nothing_replaces_it(plain: pl.DataFrame) -> None:
    rng = np.random.default_rng(2)
    seconds = answers(plain) * 1.8 + rng.normal(0, 1, ROWS)
    found = suspects(plain.with_columns(seconds=pl.Series(seconds)))
    leak = found["seconds", "carries_signal"]
    assert leak.severity == "strong"
    assert figure(leak, "share_alone") > 0.6 and figure(leak, "share_lost") > 0.2
    copied = suspects(plain.with_columns(seconds=pl.Series(seconds), minutes=pl.Series(seconds / 60)))
    assert ("seconds", "carries_signal") in copied, "a near copy is left out together with it"
    strong = answers(plain) + rng.normal(0, 0.9, ROWS)
    replaceable = suspects(plain.with_columns(a=pl.Series(strong), b=pl.Series(strong + rng.normal(0, 0.4, ROWS))))
    assert not [key for key in replaceable if key[1] == "carries_signal"]


def test_gaps_that_tell_the_answer_are_named(plain: pl.DataFrame) -> None:
    rng = np.random.default_rng(4)
    won = answers(plain) == 1
    gone = np.where(won, rng.random(ROWS) < 0.02, rng.random(ROWS) < 0.7)
    found = suspects(
        plain.with_columns(visit_minutes=pl.Series([None if g else 5 + n % 40 for n, g in enumerate(gone)]))
    )
    suspect = found["visit_minutes", "missing_tells_label"]
    assert suspect.severity == "warning"
    assert suspect.evidence["missing_negative"] == pytest.approx(float(gone[~won].mean()))


def test_duplicates_are_named_once_and_name_the_first(plain: pl.DataFrame) -> None:
    found = suspects(
        plain.with_columns(
            visits_again=pl.col("visits") * 60,
            youth=-pl.col("age"),
            kanal=pl.col("channel").replace({"web": "Netz", "fair": "Messe", "phone": "Telefon"}),
        )
    )
    same = {column: suspect.evidence["same_as"] for (column, _), suspect in found.items()}
    assert same == {"visits_again": "visits", "youth": "age", "kanal": "channel"}


def test_columns_that_tell_the_date_are_named_only_when_the_order_is_known(plain: pl.DataFrame) -> None:
    frame = plain.with_columns(rate=pl.int_range(ROWS) // 100 * 0.25)
    assert ("rate", "moves_with_time") not in suspects(frame)
    found = suspects(frame, order=np.arange(ROWS))
    assert found["rate", "moves_with_time"].severity == "note"
    assert [key for key in found if key[1] == "moves_with_time"] == [("rate", "moves_with_time")]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("outcome", "outcome"),
        ("closeDate", None),
        ("closed_at", "closed"),
        ("callDuration", "call duration"),
        ("call_duration_sec", "call duration"),
        ("days_to_close", "days to"),
        ("previous_outcome", None),
        ("poutcome", None),
        ("letztes_ergebnis", None),
        ("Ergebnis", "ergebnis"),
        ("gesprächsdauer", "gesprächsdauer"),
        ("KÜNDIGUNG", "kündigung"),
        ("kuendigung.grund", "kuendigung"),
        ("age", None),
        ("duration_in_month", None),
        ("lostReason", "lost reason"),
    ],
)
def test_names_that_speak_of_after_the_outcome(name: str, word: str | None) -> None:
    assert speaks_of_after(name) == word


def test_names_are_cut_into_words() -> None:
    assert words("customerURLCode_2b") == ("customer", "url", "code", "2", "b")


def test_the_strongest_suspects_come_first(plain: pl.DataFrame) -> None:
    frame = plain.with_columns(visits_again=pl.col("visits"), same=pl.lit(1), final_note=pl.col("weight") * 2)
    columns = [name for name in frame.columns if name != "won"]
    severities = [s.severity for s in find_suspects(frame, columns, answers(frame))]
    assert severities == sorted(severities, key=["strong", "warning", "note"].index)
    assert set(severities) == {"strong", "warning", "note"}
