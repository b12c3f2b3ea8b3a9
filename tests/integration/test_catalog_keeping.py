"""Snapshots of a product on a real database and a real lake: modes, the past, tags, compaction, expiry, orphans."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy.orm import Session

from headway import catalog, governance, ledger
from headway.catalog import access, keeping, repairs, versions
from headway.catalog.access import Policy
from headway.catalog.contract import to_yaml
from headway.catalog.repairs import Choice, Data
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.errors import Invalid
from headway.kernel.storage import Storage

ANN, BOB = (Actor(ref=f"person:{name}", name=name.title()) for name in ("ann", "bob"))
SLUG = "sales.leads"


@pytest.fixture
def lake(database: Database, storage: Storage) -> catalog.Lake:
    return catalog.Lake(database, storage.url)


@pytest.fixture
def data(session: Session, storage: Storage, lake: catalog.Lake) -> Data:
    return Data(session, storage, lake)


def leads(numbers: range, region: str = "north", visits: str | None = None) -> dict[str, list[object]]:
    return {
        "lead_id": [f"L-{n:04d}" for n in numbers],
        "email": [f"p{n}@example.org" for n in numbers],
        "region": [region for _ in numbers],
        "visits": [visits if visits is not None and n == numbers[-1] else n % 9 for n in numbers],
    }


def add(
    data: Data, folder: Path, columns: dict[str, list[object]], mode: str = "replace", contract: str | None = None
) -> catalog.Registration:
    source = folder / "leads.csv"
    pl.DataFrame(columns, strict=False).write_csv(source)
    return catalog.register_product(
        data.session, ANN, data.storage, data.lake, source=source, filename="leads.csv", department="Sales", name="leads",
        contract_text=contract, mode=mode,  # type: ignore[arg-type]
    )  # fmt: skip


def rows(data: Data, as_of: str | None = None, who: Actor = ANN, sql: str | None = None) -> pl.DataFrame:
    asked = sql or 'SELECT * FROM "sales.leads"'
    found = access.read(data.session, who, data.lake, asked, limit=1000, may=lambda *_: True, as_of=as_of)
    return pl.DataFrame(found.table)


def test_files_are_put_at_the_end_or_over_rows_with_the_same_key(data: Data, tmp_path: Path) -> None:
    first = add(data, tmp_path, leads(range(60)))
    more = add(data, tmp_path, leads(range(60, 70), visits="many"), "append")
    assert (more.snapshot.mode, more.snapshot.parent, more.snapshot.rows) == ("append", first.snapshot.id, 70)
    assert more.quality.rows == 70 and [(one.row, one.value) for one in more.quality.faults] == [(70, "many")]
    again = add(data, tmp_path, leads(range(60, 70), visits="many"), "append")
    assert not again.created and again.snapshot.id == more.snapshot.id
    with pytest.raises(catalog.KeyUnusable, match="does not say"):
        add(data, tmp_path, leads(range(55, 75), region="south"), "upsert")
    keyed = catalog.to_yaml(more.product.contract).replace("version: 1.0.0", "version: 2.0.0")
    keyed = keyed.replace("  - name: lead_id", "  - name: lead_id\n    primaryKey: true")
    changed = add(data, tmp_path, leads(range(55, 75), region="south"), "upsert", keyed)
    found = catalog.read_snapshot(data.lake, changed.snapshot)
    assert found["lead_id"].to_list() == [f"L-{n:04d}" for n in range(75)]
    assert found["region"].to_list() == ["north"] * 55 + ["south"] * 20
    assert changed.quality.failed_rows == 0  # the row whose visits fitted no type was written over
    assert catalog.read_snapshot(data.lake, first.snapshot).height == 60
    with pytest.raises(catalog.KeyUnusable, match="stands more than once"):
        add(data, tmp_path, {name: values * 2 for name, values in leads(range(3)).items()}, "upsert")
    over = add(data, tmp_path, leads(range(5)), "append")  # keys twice: the contract finds them
    assert over.quality.failed_rows == 5


def test_the_past_is_read_through_the_same_rules(data: Data, tmp_path: Path) -> None:
    with clock.fixed(datetime(2026, 3, 1, 12, tzinfo=UTC)) as now:
        first = add(data, tmp_path, leads(range(40)))
        now.advance(timedelta(days=2))
        add(data, tmp_path, leads(range(20), region="south"))
        now.advance(timedelta(days=2))
        source = leads(range(40))
        add(data, tmp_path, source)  # the first file again: its snapshot is current again
        assert rows(data).height == 40
        assert rows(data, "2026-03-02").height == 40 and rows(data, "2026-03-03").height == 20
        assert rows(data, "2026-03-03T11:59:59Z").height == 40 and rows(data, first.snapshot.id).height == 40
        for unknown in ("2026-02-28", "snp_none"):
            with pytest.raises(catalog.UnknownProduct, match="no snapshot"):
                rows(data, unknown)
        with pytest.raises(Invalid, match="neither"):
            rows(data, "yesterday")
        asked = access.request_access(data.session, BOB, SLUG, purpose="See who buys", until=date(2026, 5, 1))
        given = Policy(hidden=("lead_id",), masked=("visits",), unmasked=(), row_filter="region = 'north'")
        access.approve(data.session, ANN, asked.id, given=given)
        assert rows(data, "2026-03-03", BOB).height == 0  # all of them were of the south
        seen = rows(data, "2026-03-02", BOB)
        assert seen.height == 40 and seen.columns == ["email", "region", "visits"]
        assert set(seen["email"]) == set(seen["visits"].cast(pl.String).fill_null("***")) == {"***"}
        with pytest.raises(access.StatementFailed):
            rows(data, "2026-03-02", BOB, 'SELECT lead_id FROM "sales.leads"')
        uses = access.list_uses(data.session, SLUG).items
        assert {one.snapshot for one in uses if one.reader == BOB.ref} >= {first.snapshot.id}


def test_columns_that_a_snapshot_had_not_yet_are_missing_in_it(data: Data, tmp_path: Path) -> None:
    first = add(data, tmp_path, leads(range(30)))
    contract = catalog.to_yaml(first.product.contract).replace("version: 1.0.0", "version: 2.0.0")
    contract = contract.replace("  - name: visits", "  - name: bonus\n    logicalType: integer\n  - name: visits")
    source = tmp_path / "next.csv"
    pl.DataFrame(leads(range(30)) | {"bonus": list(range(30))}, strict=False).write_csv(source)
    catalog.register_product(
        data.session, ANN, data.storage, data.lake, source=source, filename="next.csv", department="Sales", name="leads",
        contract_text=contract,
    )  # fmt: skip
    assert rows(data)["bonus"].sum() == sum(range(30))
    assert rows(data, first.snapshot.id)["bonus"].null_count() == 30


def later(days: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def test_old_snapshots_are_given_up_and_what_is_used_stays(data: Data, tmp_path: Path) -> None:
    made = [add(data, tmp_path, leads(range(20 + n))) for n in range(6)]
    table = made[0].snapshot.table
    data.lake.tag(table, "training-run_1", made[1].snapshot.iceberg_snapshot_id)
    other = Actor(ref="service:judge", name="Judge")
    governance.record_evidence(
        data.session, type="data_quality_report", subject=made[2].product.ref, subject_digest=made[2].snapshot.digest,
        facts={"contract_checked": True, "quality_score": 1.0, "rows": 22, "failed_rows": 0}, producer=other,
    )  # fmt: skip
    asked = access.request_access(data.session, BOB, SLUG, purpose="See who buys", until=later(300).date())
    access.approve(data.session, ANN, asked.id, given=Policy(hidden=(), masked=(), unmasked=(), row_filter=None))
    rows(data, made[3].snapshot.id, BOB)
    keeping.set_retention(data.session, ANN, SLUG, keep_days=10, keep_last=1)
    assert keeping.expire(data, ANN, SLUG).expired == ()  # all are young
    kept = {one.id: one for one in keeping.list_kept(data.session, data.lake, SLUG).items}
    assert [kept[one.snapshot.id].kept_because for one in made] == [
        (), ("tag",), ("evidence",), ("grant",), (), ("current",),
    ]  # fmt: skip
    assert kept[made[1].snapshot.id].tags == ("training-run_1",) and kept[made[5].snapshot.id].size_bytes > 0
    before = set(data.storage.list("lake"))
    with clock.fixed(later(100)):
        done = keeping.expire(data, ANN, SLUG)
        assert set(done.expired) == {made[0].snapshot.id, made[4].snapshot.id} and done.kept == 4
        assert done.files_removed > 0 and keeping.expire(data, ANN, SLUG).expired == ()
        for at in (1, 2, 3, 5):
            assert catalog.read_snapshot(data.lake, made[at].snapshot).height == 20 + at
        gone = catalog.get_snapshot(data.session, made[0].snapshot.id)
        with pytest.raises(catalog.SnapshotExpired):
            catalog.read_snapshot(data.lake, gone)
        with pytest.raises(catalog.SnapshotExpired):
            rows(data, gone.id)
        assert len(set(data.storage.list("lake"))) < len(before)
        assert data.storage.exists(gone.file_key)  # the file as it came stays
        (told,) = ledger.find(data.session, subject=made[0].product.ref, type="product.expired").items
        assert told.payload is not None and made[0].snapshot.digest in told.payload["digests"]
        again = add(data, tmp_path, leads(range(20)))  # the same file once more: its rows come back
        assert again.snapshot.id == gone.id and catalog.read_snapshot(data.lake, again.snapshot).height == 20
        assert catalog.get_snapshot(data.session, gone.id).expired_at is None


def test_rows_of_a_version_are_kept_until_its_last_day(data: Data, tmp_path: Path) -> None:
    first = add(data, tmp_path, leads(range(20)))
    text = to_yaml({**first.product.contract, "version": "1.1.0"})
    add(data, tmp_path, leads(range(21)), contract=text)
    until = later(200).date()
    versions.deprecate(
        data.session, ANN, SLUG, version=first.product.contract_version, ends_on=until, reason="1.1.0 is there"
    )
    keeping.set_retention(data.session, ANN, SLUG, keep_days=10, keep_last=1)
    old = f'SELECT * FROM "{SLUG}@{first.product.contract_version}"'  # noqa: S608  the names are ours
    with clock.fixed(later(100)):
        assert keeping.expire(data, ANN, SLUG).expired == ()
        kept = {one.id: one.kept_because for one in keeping.list_kept(data.session, data.lake, SLUG).items}
        assert kept[first.snapshot.id] == ("version",)
        assert rows(data, sql=old).height == 20
    with clock.fixed(later(201)):
        assert keeping.expire(data, ANN, SLUG).expired == (first.snapshot.id,)


def test_who_dies_between_lake_and_database_is_followed(data: Data, tmp_path: Path) -> None:
    made = [add(data, tmp_path, leads(range(20 + n))) for n in range(3)]
    keeping.set_retention(data.session, ANN, SLUG, keep_days=1, keep_last=1)
    first = made[0].snapshot
    with clock.fixed(later(50)):
        wanted = {int(first.iceberg_snapshot_id): {first.tag}}
        assert data.lake.expire(first.table, wanted, untagged_before=clock.now()) == {int(first.iceberg_snapshot_id)}
        assert set(keeping.expire(data, ANN, SLUG).expired) == {made[0].snapshot.id, made[1].snapshot.id}


def test_compaction_keeps_rows_digest_tags_and_the_past(data: Data, tmp_path: Path) -> None:
    first = add(data, tmp_path, leads(range(30)))
    for n in range(4):
        add(data, tmp_path, leads(range(30 + n, 31 + n)), "append")
    before = catalog.get_snapshot(data.session, catalog.get_product(data.session, SLUG).snapshot_id or "")
    data.lake.tag(before.table, "training-run_2", before.iceberg_snapshot_id)
    expected = catalog.read_snapshot(data.lake, before)
    assert not keeping.compact(data, ANN, SLUG).is_done
    done = keeping.compact(data, ANN, SLUG, most_files=3)
    assert (done.is_done, done.files_before, done.files_after) == (True, 5, 1)
    after = catalog.get_snapshot(data.session, before.id)
    assert after.digest == before.digest and after.iceberg_snapshot_id != before.iceberg_snapshot_id
    assert catalog.read_snapshot(data.lake, after).equals(expected)
    assert catalog.read_snapshot(data.lake, first.snapshot).height == 30
    kept = {one.id: one for one in keeping.list_kept(data.session, data.lake, SLUG).items}
    assert kept[before.id].tags == ("training-run_2",)
    data.lake.tag(after.table, "training-run_2", after.iceberg_snapshot_id)  # a run that goes on finds its tag
    keeping.set_retention(data.session, ANN, SLUG, keep_days=1, keep_last=1)
    with clock.fixed(later(50)):
        keeping.expire(data, ANN, SLUG)
        assert catalog.read_snapshot(data.lake, after).equals(expected)
        more = add(data, tmp_path, leads(range(40, 41)), "append")
        assert catalog.read_snapshot(data.lake, more.snapshot).height == expected.height + 1


def test_repairs_that_can_be_taken_back_keep_what_they_were_made_of(data: Data, tmp_path: Path) -> None:
    columns = leads(range(120)) | {"channel": [("web", "fair", "phone")[n % 3] for n in range(120)]}
    columns["channel"][7] = "fairr"
    first = add(data, tmp_path, columns)
    act = repairs.accept(data, ANN, SLUG, Choice(column="channel"), reason="checked")
    keeping.set_retention(data.session, ANN, SLUG, keep_days=1, keep_last=1)
    with clock.fixed(later(50)):
        assert keeping.expire(data, ANN, SLUG).expired == ()
        undone = repairs.undo(data, ANN, SLUG, act.id, reason="was right")
        keeping.expire(data, ANN, SLUG)
        now = catalog.get_snapshot(data.session, undone.snapshot or "")
        assert catalog.read_snapshot(data.lake, now).equals(catalog.read_snapshot(data.lake, first.snapshot))
