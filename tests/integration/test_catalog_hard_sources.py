"""What must hold whatever comes: full disks, lines without end, strange names. Nothing is half kept, memory is bounded."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from headway import catalog
from headway.catalog.connectors.adapters.objects import read_files
from headway.catalog.connectors.adapters.places import Reach
from headway.catalog.errors import UnreadableFile
from headway.kernel.database import Database
from headway.kernel.settings import Settings
from headway.kernel.storage import Storage
from tests.factories.dose import IS_FULL

MEGABYTE = 1_048_576
LINE = 5_120 * MEGABYTE if IS_FULL else 128 * MEGABYTE
"""Bytes of the line that never ends."""
BOUND = 100 * MEGABYTE
"""Memory that reading it may take, beside what the libraries take by themselves."""

READ = """
import json, resource, sys, tempfile
from pathlib import Path
import polars, pyarrow.parquet
from headway.catalog.adapters.files import stage
from headway.kernel.errors import HeadwayError
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
rules, before = {}, peak()
for path in map(Path, sys.argv[1:]):
    with tempfile.TemporaryDirectory() as folder:
        try:
            stage(path, path.name, Path(folder))
        except HeadwayError as error:
            rules[path.name] = error.faults[0].rule if error.faults else error.code
print(json.dumps({"rules": rules, "memory": peak() - before}))
"""
REGISTER = """
import json, resource, sys
from pathlib import Path
from headway import catalog
from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.errors import HeadwayError
from headway.kernel.storage import Storage
source, url, store, *limits = sys.argv[1:]
database, storage = Database(url), Storage(store)
lake = catalog.Lake(database, storage.url)
told = []
for limit in map(int, limits):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        with database.session() as session:
            catalog.register_product(
                session, Actor(ref="person:ann", name="Ann"), storage, lake, source=Path(source), filename="big.csv",
                department="sales", name="big",
            )
        told.append("registered")
    except HeadwayError as error:
        told.append(error.code)
    except Exception as error:
        told.append(f"{type(error).__name__}: {error}")
    with database.session() as session:
        told.append(len(catalog.list_products(session).items))
print(json.dumps(told))
"""


def in_process(code: str, *words: object) -> object:
    """What a program prints, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], capture_output=True, check=True, timeout=600, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_lines_without_end_and_a_million_columns_are_refused_in_bounded_memory(tmp_path: Path) -> None:
    endless = {"header.csv": b"", "row.csv": b"a,b\n1,2\n", "quoted.csv": b'a,b\n1,"', "x.jsonl": b'{"a": 1}\n{"a": "'}
    wanted = dict.fromkeys(endless, "huge_line")
    piece = b"x" * (4 * MEGABYTE)
    for name, head in endless.items():
        with (tmp_path / name).open("wb") as out:
            out.write(head)
            for _ in range(LINE // len(piece)):
                out.write(piece)
    columns = [f"c{n}" for n in range(1_000_000)]
    (tmp_path / "wide.csv").write_text(",".join(columns) + "\n" + ",".join("1" * 1_000_000) + "\n")
    lines = (json.dumps(dict.fromkeys(columns[at : at + 900], 1)) for at in range(0, 9_000, 900))
    (tmp_path / "wide.jsonl").write_text("\n".join(lines))
    pl.DataFrame({name: [1] for name in columns[:6_000]}).write_parquet(tmp_path / "wide.parquet")
    wanted |= {"wide.csv": "huge_line", "wide.jsonl": "too_many_columns", "wide.parquet": "too_many_columns"}
    told = in_process(READ, *(tmp_path / name for name in wanted))
    for name in endless:
        (tmp_path / name).unlink()
    assert isinstance(told, dict)
    assert told["rules"] == wanted
    assert told["memory"] < BOUND


def test_a_full_disk_is_told_and_nothing_is_half_kept(database: Database, storage: Storage, tmp_path: Path) -> None:
    chosen = random.Random(7)
    source = tmp_path / "big.csv"
    rows = (f"{n},{chosen.random()},{chosen.getrandbits(80):x}" for n in range(100_000))
    source.write_text("id,share,mark\n" + "\n".join(rows) + "\n")
    limits = (64_000, 3 * MEGABYTE, 1 << 40)  # too little for the rows, for the file as it came, enough
    assert source.stat().st_size > limits[1]
    told = in_process(REGISTER, source, database.url, storage.url, *limits)
    assert told == ["catalog.no_room", 0, "unavailable", 0, "registered", 1]


def test_strange_names_and_things_that_are_no_files_do_no_harm(tmp_path: Path) -> None:
    reach = Reach(settings=Settings(home=tmp_path), department="sales")
    folder = reach.root / "inbox"
    folder.mkdir(parents=True)
    names = [b"=cmd|' '!A0.csv", b"a\nb.csv", b"$(id).csv", b"\xff\xfe.csv", "..ümlaut .csv".encode(), b"-rf.csv"]
    for at, name in enumerate(names):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(f"id,city\n{at},Ulm\n")
    os.mkfifo(folder / "pipe.csv")
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    (folder / "deep.csv").mkdir()
    (folder / "wrong.csv").write_bytes(b"id,city\n1,\xc3\x28\x81\n")
    made = read_files(reach, {"path": "inbox", "settle": "0"}, tmp_path, seen={}, fits=lambda _: None)
    assert made.landed is not None
    assert made.landed.rows == len(names) - 1  # hidden files are left alone: "..ümlaut"
    assert json.loads(json.dumps(made.seen, ensure_ascii=False).encode()) == made.seen
    assert not any("\n" in name for name in made.seen)
    assert [one.name for one in made.refused] == ["inbox/wrong.csv"]


def test_damaged_lines_are_named(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"a": 1}\n{"a": 1,}\n[1]\n\n{"a": "\xff"}\n{"a": [1]}\n{"a": {"b": 1}, "a_b": 2}\n')
    with pytest.raises(UnreadableFile) as refused:
        catalog.read_file(path, path.name)
    assert [(one.rule, one.row) for one in refused.value.faults] == [
        ("not_json", 2), ("not_object", 3), ("empty_line", 4), ("wrong_encoding", 5), ("nested_column", 6),
        ("repeated_header", 7),
    ]  # fmt: skip


def test_json_lines_are_read_as_exactly_as_csv(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    rows = [
        {
            "id": n,
            "price": 1.5 * n,
            "day": f"2026-03-{n:02d}",
            "ok": n % 2 == 0,
            "code": f"{n:04d}",
            "at": {"city": "Ulm"},
        }
        for n in range(1, 21)
    ]
    path.write_text("\n".join(map(json.dumps, rows)) + '\n{"id": 21, "extra": null}\n')
    frame = catalog.read_file(path, path.name)
    assert frame.columns == ["id", "price", "day", "ok", "code", "at_city", "extra"]
    assert [str(one) for one in frame.dtypes[:5]] == ["Int64", "Float64", "Date", "Boolean", "String"]
    assert frame["price"].to_list()[:20] == [row["price"] for row in rows]
    assert frame["code"][0] == "0001"
    assert frame.row(20) == (21, None, None, None, None, None, None)
