"""The first step of a plan: finding our columns in their file, checking the rows, scoring both departments' rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from headway import catalog, registry
from headway.kernel.errors import Fault, Invalid
from headway.kernel.web import Parts
from headway.registry import JudgedRows
from headway.scaling import applying, readiness
from headway.scaling.adapters import Scorer, keep, with_matrix
from headway.scaling.entities import PlanRequest
from headway.scaling.errors import NothingToCompare
from headway.scaling.forecasting import auc
from headway.scaling.mapping import Given, Pair, Role, Wanted, match
from headway.scaling.service.keeping import Left, key, put, request_of
from headway.scaling.shift import auc_with_error
from headway.scaling.sketch import sketch


def map_columns(parts: Parts, plan_id: str) -> Left:
    """Find our columns in their file, hold the rows to the contract, and score both departments' rows.

    Raises: UnreadableFile. Invalid: a column that a person named is not there. NothingToCompare.
    """
    request = request_of(parts, plan_id)
    judged = registry.judged_rows_of(parts, request.version)
    scorer = Scorer.of(parts.storage, judged.version.digest)
    frame = _frame(parts, request)
    pairs = _pairs(request, judged, scorer, frame)
    lost = [pair.ours for pair in pairs if pair.role == "feature" and pair.theirs is None]
    _need_something(frame, pairs, lost)
    mapped = applying.apply(frame, pairs, judged.frame)
    here, there = scorer.encode(applying.blank(judged.frame, lost, dict(judged.frame.schema))), scorer.encode(mapped)
    raw, y = scorer.score(here), _outcomes(mapped, judged)
    keep(parts.storage, key(plan_id, "judged"), with_matrix(pl.DataFrame({"raw": raw, "y": judged.y}), here))
    rows = pl.DataFrame(
        {
            "row": np.arange(1, mapped.height + 1),
            "subject": _subjects(mapped, judged.spec.subject),
            "raw": scorer.score(there),
            "y": y,
        }
    )
    keep(parts.storage, key(plan_id, "rows"), with_matrix(rows, there))
    used = {pair.theirs for pair in pairs}
    left = {
        "pairs": msgspec.to_builtins(pairs),
        "spare": [name for name in frame.columns if name not in used],
        "rows": frame.height,
        "labelled": int((~np.isnan(y)).sum()),
        "missing_weight": _weight_of(lost, judged),
        "quality": _quality(judged, mapped),
        "rows_a_week": _rows_a_week(mapped, judged.spec.time),
        "source": _at_home(judged, scorer, raw, has_lost=bool(lost)),
        **{name: str(_label_facts(judged)[name]) for name in ("positive", "negative")},
    }
    return put(parts, plan_id, "mapping", left)


def _subjects(mapped: pl.DataFrame, subject: str | None) -> pl.Series:
    if subject is None or subject not in mapped.columns:
        return pl.Series("subject", [None] * mapped.height, dtype=pl.String)
    return mapped[subject].cast(pl.String)


def _weight_of(lost: Sequence[str], judged: JudgedRows) -> float:
    """Share of the model's reasons that rest on some columns."""
    found = msgspec.convert(judged.version.report["importances"], list[dict[str, Any]])
    return float(sum(one["share"] for one in found if one["feature"] in lost))


def _at_home(judged: JudgedRows, scorer: Scorer, raw: NDArray[np.float64], *, has_lost: bool) -> Left:
    """How well the model ranks the rows it was judged on: with all its columns, and with those that were found."""
    whole = scorer.score(scorer.encode(judged.frame)) if has_lost else raw
    value, error = auc_with_error(whole[judged.y == 1], whole[judged.y == 0])
    return {
        "auc": value,
        "low": max(0.0, value - 1.959964 * error),
        "high": min(1.0, value + 1.959964 * error),
        "auc_with_these_columns": auc(raw, judged.y),
        "rows": len(judged.y),
        "rate": float(judged.y.mean()),
    }


def _frame(parts: Parts, request: PlanRequest) -> pl.DataFrame:
    with TemporaryDirectory(prefix="headway-") as folder:
        source = Path(folder) / "file"
        source.write_bytes(parts.storage.get(request.file_key))
        return catalog.read_file(source, request.filename)


