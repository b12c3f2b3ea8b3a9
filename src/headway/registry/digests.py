"""Digests of what a training run was made of."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import msgspec
import polars as pl

from headway.kernel.canonical import digest
from headway.registry.entities import TrainingSpec

_SLICE = 50_000
_MISSING = "\\N"  # tells a missing value from an empty text


def frame_digest(frame: pl.DataFrame) -> str:
    """Hash the rows of a frame: names, types and the values as CSV text, in order."""
    made = hashlib.sha256()
    for name, dtype in frame.schema.items():
        made.update(f"{name}\x1f{dtype}\x1e".encode())
    for part in frame.iter_slices(_SLICE):
        made.update(part.write_csv(include_header=False, null_value=_MISSING).encode())
    return "sha256-" + made.hexdigest()


def settings_digest(spec: TrainingSpec) -> str:
    """Hash the settings of a run; the snapshot's id is left out, since the rows have a digest of their own."""
    return digest(plain_spec(spec))


def plain_spec(spec: TrainingSpec) -> dict[str, object]:
    """Write a spec as plain values without the snapshot's id."""
    made: dict[str, object] = msgspec.to_builtins(replace(spec, snapshot=None))
    del made["snapshot"]
    return made
