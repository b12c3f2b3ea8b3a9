"""Between answers and data frames. Polars and pandas are imported when they are asked for, and neither is needed."""

from __future__ import annotations

import importlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from types import ModuleType, UnionType
from typing import TYPE_CHECKING, Any, Union, cast, get_args, get_origin, get_type_hints

from headway_client.answer import Answer, Json

if TYPE_CHECKING:
    import pandas
    import polars

Record = Mapping[str, object]


def need(name: str) -> ModuleType:
    """Import a library that this package does not bring along; raises ImportError that says how to get it."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(f"this needs {name}, which is not installed: pip install {name}") from error


def to_polars(rows: Sequence[Json], kind: type[Any]) -> polars.DataFrame:
    """Make a Polars frame: columns typed as the answer's class says, times in UTC, objects as JSON text."""
    pl = need("polars")
    types = {str: pl.String, int: pl.Int64, float: pl.Float64, bool: pl.Boolean, date: pl.Date}
    types |= {datetime: pl.Datetime("us", "UTC"), list[str]: pl.List(pl.String)}
    columns = []
    for name, hint in _columns(rows, kind).items():
        values = [_cell(row.get(name), hint) for row in rows]
        columns.append(pl.Series(name, values, dtype=types.get(hint, pl.String), strict=False))
    return cast("polars.DataFrame", pl.DataFrame(columns))


def to_pandas(rows: Sequence[Json], kind: type[Any]) -> pandas.DataFrame:
    """Make a pandas frame: times in UTC, whole numbers nullable, objects left as they are."""
    pd = need("pandas")
    types = {str: "object", int: "Int64", float: "Float64", bool: "boolean"}
    columns = {}
    for name, hint in _columns(rows, kind).items():
        values = [row.get(name) for row in rows]
        if hint in (datetime, date):
            columns[name] = pd.to_datetime(pd.Series(values, dtype="object"), utc=hint is datetime, format="ISO8601")
        else:
            columns[name] = pd.Series(values, dtype=types.get(hint, "object"))
    return cast("pandas.DataFrame", pd.DataFrame(columns))


def _columns(rows: Sequence[Json], kind: type[Any]) -> dict[str, Any]:
    """Every field with its type without None: those the class knows, then those that only the answers have."""
    known = get_type_hints(kind) if issubclass(kind, Answer) else {}
    hints = {name: _bare(hint) for name, hint in known.items() if name not in ("_raw", "shown")}
    hints = {name: hint for name, hint in hints.items() if not rows or any(name in row for row in rows)}
    for row in rows:
        for name in row:
            hints.setdefault(name, _common([other.get(name) for other in rows]))
    return hints


def _bare(hint: Any) -> Any:  # noqa: ANN401  a type as written
    """The type without None; closed sets of texts are texts."""
    if get_origin(hint) in (Union, UnionType):
        members = [_bare(one) for one in get_args(hint) if one is not type(None)]
        return members[0] if len(set(map(str, members))) == 1 else object
    if get_args(hint) and all(isinstance(one, str) for one in get_args(hint)):
        return str
    return hint


def _common(values: Sequence[object]) -> type[Any]:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        return float
    return kinds.pop() if len(kinds) == 1 else object


def _cell(value: Any, hint: Any) -> Any:  # noqa: ANN401  any JSON value
    if value is None or (hint in (str, int, float, bool) and isinstance(value, hint)):
        return value
    if hint in (datetime, date) and isinstance(value, str):
        return hint.fromisoformat(value)
    if hint in (float, list[str]):
        return value
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# ------------------------------------------------------------------------------------------------ records to decide on
def records_of(frame: object) -> list[dict[str, object]]:
    """The rows of a Polars or pandas frame, or of a sequence of mappings, as JSON has them; missing values are None."""
    if _is_from(frame, "pandas"):
        table = cast("pandas.DataFrame", frame)
        rows: Sequence[Record] = table.astype(object).where(table.notna(), None).to_dict("records")
    elif _is_from(frame, "polars"):
        if hasattr(frame, "collect"):
            raise TypeError("a lazy frame has no rows yet: collect() it first")
        rows = cast("polars.DataFrame", frame).to_dicts()
    elif isinstance(frame, Sequence) and all(isinstance(row, Mapping) for row in frame):
        rows = frame
    else:
        raise TypeError(f"a frame of Polars or pandas, or a list of records is needed, not {type(frame).__name__}")
    return [{str(name): _jsonable(value) for name, value in row.items()} for row in rows]


def _is_from(frame: object, library: str) -> bool:
    return type(frame).__module__.partition(".")[0] == library


def _jsonable(value: Any) -> Any:  # noqa: ANN401  any value of a cell
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    item = getattr(value, "item", None)  # a numpy scalar
    return _jsonable(item()) if callable(item) else str(value)


def like(frame: object, rows: Sequence[Json], kind: type[Any]) -> Any:  # noqa: ANN401  what was given
    """Rows as the kind of frame that was given, in its order; a pandas frame keeps its index."""
    if _is_from(frame, "pandas"):
        made = to_pandas(rows, kind)
        made.index = cast("pandas.DataFrame", frame).index
        return made
    return to_polars(rows, kind) if _is_from(frame, "polars") else [kind(row) for row in rows]


class Portions:
    """Cuts records into requests; a portion that proves too large is halved, and so are those after it."""

    def __init__(
        self, records: Sequence[Record], size: int, on_progress: Callable[[int, int], None] | None = None
    ) -> None:
        if size < 1:
            raise ValueError(f"a portion holds at least one record, not {size}")
        self.answers: list[Json] = []
        self._records, self._size, self._tell = records, size, on_progress

    def next(self) -> Sequence[Record]:
        """The records to ask about now; none when all were answered."""
        done = len(self.answers)
        return self._records[done : done + self._size]

    def took(self, answers: Sequence[Json]) -> None:
        """Keep what came back."""
        self.answers += answers
        if self._tell:
            self._tell(len(self.answers), len(self._records))

    def halve(self) -> bool:
        """Ask about fewer records; false when there is only one."""
        size = min(self._size, len(self.next()))
        self._size = max(1, size // 2)
        return size > 1
