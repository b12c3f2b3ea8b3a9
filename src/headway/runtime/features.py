"""The encoder: how records become the float64 inputs of a model, the same in training and on a node.

There are two ways in, one record at a time and whole columns, and a property test holds them equal: there is no second
implementation that could drift away from the first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from headway.kernel.errors import Fault, Invalid
from headway.numerics import FloatArray
from headway.runtime.entities import DatePart, Feature

Column = Sequence[object] | np.ndarray
_UNSEEN = -math.inf  # inside this module only: no input is infinite
_NAN = math.nan

_PARTS: Mapping[DatePart, Callable[[datetime], int]] = {
    "year": lambda at: at.year,
    "month": lambda at: at.month,
    "day": lambda at: at.day,
    "weekday": lambda at: at.weekday(),
    "hour": lambda at: at.hour,
    "day_of_year": lambda at: at.timetuple().tm_yday,
}


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """Many rows as a matrix, shape (n, d) in the order of the features, and the unseen categories by column."""

    values: FloatArray
    unseen: Mapping[str, int]  # column: rows; only columns that have some


class Encoder:
    """Turns records into the inputs of one release's model; made once, used by many threads."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self.features = tuple(features)
        self.columns = tuple(dict.fromkeys(feature.column for feature in self.features))
        """Fields of a record that the features are made of, each once."""
        place = {column: i for i, column in enumerate(self.columns)}
        self._steps = tuple((converter(feature), place[feature.column]) for feature in self.features)

    def encode(self, values: Sequence[object]) -> tuple[FloatArray, tuple[str, ...]]:
        """Encode one record given as values in the order of ``columns``.

        Returns: float64 of shape (d,), and the columns that hold a category not seen in training.
        Raises: Invalid: a value is not of the feature's kind.
        """
        try:
            made = [convert(values[i]) for convert, i in self._steps]
        except (TypeError, ValueError, OverflowError) as error:
            raise self._explain(values) from error
        if _UNSEEN not in made:
            return np.array(made, dtype=np.float64), ()
        unseen = tuple(f.column for f, value in zip(self.features, made, strict=True) if value == _UNSEEN)
        return np.array([_NAN if value == _UNSEEN else value for value in made], dtype=np.float64), unseen

    def quick(self, plain: Collection[str]) -> Callable[[Sequence[object]], tuple[FloatArray, tuple[str, ...]]]:
        """Make a faster ``encode`` for values of which those of ``plain`` columns are numbers, booleans or None.

        A contract that was kept promises that; the result is the same.
        """
        numeric = {"number", "integer", "boolean"}
        special = [
            (at, convert, self.features[at])
            for at, (convert, _) in enumerate(self._steps)
            if not (self.features[at].kind in numeric and self.features[at].column in plain)
        ]
        places = [i for _, i in self._steps]

        def encode(values: Sequence[object]) -> tuple[FloatArray, tuple[str, ...]]:
            made = [values[i] for i in places]
            try:
                for at, convert, _ in special:
                    made[at] = convert(made[at])
                row = np.array(made, dtype=np.float64)
            except (TypeError, ValueError, OverflowError) as error:
                raise self._explain(values) from error
            unseen = tuple(feature.column for at, _, feature in special if made[at] == _UNSEEN)
            if unseen:
                row[row == _UNSEEN] = _NAN
            return row, unseen

        return encode

    def row(self, record: Mapping[str, object]) -> tuple[FloatArray, tuple[str, ...]]:
        """Encode one record by field name; a field that is absent is missing."""
        return self.encode([record.get(column) for column in self.columns])

    def frame(self, columns: Mapping[str, Column]) -> EncodedFrame:
        """Encode whole columns: numpy arrays (NaN, NaT for missing) or sequences of plain values (None for missing).

        Raises: Invalid: a column is absent, lengths differ, or values are not of the feature's kind (all are named).
        """
        absent = [column for column in self.columns if column not in columns]
        if absent:
            raise Invalid("columns are absent: " + ", ".join(absent))
        lengths = {len(columns[column]) for column in self.columns}
        if len(lengths) > 1:
            raise Invalid(f"columns have different lengths: {sorted(lengths)}")
        out = np.empty((max(lengths, default=0), len(self.features)), dtype=np.float64)
        unseen: dict[str, int] = {}
        faults: list[Fault] = []
        for i, feature in enumerate(self.features):
            try:
                out[:, i] = made = encode_column(feature, columns[feature.column])
            except (TypeError, ValueError, OverflowError) as error:
                faults.append(Fault(rule="kind", column=feature.column, message=f"{feature.column}: {error}"))
                continue
            if count := int(np.count_nonzero(np.isneginf(made))):
                unseen[feature.column] = count
        if faults:
            raise Invalid("; ".join(fault.message for fault in faults), faults=faults)
        out[np.isneginf(out)] = np.nan
        return EncodedFrame(out, unseen)

    def _explain(self, values: Sequence[object]) -> Invalid:
        faults = []
        for feature, (convert, i) in zip(self.features, self._steps, strict=True):
            try:
                convert(values[i])
            except (TypeError, ValueError, OverflowError) as error:
                shown = repr(values[i])[:100]
                message = f"{feature.column}: {error}"
                faults.append(Fault(rule="kind", column=feature.column, value=shown, message=message))
        return Invalid("; ".join(fault.message for fault in faults), faults=faults)


