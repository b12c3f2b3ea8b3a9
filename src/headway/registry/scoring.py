"""A trained model asked about rows that it did not see: scores as a node would give them, and inputs as it would count them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headway import numerics, runtime
from headway.registry import card
from headway.registry.entities import TrainedModel
from headway.registry.features import encode_frame
from headway.registry.label import texts_of

Floats = NDArray[np.float64]
SLICE = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredRows:
    """Rows with their calibrated scores, and the inputs by feature as profiles count them."""

    scores: Floats
    inputs: Mapping[str, Floats]


def score_rows(trained: TrainedModel, frame: pl.DataFrame) -> ScoredRows:
    """Score rows by the engine that nodes run. Raises polars.exceptions.ColumnNotFoundError where a feature's column is gone.

    Args: frame: the columns that the model learnt from, as they were typed then.
    """
    release = trained.release
    engine = runtime.load_engine(release, trained.files[release.model.path])
    x = encode_frame(frame, release.features)
    raw = [engine.score(x[at : at + SLICE], False).raw for at in range(0, len(x), SLICE)]
    scores = numerics.calibrate(release.calibration, np.concatenate(raw) if raw else np.empty(0))
    return ScoredRows(scores=scores, inputs={one.name: x[:, at] for at, one in enumerate(release.features)})


def reference_of(trained: TrainedModel) -> numerics.Reference:
    """What later rows are compared with, as it lies in the bundle."""
    return numerics.read_reference(trained.files[card.REFERENCE_FILE])


def outcomes_of(trained: TrainedModel, frame: pl.DataFrame) -> Floats:
    """What became of rows: 1.0 for a success, 0.0 for none, NaN where nothing is told."""
    told = texts_of(frame[trained.spec.label])
    return (told == trained.positive).cast(pl.Float64).fill_null(float("nan")).to_numpy()
