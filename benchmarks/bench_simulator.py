"""How fast is a company written, and how much memory does it take, at one million and at ten million rows?

Each size runs in a process of its own, so that its peak of memory is its own. The bound: ten million rows stream under 1 GB.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import Bench

BOUND_MB = 1000
WRITE = """
import json, re, sys, time
from pathlib import Path
from headway import demo
began, cpu = time.perf_counter(), time.process_time()
made = demo.generate(demo.northwind(rows=int(sys.argv[2])), Path(sys.argv[1]) / "company", file_format=sys.argv[3])
print(json.dumps({
    "wall_s": time.perf_counter() - began, "cpu_s": time.process_time() - cpu,
    "peak_mb": int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024,
    "size_mb": sum(file.bytes for file in made.files) / 1e6,
}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="not used; the company is made here")
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--format", choices=["parquet", "csv"], default="parquet")
    arguments = parser.parse_args()
    bench = Bench("simulator")
    peaks = [measure(bench, rows, arguments.format) for rows in arguments.rows]
    bench.finish()
    if max(peaks) > BOUND_MB:
        sys.exit(f"peak memory {max(peaks):.0f} MB is above the bound of {BOUND_MB} MB")


def measure(bench: Bench, rows: int, file_format: str) -> float:
    """Write one company; its peak of memory in MB."""
    with tempfile.TemporaryDirectory(prefix="headway-bench-") as folder:
        command = [sys.executable, "-c", WRITE, folder, str(rows), file_format]
        told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    case = f"{rows:,} rows, {file_format}"
    bench.add(case, "rows a second", rows / told["wall_s"], "1/s")
    bench.add(case, "wall", told["wall_s"], "s")
    bench.add(case, "cpu", told["cpu_s"], "s")
    bench.add(case, "peak memory", told["peak_mb"], "MB")
    bench.add(case, "files", told["size_mb"], "MB")
    return float(told["peak_mb"])


if __name__ == "__main__":
    main()
