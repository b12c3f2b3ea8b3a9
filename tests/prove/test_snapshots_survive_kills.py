"""A process that appends, compacts and expires without end is killed at any moment: every snapshot that is kept stays whole."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from headway import catalog
from headway.catalog import keeping
from headway.catalog import store as products
from headway.catalog.repairs import Data
from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.storage import Storage
from tests.factories.dose import IS_FULL

pytestmark = pytest.mark.timeout(1800)
KILLS = 30 if IS_FULL else 3
SLUG, ANN = "sales.events", Actor(ref="person:ann", name="Ann")
WORK = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
import polars as pl
from headway import catalog
from headway.catalog import keeping
from headway.catalog.repairs import Data
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.storage import Storage
ann, database, storage = Actor(ref="person:ann", name="Ann"), Database(sys.argv[1]), Storage(sys.argv[2])
lake, source = catalog.Lake(database, storage.url), Path(sys.argv[3])
while True:
    with database.session() as session:
        rows = catalog.get_product(session, "sales.events").rows
        pl.DataFrame({"event": [f"E-{rows:05d}"], "size": [rows]}).write_csv(source)
        catalog.register_product(
            session, ann, storage, lake, source=source, filename="events.csv", department="Sales", name="events", mode="append"
        )
    with database.session() as session:
        keeping.compact(Data(session, storage, lake), ann, "sales.events", most_files=2)
    with clock.fixed(datetime.now(UTC) + timedelta(days=50)), database.session() as session:
        keeping.expire(Data(session, storage, lake), ann, "sales.events")
    print("round", flush=True)
"""


def whole(database: Database, storage: Storage) -> int:
    """Hold every snapshot that is kept to what it must hold; gives the rows of the current one."""
    lake = catalog.Lake(database, storage.url)
    with database.session() as session:
        product = catalog.get_product(session, SLUG)
        for one in products.every_snapshot(session, SLUG):
            if one.expired_at is None:
                rows = catalog.read_snapshot(lake, one)
                assert rows["event"].to_list() == [f"E-{n:05d}" for n in range(one.rows)]
                assert catalog.quality_of(session, SLUG, one.id).rows == one.rows
        return product.rows


def test_what_is_kept_is_whole_after_every_kill(database: Database, storage: Storage, tmp_path: Path) -> None:
    source, lake = tmp_path / "events.csv", catalog.Lake(database, storage.url)
    pl.DataFrame({"event": [f"E-{n:05d}" for n in range(20)], "size": list(range(20))}).write_csv(source)
    with database.session() as session:
        made = catalog.register_product(
            session, ANN, storage, lake, source=source, filename="events.csv", department="Sales", name="events"
        )
        lake.tag(made.snapshot.table, "training-run_1", made.snapshot.iceberg_snapshot_id)
        keeping.set_retention(session, ANN, SLUG, keep_days=1, keep_last=2)
    chance = random.Random(7)
    for _ in range(KILLS):
        arguments = [sys.executable, "-c", WORK, database.url, storage.url, str(source)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None and child.stdout.readline().strip() == "round"
            time.sleep(chance.uniform(0.0, 4.0))
            child.send_signal(signal.SIGKILL)
        whole(database, storage)
    assert whole(database, storage) > 20
    with database.session() as session:
        data = Data(session, storage, lake)
        keeping.compact(data, ANN, SLUG, most_files=1)
        kept = keeping.list_kept(session, lake, SLUG, limit=1000).items
        assert [one.tags for one in kept if one.id == made.snapshot.id] == [("training-run_1",)]
        assert all(one.expired_at is None for one in kept if one.kept_because)
        assert any(one.expired_at is not None for one in kept) or not IS_FULL
    whole(database, storage)
