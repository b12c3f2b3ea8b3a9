"""Ports that block, set aside or warn, and rows mended and replayed, on a real database and a real lake."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from headway import catalog, ledger
from headway.catalog import quarantine
from headway.catalog.quarantine import Edit, Mode, Outcome, RowState
from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.errors import HeadwayError
from headway.kernel.ids import Ref
from headway.kernel.storage import Storage

ANN = Actor(ref="person:ann", name="Ann")
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: orders
version: {version}
status: active
schema:
- name: orders
  properties:
  - {{name: order_id, logicalType: string, required: true, unique: true}}
  - {{name: amount, logicalType: number, required: true, logicalTypeOptions: {{minimum: 0}}}}
  - {{name: pieces, logicalType: integer}}
  - name: country
    logicalType: string
    quality:
    - {{type: library, metric: invalidValues, arguments: {{validValues: [DE, FR, IT]}}}}
  - {{name: ordered, logicalType: date, customProperties: [{{property: dateFormats, value: ["%d.%m.%Y"]}}]}}
  - {{name: email, logicalType: string, classification: restricted, logicalTypeOptions: {{format: email}}}}
  - name: remark
    logicalType: string
    quality:
    - {{type: library, metric: nullValues, mustBeLessThan: 50, unit: percent}}
"""
GOOD = {
    "order_id": [f"O-{n:03d}" for n in range(12)],
    "amount": [f"{n * 1.25:.2f}" for n in range(12)],
    "pieces": [str(n) for n in range(12)],
    "country": [("DE", "FR", "IT")[n % 3] for n in range(12)],
    "ordered": [f"{n + 1:02d}.03.2026" for n in range(12)],
    "email": [f"buyer{n}@example.org" for n in range(12)],
    "remark": [None if n % 4 == 0 else f"note {n}" for n in range(12)],
}
BAD = {"order_id": ["", "O-000"], "amount": ["-5", "a lot"], "pieces": ["2.5", "many"], "country": ["XX"],
       "ordered": ["2026/31/12", "soon"], "email": ["nobody"]}  # fmt: skip


class World:
    """A product whose port can be set, and what is asked of it."""

    def __init__(self, session: Session, storage: Storage, lake: catalog.Lake, folder: Path) -> None:
        self.session, self.storage, self.lake, self.folder = session, storage, lake, folder
        self.places = quarantine.Places(storage=storage, lake=lake)
        self.files = 0

    def register(
        self, columns: dict[str, list[str | None]], version: str = "1.0.0", **more: object
    ) -> catalog.Registration:
        self.files += 1
        path = self.folder / f"{self.files}.csv"
        pl.DataFrame(columns).write_csv(path)
        options: dict[str, object] = {"department": "Sales", "name": "orders"} | more
        if self.files == 1:
            options["contract_text"] = CONTRACT.format(version=version)
        return catalog.register_product(
            self.session,
            ANN,
            self.storage,
            self.lake,
            source=path,
            filename=path.name,
            **options,  # type: ignore[arg-type]
        )

    def port(self, mode: Mode, port: str = "upload") -> None:
        quarantine.set_enforcement(self.session, ANN, "sales.orders", port=port, mode=mode, reason="agreed")

    def fix(self, edits: list[Edit]) -> quarantine.Mended:
        return quarantine.fix(self.session, ANN, self.places, "sales.orders", edits=edits, reason="asked the shop")

    def replay(self, batch: str | None = None) -> quarantine.Replayed:
        return quarantine.replay(self.session, ANN, self.places, "sales.orders", batch=batch)

    def rows(self, state: RowState | None = None, **more: str) -> tuple[quarantine.QuarantinedRow, ...]:
        return quarantine.list_rows(
            self.session, "sales.orders", state=state, limit=1000, unmasked=("email",), **more
        ).items

    def batch(self) -> quarantine.Batch:
        return quarantine.list_batches(self.session, "sales.orders").items[0]

    def table(self) -> pl.DataFrame:
        product = catalog.get_product(self.session, "sales.orders")
        return catalog.read_snapshot(self.lake, catalog.get_snapshot(self.session, product.snapshot_id or ""))

    def events(self) -> list[str]:
        found = ledger.find(self.session, subject=Ref("product", "sales.orders"), limit=200).items
        return [one.type for one in found if one.type.startswith("batch.") or one.type == "product.enforced"]


