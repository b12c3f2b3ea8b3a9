"""How much work is it to profile a million rows of forty columns on both sides, and to tell how far they lie apart?

Also what a node spends on the profile of a sealed segment, for each decision. Bounds: 10 CPU-seconds for both sides, and
200 ms for all distances.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from harness import Bench

from headway import numerics
from headway.monitoring.drift import Watched, judge_day
from headway.numerics import FloatArray, Profile, Reference

NUMBERS, CATEGORIES, CHUNK = 30, 10, 100_000
BOUND_S, BOUND_DISTANCES_S = 10.0, 0.2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="not used; rows are drawn here")
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    bench = Bench("drift")
    reference, spent = profiled(arguments.rows, 0.0, None)
    current, more = profiled(arguments.rows, 0.1, reference)
    case = f"{arguments.rows:,} rows, {NUMBERS + CATEGORIES} columns"
    bench.add(case, "cpu of both sides", spent + more, "s")
    day = time.process_time()
    today = np.datetime64("2026-03-02").astype(object)
    judge_day(Watched(reference=reference), {today: current.profile}, today)
    distances = time.process_time() - day
    bench.add(case, "cpu of every distance, three spans each", distances, "s")
    bench.add(
        "a segment of 20,000 decisions with 40 columns", "cpu a decision on the node", segment_cost(reference), "us"
    )
    bench.finish()
    if spent + more > BOUND_S or distances > BOUND_DISTANCES_S:
        sys.exit(
            f"{spent + more:.1f} s and {distances * 1000:.0f} ms are above {BOUND_S} s or {BOUND_DISTANCES_S * 1000} ms"
        )


def chunk(rows: int, shift: float, chance: np.random.Generator) -> dict[str, FloatArray]:
    """Rows as the encoder leaves them."""
    made = {f"number_{i}": chance.normal(shift, 1.0, rows) for i in range(NUMBERS)}
    return made | {f"category_{i}": chance.integers(0, 20, rows).astype(np.float64) for i in range(CATEGORIES)}


def profiled(rows: int, shift: float, reference: Reference | None) -> tuple[Reference, float]:
    """The profile of rows by the rulers of a reference, or by rulers cut from them; and the CPU seconds it took."""
    chance, spent = np.random.default_rng(7 if reference is None else 8), 0.0
    whole: Profile | None = None
    for _ in range(rows // CHUNK):
        inputs = chunk(CHUNK, shift, chance)
        scores = chance.random(CHUNK)
        began = time.process_time()
        if reference is None:
            reference = cut(inputs, scores)
        made = numerics.profile_rows(reference, inputs, scores)
        whole = made if whole is None else numerics.merge_profiles(whole, made)
        spent += time.process_time() - began
    assert reference is not None
    assert whole is not None
    return Reference(rulers=reference.rulers, score_ruler=reference.score_ruler, profile=whole), spent


def cut(inputs: dict[str, FloatArray], scores: FloatArray) -> Reference:
    """Rulers of a first chunk."""
    labels = tuple(f"value {i}" for i in range(20))
    rulers = {
        name: numerics.category_ruler(labels) if name.startswith("category") else numerics.number_ruler(values)
        for name, values in inputs.items()
    }
    blank = Profile(rows=0, inputs={}, scores=numerics.Tally(counts=()))
    return Reference(rulers=rulers, score_ruler=numerics.number_ruler(scores), profile=blank)


def segment_cost(reference: Reference) -> float:
    """What a node spends on the profile of a segment, in microseconds of CPU for each decision."""
    import msgspec

    from headway import runtime
    from headway.runtime import segments

    rows, key = 20_000, bytes(range(32))
    chance = np.random.default_rng(9)
    features = [
        runtime.Feature(name=name, column=name, kind="category", categories=ruler.labels)
        if ruler.kind == "category"
        else runtime.Feature(name=name, column=name, kind="number")
        for name, ruler in reference.rulers.items()
    ]
    values = chunk(rows, 0.0, chance)
    bodies, sides = [], []
    for i in range(rows):
        record = {
            name: f"value {int(values[name][i])}" if name.startswith("category") else float(values[name][i])
            for name in values
        }
        name = f"dec_{i}"
        commitment, side = runtime.commit_payload(
            name, bytes(16), subject=f"c-{i}", input_json=msgspec.json.encode(record)
        )
        body = runtime.RecordBody(
            kind="decision", id=name, at="2026-03-02T10:00:00.000000Z", epoch=1, deployment="leads", release="r",
            payload_commitment=commitment, score=0.5,
        )  # fmt: skip
        bodies.append(
            msgspec.json.encode(
                {"v": 1, "node": "n", "segment": "s", "seq": i, "prev": "", **msgspec.to_builtins(body)}
            )
        )
        sides.append(side)
    log, side_file = (
        segments.header_frame(
            header := segments.Header(
                part=part, segment="s", environment="pilot", node="n", slot=0, opened_at="", previous=segments.Link()
            )
        )
        + segments.group_frame(
            segments.file_key(key, "s", part),
            segments.header_digest(msgspec.json.encode(header)),
            0,
            items,
            last_seq=rows,
            head="0" * 64,
        )
        for part, items in (("log", bodies), ("side", sides))
    )
    profiler = runtime.Profiler(features, reference)
    make = runtime.SegmentProfiler(key, lambda release: profiler, lambda: None)
    began = time.process_time()
    assert make("s", log, side_file) is not None
    return (time.process_time() - began) / rows * 1e6


if __name__ == "__main__":
    main()
