"""The rows that a version was judged on, found again from its run: what every later comparison starts from."""

from __future__ import annotations

import json
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from headway import catalog, runtime
from headway.kernel.errors import Conflict
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from headway.registry import card
from headway.registry.entities import ModelVersion, TrainingSpec
from headway.registry.service.models import get_version
from headway.registry.service.runs import get_run
from headway.registry.train import judged_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRows:
    """Rows that a version did not learn from, with their outcomes, and all that decided its training."""

    version: ModelVersion
    spec: TrainingSpec
    contract: dict[str, object]
    frame: pl.DataFrame
    y: NDArray[np.float64]


def judged_rows_of(parts: Parts, ref: Ref | str) -> JudgedRows:
    """Read the rows that a version was judged on; opens its own short transaction.

    Raises: UnknownModel. Conflict: the rows are no longer there, or this release of Headway splits them in another way.
    """
    with parts.database.session() as session:
        version = get_version(session, ref)
        run = get_run(session, version.run)
        if run.snapshot is None:
            raise Conflict(f"{version.ref} was not trained on a data product", hint="train it on one")
        snapshot = catalog.get_snapshot(session, run.snapshot)
    contract = json.loads(parts.storage.get(runtime.object_key(version.digest, card.CONTRACT_FILE)))
    spec = msgspec.convert({**run.settings, "snapshot": run.snapshot}, TrainingSpec)
    frame = catalog.read_snapshot(catalog.lake_of(parts), snapshot)
    known = [column.name for column in catalog.columns_of(contract) if column.name in frame.columns]
    rows, y, split = judged_rows(frame.select(known), contract, spec)
    _need_same(version, split.report.test_rows, split.report.test_rate)
    return JudgedRows(version=version, spec=spec, contract=contract, frame=rows, y=y)


def _need_same(version: ModelVersion, rows: int, rate: float) -> None:
    told = msgspec.convert(version.report["split"], dict[str, object])
    if told["test_rows"] != rows or abs(msgspec.convert(told["test_rate"], float) - rate) > 1e-12:
        raise Conflict(
            f"the rows that {version.ref} was judged on cannot be found again: it was trained by another release of Headway",
            hint="train it again on the same data, then go on with the new version",
        )
