"""Blocks as Arrow tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headway.demo.frames import Frame, Values, height, take

if TYPE_CHECKING:
    import pyarrow as pa

DIGITS = 9
ISO = "%Y-%m-%dT%H:%M:%SZ"


def table(frame: Frame, file_format: str) -> pa.Table:
    """Turn a block into an Arrow table; times become text in ISO 8601 where the format knows none."""
    import pyarrow as pa

    return pa.table({name: _column(values, file_format) for name, values in frame.items()})


def schema(frame: Frame, file_format: str) -> pa.Schema:
    """The Arrow types of a block's columns."""
    none = np.zeros(height(frame), dtype=np.bool_)
    return table(take(frame, none), file_format).schema


def _column(values: Values, file_format: str) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    missing = values.missing
    if values.kind == "id":
        number = pc.utf8_lpad(pc.cast(pa.array(values.array), pa.string()), DIGITS, "0")
        return pc.binary_join_element_wise(pa.scalar(values.prefix), number, "")
    if values.kind == "category":
        codes = pa.array(values.array.astype(np.int32), mask=missing)
        return pc.cast(pa.DictionaryArray.from_arrays(codes, pa.array(values.levels, pa.string())), pa.string())
    if values.kind == "time":
        at = pa.array(values.array.astype("datetime64[s]"), mask=missing).cast(pa.timestamp("s", tz="UTC"))
        return pc.strftime(at, format=ISO) if file_format == "csv" else at
    if values.kind == "text":
        return pa.array(values.array.astype(object), pa.string(), mask=missing)
    return pa.array(values.array, mask=missing)