def _pairs(request: PlanRequest, judged: JudgedRows, scorer: Scorer, frame: pl.DataFrame) -> tuple[Pair, ...]:
    roles: dict[str, Role] = dict.fromkeys(scorer.encoder.columns, "feature")
    spec = judged.spec
    for name, role in ((spec.label, "label"), (spec.time, "time"), (spec.subject, "subject")):
        if name is not None and name in judged.frame.columns:
            roles[name] = role  # type: ignore[assignment]  # one of the three literals
    _check_said(request, roles, frame.columns)
    required = {column.name for column in catalog.columns_of(judged.contract) if column.required}
    wanted = [
        Wanted(sketch=sketch(judged.frame[name]), role=role, is_required=role == "feature" and name in required)
        for name, role in roles.items()
    ]
    given = {said.ours: Given(theirs=said.theirs, factor=said.factor) for said in request.columns}
    codes: dict[str, dict[str, str]] = {}
    for told in request.values:
        codes.setdefault(told.ours, {})[told.theirs] = told.value
    return match(wanted, [sketch(frame[name]) for name in frame.columns], given, codes)


def _check_said(request: PlanRequest, roles: Mapping[str, Role], columns: Sequence[str]) -> None:
    faults = [
        Fault(rule="unknown_column", column="map", value=said, message=f"the model has no column {said!r}")
        for said in sorted(({one.ours for one in request.columns} | {one.ours for one in request.values}) - set(roles))
    ]
    faults += [
        Fault(rule="unknown_column", column="map", value=said.theirs, message=f"the file has no column {said.theirs!r}")
        for said in request.columns
        if said.theirs is not None and said.theirs not in columns
    ]
    if faults:
        hint = "the model's columns: " + ", ".join(roles) + "; the file's: " + ", ".join(columns[:30])
        raise Invalid("; ".join(fault.message for fault in faults), faults=faults, hint=hint)


def _need_something(frame: pl.DataFrame, pairs: Sequence[Pair], lost: Sequence[str]) -> None:
    if frame.height < readiness.LEAST_ROWS:
        raise NothingToCompare(
            f"{frame.height} rows are too few to compare departments",
            hint=f"bring at least {readiness.LEAST_ROWS} cases, better {readiness.GOOD_ROWS:,}",
        )
    features = [pair for pair in pairs if pair.role == "feature"]
    if len(lost) == len(features):
        told = "; ".join(f"{pair.ours}: {pair.reason}" for pair in features[:10])
        hint = "name them: --map THEIRS=" + features[0].ours
        raise NothingToCompare(f"none of the model's columns was found in the file: {told}", hint=hint)


def _label_facts(judged: JudgedRows) -> dict[str, Any]:
    return msgspec.convert(judged.version.report["label"], dict[str, Any])


def _outcomes(mapped: pl.DataFrame, judged: JudgedRows) -> NDArray[np.float64]:
    label = _label_facts(judged)
    if judged.spec.label not in mapped.columns:
        return np.full(mapped.height, np.nan)
    return applying.outcomes(mapped[judged.spec.label], str(label["positive"]), str(label["negative"]))


def _quality(judged: JudgedRows, mapped: pl.DataFrame) -> Left:
    """Hold the mapped rows to the contract's rules for their columns; how a department numbers its cases is its own affair."""
    contract = json.loads(json.dumps(judged.contract))
    table = contract["schema"][0]
    table["properties"] = [one for one in table["properties"] if one["name"] in mapped.columns]
    for one in table["properties"]:
        if one["name"] == judged.spec.subject:
            one.get("logicalTypeOptions", {}).pop("pattern", None)
    with TemporaryDirectory(prefix="headway-") as folder:
        path = Path(folder) / "mapped.parquet"
        mapped.select(one["name"] for one in table["properties"]).write_parquet(path)
        report = catalog.check_file(path, path.name, json.dumps(contract))
    broken = sorted(((rule.id, rule.failed_rows) for rule in report.rules if rule.failed_rows), key=lambda one: -one[1])
    return {"usable": report.score, "failed_rows": report.failed_rows, "broken": [list(one) for one in broken]}


def _rows_a_week(mapped: pl.DataFrame, time: str | None) -> float | None:
    if time is None or time not in mapped.columns or not mapped[time].dtype.is_temporal():
        return None
    times = mapped[time].drop_nulls()
    days = (times.max() - times.min()).total_seconds() / 86_400 if times.len() else 0.0  # type: ignore[operator,union-attr]
    return float(times.len() / days * 7.0) if days >= 7 else None
