"""The node's small parts: daily count, outcomes, and the flood gate of refusals."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from headway.entrypoints.node.errors import OutcomeBroken
from headway.entrypoints.node.outcomes import read_outcomes
from headway.entrypoints.node.quota import Quota, seconds_to_midnight
from headway.kernel import clock


def take_many(folder: str, times: int, most: int) -> int:
    quota = Quota(Path(folder), "leads")
    return sum(quota.take(1, most) for _ in range(times))


def test_daily_count_holds_across_processes(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        taken = pool.starmap(take_many, [(str(tmp_path), 300, 500)] * 3)
    assert sum(taken) == 500


def test_daily_count_begins_anew_and_forgets_old_days(tmp_path: Path) -> None:
    with clock.fixed(datetime(2026, 3, 2, 23, 59, tzinfo=UTC)) as held:
        quota = Quota(tmp_path, "leads")
        assert quota.take(2, 2) and not quota.take(1, 2)
        assert seconds_to_midnight(clock.now()) == 60
        held.advance(timedelta(minutes=2))
        assert quota.take(2, 2) and not quota.take(1, 2)
        assert Quota(tmp_path, "other").take(1, 2)
    assert len(list(tmp_path.iterdir())) == 2


def test_one_outcome_and_a_list() -> None:
    outcomes, many = read_outcomes(b'{"deployment": "d", "decision": "x", "outcome": true}')
    assert not many and outcomes[0].outcome is True and outcomes[0].name == "outcome"
    outcomes, many = read_outcomes(
        b'[{"deployment": "d", "subject": "s", "outcome": "won", "value": 3, "name": "revenue"}]'
    )
    assert many and (outcomes[0].outcome, outcomes[0].value) == ("won", 3.0) and outcomes[0].name == "revenue"


@pytest.mark.parametrize(
    ("body", "rules"),
    [
        (b"{", {"json"}),
        (b"[]", {"shape"}),
        (b"[1]", {"shape"}),
        (b"{}", {"required"}),
        (b'{"deployment": "d", "decision": 3, "outcome": [1]}', {"type"}),
        (b'{"deployment": "d", "decision": "x", "outcome": 1e999}', {"json"}),
        (b'{"deployment": "d", "decision": "x", "outcome": 1, "at": "tomorrow"}', {"type"}),
        (b'{"deployment": "d", "decision": "x", "outcome": 1, "value": "much"}', {"type"}),
        (b'{"deployment": "d", "decision": "x", "outcome": 1, "value": true}', {"type"}),
        (b'{"deployment": "d", "decision": "x", "outcome": 1' + b"0" * 400 + b"}", {"type"}),
        (b'{"deployment": "d", "decision": "x", "value": 1}', {"required"}),
        (b'{"deployment": "", "decision": "x", "outcome": 1, "more": 1}', {"type", "unknown_field"}),
    ],
)
def test_broken_outcomes_name_their_faults(body: bytes, rules: set[str]) -> None:
    with pytest.raises(OutcomeBroken) as caught:
        read_outcomes(body)
    assert {fault.rule for fault in caught.value.faults} == rules
