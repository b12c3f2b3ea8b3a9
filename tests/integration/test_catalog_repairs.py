"""Repairs on a real database and a real lake: accepted, refused, taken back, learnt from labels."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import catalog, ledger
from headway.catalog import quarantine, repairs
from headway.catalog.quarantine import Mode
from headway.catalog.repairs import ActKind, Choice, Data, Label
from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.errors import Denied, Invalid
from headway.kernel.storage import Storage

ANN, ROBOT = Actor(ref="person:ann", name="Ann"), Actor(ref="service:robot", name="robot")
SLUG, WHY = "sales.shops", "checked with the shops"
TOWNS = ("Hamburg", "Berlin", "Munich", "Cologne")


@pytest.fixture
def lake(database: Database, storage: Storage) -> catalog.Lake:
    return catalog.Lake(database, storage.url)


def table(rows: int = 240) -> dict[str, list[object]]:
    """Shops with misspelt towns in rows 10 and 11, a price with a unit in row 20, an odd address in row 31."""
    towns = [TOWNS[n % 4] for n in range(rows)]
    towns[9], towns[10] = "Berlim", "Munnich"
    prices: list[object] = [f"{10 + n % 50}.5" for n in range(rows)]
    prices[19] = "12.5€"
    mails = [f"shop{n}@example.org" for n in range(rows)]
    mails[30] = "shop30#example.org"
    return {"shop": [f"S-{n:04d}" for n in range(rows)], "town": towns, "price": prices, "email": mails}


def register(
    session: Session,
    storage: Storage,
    lake: catalog.Lake,
    folder: Path,
    columns: dict[str, list[object]],
    **more: object,
) -> catalog.Registration:
    source = folder / "shops.csv"
    pl.DataFrame(columns).write_csv(source)
    options: dict[str, object] = {"department": "Sales", "name": "shops"} | more
    return catalog.register_product(session, ANN, storage, lake, source=source, filename=source.name, **options)  # type: ignore[arg-type]


@pytest.fixture
def first(session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path) -> catalog.Registration:
    return register(session, storage, lake, tmp_path, table())


def suggested(
    session: Session, storage: Storage, lake: catalog.Lake, **named: object
) -> dict[tuple[int, str], str | None]:
    page = repairs.suggest(Data(session, storage, lake), ANN, SLUG, Choice(**named), limit=1000)  # type: ignore[arg-type]
    return {(one.row, one.column): one.new for one in page.items}


def test_accepted_repairs_make_a_snapshot_that_is_checked_told_and_can_be_taken_back(
    session: Session, storage: Storage, lake: catalog.Lake, first: catalog.Registration
) -> None:
    assert first.quality.failed_rows >= 1  # the price with a unit
    seen = suggested(session, storage, lake)
    assert seen[(10, "town")] == "Berlin" and seen[(11, "town")] == "Munich" and seen[(20, "price")] == "12.5"
    act = repairs.accept(
        Data(session, storage, lake), ANN, SLUG, Choice(column="town"), reason=WHY, snapshot_id=first.snapshot.id
    )
    product = catalog.get_product(session, SLUG)
    made = catalog.get_snapshot(session, product.snapshot_id or "")
    assert (made.id, made.mode, made.parent, made.file_key) == (
        act.snapshot,
        "repair",
        first.snapshot.id,
        first.snapshot.file_key,
    )
    before, after = catalog.read_snapshot(lake, first.snapshot), catalog.read_snapshot(lake, made)
    changed = [n + 1 for n, (old, new) in enumerate(zip(before.rows(), after.rows(), strict=True)) if old != new]
    assert changed == [10, 11] and after["town"][9] == "Berlin" and before["town"][9] == "Berlim"
    assert after["price"].equals(before["price"]) and after.schema == before.schema
    assert storage.exists(first.snapshot.file_key)
    assert catalog.quality_of(session, SLUG).snapshot_id == made.id
    assert catalog.quality_of(session, SLUG).failed_rows == first.quality.failed_rows  # the price is wrong still
    assert suggested(session, storage, lake, column="town") == {}
    (told,) = ledger.find(session, subject=product.ref, type="product.repaired").items
    assert told.payload is not None and told.payload["cells"] == 2 and told.payload["cells_digest"] == act.cells_digest
    assert "Berlin" not in str(told.payload)
    page = repairs.get_act(Data(session, storage, lake), ANN, SLUG, act.id)
    assert [(one.row, one.old, one.new) for one in page.items] == [(10, "Berlim", "Berlin"), (11, "Munnich", "Munich")]

    second = repairs.accept(Data(session, storage, lake), ANN, SLUG, Choice(cells=((20, "price"),)), reason=WHY)
    now = catalog.get_snapshot(session, second.snapshot or "")
    assert catalog.read_snapshot(lake, now)["price"][19] == 12.5
    assert catalog.quality_of(session, SLUG).failed_rows == first.quality.failed_rows - 1

    with pytest.raises(repairs.CannotUndo, match="changed since"):
        repairs.undo(Data(session, storage, lake), ANN, SLUG, act.id, reason=WHY)
    repairs.undo(Data(session, storage, lake), ANN, SLUG, second.id, reason=WHY)
    undone = repairs.undo(Data(session, storage, lake), ANN, SLUG, act.id, reason=WHY)
    last = catalog.get_snapshot(session, undone.snapshot or "")
    assert catalog.read_snapshot(lake, last).equals(before) and last.mode == "undo"
    assert catalog.quality_of(session, SLUG).failed_rows == first.quality.failed_rows
    assert (
        lake.scan(last.table, columns=["town"]).num_rows == 240
    )  # what others see in the lake is the current snapshot
    with pytest.raises(repairs.CannotUndo, match="took it back already"):
        repairs.undo(Data(session, storage, lake), ANN, SLUG, act.id, reason=WHY)
    assert [one.kind for one in repairs.list_acts(Data(session, storage, lake), SLUG).items] == [
        ActKind.undone, ActKind.undone, ActKind.accepted, ActKind.accepted,
    ]  # fmt: skip
    assert (10, "town") in suggested(session, storage, lake)


def test_what_was_refused_is_not_suggested_again_for_the_same_value(
    session: Session, storage: Storage, lake: catalog.Lake, first: catalog.Registration, tmp_path: Path
) -> None:
    repairs.refuse(Data(session, storage, lake), ANN, SLUG, Choice(cells=((10, "town"),)), reason="there is a Berlim")
    assert (10, "town") not in suggested(session, storage, lake)
    assert (11, "town") in suggested(session, storage, lake)
    assert catalog.get_product(session, SLUG).snapshot_id == first.snapshot.id
    later = table()
    later["town"][99], later["town"][100] = "Berlim", "Hambrug"
    register(session, storage, lake, tmp_path, later)
    again = suggested(session, storage, lake, column="town")
    assert (100, "town") not in again and (101, "town") in again


def test_a_person_says_why_about_what_is_there_now(
    session: Session, storage: Storage, lake: catalog.Lake, first: catalog.Registration, tmp_path: Path
) -> None:
    town = Choice(column="town")
    with pytest.raises(Denied):
        repairs.accept(Data(session, storage, lake), ROBOT, SLUG, town, reason=WHY)
    with pytest.raises(Invalid, match="why"):
        repairs.accept(Data(session, storage, lake), ANN, SLUG, town, reason=" ")
    with pytest.raises(repairs.NothingChosen) as refused:
        repairs.accept(
            Data(session, storage, lake), ANN, SLUG, Choice(cells=((1, "town"), (2, "town"), (10, "town"))), reason=WHY
        )
    assert [(fault.row, fault.column) for fault in refused.value.faults] == [(1, "town"), (2, "town")]
    register(session, storage, lake, tmp_path, table(241))
    with pytest.raises(repairs.SnapshotMoved):
        repairs.accept(Data(session, storage, lake), ANN, SLUG, town, reason=WHY, snapshot_id=first.snapshot.id)
    act = repairs.refuse(Data(session, storage, lake), ANN, SLUG, town, reason=WHY)
    with pytest.raises(IntegrityError, match="never changed"):
        session.execute(text("update catalog.repair_acts set reason = 'other' where id = :id"), {"id": act.id})


def test_values_of_restricted_columns_are_masked_and_no_other_reason_quotes_them(
    session: Session, storage: Storage, lake: catalog.Lake, first: catalog.Registration
) -> None:
    page = repairs.suggest(Data(session, storage, lake), ANN, SLUG, Choice(least=0.0), limit=1000)
    assert page.masked == ("email",)
    mails = [one for one in page.items if one.column == "email"]
    assert mails and all(one.is_masked for one in mails)
    assert "example" not in str(page.items) and "shop30" not in str(page.items)
    task = repairs.rows_to_label(Data(session, storage, lake), SLUG)
    assert "email" not in task.columns and task.masked == ("email",) and "example" not in str(task)


def test_labels_teach_and_name_the_right_value_and_stay_true_after_repairs(
    session: Session, storage: Storage, lake: catalog.Lake, first: catalog.Registration
) -> None:
    task = repairs.rows_to_label(Data(session, storage, lake), SLUG, count=3)
    assert len(task.rows) == 3 and not task.labelled
    labels = [Label(row=5, wrong={"town": "Bremen"}), Label(row=10, wrong={"town": None}), Label(row=6, wrong={})]
    assert repairs.label(Data(session, storage, lake), ANN, SLUG, labels) == 3
    groups = repairs.groups(Data(session, storage, lake), ANN, SLUG, Choice())
    assert groups.labelled == 3
    named = repairs.suggest(Data(session, storage, lake), ANN, SLUG, Choice(kind="labels", sure=0.99)).items
    assert [(one.row, one.column, one.new) for one in named] == [(5, "town", "Bremen")]
    repairs.accept(Data(session, storage, lake), ANN, SLUG, Choice(cells=((5, "town"),)), reason=WHY)
    again = repairs.rows_to_label(Data(session, storage, lake), SLUG)
    assert {one.row: one.wrong for one in again.labelled} == {5: {}, 6: {}, 10: {"town": None}}
    assert (5, "town") not in suggested(session, storage, lake)
    with pytest.raises(repairs.LabelInvalid) as refused:
        wrong = [Label(row=999, wrong={}), Label(row=1, wrong={"email": "x", "none": None})]
        repairs.label(Data(session, storage, lake), ANN, SLUG, wrong)
    assert len(refused.value.faults) == 3


def test_what_was_looked_for_once_is_kept(
    session: Session, storage: Storage, lake: catalog.Lake, first: catalog.Registration
) -> None:
    seen = suggested(session, storage, lake)
    assert repairs.look(Data(session, storage, lake), ANN, SLUG) == len(seen)
    kept = list(storage.list("cleaning"))
    assert len(kept) == 1 and pl.read_parquet(io.BytesIO(storage.get(kept[0]))).height == len(seen)
    assert suggested(session, storage, lake) == seen
    assert repairs.look(Data(session, storage, lake), ANN, SLUG) == len(seen) and list(storage.list("cleaning")) == kept


def test_rows_in_the_quarantine_still_enter_after_repairs_and_both_stay(
    session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path
) -> None:
    contract = """
