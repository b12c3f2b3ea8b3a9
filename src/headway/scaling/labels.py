"""Reading a file of labels: which case, and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from headway.kernel.errors import Fault
from headway.scaling import naming

HINT: Final = "one column names the case ('row', its number in the plan's file, or its subject), one holds its outcome"
_MOST_FAULTS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Names that the columns may have, values that mean success and failure, and how the department writes them."""

    outcome: tuple[str, ...]
    subject: tuple[str, ...]
    positive: str
    negative: str
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Labels as pairs of row number and outcome, each case once; rows without an outcome are left out."""

    told: tuple[tuple[int, float], ...]
    rows: int
    unknown: int
    repeated: int
    faults: tuple[Fault, ...]


def read(frame: pl.DataFrame, cases: pl.DataFrame, words: Words) -> Read:
    """Match a file of labels with the cases of a plan.

    Args: cases: the columns ``row`` (from 1) and ``subject`` of the plan's file.
    """
    key = _column(frame.columns, ("row", *words.subject))
    outcome = _column([name for name in frame.columns if name != key], words.outcome)
    if key is None or outcome is None:
        missing = "the case" if key is None else "the outcome"
        told = f"no column names {missing}; the file has {', '.join(frame.columns[:20])}"
        return _nothing(frame, [Fault(rule="unknown_column", message=told)])
    places = _places(cases, by_row=key == _column(frame.columns, ("row",)))
    found: dict[int, float] = {}
    unknown = repeated = 0
    faults: list[Fault] = []
    for at, (case, value) in enumerate(
        frame.select(pl.col(key).cast(pl.String), pl.col(outcome).cast(pl.String)).iter_rows()
    ):
        if case is None or value is None or not value.strip():
            continue
        y = _outcome(value.strip(), words)
        row = places.get(case.strip())
        if y is None:
            message = (
                f"row {at + 1}: {value!r} is no outcome; success is {words.positive!r}, failure {words.negative!r}"
            )
            faults.append(Fault(rule="outcome", row=at + 1, column=outcome, value=value, message=message))
        elif row is None:
            unknown += 1
        elif row in found:
            repeated += 1
        else:
            found[row] = y
    if not found and not faults:
        faults.append(Fault(rule="no_case", message="no row of the file tells the outcome of a case of the plan"))
    return Read(
        told=tuple(found.items()),
        rows=frame.height,
        unknown=unknown,
        repeated=repeated,
        faults=tuple(faults[:_MOST_FAULTS]),
    )


def _nothing(frame: pl.DataFrame, faults: Sequence[Fault]) -> Read:
    return Read(told=(), rows=frame.height, unknown=0, repeated=0, faults=tuple(faults))


def _column(columns: Sequence[str], names: Sequence[str]) -> str | None:
    plain = {"".join(naming.words(name)): name for name in columns}
    return next((plain[found] for name in names if (found := "".join(naming.words(name))) in plain), None)


def _places(cases: pl.DataFrame, *, by_row: bool) -> dict[str, int]:
    """Row numbers by what names a case; a subject with several cases names the first."""
    names = cases["row"].cast(pl.String) if by_row else cases["subject"]
    made: dict[str, int] = {}
    for name, row in zip(names, cases["row"], strict=True):
        if name is not None:
            made.setdefault(str(name), int(row))
    return made


def _outcome(value: str, words: Words) -> float | None:
    ours = words.codes.get(value, value)
    if ours == words.positive:
        return 1.0
    if ours == words.negative:
        return 0.0
    alike = [naming.alike(one, value)[0] for one in (words.positive, words.negative)]
    if max(alike) >= 0.9 and abs(alike[0] - alike[1]) > 0.3:
        return 1.0 if alike[0] > alike[1] else 0.0
    plain = naming.alike("yes", value)[0], naming.alike("no", value)[0]
    return 1.0 if plain[0] >= 0.9 else 0.0 if plain[1] >= 0.9 else None