@pytest.fixture
def world(database: Database, session: Session, storage: Storage, tmp_path: Path) -> World:
    return World(session, storage, catalog.Lake(database, storage.url), tmp_path)


def dirty(*bad: tuple[int, str, str]) -> dict[str, list[str | None]]:
    columns: dict[str, list[str | None]] = {name: list(values) for name, values in GOOD.items()}
    for row, column, value in bad:
        columns[column][row - 1] = value
    return columns


def test_by_default_a_port_warns(world: World) -> None:
    made = world.register(dirty((3, "country", "XX")))
    assert (made.batch, made.snapshot.rows, made.quality.failed_rows) == (None, 12, 4)
    (port,) = quarantine.list_enforcements(world.session, "sales.orders")
    assert (port.port, port.mode, port.set_by) == ("upload", Mode.warn, None)


def test_bad_rows_are_set_aside_with_number_rules_and_values(world: World) -> None:
    world.register(GOOD)
    world.port(Mode.quarantine)
    made = world.register(dirty((3, "country", "XX"), (3, "amount", "a lot"), (7, "order_id", "O-000")))
    assert made.created
    assert made.batch is not None and made.batch.outcome is Outcome.quarantined
    assert (made.snapshot.rows, made.quality.passed, world.table().height) == (10, True, 10)
    third, seventh = world.rows()
    assert third.row == 3
    assert third.values["amount"] == "a lot"
    assert third.unread == ("amount",)
    assert {(one.rule, one.value) for one in third.reasons} == {("amount.type", "a lot"), ("country.enum", "XX")}
    assert [(one.rule, one.value) for one in seventh.reasons] == [("order_id.unique", "O-000")]
    assert quarantine.counts_by_rule(world.session, "sales.orders") == {
        "amount.type": 1, "country.enum": 1, "order_id.unique": 1,
    }  # fmt: skip
    assert [one.row for one in world.rows(column="country")] == [3]
    assert [one.row for one in world.rows(rule="unique")] == [7]
    assert world.events() == ["batch.quarantined", "product.enforced"]


def test_what_the_contract_bears_enters(world: World) -> None:
    world.register(GOOD)
    world.port(Mode.quarantine)
    columns = dirty((2, "country", "XX"))
    made = world.register(columns)
    assert [one.row for one in world.rows()] == [2]
    assert world.table()["remark"].null_count() == 3
    assert made.snapshot.rows == 11


def test_the_same_file_again_is_the_same_batch(world: World) -> None:
    world.register(GOOD)
    world.port(Mode.quarantine)
    first = world.register(dirty((2, "country", "XX")))
    again = world.register(dirty((2, "country", "XX")))
    assert (again.created, again.snapshot.id) == (False, first.snapshot.id)
    assert again.batch is not None and first.batch is not None
    assert again.batch.id == first.batch.id
    assert len(quarantine.list_batches(world.session, "sales.orders").items) == 1


def test_mended_rows_enter_once_and_the_others_stay(world: World) -> None:
    world.register(GOOD)
    world.port(Mode.quarantine)
    world.register(dirty((3, "country", "XX"), (7, "pieces", "many"), (9, "amount", "-5")))
    batch = world.batch().id
    mended = world.fix(
        [Edit(batch=batch, row=3, values={"country": "IT"}), Edit(batch=batch, row=7, values={"pieces": "?!"})]
    )
    assert (mended.changed, mended.fixed, mended.open) == (2, 1, 1)
    (third,) = world.rows(RowState.fixed)
    assert (third.mended_by, third.mended_because, third.original["country"]) == ("person:ann", "asked the shop", "XX")
    done = world.replay()
    assert (done.replayed, done.open, done.rows) == (1, 2, 10)
    assert world.table()["order_id"].to_list() == [GOOD["order_id"][n] for n in range(12) if n not in (6, 8)]
    again = world.replay()
    assert (again.snapshot_id, again.replayed, again.open) == (None, 0, 2)
    assert world.table().height == 10
    assert world.events()[:2] == ["batch.replayed", "batch.mended"]
    with pytest.raises(quarantine.MendInvalid, match="is replayed"):
        world.fix([Edit(batch=batch, row=3, values={"country": "DE"})])


