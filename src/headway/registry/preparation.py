"""From a frame and a contract to rows that can be learnt from: label, columns, suspects, order of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headway.kernel.errors import Fault, Invalid
from headway.registry.contract_roles import Roles, read_roles
from headway.registry.entities import Excluded, Suspect, TrainingSpec
from headway.registry.errors import NothingToLearn
from headway.registry.features import is_usable
from headway.registry.label import Label, read_label
from headway.registry.suspects import AUTO_EXCLUDED, find_suspects

READABLE_TIMES = 0.95
"""Share of texts in a time column that must be readable as times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Rows with a label, and what the model may look at."""

    frame: pl.DataFrame
    label: Label
    y: NDArray[np.float64]
    columns: tuple[str, ...]  # features to be
    excluded: tuple[Excluded, ...]
    suspects: tuple[Suspect, ...]
    times: NDArray[np.float64] | None  # larger is later, NaN unknown; None when no order is known
    time_name: str | None
    feature_groups: NDArray[np.intp]  # rows of equal features have the same number
    row_groups: NDArray[np.intp]  # and of equal features and label


def prepare(frame: pl.DataFrame, contract: Mapping[str, object], spec: TrainingSpec) -> Prepared:
    """Read the label, choose the columns, name the suspects and find the order.

    Raises: BadLabel, NothingToLearn, Invalid: what is wrong with the rows or the spec, all column faults at once.
    """
    roles = read_roles(contract)
    _known_columns(frame, spec)
    label = read_label(frame, spec.label, spec.positive)
    rows = frame.filter(pl.Series(label.kept))
    times, time_name = _times(rows, spec, roles)
    candidates, excluded = _candidates(rows, spec, roles)
    suspects = find_suspects(rows, candidates, label.values, order=_order(times), keys=roles.keys, seed=spec.seed)
    dropped = {s.column: s for s in reversed(suspects) if s.kind in AUTO_EXCLUDED}
    excluded += [Excluded(column=name, reason=s.reason, by="rule") for name, s in dropped.items()]
    columns = tuple(name for name in candidates if name not in dropped)
    if not columns:
        raise NothingToLearn(
            f"no column is left to learn {spec.label!r} from",
            hint="bring columns that were known before the outcome",
            faults=[Fault(rule="feature", column=e.column, message=e.reason) for e in excluded],
        )
    hashes = rows.select(columns).hash_rows(seed=1).to_numpy()
    groups = np.unique(hashes, return_inverse=True)[1]
    return Prepared(
        frame=rows,
        label=label,
        y=label.values,
        columns=columns,
        excluded=tuple(sorted(excluded, key=lambda e: frame.columns.index(e.column))),
        suspects=suspects,
        times=times,
        time_name=time_name,
        feature_groups=groups,
        row_groups=groups * 2 + label.values.astype(np.intp),
    )


def check_rows(rows: pl.DataFrame, *, label: str, positive: str | None = None, time: str | None = None) -> None:
    """Refuse rows whose label or times cannot be read, before anything is made of them; raises BadLabel, Invalid."""
    found = read_label(rows, label, positive)
    if time is not None:
        time_values(rows[time].filter(pl.Series(found.kept)))


def _known_columns(frame: pl.DataFrame, spec: TrainingSpec) -> None:
    wanted = [("time", spec.time), ("subject", spec.subject), *(("exclude", name) for name in spec.exclude)]
    wanted += [("feature", name) for name in spec.features or ()]
    faults = [
        Fault(rule=role, column=name, message=f"the data has no column {name!r} (given as {role})")
        for role, name in wanted
        if name is not None and name not in frame.columns
    ]
    if spec.label in spec.exclude:
        faults.append(Fault(rule="exclude", column=spec.label, message=f"the label {spec.label!r} cannot be excluded"))
    if faults:
        hint = "the columns are: " + ", ".join(frame.columns[:20])
        raise Invalid("; ".join(fault.message for fault in faults), faults=faults, hint=hint)


def _candidates(rows: pl.DataFrame, spec: TrainingSpec, roles: Roles) -> tuple[list[str], list[Excluded]]:
    """Columns that may become features, and those that may not with the reason."""
    subjects = {name for name in (spec.subject, roles.subject) if name}
    times = {name for name in (spec.time, roles.time) if name}
    candidates, excluded = [], []
    for name in rows.columns:
        if name == spec.label:
            continue
        if name == roles.label:
            excluded.append(Excluded(column=name, reason="the contract calls it the label", by="role"))
        elif name in spec.exclude:
            excluded.append(Excluded(column=name, reason="you excluded it", by="user"))
        elif name in subjects:
            excluded.append(Excluded(column=name, reason="it names the one decided about", by="role"))
        elif name in times:
            excluded.append(Excluded(column=name, reason="it orders the rows in time", by="role"))
        elif spec.features is not None and name not in spec.features:
            excluded.append(Excluded(column=name, reason="it is not among the features asked for", by="user"))
        elif not is_usable(rows[name]):
            kind = str(rows[name].dtype).split("(", maxsplit=1)[0].lower()
            excluded.append(Excluded(column=name, reason=f"columns of type {kind} are not used as features", by="rule"))
        else:
            candidates.append(name)
    return candidates, excluded


def _times(rows: pl.DataFrame, spec: TrainingSpec, roles: Roles) -> tuple[NDArray[np.float64] | None, str | None]:
    name = spec.time or roles.time
    if name is not None and name in rows.columns:
        return time_values(rows[name]), name
    if spec.ordered:
        return np.arange(rows.height, dtype=np.float64), "row order"
    return None, None


def time_values(series: pl.Series) -> NDArray[np.float64]:
    """Read a column as times; larger is later, NaN for missing. Raises Invalid when most texts are no times."""
    if series.dtype.is_temporal() or series.dtype.is_numeric():
        numbers = series.to_physical().cast(pl.Float64).fill_null(float("nan"))
        return numbers.to_numpy()
    texts = series.cast(pl.String).str.strip_chars()
    read = _read_times(texts)
    present = texts.len() - texts.null_count()
    if read.len() - read.null_count() < READABLE_TIMES * max(present, 1):
        bad = texts.filter(read.is_null() & texts.is_not_null())
        raise Invalid(
            f"the time column {series.name!r} holds texts that are no times, for example {bad[0]!r}",
            hint="write times as 2026-03-31 or 2026-03-31T14:05:00Z, or use --ordered if the rows stand in time order",
            faults=[Fault(rule="time", column=series.name, value=str(bad[0]), message="not a time")],
        )
    return read.to_physical().cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _read_times(texts: pl.Series) -> pl.Series:
    formats = (
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d",
        "%d.%m.%Y",
        "%d.%m.%Y %H:%M",
    )
    plain = texts.str.replace(r"(Z|[+-]00:?00)$", "")
    frame = pl.DataFrame({"t": plain})
    parsed = [pl.col("t").str.to_datetime(form, strict=False, time_unit="us") for form in formats]
    return frame.select(pl.coalesce(parsed)).to_series()


def _order(times: NDArray[np.float64] | None) -> NDArray[np.intp] | None:
    if times is None:
        return None
    known = np.flatnonzero(~np.isnan(times))
    return known[np.argsort(times[known], kind="stable")]
