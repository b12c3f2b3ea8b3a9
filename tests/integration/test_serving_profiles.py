"""Decisions are profiled on the node and the profiles merged by intake: by day and release, each decision once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headway import catalog, numerics, runtime, serving
from headway.kernel import clock
from headway.kernel.canonical import canonical_json
from headway.kernel.web import Parts
from headway.runtime import DayProfile, shipping
from headway.serving import columns
from tests.factories.profiled import REFERENCE_ROWS, reference_of_rows, released_with_reference, run_of
from tests.factories.serving import DyingLake, SmallNode, deployed, erase_subject, granted, prepare_keys, released

DAY = date(2026, 3, 2)


@pytest.fixture
def release(parts: Parts, fixed_clock: clock.FixedClock) -> str:
    prepare_keys(parts)
    return released_with_reference(parts)


@pytest.fixture
def node(parts: Parts, release: str, tmp_path: Path) -> SmallNode:
    deployed(parts, release, holdout_share=0.25)
    granted(parts)
    serving.publish_due(parts)
    return SmallNode(parts, tmp_path / "node")


def take_in(node: SmallNode, lake: Any = None) -> serving.IntakeReport:
    return serving.take_in(node.parts.database, node.parts.storage, lake or catalog.lake_of(node.parts), node.key)


def profiles(parts: Parts) -> list[DayProfile]:
    with parts.database.session() as session:
        return serving.day_profiles(
            session, name="leads", environment="sandbox", since=date(2026, 1, 1), until=date(2026, 12, 31)
        )


def ship(node: SmallNode, profile: shipping.Profile | None) -> None:
    """Seal and ship as a node's shipper does, with a profile beside the segment."""
    seal = shipping.seal_segment

    def sealed(folder: Path, segment: str, by: Any) -> runtime.Manifest | None:
        return seal(folder, segment, by, profile)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shipping, "seal_segment", sealed)
        node.ship()


def on_node(node: SmallNode, release: str) -> runtime.SegmentProfiler:
    found = serving.reference_of(node.parts.storage, release)
    assert found is not None
    assert found.reference is not None
    profiler = runtime.Profiler(found.release.features, found.reference)
    return runtime.SegmentProfiler(node.key, lambda subject: profiler if subject == release else None, lambda: None)


def scored(made: list[tuple[str, runtime.Decision]]) -> list[runtime.Decision]:
    return [decision for _, decision in made if decision.score is not None]


def test_a_day_is_what_its_decisions_were(node: SmallNode, release: str) -> None:
    asked = run_of(40)
    made = node.decide("leads", asked)
    ship(node, on_node(node, release))
    take_in(node)
    [found] = profiles(node.parts)
    kept = [record for record, (_, decision) in zip(asked, made, strict=True) if decision.score is not None]
    assert (found.deployment, found.release, found.day) == ("leads", release, DAY)
    assert found.profile.rows == len(kept) < len(asked), "the held-out have no score and are not counted"
    jobs = found.profile.inputs["job"]
    assert jobs.counts == (
        sum(record["job"] == "clerk" for record in kept),
        sum(record["job"] == "nurse" for record in kept),
        0,
        sum(record["job"] == "pilot" for record in kept),
    )
    balance = found.profile.inputs["balance"]
    assert balance.nulls == sum(record["balance"] is None for record in kept)
    known = [record["balance"] for record in kept if record["balance"] is not None]
    assert (balance.low, balance.high) == (min(known), max(known))
    clients = found.profile.inputs["is_client"].counts
    assert clients[1] == sum(record["is_client"] for record in kept)
    scores = [decision.score for decision in scored(made)]
    assert (found.profile.scores.low, found.profile.scores.high) == (min(scores), max(scores))