apiVersion: v3.1.0
kind: DataContract
id: shops
version: 1.0.0
status: active
schema:
- name: shops
  properties:
  - {name: shop, logicalType: string, required: true}
  - {name: town, logicalType: string}
  - {name: price, logicalType: string}
  - {name: email, logicalType: string}
"""
    register(session, storage, lake, tmp_path, table(40), contract_text=contract)
    quarantine.set_enforcement(session, ANN, SLUG, port="upload", mode=Mode.quarantine, reason="shops need a name")
    columns = table()
    columns["shop"][2] = None  # set aside: every row behind it stands one place further up in the table
    made = register(session, storage, lake, tmp_path, columns)
    assert made.batch is not None and made.snapshot.rows == 239
    data = Data(session, storage, lake)
    seen = {one.row: one.new for one in repairs.suggest(data, ANN, SLUG, Choice(column="town"), limit=1000).items}
    assert set(seen.values()) >= {"Berlin", "Munich"}
    act = repairs.accept(data, ANN, SLUG, Choice(column="town"), reason=WHY)
    wanted = columns["town"][:2] + columns["town"][3:]
    wanted[8], wanted[9] = "Berlin", "Munich"
    now = catalog.get_snapshot(session, act.snapshot or "")
    assert catalog.read_snapshot(lake, now)["town"].to_list() == wanted
    places = quarantine.Places(storage=storage, lake=lake)
    edit = quarantine.Edit(batch=made.batch.id, row=3, values={"shop": "S-0002"})
    assert quarantine.fix(session, ANN, places, SLUG, edits=[edit], reason="asked them").fixed == 1
    replayed = quarantine.replay(session, ANN, places, SLUG)
    assert (replayed.replayed, replayed.rows) == (1, 240)
    rows = catalog.read_snapshot(lake, catalog.get_snapshot(session, replayed.snapshot_id or ""))
    assert rows["town"].to_list() == [*wanted[:2], columns["town"][2], *wanted[2:]]
    assert rows["shop"].to_list() == [f"S-{n:04d}" for n in range(240)]
