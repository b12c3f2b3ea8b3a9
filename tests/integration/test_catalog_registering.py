"""Registering files on a real database and a real lake."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy.orm import Session

from headway import catalog, governance, ledger
from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.storage import Storage

ANN = Actor(ref="person:ann", name="Ann")


@pytest.fixture
def lake(database: Database, storage: Storage) -> catalog.Lake:
    return catalog.Lake(database, storage.url)


def leads(path: Path, rows: int = 300, **changed: list[object]) -> Path:
    columns: dict[str, list[object]] = {
        "lead_id": [f"L-{n:05d}" for n in range(rows)],
        "email": [f"person{n}@example.org" for n in range(rows)],
        "channel": [("web", "fair", "phone")[n % 3] for n in range(rows)],
        "visits": [n % 17 for n in range(rows)],
        "won": [("yes", "no")[n % 4 != 0] for n in range(rows)],
    }
    pl.DataFrame(columns | changed, strict=False).write_csv(path)
    return path


def register(
    session: Session, storage: Storage, lake: catalog.Lake, source: Path, **more: object
) -> catalog.Registration:
    options: dict[str, object] = {"department": "Sales", "name": "leads", "label": "won"} | more
    return catalog.register_product(session, ANN, storage, lake, source=source, filename=source.name, **options)  # type: ignore[arg-type]


def test_a_file_becomes_a_product(session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path) -> None:
    made = register(session, storage, lake, leads(tmp_path / "leads.csv"))
    assert made.product.slug == "sales.leads"
    assert made.quality.score == 1.0
    frame = catalog.read_snapshot(lake, made.snapshot)
    assert frame.height == 300
    assert frame["lead_id"].to_list() == [f"L-{n:05d}" for n in range(300)]


def everything(storage: Storage) -> set[str]:
    return set(storage.list(""))


def test_contract_quality_evidence_and_event_come_with_it(
    session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path
) -> None:
    made = register(session, storage, lake, leads(tmp_path / "leads.csv"), subject="lead_id", exclude=["visits"])
    columns = {column.name: column for column in catalog.columns_of(made.product.contract)}
    assert {name: column.role for name, column in columns.items()} == {
        "lead_id": "subject", "email": "feature", "channel": "feature", "visits": "excluded", "won": "label",
    }  # fmt: skip
    assert (columns["won"].positive, columns["email"].is_restricted) == ("yes", True)
    assert made.product.contract_digest == catalog.contract_digest(made.product.contract)
    assert storage.get(made.snapshot.file_key) == (tmp_path / "leads.csv").read_bytes()
    evidence = governance.list_evidence(session, subject_digest=made.snapshot.digest)
    assert {one.type: one.producer for one in evidence.items} == {
        "data_quality_report": "service:catalog",
        "dataset_card": "service:catalog",
    }
    (event,) = ledger.find(session, subject=made.product.ref, type="product.registered").items
    assert event.actor == "person:ann"


def test_the_same_file_again_gives_the_same_snapshot_and_report(
    session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path
) -> None:
    source = leads(tmp_path / "leads.csv")
    first = register(session, storage, lake, source)
    again = register(session, storage, lake, source)
    assert (first.created, again.created) == (True, False)
    assert again.snapshot == first.snapshot
    assert again.quality == first.quality
    assert len(lake.snapshots(first.snapshot.table)) == 1


def test_rows_of_a_registration_that_died_before_its_commit_are_found_again(
    session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path
) -> None:
    source = leads(tmp_path / "leads.csv")
    with session.begin_nested() as savepoint:
        first = register(session, storage, lake, source)
        savepoint.rollback()
    again = register(session, storage, lake, source)
    assert again.created
    assert again.snapshot.iceberg_snapshot_id == first.snapshot.iceberg_snapshot_id
    assert len(lake.snapshots(first.snapshot.table)) == 1


def test_a_second_file_is_a_new_snapshot_and_the_first_stays(
    session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path
) -> None:
    first = register(session, storage, lake, leads(tmp_path / "a.csv"))
    second = register(session, storage, lake, leads(tmp_path / "b.csv", rows=150))
    assert second.product.contract_digest == first.product.contract_digest
    assert second.product.snapshot_id == second.snapshot.id != first.snapshot.id
    assert catalog.read_snapshot(lake, first.snapshot).height == 300
    assert catalog.read_snapshot(lake, second.snapshot).height == 150
    listed = catalog.list_snapshots(session, "sales.leads").items
    assert [one.id for one in listed] == [second.snapshot.id, first.snapshot.id]
    back = register(session, storage, lake, tmp_path / "a.csv")
    assert (back.created, back.snapshot.id, back.product.snapshot_id) == (False, first.snapshot.id, first.snapshot.id)


def test_every_bad_row_is_listed_with_row_column_rule_and_value(
    session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path
) -> None:
    register(session, storage, lake, leads(tmp_path / "good.csv"))
    visits: list[object] = [n % 17 for n in range(300)]
    visits[6], visits[7], visits[8] = "many", None, -1
    channel: list[object] = [("web", "fair", "phone")[n % 3] for n in range(300)]
    channel[9] = "pigeon"
    ids: list[object] = [f"L-{n:05d}" for n in range(300)]
    ids[11], ids[12] = "L-00000", "wrong"
    email: list[object] = [f"person{n}@example.org" for n in range(300)]
    email[13] = "Ann Lee 42"
    made = register(
        session, storage, lake, leads(tmp_path / "bad.csv", visits=visits, channel=channel, lead_id=ids, email=email)
    )
    assert [(f.row, f.column, f.rule, f.value) for f in made.quality.faults] == [
        (7, "visits", "type", "many"),
        (8, "visits", "required", None),
        (9, "visits", "minimum", "-1"),
        (10, "channel", "enum", "pigeon"),
        (12, "lead_id", "primary_key", "L-00000"),
        (13, "lead_id", "pattern", "wrong"),
        (14, "email", "pattern", "Aaa Aaa 99"),
    ]
    assert (made.quality.failed_rows, made.quality.score, made.quality.passed) == (7, 293 / 300, False)
    assert catalog.read_snapshot(lake, made.snapshot)["visits"].to_list()[5:9] == [5, None, None, -1]
    page = catalog.faults(session, storage, "sales.leads", limit=2, cursor="4")
    assert ([f.row for f in page.items], page.next, page.total) == ([12, 13], "6", 7)
    one = catalog.faults(session, storage, "sales.leads", rule="enum")
    assert [f.value for f in one.items] == ["pigeon"]
    lines = "".join(catalog.export_faults(session, storage, "sales.leads")).splitlines()
    assert len(lines) == 8
    assert lines[1].startswith("7,visits,type,many,")


def test_columns_that_differ_are_refused_and_nothing_is_kept(
    session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path
) -> None:
    register(session, storage, lake, leads(tmp_path / "a.csv"))
    before = everything(storage)
    renamed = leads(tmp_path / "renamed.csv", rows=2)
    renamed.write_text(renamed.read_text().replace("channel", "chanel"))
    extended = leads(tmp_path / "extended.csv", rows=2, extra=["1", "2"])
    for source, rules in (
        (renamed, [("missing_column", "channel"), ("new_column", "chanel")]),
        (extended, [("new_column", "extra")]),
    ):
        with pytest.raises(catalog.ColumnsDiffer) as caught:
            register(session, storage, lake, source)
        assert [(fault.rule, fault.column) for fault in caught.value.faults] == rules
    assert everything(storage) == before


def test_an_optional_column_may_be_missing(
    session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path
) -> None:
    note: list[object] = ["x", None] * 150
    register(session, storage, lake, leads(tmp_path / "a.csv", note=note))
    made = register(session, storage, lake, leads(tmp_path / "b.csv"))
    assert catalog.read_snapshot(lake, made.snapshot)["note"].null_count() == 300
    assert any("not in the file" in line for line in made.snapshot.notes)


def test_a_new_version_of_the_contract_may_add_a_column(
    session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path
) -> None:
    first = register(session, storage, lake, leads(tmp_path / "a.csv"))
    contract = json.loads(json.dumps(first.product.contract))
    contract["schema"][0]["properties"].append({"name": "extra", "logicalType": "integer"})
    source = leads(tmp_path / "b.csv", extra=list(range(300)))
    with pytest.raises(catalog.InvalidContract, match=r"version 1\.0\.0"):
        register(session, storage, lake, source, contract_text=json.dumps(contract))
    made = register(session, storage, lake, source, contract_text=json.dumps(contract | {"version": "1.1.0"}))
    assert catalog.read_snapshot(lake, made.snapshot)["extra"].to_list() == list(range(300))
    assert "extra" not in catalog.read_snapshot(lake, first.snapshot).columns
    assert catalog.contract_of(session, "sales.leads", first.product.contract_digest) == first.product.contract


def test_other_roles_make_a_new_version_of_the_contract(
    session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path
) -> None:
    source = leads(tmp_path / "a.csv")
    first = register(session, storage, lake, source)
    second = register(session, storage, lake, source, exclude=["visits"])
    assert second.product.contract_version == "1.1.0"
    assert second.snapshot == first.snapshot
    assert second.quality.contract_digest != first.quality.contract_digest
    third = register(session, storage, lake, source)
    assert third.product.contract_digest == second.product.contract_digest, "what is not asked for stays"
    fourth = register(session, storage, lake, source, exclude=[])
    assert catalog.roles_of(fourth.product.contract) == catalog.roles_of(first.product.contract)
    assert fourth.product.contract_version == "1.2.0"


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"label": "wonn"}, "did you mean won"),
    ({"label": None, "time": "day"}, "for --time"),
    ({"exclude": ["visits", "nothing"]}, "'nothing' for --exclude"),
    ({"label": "won", "positive": "maybe"}, "never is 'maybe'"),
    ({"label": "won", "subject": "won"}, "two roles"),
    ({"label": None, "positive": "yes"}, "needs --label"),
]


@pytest.mark.parametrize("case", REFUSED, ids=[words for _, words in REFUSED])
def test_roles_of_columns_that_are_not_there_are_refused_and_nothing_is_kept(
    session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path, case: tuple[dict[str, object], str]
) -> None:
    options, words = case
    with pytest.raises(catalog.UnknownColumn, match=words):
        register(session, storage, lake, leads(tmp_path / "a.csv"), **options)
    assert everything(storage) == set()


@pytest.mark.parametrize("won", [["yes"] * 300, [None] * 300])
def test_a_label_with_one_outcome_is_refused(
    session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path, won: list[object]
) -> None:
    with pytest.raises(catalog.UnreadableFile, match="label 'won' holds"):
        register(session, storage, lake, leads(tmp_path / "a.csv", won=won))


def test_a_broken_file_leaves_nothing_behind(
    session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path
) -> None:
    source = tmp_path / "a.csv"
    source.write_bytes(b"a,b\n1,2\n3\n")
    with pytest.raises(catalog.UnreadableFile), session.begin_nested():
        register(session, storage, lake, source, label=None)
    assert everything(storage) == set()
    with pytest.raises(catalog.UnknownProduct):
        catalog.get_product(session, "sales.leads")


def test_a_sample_masks_restricted_columns(
    session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path
) -> None:
    register(session, storage, lake, leads(tmp_path / "a.csv"))
    shown = catalog.sample(session, lake, "sales.leads", limit=2)
    assert shown.masked == ("email",)
    assert [row["email"] for row in shown.rows] == ["aaaaaa9@aaaaaaa.aaa"] * 2
    assert [row["lead_id"] for row in shown.rows] == ["L-00000", "L-00001"]


def test_products_are_listed_page_by_page(
    session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path
) -> None:
    source = leads(tmp_path / "a.csv", rows=5)
    for department, name in (("sales", "b"), ("hr", "x y"), ("sales", "a")):
        register(session, storage, lake, source, department=department, name=name)
    first = catalog.list_products(session, limit=2)
    assert [one.slug for one in first.items] == ["hr.x-y", "sales.a"]
    assert [one.slug for one in catalog.list_products(session, limit=2, cursor=first.next).items] == ["sales.b"]
    assert [one.slug for one in catalog.list_products(session, department="sales").items] == ["sales.a", "sales.b"]


def test_a_file_is_checked_against_a_contract_without_being_kept(tmp_path: Path) -> None:
    contract = """
apiVersion: v3.1.0
kind: DataContract
id: x
version: 1.0.0
status: draft
schema: [{name: x, properties: [{name: n, logicalType: integer, required: true, logicalTypeOptions: {maximum: 3}}]}]
"""
    source = tmp_path / "x.csv"
    source.write_text("n\n1\n4\nmany\n\n2\n")
    report = catalog.check_file(source, "x.csv", contract)
    assert [(f.row, f.rule, f.value) for f in report.faults] == [
        (2, "maximum", "4"),
        (3, "type", "many"),
        (4, "required", None),
    ]
    assert (report.score, report.passed) == (0.4, False)