def test_node_and_control_plane_count_alike_and_the_nodes_profile_is_used(
    node: SmallNode, release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.decide("leads", run_of(60))
    ship(node, None)
    take_in(node)
    [alone] = profiles(node.parts)
    clock_at = clock.now() + timedelta(days=1)
    with clock.fixed(clock_at):
        granted(node.parts, secret="hwy_another")
        node.decide("leads", run_of(60))
        counted: list[str] = []
        made = on_node(node, release)
        ship(node, lambda segment, log, side: counted.append(segment) or made(segment, log, side))
        monkeypatch.setattr(runtime, "profile_records", lambda *_: pytest.fail("counted again"))
        take_in(node)
    first, second = profiles(node.parts)
    assert len(counted) == 1
    assert (first, second.day) == (alone, DAY + timedelta(days=1))
    assert second.profile.rows == first.profile.rows
    assert second.profile.inputs == first.profile.inputs


@pytest.mark.parametrize("table", [columns.DECISIONS, columns.OUTCOMES])
def test_what_dies_in_between_counts_nothing_twice(node: SmallNode, table: str) -> None:
    made = node.decide("leads", run_of(30))
    node.tell("leads", made[0][0], 1)
    node.ship()
    lake = catalog.lake_of(node.parts)
    with pytest.raises(RuntimeError, match="died"):
        take_in(node, DyingLake(lake, table, after=True))
    assert profiles(node.parts) == []
    take_in(node)
    take_in(node)
    later = node.decide("leads", run_of(20))
    node.ship()
    take_in(node)
    [found] = profiles(node.parts)
    assert found.profile.rows == len(scored(made)) + len(scored(later))


def test_segments_of_a_day_add_up_to_one_profile(node: SmallNode, release: str) -> None:
    records = run_of(50)
    for part in (records[:20], records[20:25], records[25:]):
        node.decide("leads", part)
        ship(node, on_node(node, release))
    take_in(node)
    [found] = profiles(node.parts)
    node.decide("leads", records)
    node.ship()
    take_in(node)
    [both] = profiles(node.parts)
    assert both.profile == numerics.merge_profiles(found.profile, found.profile), "the same people are in the same arms"


def _other(node: SmallNode, content: bytes, segment: str) -> bytes:
    told = runtime.read_profiles(content, node.key, segment)
    return runtime.seal_profiles([replace(one, day=one.day - timedelta(days=3)) for one in told], node.key, segment)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda node, content, segment: content[:-1] + bytes([content[-1] ^ 1]),
        lambda node, content, segment: b"",
        _other,
    ],
    ids=["changed", "empty", "of other days"],
)
def test_a_profile_that_does_not_fit_its_segment_is_counted_anew(
    node: SmallNode, release: str, spoil: Callable[[SmallNode, bytes, str], bytes]
) -> None:
    made = node.decide("leads", run_of(30))
    honest = on_node(node, release)

    def spoiled(segment: str, log: bytes, side: bytes) -> bytes | None:
        content = honest(segment, log, side)
        assert content is not None
        return spoil(node, content, segment)

    ship(node, spoiled)
    assert take_in(node).decisions == 30
    [found] = profiles(node.parts)
    assert (found.day, found.profile.rows) == (DAY, len(scored(made)))


def test_a_profiler_that_breaks_holds_no_segment_back(node: SmallNode) -> None:
    node.decide("leads", run_of(5))

    def broken(segment: str, log: bytes, side: bytes) -> bytes | None:
        raise ValueError("broken")

    ship(node, broken)
    assert take_in(node).decisions == 5


def test_erased_decisions_are_not_counted_and_the_rest_is(node: SmallNode) -> None:
    asked = run_of(12)
    made = node.decide("leads", asked)
    [key] = node.ship()
    gone = next(decision.subject for decision in scored(made))
    erase_subject(node.parts, key, gone)
    take_in(node)
    [found] = profiles(node.parts)
    assert found.profile.rows == sum(decision.subject != gone for decision in scored(made))


def test_a_release_without_a_reference_is_served_and_not_profiled(parts: Parts, tmp_path: Path) -> None:
    prepare_keys(parts)
    deployed(parts, released(parts))
    granted(parts)
    serving.publish_due(parts)
    small = SmallNode(parts, tmp_path / "node")
    small.decide("leads", run_of(5))
    small.ship()
    assert take_in(small).decisions == 5
    assert profiles(parts) == []
    found = serving.reference_of(parts.storage, released(parts))
    assert found is not None
    assert found.reference is None


def test_the_reference_holds_the_rows_it_was_made_of() -> None:
    reference = reference_of_rows()
    assert reference.profile.rows == len(REFERENCE_ROWS)
    assert sum(reference.profile.inputs["job"].counts) == len(REFERENCE_ROWS)
    assert numerics.read_reference(canonical_json(numerics.plain_reference(reference))) == reference
    assert json.loads(canonical_json(numerics.plain_reference(reference)))["format"] == "headway-reference/1"
    assert np.isclose(sum(reference.profile.scores.counts), len(REFERENCE_ROWS))
