"""Outcomes by file: every fault of every row, or all rows once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from headway import catalog, ledger, serving
from headway.kernel.errors import Invalid
from headway.kernel.web import Parts
from headway.serving import columns
from tests.factories.serving import ACTOR, RECORD, SmallNode, deployed, granted, prepare_keys, released


@pytest.fixture
def node(parts: Parts, tmp_path: Path) -> SmallNode:
    prepare_keys(parts)
    deployed(parts, released(parts))
    granted(parts)
    serving.publish_due(parts)
    return SmallNode(parts, tmp_path / "node")


@pytest.fixture
def decided(node: SmallNode) -> dict[str, str]:
    """Decisions that were taken in, by subject."""
    made = node.decide("leads", [{**RECORD, "customer": f"c-{i}"} for i in range(4)])
    node.ship()
    serving.take_in(node.parts.database, node.parts.storage, catalog.lake_of(node.parts), node.key)
    return {decision.subject: name for name, decision in made}


def bring(node: SmallNode, path: Path, **more: Any) -> serving.OutcomeImport:
    with node.parts.database.session() as session:
        return serving.import_outcomes(
            session, catalog.lake_of(node.parts), ACTOR, path=path, filename=path.name, **more
        )


def told(node: SmallNode) -> list[dict[str, Any]]:
    lake = catalog.lake_of(node.parts)
    return lake.scan(columns.OUTCOMES).sort_by("decision").to_pylist() if lake.exists(columns.OUTCOMES) else []


def test_outcomes_are_joined_to_decisions_and_counted_once(
    node: SmallNode, decided: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "outcomes.csv"
    rows = "".join(
        f"{name},{'yes' if i % 2 else 'no'},2026-11-20T10:00:00Z,x\n" for i, name in enumerate(decided.values())
    )
    path.write_text("decision_id,outcome,at,comment\n" + rows)
    made = bring(node, path)
    assert (made.rows, made.added, made.known, made.pending) == (4, 4, 0, 0)
    assert made.ignored_columns == ("comment",)
    kept = told(node)
    assert {row["decision"] for row in kept} == set(decided.values())
    assert {row["deployment"] for row in kept} == {"leads"}
    assert sorted(row["value"] for row in kept) == [0.0, 0.0, 1.0, 1.0]
    again = bring(node, path)
    assert (again.added, again.known) == (0, 4)
    assert len(told(node)) == 4
    with node.parts.database.session() as session:
        assert len(ledger.find(session, type="outcomes.imported").items) == 2


def test_a_parquet_file_by_subject_finds_the_latest_decision(
    node: SmallNode, decided: dict[str, str], tmp_path: Path
) -> None:
    second = dict(node.decide("leads", [{**RECORD, "customer": "c-0"}]))
    node.ship()
    serving.take_in(node.parts.database, node.parts.storage, catalog.lake_of(node.parts), node.key)
    path = tmp_path / "outcomes.parquet"
    pl.DataFrame({"subject": ["c-0", "c-3"], "outcome": [1, 0]}).write_parquet(path)
    made = bring(node, path, deployment="leads", environment="sandbox")
    assert made.added == 2
    assert {row["decision"] for row in told(node)} == {*second, decided["c-3"]}


def test_every_fault_is_told_with_its_row_and_nothing_is_taken_in(
    node: SmallNode, decided: dict[str, str], tmp_path: Path
) -> None:
    good = decided["c-0"]
    path = tmp_path / "outcomes.csv"
    path.write_text(
        "decision,outcome,at,value\n"
        f"{good},yes,2026-11-20,\n"
        f",yes,2026-11-20,\n"
        f"{good},,yesterday,\n"
        f"{good},yes,2026-11-20,much\n"
    )
    with pytest.raises(Invalid) as caught:
        bring(node, path)
    found = {(fault.row, fault.column, fault.value) for fault in caught.value.faults}
    assert found == {(2, "decision", None), (3, "outcome", None), (3, "at", "yesterday"), (4, "value", "much")}
    assert told(node) == []


def test_unknown_decisions_are_faults_but_young_ones_are_believed(
    node: SmallNode, decided: dict[str, str], tmp_path: Path
) -> None:
    [(young, _)] = node.decide("leads", [RECORD])
    path = tmp_path / "outcomes.csv"
    path.write_text(f"decision,outcome\n{young},yes\ndec_00000000000000000000000000,no\n")
    with pytest.raises(Invalid) as caught:
        bring(node, path)
    assert [(fault.row, fault.rule) for fault in caught.value.faults] == [(2, "known")]
    path.write_text(f"decision,outcome\n{young},yes\n")
    assert bring(node, path).pending == 1


def test_subjects_nobody_decided_about_are_faults(node: SmallNode, decided: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_text("subject,outcome,at\nc-0,yes,2020-01-01\nnobody,no,2027-01-01\n")
    with pytest.raises(Invalid, match="say which deployment"):
        bring(node, path)
    with pytest.raises(Invalid) as caught:
        bring(node, path, deployment="leads", environment="sandbox")
    assert [(fault.row, fault.value) for fault in caught.value.faults] == [(1, "c-0"), (2, "nobody")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("outcomes.csv", b""),
        ("outcomes.csv", b"decision,outcome\n"),
        ("outcomes.csv", b"a,b\n1,2\n"),
        ("outcomes.csv", b"decision,outcome\n1,2,3\n"),
        ("outcomes.csv", b"decision,outcome\n\xff\xfe\x00,1\n"),
        ("outcomes.parquet", b"not parquet"),
        ("outcomes.docx", b"PK"),
    ],
)
def test_broken_files_get_a_message(node: SmallNode, tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Invalid) as caught:
        bring(node, path)
    assert caught.value.message
    assert told(node) == []


def test_decisions_of_another_deployment_are_faults(node: SmallNode, decided: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_text(f"decision,outcome\n{decided['c-0']},yes\n")
    for place in ({"deployment": "others"}, {"environment": "production"}):
        with pytest.raises(Invalid) as caught:
            bring(node, path, **place)
        assert [fault.row for fault in caught.value.faults] == [1]
    assert bring(node, path, deployment="leads", environment="sandbox").added == 1


def test_an_outcome_without_a_time_is_also_told_once(node: SmallNode, decided: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_text(f"decision,outcome\n{decided['c-0']},yes\n")
    assert bring(node, path).added == 1
    assert bring(node, path).known == 1
    assert len(told(node)) == 1