def encode_features(features: Sequence[Feature], record: Mapping[str, object]) -> FloatArray:
    """Encode one record; shape (d,). For many records make one ``Encoder``."""
    return Encoder(features).row(record)[0]


def category_text(value: object) -> str:
    """Write a category the one way that frozen category lists use: 3, 3.0 and "3" are the same category."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        number = float(value)
        return str(int(number)) if number.is_integer() else repr(number)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a category cannot be a {type(value).__name__}")


def converter(feature: Feature) -> Callable[[object], float]:
    """Make the function that turns one value of the feature's column into its number."""
    if feature.kind == "category":
        return _category_converter(feature.categories)
    if feature.kind == "date_part":
        part = _PARTS[feature.part or "year"]
        return lambda value: _NAN if _is_missing(value) else float(part(_moment(value)))
    return _number


def encode_column(feature: Feature, column: Column) -> FloatArray:
    """Encode one column, shape (n,); minus infinity stands for an unseen category.

    Raises: TypeError, ValueError, OverflowError: a value is not of the feature's kind.
    """
    if isinstance(column, np.ndarray) and column.dtype.kind in "fiub" and feature.kind not in ("category", "date_part"):
        made = column.astype(np.float64)
        if np.isinf(made).any():
            raise ValueError("holds an infinite number")
        return made
    if isinstance(column, np.ndarray) and column.dtype.kind == "M":
        column = column.astype("datetime64[us]")
    values = column.tolist() if isinstance(column, np.ndarray) else column
    convert = converter(feature)
    kinds = set(map(type, values))
    if bool in kinds and kinds & {int, float}:  # True equals 1 as a key of a dictionary
        return np.fromiter(map(convert, values), dtype=np.float64, count=len(values))
    made_once = {value: convert(value) for value in set(values)}
    return np.fromiter(map(made_once.__getitem__, values), dtype=np.float64, count=len(values))


def _number(value: object) -> float:
    if value is None:
        return _NAN
    if isinstance(value, str | bytes | date):
        raise TypeError(f"expected a number, found {value!r}"[:200])
    number = float(value)  # type: ignore[arg-type]  # what cannot be a number raises TypeError, which is wanted
    if math.isinf(number):
        raise ValueError("holds an infinite number")
    return number


def _category_converter(categories: Sequence[str]) -> Callable[[object], float]:
    codes = {category: float(i) for i, category in enumerate(categories)}

    def convert(value: object) -> float:
        if _is_missing(value):
            return _NAN
        return codes.get(value if type(value) is str else category_text(value), _UNSEEN)

    return convert


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and value != value)  # noqa: PLR0124  NaN is not itself


def _moment(value: object) -> datetime:
    """Read a date, a time or ISO text as a UTC time; text or time without a zone is UTC."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise TypeError(f"expected a date or a time, found a {type(value).__name__}")
