"""What does a contract check of ten million rows by twelve columns cost, and is it less than other tools' of the same rules?

Cases: ``check`` counts the failures of twelve rules; ``check+quarantine`` also writes every bad row once with all its reasons,
and every faulty value; ``append`` checks a hundredth more rows of a table that is known. CPU seconds of one process from after
its imports to the result, each tool in an environment of its own, one after the other, in one run. Bounds: README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import orders
from harness import ROOT, Bench

PEERS = {
    "soda": ["soda-core>=4.28,<5", "soda-duckdb>=4.28,<5"],
    "datacontract": ["datacontract-cli[duckdb]>=1.2.8,<2"],
    "pandera": ["pandera[polars]>=0.35"],
    "pointblank": ["pointblank[pl]>=1.1,<2"],
    "gx": ["great_expectations>=1.24,<2", "pandas", "pyarrow"],
}
ROWS, CHECK, QUARANTINE, APPEND, MEMORY_MB = 10_000_000, 0.65, 1.0, 0.05, 1_000
HERE = Path(__file__).resolve()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="not used; rows are made here")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--peers", default=",".join(PEERS), help="names, separated by commas; empty for none")
    parser.add_argument("--run", choices=("check", "check+quarantine", "append"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        print("RESULT " + json.dumps(ours(given.run, given.folder, given.rows)))
        return
    with tempfile.TemporaryDirectory(prefix="headway-bench-") as name:
        sys.exit(compare(Path(name), given.rows, [one for one in given.peers.split(",") if one]))


def compare(folder: Path, rows: int, peers: list[str]) -> str | None:
    """Run all and print the table; gives the bounds that do not hold."""
    orders.write_orders(folder, "orders", 0, rows, max(rows // 10, 1))
    orders.write_orders(folder, "more", rows, max(rows // 100, 1), max(rows // 10, 1))
    orders.write_rules(folder, rows)
    known = orders.truth(folder, "orders", rows)
    known["order_id_present_members"] = known["order_id_members"] - known["order_id_null"]
    pythons = {name: environment(name) for name in peers}
    mine = {case: run([sys.executable, str(HERE), "--run", case, "--folder", str(folder), "--rows", str(rows)])
            for case in ("check", "check+quarantine", "append")}  # fmt: skip
    script = str(HERE.parent / "peers" / "validate.py")
    theirs = {name: run([python, script, name, str(folder)]) for name, python in pythons.items()}
    for name, result in {"ours": mine["check"], "ours with quarantine": mine["check+quarantine"], **theirs}.items():
        differ = {
            rule: (found, known.get(rule)) for rule, found in result["failures"].items() if found != known.get(rule)
        }
        if differ:
            return f"{name} counts otherwise (its count, the true one): {differ}"
    return told(rows, mine, theirs)


def told(rows: int, mine: dict[str, dict], theirs: dict[str, dict]) -> str | None:
    """The table, and what is above its bound."""
    bench = Bench("validate")
    size = f"{rows:,} rows"
    for case in ("check", "check+quarantine"):
        for name, result in theirs.items():
            for metric, unit in (("cpu_s", "s"), ("rss_mb", "MB")):
                bench.add(f"{case}, {size}", metric, mine[case][metric], unit, peer=name, peer_value=result[metric])
        if not theirs:
            bench.add(f"{case}, {size}", "cpu_s", mine[case]["cpu_s"], "s")
            bench.add(f"{case}, {size}", "rss_mb", mine[case]["rss_mb"], "MB")
    append = mine["append"]
    bench.add(
        f"append of 1 % to {size}", "cpu_s", append["cpu_s"], "s", peer="full check", peer_value=append["full_cpu_s"]
    )
    bench.finish()
    for name, result in theirs.items():
        print(
            f"{name}: {len(result['failures'])} of 12 rules counted, {result['cpu_s']:.2f} CPU-s, {result['rss_mb']:,} MB"
        )
    best = min((result["cpu_s"] for result in theirs.values()), default=float("inf"))
    shares = {
        f"check takes {mine['check']['cpu_s'] / best:.2f} of the best peer": mine["check"]["cpu_s"] / best <= CHECK,
        f"check+quarantine takes {mine['check+quarantine']['cpu_s'] / best:.2f}": mine["check+quarantine"]["cpu_s"]
        / best
        <= QUARANTINE,
        f"append takes {append['cpu_s'] / append['full_cpu_s']:.3f} of a full check": append["cpu_s"]
        <= APPEND * append["full_cpu_s"],
        f"memory is {mine['check+quarantine']['rss_mb']} MB": mine["check+quarantine"]["rss_mb"] < MEMORY_MB,
    }
    print("\n".join(f"{'holds' if holds else 'MISSED'}: {words}" for words, holds in shares.items()))
    missed = [words for words, holds in shares.items() if not holds]
    return "; ".join(missed) if missed and rows >= ROWS else None


def environment(name: str) -> str:
    """The Python of a peer's environment, made once."""
    folder = ROOT / "build" / "bench" / "envs" / name
    python = folder / "bin" / "python"
    if not (folder / "made").exists():
        uv = next((str(path) for path in (ROOT / ".uv" / "bin" / "uv",) if path.exists()), "uv")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *PEERS[name]], check=True)
        (folder / "made").touch()
    return str(python)


