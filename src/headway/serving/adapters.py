"""Reading a file of outcomes as text, whatever its form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from headway.kernel.errors import Invalid

if TYPE_CHECKING:
    import polars as pl


def read_text_frame(path: Path, filename: str) -> pl.DataFrame:
    """Read a CSV or Parquet file with every value as text; raises Invalid when it is neither or is broken."""
    import polars as pl

    suffix = Path(filename).suffix.lower()
    try:
        if suffix == ".parquet":
            frame = pl.read_parquet(path)
            times = [name for name, kind in frame.schema.items() if kind == pl.Datetime]
            stamped = frame.with_columns(pl.col(times).dt.strftime("%Y-%m-%dT%H:%M:%S%.f"))
            return stamped.with_columns(pl.all().cast(pl.String))
        if suffix in (".csv", ".txt", ".tsv"):
            separator = "\t" if suffix == ".tsv" else ","
            return pl.read_csv(path, infer_schema=False, separator=separator)
    except (pl.exceptions.PolarsError, UnicodeDecodeError, OSError) as error:
        raise Invalid(f"{filename} cannot be read: {str(error).splitlines()[0]}") from error
    raise Invalid(f"{filename} is neither CSV nor Parquet", hint="outcomes come as .csv or .parquet")