def test_a_key_of_the_table_is_a_duplicate_for_a_mended_row(world: World) -> None:
    world.register(GOOD)
    world.port(Mode.quarantine)
    world.register(dirty((6, "order_id", "")))
    batch = world.batch().id
    mended = world.fix([Edit(batch=batch, row=6, values={"order_id": "O-001"})])
    assert [one.rule for one in mended.items[0].reasons] == ["order_id.unique"]
    assert world.fix([Edit(batch=batch, row=6, values={"order_id": "O-005"})]).fixed == 1


def test_a_blocked_batch_changes_nothing_and_enters_whole_once_mended(world: World) -> None:
    first = world.register(GOOD)
    world.port(Mode.block)
    made = world.register(dirty((3, "country", "XX"), (4, "email", "nobody")))
    refused = catalog.refusal_of(made)
    assert refused is not None and refused.status == 409
    assert catalog.get_product(world.session, "sales.orders").snapshot_id == first.snapshot.id
    batch = world.batch()
    assert (batch.outcome, batch.entered, batch.counts["open"]) == (Outcome.refused, 0, 2)
    world.fix([Edit(batch=batch.id, row=3, values={"country": "IT"})])
    with pytest.raises(quarantine.StillBroken):
        world.replay(batch.id)
    quarantine.dismiss(world.session, ANN, "sales.orders", {batch.id: [4]}, "the address is lost")
    done = world.replay(batch.id)
    assert (done.replayed, done.rows) == (1, 11)
    after = world.batch()
    assert (after.entered, after.counts["replayed"], after.counts["dismissed"], after.rows) == (10, 1, 1, 12)
    assert "O-003" not in world.table()["order_id"].to_list()


def test_rows_of_a_table_that_was_replaced_are_not_mixed_into_the_next(world: World) -> None:
    world.register(GOOD)
    world.port(Mode.quarantine)
    world.register(dirty((3, "country", "XX")))
    batch = world.batch().id
    world.fix([Edit(batch=batch, row=3, values={"country": "IT"})])
    world.register({name: values[:6] for name, values in GOOD.items()})
    with pytest.raises(quarantine.BatchSuperseded):
        world.replay(batch)
    assert world.table().height == 6


def test_a_replay_that_dies_before_its_commit_leaves_no_half_state(world: World) -> None:
    world.register(GOOD)
    world.port(Mode.quarantine)
    world.register(dirty((3, "country", "XX")))
    world.fix([Edit(batch=world.batch().id, row=3, values={"country": "IT"})])
    with world.session.begin_nested() as savepoint:
        first = world.replay()
        savepoint.rollback()
    assert first.replayed == 1
    assert world.table().height == 11
    assert [one.state for one in world.rows()] == [RowState.fixed]
    before = len(world.lake.snapshots("products.sales.orders"))
    assert world.replay().rows == 12
    assert len(world.lake.snapshots("products.sales.orders")) == before
    assert world.table()["order_id"].to_list() == GOOD["order_id"]


def test_restricted_values_are_masked_and_masked_cells_of_a_file_change_nothing(world: World) -> None:
    world.register(GOOD)
    world.port(Mode.quarantine)
    world.register(dirty((3, "country", "XX"), (4, "email", "nobody")))
    page = quarantine.list_rows(world.session, "sales.orders")
    assert page.masked == ("email",)
    assert page.items[0].values["email"] == "aaaaa9@aaaaaaa.aaa"
    assert page.items[1].reasons[0].value == "aaaaaa"
    table = [
        dict(zip(quarantine.header(page.columns), quarantine.line(one, page.columns), strict=True))
        for one in page.items
    ]
    table[0]["country"] = "IT"
    source = world.folder / "mended.csv"
    pl.DataFrame(table).write_csv(source)
    made = quarantine.fix_by_file(
        world.session, ANN, world.places, "sales.orders", (source, source.name), reason="looked it up"
    )
    assert (made.changed, made.fixed) == (1, 1)
    assert world.rows(RowState.fixed)[0].values["email"] == "buyer2@example.org"


