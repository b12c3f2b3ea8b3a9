"""What a plan needs from outside: the served model's scores, and frames kept in storage."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headway import numerics, runtime
from headway.kernel.canonical import sha256
from headway.kernel.errors import Conflict
from headway.kernel.storage import Storage

Floats = NDArray[np.float64]
_MARGIN = 1e-6


@dataclass(frozen=True, slots=True)
class Scorer:
    """The very model that nodes serve; scores are log-odds of the probability that a node answers."""

    release: runtime.Release
    engine: numerics.Engine
    encoder: runtime.Encoder

    @staticmethod
    def of(storage: Storage, digest: str) -> Scorer:
        """Open the bundle of a version."""
        release = runtime.read_release(storage.get(runtime.object_key(digest, "release.json")))
        model = storage.get(runtime.object_key(digest, release.model.path))
        if sha256(model) != release.files[release.model.path]:
            raise Conflict(f"the model file of {digest} is damaged", hint="restore it from a backup")
        return Scorer(release, runtime.load_engine(release, model), runtime.Encoder(release.features))

    def encode(self, frame: pl.DataFrame) -> Floats:
        """Encode rows as a node does, shape (n, d); a column that is not there is missing in every row."""
        columns = {name: self._plain(frame, name) for name in self.encoder.columns}
        return self.encoder.frame(columns).values

    def score(self, encoded: Floats) -> Floats:
        """Score encoded rows."""
        raw = self.engine.score(encoded, reasons=False).raw
        return numerics.logit(numerics.calibrate(self.release.calibration, raw), _MARGIN)

    def _plain(self, frame: pl.DataFrame, name: str) -> Floats | list[str | None]:
        if name not in frame.columns:
            return [None] * frame.height
        series = frame[name]
        if series.dtype.is_numeric() or series.dtype == pl.Boolean:
            return series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return series.cast(pl.String).to_list()


def keep(storage: Storage, key: str, frame: pl.DataFrame) -> None:
    """Keep a frame as Parquet."""
    with io.BytesIO() as out:
        frame.write_parquet(out, compression="zstd")
        storage.replace(key, out.getvalue())


def kept(storage: Storage, key: str) -> pl.DataFrame:
    """Read a frame that was kept."""
    return pl.read_parquet(io.BytesIO(storage.get(key)))


def matrix(frame: pl.DataFrame, count: int) -> Floats:
    """The encoded columns x0, x1, ... of a kept frame, shape (n, count)."""
    return frame.select(f"x{at}" for at in range(count)).to_numpy().astype(np.float64)


def with_matrix(frame: pl.DataFrame, encoded: Floats) -> pl.DataFrame:
    """A frame with an encoded matrix beside it, as columns x0, x1, ..."""
    return frame.with_columns(pl.Series(f"x{at}", encoded[:, at]) for at in range(encoded.shape[1]))
