"""The control plane's API for ``asyncio``: ``AsyncClient``, method for method as ``Client``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from headway_client import home
from headway_client.answer import Json
from headway_client.calls import Call, FileFields, posting
from headway_client.client import PREFIX, TIMEOUT
from headway_client.connection import AsyncConnection, object_of
from headway_client.namespaces import Everything
from headway_client.retries import Retries
from headway_client.tables import AsOf, AsyncProductRows, Table, sql_call, table_of
from headway_client.waiting import HasJob, Progress, Waiting


class AsyncClient(Everything[AsyncConnection]):
    """The control plane's API for ``asyncio``; every method is that of ``Client``, to be awaited.

    Args: as of ``Client``.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float | httpx.Timeout = TIMEOUT,
        retries: int | Retries = 3,
    ) -> None:
        address = base_url.rstrip("/") + PREFIX
        super().__init__(
            AsyncConnection(address, token, transport=transport, timeout=timeout, retries=Retries.of(retries))
        )

    @classmethod
    def from_env(cls, *, timeout: float | httpx.Timeout = TIMEOUT, retries: int | Retries = 3) -> Self:
        """Connect to HEADWAY_URL with HEADWAY_TOKEN, or to what runs on this machine's home as its owner."""
        found = home.find()
        return cls(found.url, found.token, timeout=timeout, retries=retries)

    def with_options(
        self, *, retries: int | Retries | None = None, timeout: float | httpx.Timeout | None = None
    ) -> Self:
        """The same client with other patience."""
        made = object.__new__(type(self))
        chosen = None if retries is None else Retries.of(retries)
        Everything.__init__(made, self._connection.with_options(chosen, timeout))
        return made

    @property
    def base_url(self) -> str:
        """The address of the API."""
        return self._connection.base_url

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<AsyncClient of {self.base_url}>"

    async def close(self) -> None:
        """Give the connection back."""
        await self._connection.close()

    async def send(self, call: Call) -> httpx.Response:
        """Send any request; raises the exception that fits a problem, NoAnswer when nothing answers."""
        return await self._connection.send(call)

    async def sql(self, sql: str, *, limit: int = 100_000, as_of: AsOf = None) -> Table:
        """Run one SELECT over products that one may read: ``client.sql("SELECT * FROM sales.leads").to_polars()``."""
        return table_of(await self.send(sql_call(sql, limit, as_of)))

    def product(self, slug: str, version: str | None = None) -> AsyncProductRows:
        """The rows of a product, of its current or another version: ``client.product("sales.leads").to_polars()``."""
        return AsyncProductRows(self._connection, slug, version)

    async def get(self, path: str, **params: Any) -> Json:  # noqa: ANN401  query values of any simple type
        """Read; parameters that are None are left out."""
        return object_of(await self.send(Call(method="GET", path=path, params=params)))

    async def get_bytes(self, path: str, **params: Any) -> bytes:  # noqa: ANN401  query values of any simple type
        """Read a document or export as it is."""
        return (await self.send(Call(method="GET", path=path, params=params))).content

    async def items(self, path: str, **params: Any) -> AsyncIterator[Json]:  # noqa: ANN401  query values of any simple type
        """Read every item of a list, page by page."""
        cursor = params.pop("cursor", None)
        while True:
            page = await self.get(path, cursor=cursor, **params)
            for item in page["items"]:
                yield item
            cursor = page.get("next")
            if not cursor:
                return

    async def post(
        self,
        path: str,
        json: object = None,
        *,
        files: FileFields | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        """Create or act. ``files`` names local files to send as a form beside ``data``; None values are left out."""
        return object_of(await self.send(posting(path, json, files, data, headers)))

    async def put(self, path: str, json: object = None) -> Json:
        """Replace."""
        return object_of(await self.send(Call(method="PUT", path=path, json=json)))

    async def patch(self, path: str, json: object = None) -> Json:
        """Change some fields."""
        return object_of(await self.send(Call(method="PATCH", path=path, json=json)))

    async def delete(self, path: str, **params: Any) -> Json:  # noqa: ANN401  query values of any simple type
        """Remove or revoke; parameters that are None are left out."""
        return object_of(await self.send(Call(method="DELETE", path=path, params=params)))

    async def wait(
        self,
        job: str | HasJob,
        on_progress: Progress | None = None,
        *,
        every: float | None = None,
        timeout: float = 3600,
    ) -> Json:
        """Wait for a job and return its result; see ``Client.wait``."""
        waiting = Waiting(job, every, timeout)
        while True:
            seen = await self.jobs.show(waiting.job_id)
            if on_progress:
                on_progress(seen)
            result = waiting.result(seen)
            if result is not None:
                return result
            await asyncio.sleep(waiting.pause)
