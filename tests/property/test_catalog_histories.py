"""Random histories of a product in the lake, against plain lists: append, upsert, replace, repair, compact, expire."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headway import catalog
from headway.catalog import joining
from headway.catalog.adapters.files import ROW
from headway.catalog.entities import ProductSnapshot
from headway.catalog.keeping import Retention, choosing
from headway.kernel.database import Database
from headway.kernel.storage import Storage
from tests.factories.dose import IS_FULL, examples

Rows = list[tuple[str, int | None]]
NUMBERS = itertools.count()
keys = st.sampled_from(["a", "b", "c", "ä", "", "A"])
files = st.lists(st.tuples(keys, st.none() | st.integers(0, 3)), min_size=1, max_size=5)
distinct = st.lists(
    st.tuples(keys, st.none() | st.integers(0, 3)), min_size=1, max_size=5, unique_by=lambda row: row[0]
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("append"), files),
        st.tuples(st.just("upsert"), distinct),
        st.tuples(st.just("replace"), distinct),
        st.tuples(st.just("compact"), st.none()),
        st.tuples(st.just("back"), st.integers(0, 9)),
    ),
    min_size=1,
    max_size=6,
)


def frame(rows: Rows) -> pl.DataFrame:
    return pl.DataFrame(
        {
            ROW: pl.Series(range(1, len(rows) + 1), dtype=pl.Int64),
            "k": pl.Series([key for key, _ in rows], dtype=pl.String),
            "v": pl.Series([value for _, value in rows], dtype=pl.Int64),
        }
    )


def upserted(before: Rows, file: Rows) -> Rows:
    """The oracle: a dictionary keeps the place of a key that it knows, and puts new ones at the end."""
    return list((dict(before) | dict(file)).items())


def rows_of(lake: catalog.Lake, table: str, snapshot: int) -> Rows:
    found = pl.DataFrame(lake.scan(table, snapshot)).sort(ROW)
    assert found[ROW].to_list() == list(range(1, found.height + 1))
    return found.select("k", "v").rows()  # type: ignore[return-value]


@given(first=distinct, history=steps)
@settings(max_examples=examples(120) if IS_FULL else 6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_snapshot_stays_what_plain_lists_say(
    database: Database, storage: Storage, first: Rows, history: list[tuple[str, Any]]
) -> None:
    lake, table = catalog.Lake(database, storage.url), f"products.histories.p{next(NUMBERS)}"
    made = lake.replace(table, frame(first).to_arrow(), {})
    kept: dict[int, Rows] = {made: first}
    for number, (what, given_rows) in enumerate(history):
        before = kept[made]
        base = pl.DataFrame(lake.scan(table, made)).sort(ROW)
        if what in ("append", "upsert"):
            is_usable = len({key for key, _ in before}) == len(before)
            if what == "upsert" and not is_usable:
                with pytest.raises(catalog.KeyUnusable):
                    joining.upsert(base, frame(given_rows), ROW, ["k"])
                continue
            both = (base, frame(given_rows), ROW)
            joined = joining.append(*both) if what == "append" else joining.upsert(*both, ["k"])
            after = before + given_rows if what == "append" else upserted(before, given_rows)
            assert joined.rows.select("k", "v").rows() == after
            assert [after[at - 1] for at in joined.places] == given_rows
            changed = [at + 1 for at, (old, new) in enumerate(zip(before, after, strict=False)) if old != new]
            assert list(joined.replaced) == changed and joined.fresh.height == len(changed) + len(after) - len(before)
            options = {"by": ROW, "replaced": joined.replaced, "properties": {"n": str(number)}}
            made = lake.put(table, made, joined.fresh.to_arrow(), **options)  # type: ignore[arg-type]
        elif what == "replace":
            after = given_rows
            made = lake.replace(table, frame(after).to_arrow(), {})
        elif what == "compact":
            after = before
            made = lake.replace(table, base.to_arrow(), {})
            assert len(lake.files(table, made).paths) == 1
        else:
            made = list(kept)[given_rows % len(kept)]
            after = kept[made]
            lake.make_current(table, made)
        kept[made] = after
        lake.tag(table, f"content-{number}", made) if what != "back" else None
    for snapshot, rows in kept.items():
        assert rows_of(lake, table, snapshot) == rows
        assert lake.files(table, snapshot).rows == len(rows)
    assert pl.DataFrame(lake.scan(table)).sort(ROW).select("k", "v").rows() == kept[made]


NOW = datetime(2026, 3, 1, tzinfo=UTC)
snapshot_lists = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 4), st.booleans()), min_size=1, max_size=9)


def snapshot(number: int, age: int, lake_id: int, *, is_gone: bool) -> ProductSnapshot:
    return ProductSnapshot(
        id=f"snp_{number:03d}", product="a.b", table="t", iceberg_snapshot_id=str(lake_id), tag=f"content-{number}",
        digest=f"d{number}", file_key="f", file_digest="f", filename="f", file_kind="csv", rows=1, notes=(),
        mode="replace", parent=None, created_at=NOW - timedelta(days=age), expired_at=NOW if is_gone else None,
    )  # fmt: skip


@given(seen=snapshot_lists, days=st.integers(1, 30), last=st.integers(1, 5), data=st.data())
def test_nothing_that_is_protected_young_or_shared_is_given_up(
    seen: list[tuple[int, int, bool]], days: int, last: int, data: st.DataObject
) -> None:
    every = [snapshot(at, age, lake, is_gone=gone) for at, (age, lake, gone) in enumerate(seen)]
    names = st.frozensets(st.sampled_from([one.id for one in every]), max_size=3)
    current, tagged, used, read, promised, repaired = (data.draw(names) for _ in range(6))
    ties = choosing.Ties(
        current=min(current, default="none"),
        tags=dict.fromkeys(tagged, ("training-run",)),
        evidence=used,
        read=read,
        promised=promised,
        repaired=repaired,
    )
    retention = Retention(
        product="a.b", keep_days=days, keep_last=last, most_files=9, is_default=False, set_by=None, set_at=None
    )
    going = {one.id for one in choosing.expirable(every, ties, retention, NOW)}
    alive = sorted((one for one in every if one.expired_at is None), key=lambda one: (one.created_at, one.id))
    staying = [one for one in alive if one.id not in going]
    bound = {ties.current} | tagged | used | read | promised | repaired
    assert not going & bound
    assert {one.id for one in alive[-last:]} <= {one.id for one in staying}
    assert all(one.created_at < NOW - timedelta(days=days) for one in alive if one.id in going)
    assert not {one.iceberg_snapshot_id for one in alive if one.id in going} & {
        one.iceberg_snapshot_id for one in staying
    }
    for one in staying:  # and whatever may go, goes
        shares = [other for other in alive if other.iceberg_snapshot_id == one.iceberg_snapshot_id]
        holds = [
            other.id in bound or other in alive[-last:] or other.created_at >= NOW - timedelta(days=days)
            for other in shares
        ]
        assert any(holds)
