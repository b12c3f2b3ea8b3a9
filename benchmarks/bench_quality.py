"""How well are wrong cells found, with no labels and with twenty labelled rows, and how fast?

For each folder with a dirty and a clean table: precision, recall and F1 of the cells found by the table and its inferred
contract alone; the same with 20 rows labelled by somebody who knows, over several seeds; precision and recall of the
repairs; and the share of cells of the clean table that are called wrong. The clean table answers for the asked rows and
scores, and is used for nothing else. Beside F1 stand the figures that Raha's paper gives for 20 labelled rows (Mahdavi et
al., SIGMOD 2019), which were not measured here. Then come tables made here with errors of other kinds, and a million rows.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from harness import ROOT, Bench

sys.path.insert(0, str(ROOT))

from headway.catalog import cleaning, inference, parsing
from headway.catalog.entities import Kind, Roles
from headway.catalog.profile import profile
from tests.factories.dirty_tables import DirtyTable, tables

SHARED = ROOT.parent / "shared" / "data"
PUBLISHED = {"dirty-data-hospital": 0.75, "dirty-data-flights": 0.81, "dirty-data-beers": 0.99}
FLOORS = {"dirty-data-hospital": 0.60, "dirty-data-flights": 0.65, "dirty-data-beers": 0.80}
FALSE_ALARMS = 0.005
BOUND_S, BOUND_MB = 120.0, 1500
LARGE = """
import json, re, sys, time
from pathlib import Path
import polars as pl
from headway.catalog import cleaning
frame = pl.read_parquet(sys.argv[1])
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
before, began, cpu = peak(), time.perf_counter(), time.process_time()
found = cleaning.detect(frame).frame.height
print(json.dumps({"wall_s": time.perf_counter() - began, "cpu_s": time.process_time() - cpu, "before_mb": before,
    "peak_mb": peak(), "found": found}))
"""


@dataclass(frozen=True)
class Figures:
    """How findings and repairs compare with what is really wrong; shares from 0 to 1."""

    precision: float
    recall: float
    f1: float
    repair_precision: float
    repair_recall: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="", help="a folder with dirty and clean, each .parquet or .csv")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the table for speed; 0 leaves it out")
    arguments = parser.parse_args()
    bench = Bench("quality")
    folders = [Path(arguments.data)] if arguments.data else [SHARED / name for name in PUBLISHED]
    short = []
    for folder in folders:
        short += measure(bench, read(folder), arguments.seeds)
    if not arguments.data:
        for table in tables():
            short += measure(bench, table, 2)
        if arguments.rows:
            short += speed(bench, arguments.rows)
    bench.finish()
    if short:
        sys.exit("\n".join(short))


def read(folder: Path) -> DirtyTable:
    """A folder's tables, values as text; empty texts are missing ones."""
    found = {}
    for name in ("dirty", "clean"):
        parquet, csv = folder / f"{name}.parquet", folder / f"{name}.csv"
        if not parquet.exists() and not csv.exists():
            sys.exit(f"{folder} has neither {name}.parquet nor {name}.csv")
        raw = pl.read_parquet(parquet) if parquet.exists() else pl.read_csv(csv, infer_schema=False)
        found[name] = raw.with_columns(pl.all().cast(pl.String)).with_columns(pl.all().replace("", None))
    if found["dirty"].shape != found["clean"].shape or found["dirty"].columns != found["clean"].columns:
        sys.exit(f"the tables in {folder} differ in rows or columns")
    return DirtyTable(folder.name, found["clean"], found["dirty"])


def contract_of(frame: pl.DataFrame) -> dict[str, object]:
    """The contract that registering would infer from this table."""
    style = parsing.number_style([frame[name] for name in frame.columns], semicolons=False)
    chosen = {name: parsing.choose(frame[name], style) for name in frame.columns}
    typed = frame.lazy().select(parsing.typed(name, kind) for name, kind in chosen.items())
    kinds: dict[str, Kind] = {name: kind.kind for name, kind in chosen.items()}
    roles = Roles(label=None, positive=None, time=None, subject=None, exclude=())
    origin = inference.Origin(
        slug="bench.table", name="table", department="bench", filename="dirty", location="bench.table"
    )
    return inference.infer(profile(typed, kinds, frame.height), roles, origin, chosen)


