"""Columns and blocks of rows as arrays: what the generators make, before names and codes of a region are put on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Kind = Literal["id", "time", "category", "flag", "integer", "number", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """One column of a block.

    ``array`` holds whole numbers for ``id`` (the running number behind ``prefix``), seconds since 1970 in UTC for ``time``,
    and places in ``levels`` for ``category``; a cell that is missing is marked in ``missing``, whatever the array says.
    """

    kind: Kind
    array: Array
    levels: tuple[str, ...] = ()
    prefix: str = ""
    missing: Flags | None = None

    def take(self, rows: Flags) -> Values:
        """The marked rows alone."""
        return replace(self, array=self.array[rows], missing=self.missing[rows] if self.missing is not None else None)

    def texts(self) -> Array:
        """The cells as texts; what is missing becomes empty."""
        if self.kind == "category":
            found = np.array(self.levels or ("",), dtype=np.str_)[self.array]
        elif self.kind == "flag":
            found = np.where(self.array, "true", "false")
        else:
            found = self.array.astype(np.str_)
        return found if self.missing is None else np.where(self.missing, "", found)


Frame = Mapping[str, Values]


def height(frame: Frame) -> int:
    """Rows of a frame; 0 without columns."""
    return next((len(values.array) for values in frame.values()), 0)


def take(frame: Frame, rows: Flags) -> dict[str, Values]:
    """The marked rows of all columns."""
    return {name: values.take(rows) for name, values in frame.items()}