def test_all_faults_of_a_change_are_told_and_nothing_is_kept(world: World) -> None:
    world.register(GOOD)
    world.port(Mode.quarantine)
    world.register(dirty((3, "country", "XX")))
    batch = world.batch().id
    edits = [Edit(batch=batch, row=3, values={"nation": "DE"}), Edit(batch=batch, row=99, values={"country": "DE"})]
    with pytest.raises(quarantine.MendInvalid) as told:
        quarantine.fix(world.session, ANN, world.places, "sales.orders", edits=edits, reason=" ")
    assert {fault.column for fault in told.value.faults} == {"reason", "row", "nation"}
    assert world.rows()[0].values["country"] == "XX"


cell = st.sampled_from(sorted(BAD)).flatmap(
    lambda name: st.tuples(st.integers(1, 12), st.just(name), st.sampled_from(BAD[name]))
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    bad=st.lists(cell, max_size=6),
    mode=st.sampled_from([Mode.quarantine, Mode.block]),
    given_up=st.sets(st.integers(1, 12), max_size=2),
)
def test_rows_add_up_and_the_table_becomes_the_corrected_file(
    world: World, bad: list[tuple[int, str, str]], mode: Mode, given_up: set[int]
) -> None:
    with world.session.begin_nested() as savepoint:
        world.files = 0
        world.register({name: values[:3] for name, values in GOOD.items()})
        world.port(mode)
        world.register(dirty(*bad))
        for batch in quarantine.list_batches(world.session, "sales.orders").items:
            waiting = world.rows(batch=batch.id)
            held = batch.rows - batch.entered - len(waiting)
            assert held == 0 or batch.outcome is Outcome.refused
            truth = {one.row: {name: values[one.row - 1] for name, values in GOOD.items()} for one in waiting}
            gone = sorted(given_up & set(truth))
            if gone:
                quarantine.dismiss(world.session, ANN, "sales.orders", {batch.id: gone}, "lost")
            edits = [Edit(batch=batch.id, row=row, values=values) for row, values in truth.items() if row not in gone]
            if edits:
                assert world.fix(edits).open == 0
            if edits or batch.outcome is Outcome.refused:
                world.replay(batch.id)
            after = world.batch()
            assert after.rows == after.entered + sum(after.counts.values())
            assert after.counts["open"] == after.counts["fixed"] == 0
            assert after.counts["dismissed"] == len(gone)
            path = world.folder / "truth.csv"
            whole = pl.DataFrame(GOOD).with_row_index("at", 1).filter(~pl.col("at").is_in(gone)).drop("at")
            whole.write_csv(path)
            expected = catalog.read_file(path, "truth.csv")
            assert world.table().select(expected.columns).equals(expected)
        savepoint.rollback()


def test_a_port_is_set_with_a_name_and_a_reason(world: World) -> None:
    world.register(GOOD)
    with pytest.raises(HeadwayError) as told:
        quarantine.set_enforcement(world.session, ANN, "sales.orders", port="Not A Port", mode=Mode.block, reason="")
    assert [fault.column for fault in told.value.faults] == ["port", "reason"]
    world.port(Mode.block, port="crm")
    assert world.register(dirty((2, "country", "XX"))).batch is None
    refused = world.register(dirty((3, "country", "XX")), port="crm")
    assert refused.batch is not None and refused.batch.port == "crm"


def test_a_file_that_entered_under_a_milder_port_is_held_to_the_stricter_one(world: World) -> None:
    world.register(GOOD)
    first = world.register(dirty((3, "country", "XX")))
    assert (first.batch, first.snapshot.rows) == (None, 12)
    world.port(Mode.quarantine)
    again = world.register(dirty((3, "country", "XX")))
    assert again.batch is not None
    assert (again.snapshot.rows, world.table().height) == (11, 11)