def measure(bench: Bench, table: DirtyTable, seeds: int) -> list[str]:
    """Add a table's figures; gives what falls short of its floors."""
    published = PUBLISHED.get(table.name)
    began = time.process_time()
    contract = contract_of(table.dirty)
    study = cleaning.study(table.dirty, contract)
    alone = figures(table, cleaning.detect_in(study))
    spent = time.process_time() - began
    case = f"{table.name}, no labels"
    bench.add(case, "f1", alone.f1, "share", peer="Raha, 20 labels (published)" if published else None,
              peer_value=published, better="higher")  # fmt: skip
    for name in ("precision", "recall", "repair_precision", "repair_recall"):
        bench.add(case, name.replace("_", " "), getattr(alone, name), "share")
    bench.add(case, "cpu", spent, "s")
    taught = [figures(table, labelled(study, table, seed)) for seed in range(seeds)]
    case, scores = f"{table.name}, {cleaning.LABELS} labels", [one.f1 for one in taught]
    mean = statistics.fmean(scores)
    bench.add(case, "f1", mean, "share", peer="Raha, 20 labels (published)" if published else None,
              peer_value=published, better="higher")  # fmt: skip
    bench.add(case, "f1, lowest seed", min(scores), "share")
    bench.add(case, "f1, standard deviation", statistics.stdev(scores) if seeds > 1 else 0.0, "share")
    for name in ("repair_precision", "repair_recall"):
        bench.add(case, name.replace("_", " "), statistics.fmean(getattr(one, name) for one in taught), "share")
    false = cleaning.detect(table.clean, contract_of(table.clean)).frame.height / (
        table.clean.height * table.clean.width
    )
    bench.add(f"{table.name}, clean", "cells called wrong", false, "share")
    short = []
    if alone.f1 < FLOORS.get(table.name, 0.0):
        short.append(f"{table.name}: F1 {alone.f1:.3f} without labels is below {FLOORS[table.name]}")
    if published is not None and mean < published:
        short.append(f"{table.name}: F1 {mean:.3f} with labels is below {published}")
    if false > FALSE_ALARMS:
        short.append(f"{table.name}: {false:.4f} of the clean cells are called wrong, above {FALSE_ALARMS}")
    return short


def labelled(study: cleaning.Study, table: DirtyTable, seed: int) -> cleaning.Detection:
    """Ask for rows, let the clean table answer for them, and look again."""
    rows = cleaning.rows_to_label(study, seed=seed)
    wrong = table.wrong
    answers = {row: frozenset(name for name in wrong.columns if wrong[name][row - 1]) for row in rows}
    return cleaning.detect_with(study, answers, seed=seed)


def figures(table: DirtyTable, found: cleaning.Detection) -> Figures:
    """Compare what was found with what differs between the tables."""
    right = repaired = proposed = 0
    for name in table.clean.columns:
        own = found.frame.filter(pl.col("column") == name)
        at = own["row"] - 1
        right += int(table.wrong[name].gather(at).sum())
        offered = own.filter(pl.col("action").is_not_null())
        proposed += offered.height
        truth = table.clean[name].gather(offered["row"] - 1)
        repaired += int(truth.eq_missing(offered["proposed"]).sum())
    wrong = sum(int(table.wrong[name].sum()) for name in table.clean.columns)
    precision, recall = right / max(found.frame.height, 1), right / max(wrong, 1)
    return Figures(
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / max(precision + recall, 1e-12),
        repair_precision=repaired / max(proposed, 1),
        repair_recall=repaired / max(wrong, 1),
    )


def speed(bench: Bench, rows: int) -> list[str]:
    """Look through a large table in a process of its own, so that its peak of memory is its own."""
    with tempfile.TemporaryDirectory(prefix="headway-bench-") as folder:
        file = Path(folder) / "large.parquet"
        large(rows).write_parquet(file)
        command = [sys.executable, "-c", LARGE, str(file)]
        told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    case = f"{rows:,} rows, 10 columns"
    for name, unit in (("cpu_s", "s"), ("wall_s", "s"), ("before_mb", "MB"), ("peak_mb", "MB"), ("found", "cells")):
        bench.add(case, re.sub("_(s|mb)$", "", name), told[name], unit)
    slow = told["cpu_s"] > BOUND_S or told["peak_mb"] > BOUND_MB
    return (
        [f"{told['cpu_s']:.0f} s, {told['peak_mb']:.0f} MB are above {BOUND_S:.0f} s or {BOUND_MB} MB"] if slow else []
    )


def large(rows: int) -> pl.DataFrame:
    """Sales of many customers, with misspelt towns, blank categories and words for missing."""
    chance = np.random.default_rng(1)
    customers, products = 50_000, 2_000
    customer, product = chance.integers(0, customers, rows), chance.integers(0, products, rows)
    towns = [f"Town{chr(97 + i % 26)}{chr(97 + i // 26)}ville" for i in range(400)]
    days = np.datetime64("2024-01-01") + chance.integers(0, 700, rows).astype("timedelta64[D]")
    frame = pl.DataFrame(
        {
            "id": np.arange(rows),
            "customer": customer,
            "name": pl.Series([f"Customer {i}" for i in range(customers)]).gather(customer),
            "town": pl.Series(towns).gather((customer * 7) % 400),
            "product": pl.Series([f"P-{i:04d}" for i in range(products)]).gather(product),
            "category": pl.Series([f"category {i}" for i in range(30)]).gather(product % 30),
            "amount": np.round(chance.lognormal(3, 1, rows), 2),
            "day": days,
            "pieces": chance.integers(1, 20, rows),
            "note": chance.integers(0, 10**9, rows),
        }
    ).with_columns(pl.all().cast(pl.String))
    frame = frame.with_columns("note " + pl.col("note"))
    bad = [np.sort(chance.choice(rows, rows // 100, replace=False)) for _ in range(3)]
    return frame.with_columns(
        frame["town"].scatter(bad[0], frame["town"].gather(bad[0]).str.replace("vill", "vlil")),
        frame["category"].scatter(bad[1], None),
        frame["pieces"].scatter(bad[2], "N/A"),
    )


if __name__ == "__main__":
    main()
