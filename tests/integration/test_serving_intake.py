"""Sealed segments come into the tables exactly once, whatever dies in between; damaged ones are refused."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from headway import catalog, governance, ledger, serving
from headway.kernel import clock
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from headway.serving import columns
from tests.factories.serving import (
    RECORD,
    DyingLake,
    SmallNode,
    count,
    deployed,
    erase_subject,
    granted,
    prepare_keys,
    released,
)


@pytest.fixture
def node(parts: Parts, tmp_path: Path) -> SmallNode:
    prepare_keys(parts)
    deployed(parts, released(parts))
    granted(parts)
    serving.publish_due(parts)
    return SmallNode(parts, tmp_path / "node")


@pytest.fixture
def lake(parts: Parts) -> catalog.Lake:
    return catalog.lake_of(parts)


def people(number: int) -> list[dict[str, Any]]:
    return [{**RECORD, "customer": f"c-{i}"} for i in range(number)]


def take_in(node: SmallNode, lake: Any = None) -> serving.IntakeReport:
    parts = node.parts
    return serving.take_in(parts.database, parts.storage, lake or catalog.lake_of(parts), node.key)


def ids_of(lake: catalog.Lake, table: str) -> Counter[str]:
    return Counter(lake.scan(table, columns=["id"])["id"].to_pylist()) if lake.exists(table) else Counter()


def metered(node: SmallNode) -> int:
    """The decisions that were counted for pricing, of today and yesterday, should midnight lie between."""
    with node.parts.database.session() as session:
        yesterday = clock.now().date() - timedelta(days=1)
        return sum(serving.decisions_by_day(session, name="leads", environment="sandbox", first_day=yesterday).values())


def test_what_a_node_refused_reaches_the_ledger_once_and_counted(node: SmallNode) -> None:
    for _ in range(4):
        node.refuse("leads", "this token is not known", "node.token_unknown")
    for number in range(30):
        node.refuse(f"made-up-{number}", "this token is not known", "node.token_unknown")
    node.refuse("leads", "file_changed: model.txt was changed", "node.release_refused", "sha256-" + "1" * 64)
    node.refuse("leads", "too many fields", "runtime.contract_broken")
    node.ship()
    take_in(node)
    take_in(node)
    with node.parts.database.session() as session, clock.fixed(clock.now() + timedelta(minutes=2)):
        found = ledger.find(session, type="gate.refused", limit=100).items
        governance.tell_repeats(session)
        again = ledger.find(session, type="gate.refused", limit=100).items
    told = {(one.subject, (one.payload or {})["code"]): one for one in found}
    assert set(told) == {
        ("deployment:sandbox/leads", "node.token_unknown"),
        ("environment:sandbox", "node.token_unknown"),
        ("deployment:sandbox/leads", "node.release_refused"),
    }
    assert {one.actor for one in found} == {"node:sandbox/small"}
    release = told["deployment:sandbox/leads", "node.release_refused"].payload or {}
    assert (release["subject_digest"], release["usecase"]) == ("sha256-" + "1" * 64, "lead-scoring")
    counted: Counter[str] = Counter()
    for one in again:
        counted[one.subject] += int(str((one.payload or {})["count"]))
    assert counted == {"deployment:sandbox/leads": 5, "environment:sandbox": 30}


def test_records_of_every_kind_come_into_their_tables(node: SmallNode, lake: catalog.Lake) -> None:
    made = node.decide("leads", people(5))
    outcome = node.tell("leads", made[0][0], "yes")
    node.refuse("leads", "this token is not known")
    [key] = node.ship()
    report = take_in(node)
    assert (report.segments, report.decisions, report.outcomes, report.refusals) == (1, 5, 1, 1)
    assert ids_of(lake, columns.DECISIONS) == Counter(name for name, _ in made)
    [told] = lake.scan(columns.OUTCOMES).to_pylist()
    assert (told["id"], told["decision"], told["outcome"], told["value"]) == (outcome, made[0][0], "yes", 1.0)
    [refusal] = lake.scan(columns.REFUSALS).to_pylist()
    assert refusal["why"] == "this token is not known"
    inputs = {row["id"]: row for row in lake.scan(columns.INPUTS).to_pylist()}
    assert {inputs[name]["subject"] for name, _ in made} == {f"c-{i}" for i in range(5)}
    kept = lake.scan(columns.DECISIONS).to_pylist()
    assert not any("c-" in str(value) for row in kept for value in row.values()), "decisions name no person"
    with node.parts.database.session() as session:
        [event] = ledger.find(session, type="segment.sealed").items
        assert event.subject == str(Ref("segment", key.removeprefix("segments/").removesuffix(".json")))
        assert event.payload is not None and event.payload["records"] == 7


def test_taking_in_again_adds_nothing(node: SmallNode, lake: catalog.Lake) -> None:
    node.decide("leads", people(3))
    node.ship()
    assert take_in(node).decisions == 3
    assert take_in(node).segments == 0
    node.decide("leads", people(2))
    node.ship()
    assert take_in(node).decisions == 2
    assert sum(ids_of(lake, columns.DECISIONS).values()) == metered(node) == 5


@pytest.mark.parametrize("table", [columns.DECISIONS, columns.INPUTS, columns.OUTCOMES])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_death_around_any_append_loses_and_doubles_nothing(
    node: SmallNode, lake: catalog.Lake, table: str, after: bool
) -> None:
    made = node.decide("leads", people(4))
    node.tell("leads", made[0][0], 1)
    node.ship()
    with pytest.raises(RuntimeError, match="died"):
        take_in(node, DyingLake(lake, table, after=after))
    late = node.decide("leads", people(2))
    node.ship()
    first = take_in(node)
    assert first.decisions == 4, "the unfinished batch comes first and alone"
    assert take_in(node).decisions == 2
    assert ids_of(lake, columns.DECISIONS) == Counter(name for name, _ in [*made, *late])
    assert set(ids_of(lake, columns.INPUTS).values()) == {1}
    assert set(ids_of(lake, columns.OUTCOMES).values()) == {1}
    assert metered(node) == 6
    with node.parts.database.session() as session:
        assert len(ledger.find(session, type="segment.sealed").items) == 2


def test_two_intakes_at_once_take_each_record_once(node: SmallNode, lake: catalog.Lake) -> None:
    made = node.decide("leads", people(6))
    node.ship()
    reports: list[serving.IntakeReport] = []
    threads = [threading.Thread(target=lambda: reports.append(take_in(node))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.decisions for report in reports) == metered(node) == 6
    assert ids_of(lake, columns.DECISIONS) == Counter(name for name, _ in made)


def test_a_changed_segment_is_refused_for_good_and_others_come_in(node: SmallNode, lake: catalog.Lake) -> None:
    node.decide("leads", people(2))
    [bad] = node.ship()
    key = bad.removesuffix(".json") + ".log"
    content = bytearray(node.parts.storage.get(key))
    content[-1] ^= 1
    node.parts.storage.replace(key, bytes(content))
    other = SmallNode(node.parts, node.folder.parent, name="other")
    good = other.decide("leads", people(3))
    other.ship()
    report = take_in(node)
    assert report.decisions == 3
    [refused] = report.refused
    assert bad in refused and "not the one that was sealed" in refused
    assert ids_of(lake, columns.DECISIONS) == Counter(name for name, _ in good)
    assert take_in(node).refused == ()
    with node.parts.database.session() as session:
        assert len(ledger.find(session, type="segment.refused").items) == 1


def test_a_segment_that_forks_its_chain_is_refused(node: SmallNode) -> None:
    node.decide("leads", people(1))
    node.ship()
    take_in(node)
    start = (node.folder / "chain.json").read_bytes()
    node.decide("leads", people(1))
    node.ship()
    assert take_in(node).decisions == 1
    forged = start.replace(start.split(b'"head":"')[1][:8], b"00000000")
    (node.folder / "chain.json").write_bytes(forged)
    node.decide("leads", people(1))
    node.ship()
    report = take_in(node)
    assert report.decisions == 0
    assert "the chain was forked" in report.refused[0]


def test_an_erased_payload_comes_in_without_it_and_the_chain_still_holds(node: SmallNode, lake: catalog.Lake) -> None:
    made = node.decide("leads", people(3))
    [key] = node.ship()
    erase_subject(node.parts, key, "c-1")
    assert take_in(node).decisions == 3
    assert len(ids_of(lake, columns.DECISIONS)) == 3
    assert len(ids_of(lake, columns.INPUTS)) == 2
    erased = next(name for name, decision in made if decision.subject == "c-1")
    with node.parts.database.session() as session:
        chain = serving.decision_chain(session, node.parts, erased)
    by_kind = {one.kind: one for one in chain.links}
    assert by_kind["decision"].verified is True
    assert "erased" in by_kind["decision"].note
    assert by_kind["segment"].verified is True


def test_a_chain_names_the_link_that_was_tampered_with(node: SmallNode) -> None:
    [(decision, made)] = node.decide("leads", people(1))
    node.ship()
    take_in(node)
    parts = node.parts
    snapshot = node.follow()
    release = made.release or next(arm.release for arm in snapshot.deployments["leads"].arms if arm.release)
    key = f"bundles/{release}/card.md"
    parts.storage.replace(key, b"# A better card\n")
    with parts.database.session() as session:
        chain = serving.decision_chain(session, parts, decision)
    assert not chain.verified
    broken = {one.kind: one.note for one in chain.links if one.verified is False}
    assert "card.md was changed" in broken["release"]


def test_a_decision_nobody_took_in_is_told_apart_from_one_that_never_was(node: SmallNode) -> None:
    [(decision, _)] = node.decide("leads", people(1))
    with node.parts.database.session() as session:
        with pytest.raises(serving.UnknownDecision, match="not yet taken in") as young:
            serving.decision_chain(session, node.parts, decision)
        with pytest.raises(serving.UnknownDecision, match="no decision"):
            serving.decision_chain(session, node.parts, "dec_00000000000000000000000000")
        with pytest.raises(serving.UnknownDecision):
            serving.decision_chain(session, node.parts, "x' or 'a' == 'a")
    assert young.value.hint is not None and "seconds" in young.value.hint


def test_decisions_are_listed_newest_first_page_by_page(node: SmallNode, lake: catalog.Lake) -> None:
    made = [name for name, _ in node.decide("leads", people(5))]
    node.ship()
    take_in(node)
    first, cursor = serving.list_decisions(lake, deployment="leads", limit=3)
    rest, end = serving.list_decisions(lake, deployment="leads", limit=3, cursor=cursor)
    assert [one.id for one in [*first, *rest]] == made[::-1]
    assert end is None
    assert serving.list_decisions(lake, deployment="other") == ([], None)
    with node.parts.database.session() as session:
        assert count(session, "serving.segments") == 1
