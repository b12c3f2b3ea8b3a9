"""The example file is what it says it is: same bytes from the same seed, with the truth planted."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from headway import portfolio
from headway.portfolio.solution import check
from headway.registry.metrics import roc_auc
from headway.solutions.sales import lead_scoring
from headway.solutions.sales.lead_scoring import example


@pytest.fixture(scope="module")
def leads() -> lead_scoring.Leads:
    return lead_scoring.make_leads(2000, seed=3)


def rows_of(leads: lead_scoring.Leads) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(leads.csv)))


def test_the_manifest_may_load() -> None:
    assert check(lead_scoring.solution) == ()
    assert lead_scoring.solution.slug == "lead-scoring"


def test_the_manifest_is_found_by_its_entry_point() -> None:
    assert portfolio.load_solutions().get("sales.lead-scoring") is lead_scoring.solution


def test_equal_seeds_give_equal_bytes_and_others_do_not(leads: lead_scoring.Leads) -> None:
    assert lead_scoring.make_leads(2000, seed=3) == leads
    assert lead_scoring.make_leads(2000, seed=4).csv != leads.csv


def test_rows_are_in_order_of_time_but_for_planted_faults(leads: lead_scoring.Leads) -> None:
    times = [row["created_at"] for row in rows_of(leads) if row["created_at"] != "yesterday"]
    days = [time[:10] for time in times]
    assert days == sorted(days)


def test_every_planted_fault_stands_where_it_says(leads: lead_scoring.Leads) -> None:
    rows = rows_of(leads)
    assert len(leads.faults) == 11
    assert len({fault.row for fault in leads.faults}) == 11
    for fault in leads.faults:
        assert rows[fault.row - 1][fault.column] == fault.value


def test_outcomes_follow_the_true_probability(leads: lead_scoring.Leads) -> None:
    won, probability = np.array(leads.won, float), np.array(leads.probability)
    assert abs(won.mean() - probability.mean()) < 3 * np.sqrt(probability.mean() / len(won))
    assert 0.75 < roc_auc(won, probability) < 0.9
    assert leads.wins == int(won.sum())


def test_the_planted_leak_tells_the_outcome_better_than_the_truth_could(leads: lead_scoring.Leads) -> None:
    minutes = np.array([float(row[lead_scoring.PLANTED_LEAK]) for row in rows_of(leads)])
    auc = roc_auc(np.array(leads.won, float), minutes)
    assert 0.88 < auc < 1.0
    assert auc > roc_auc(np.array(leads.won, float), np.array(leads.probability))


def test_example_records_hold_inputs_only() -> None:
    records = lead_scoring.example_records(30, seed=1)
    assert records == lead_scoring.example_records(30, seed=1)
    for record in records:
        assert not {example.LABEL, example.TIME} & set(record)
        assert isinstance(record["pages_viewed"], int)
    assert len({record["lead_id"] for record in records}) == 30


def test_a_file_too_small_to_hold_the_faults_is_refused() -> None:
    with pytest.raises(ValueError, match="500"):
        lead_scoring.make_leads(100)


def test_the_file_is_written_as_it_was_made(tmp_path: Path) -> None:
    leads = lead_scoring.write_example(tmp_path / "leads.csv", rows=600, seed=2)
    assert (tmp_path / "leads.csv").read_text() == leads.csv
