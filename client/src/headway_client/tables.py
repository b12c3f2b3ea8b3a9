"""Rows of data products as frames: what ``client.sql`` and ``client.product`` give."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

import httpx

from headway_client.calls import Call
from headway_client.connection import AsyncConnection, Connection
from headway_client.frames import need

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

MOST_ROWS = 10_000_000


class Table:
    """Rows as they came; ``is_cut`` tells that there are more than were asked for."""

    def __init__(self, stream: bytes, *, is_cut: bool) -> None:
        self.stream, self.is_cut = stream, is_cut

    def __repr__(self) -> str:
        return f"<Table of {len(self.stream):,} bytes{', cut' if self.is_cut else ''}>"

    def to_polars(self) -> polars.DataFrame:
        """Make a Polars frame."""
        return cast("polars.DataFrame", need("polars").read_ipc_stream(io.BytesIO(self.stream)))

    def to_arrow(self) -> pyarrow.Table:
        """Make an Arrow table."""
        need("pyarrow")
        return cast("pyarrow.Table", need("pyarrow.ipc").open_stream(io.BytesIO(self.stream)).read_all())

    def to_pandas(self) -> pandas.DataFrame:
        """Make a pandas frame."""
        need("pandas")
        return cast("pandas.DataFrame", cast("Any", self.to_arrow()).to_pandas())


AsOf = str | date | datetime | None
"""A snapshot's id, a day, or a time; None is now."""


def sql_call(sql: str, limit: int, as_of: AsOf = None) -> Call:
    """The request for the rows of a statement."""
    body = {"sql": sql, "limit": limit, "format": "arrow"}
    return Call(method="POST", path="/sql", json=body if as_of is None else body | {"as_of": _told(as_of)})


def table_of(response: httpx.Response) -> Table:
    """Read an answer."""
    return Table(response.content, is_cut=response.headers.get("headway-is-cut") == "true")


class ProductRows:
    """The rows of one product, as one's grant shows them; nothing is read before a frame is asked for."""

    def __init__(self, connection: Connection, slug: str, version: str | None = None) -> None:
        self._connection, self.slug, self.version = connection, slug, version

    def __repr__(self) -> str:
        return f"<ProductRows of {self.slug}>"

    def table(self, *, limit: int = MOST_ROWS, as_of: AsOf = None) -> Table:
        """Read the rows; ``as_of``: of the past, by a snapshot's id or a time at which it was current."""
        return table_of(self._connection.send(_rows_call(self.slug, self.version, limit, as_of)))

    def to_polars(self, *, limit: int = MOST_ROWS, as_of: AsOf = None) -> polars.DataFrame:
        """Read the rows into a Polars frame."""
        return self.table(limit=limit, as_of=as_of).to_polars()

    def to_pandas(self, *, limit: int = MOST_ROWS, as_of: AsOf = None) -> pandas.DataFrame:
        """Read the rows into a pandas frame."""
        return self.table(limit=limit, as_of=as_of).to_pandas()


class AsyncProductRows:
    """The rows of one product, to be awaited."""

    def __init__(self, connection: AsyncConnection, slug: str, version: str | None = None) -> None:
        self._connection, self.slug, self.version = connection, slug, version

    def __repr__(self) -> str:
        return f"<AsyncProductRows of {self.slug}>"

    async def table(self, *, limit: int = MOST_ROWS, as_of: AsOf = None) -> Table:
        """Read the rows; ``as_of``: of the past, by a snapshot's id or a time at which it was current."""
        return table_of(await self._connection.send(_rows_call(self.slug, self.version, limit, as_of)))

    async def to_polars(self, *, limit: int = MOST_ROWS, as_of: AsOf = None) -> polars.DataFrame:
        """Read the rows into a Polars frame."""
        return (await self.table(limit=limit, as_of=as_of)).to_polars()

    async def to_pandas(self, *, limit: int = MOST_ROWS, as_of: AsOf = None) -> pandas.DataFrame:
        """Read the rows into a pandas frame."""
        return (await self.table(limit=limit, as_of=as_of)).to_pandas()


def _rows_call(slug: str, version: str | None, limit: int, as_of: AsOf) -> Call:
    then = None if as_of is None else _told(as_of)
    params = {"format": "arrow", "limit": limit, "version": version, "as_of": then}
    return Call(method="GET", path=f"/products/{slug}/rows", params=params)


def _told(as_of: str | date) -> str:
    return as_of if isinstance(as_of, str) else as_of.isoformat()