def run(command: list[str]) -> dict:
    """The result a process prints; its own words are shown where it fails."""
    env = {**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH", "") if command[0] == sys.executable else ""}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if done.returncode or not lines:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    made: dict = json.loads(lines[-1].removeprefix("RESULT "))
    print(f"{Path(command[1]).stem} {command[2:4]}: {made['cpu_s']:.2f} CPU-s", file=sys.stderr)
    return made


def ours(case: str, folder: Path, rows: int) -> dict:
    """One check of ours, in this process."""
    import numpy as np

    from headway.catalog import keyset
    from headway.catalog.adapters import parts
    from headway.catalog.checks import compile_contract

    keyset.repeated(
        np.arange(1, 3, dtype=np.uint64), [np.arange(1, 3, dtype=np.uint64)]
    )  # compiled like an import is loaded
    whole, more, customers = (
        parts.Part(name=name, path=folder / f"{name}.parquet", digest=name) for name in ("orders", "more", "customers")
    )
    known = case == "append"
    with tempfile.TemporaryDirectory(dir=folder) as states:

        def check(*checked: parts.Part) -> tuple[parts.TableResult, float]:
            began = cpu()
            plan = compile_contract(
                orders.contract(folder, rows), tables={"customers": ["customer_id"]}, now=datetime.now(UTC)
            )
            tables = {"customers": customers}
            is_counted = case == "check"
            found = parts.check_parts(plan, checked, Path(states), tables=tables, is_counted_only=is_counted)
            failing = {rule.id: (rule, failures) for rule, failures in zip(plan.rules, found.failures, strict=True)}
            failures = {NAMES[name]: failures for name, (_, failures) in failing.items() if name in NAMES}
            for name in ("amount", "quantity", "order_date"):
                failures[f"{name}_range"] = failing[f"{name}.minimum"][1] + failing[f"{name}.maximum"][1]
            rule, counted = failing["table.rows"]
            FAILURES.update(failures, rows=int(not rule.tolerance.holds(counted, counted)))
            return found, cpu() - began

        _, full = check(whole)
        spent = check(whole, more)[1] if known else full
    peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024
    return {"cpu_s": spent, "full_cpu_s": full, "rss_mb": peak, "failures": dict(FAILURES)}


FAILURES: dict[str, int] = {}
NAMES = {
    "order_id.required": "order_id_null", "order_id.unique": "order_id_duplicate",
    "customer_id.required": "customer_id_null", "customer_id.foreign_key": "customer_id_unknown",
    "email.required": "email_null", "email.pattern": "email_invalid", "status.enum": "status_invalid",
    "updated_at.freshness": "freshness",
}  # fmt: skip


def cpu() -> float:
    """CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
