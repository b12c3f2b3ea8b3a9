"""How long does it take from a file to a served model, step by step, and how long does Headway take to start?

Every step's wall and CPU seconds (this process, which runs the whole control plane) come from one pilot of the UCI Bank
Marketing file, or of a generated file when ``--data`` does not hold it. Starting times are medians of several starts.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import Bench

from headway.entrypoints import stack
from headway.kernel.settings import Settings
from headway_client import Client

PROGRAM = [sys.executable, "-m", "headway.entrypoints.cli"]
BANK = Path("lead-scoring-bank-marketing") / "bank_additional_full.parquet"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--starts", type=int, default=5)
    arguments = parser.parse_args()
    bench = Bench("pilot")
    with tempfile.TemporaryDirectory(prefix="headway-bench-") as folder:
        home = Path(folder) / "home"
        environ = {**os.environ, "HEADWAY_HOME": str(home), "HEADWAY_PORT": "18460", "HEADWAY_NODE_PORT": "18470"}
        steps(bench, Settings.load(environ), arguments.data, Path(folder))
        starts(bench, environ, arguments.starts)
    bench.finish()


def steps(bench: Bench, settings: Settings, data: Path, folder: Path) -> None:
    path, fields, case = source(data, folder)
    began = time.perf_counter()
    with stack.running(settings) as own:
        bench.add("start in this process", "wall_s", time.perf_counter() - began, "s")
        token = (settings.keys / "cli-token").read_text().strip()
        with Client(own.url, token) as client:
            began, cpu = time.perf_counter(), time.process_time()
            job = client.post("/pilots", files={"file": path}, data=fields)["job"]
            seen: dict[str, tuple[float, float]] = {}
            result = client.wait(job, lambda view: note(view, seen), every=0.02)
            wall, cpu = time.perf_counter() - began, time.process_time() - cpu
            view = client.get(f"/jobs/{job}")
    marks = list(seen.items())
    for (name, (at, used)), (_, (after, used_after)) in zip(
        marks, [*marks[1:], ("end", (began + wall, mark_cpu()))], strict=True
    ):
        bench.add(f"{case}: {name}", "wall_s", after - at, "s")
        bench.add(f"{case}: {name}", "cpu_s", max(0.0, used_after - used), "s")
    bench.add(case, "wall_s", wall, "s")
    bench.add(case, "cpu_s", cpu, "s")
    bench.add(case, "steps", float(len(view["steps"])), "count")
    bench.add(case, "roc_auc", float(result["metrics"]["roc_auc"]), "")


_last_cpu = 0.0


def mark_cpu() -> float:
    return _last_cpu


def note(view: dict[str, Any], seen: dict[str, tuple[float, float]]) -> None:
    """Remember when a step was first seen; the polls are 20 ms apart."""
    global _last_cpu  # noqa: PLW0603  the last reading closes the last step
    _last_cpu = time.process_time()
    for step in view["steps"]:
        seen.setdefault(step["name"], (time.perf_counter(), _last_cpu))


def source(data: Path, folder: Path) -> tuple[Path, dict[str, str], str]:
    common = {"solution": "sales.lead-scoring", "department": "sales"}
    if (data / BANK).exists():
        return data / BANK, {**common, "label": "y", "exclude": "duration"}, "bank marketing, 41,188 rows"
    from headway.solutions.sales import lead_scoring

    path = folder / "leads.csv"
    lead_scoring.write_example(path, rows=40_000, seed=1)
    more = {"label": "converted", "time": "created_at", "subject": "lead_id"}
    return path, {**common, **more}, "generated leads, 40,000 rows"


def starts(bench: Bench, environ: dict[str, str], rounds: int) -> None:
    version = [
        timed(lambda: subprocess.run([*PROGRAM, "--version"], env=environ, check=True, capture_output=True))
        for _ in range(rounds)
    ]
    bench.add("headway --version", "wall_s", statistics.median(version), "s")
    full, plain = zip(*[start_up(environ) for _ in range(max(2, rounds // 2))], strict=True)
    bench.add("headway up, existing home", "wall_s", statistics.median(full), "s")
    bench.add("headway up, existing home, no node", "wall_s", statistics.median(plain), "s")


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def start_up(environ: dict[str, str]) -> tuple[float, float]:
    return tuple(one_start(environ, more) for more in ([], ["--no-node"]))  # type: ignore[return-value]  # two of two


def one_start(environ: dict[str, str], more: list[str]) -> float:
    about = Path(environ["HEADWAY_HOME"]) / "run" / "server.json"
    began = time.perf_counter()
    process = subprocess.Popen(
        [*PROGRAM, "up", *more], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not about.exists():
        if process.poll() is not None or time.perf_counter() - began > 60:
            raise SystemExit("headway up did not start")
        time.sleep(0.005)
    took = time.perf_counter() - began
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    return took


if __name__ == "__main__":
    main()
