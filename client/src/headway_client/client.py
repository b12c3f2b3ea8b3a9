"""The control plane's API, version 1: ``Client`` with one namespace for each kind of thing.

Besides the namespaces there are the plain ``get``, ``post``, ``put``, ``patch``, ``delete`` and ``items``, which take a
path below ``/api/v1`` and answer JSON as it comes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from headway_client import home
from headway_client.answer import Json
from headway_client.calls import Call, FileFields, posting
from headway_client.connection import Connection, object_of
from headway_client.namespaces import Everything
from headway_client.retries import Retries
from headway_client.tables import AsOf, ProductRows, Table, sql_call, table_of
from headway_client.waiting import HasJob, Progress, Waiting

TIMEOUT = 600.0
PREFIX = "/api/v1"


class Client(Everything[Connection]):
    """The control plane's API.

    Args: base_url: as ``http://127.0.0.1:8460``. token: an API token. timeout: seconds that a request may take.
        retries: how often a request is tried again when nothing answers or the server is busy; changes carry an
        Idempotency-Key then, so that the server does them once. transport: what httpx sends by, for tests.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
        timeout: float | httpx.Timeout = TIMEOUT,
        retries: int | Retries = 3,
    ) -> None:
        address = base_url.rstrip("/") + PREFIX
        super().__init__(Connection(address, token, transport=transport, timeout=timeout, retries=Retries.of(retries)))

    @classmethod
    def from_env(cls, *, timeout: float | httpx.Timeout = TIMEOUT, retries: int | Retries = 3) -> Self:
        """Connect to HEADWAY_URL with HEADWAY_TOKEN, or to what runs on this machine's home as its owner."""
        found = home.find()
        return cls(found.url, found.token, timeout=timeout, retries=retries)

    def with_options(
        self, *, retries: int | Retries | None = None, timeout: float | httpx.Timeout | None = None
    ) -> Self:
        """The same client with other patience: ``client.with_options(retries=0).jobs.list()``."""
        made = object.__new__(type(self))
        chosen = None if retries is None else Retries.of(retries)
        Everything.__init__(made, self._connection.with_options(chosen, timeout))
        return made

    @property
    def base_url(self) -> str:
        """The address of the API."""
        return self._connection.base_url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Client of {self.base_url}>"

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def send(self, call: Call) -> httpx.Response:
        """Send any request; raises the exception that fits a problem, NoAnswer when nothing answers."""
        return self._connection.send(call)

    def sql(self, sql: str, *, limit: int = 100_000, as_of: AsOf = None) -> Table:
        """Run one SELECT over products that one may read: ``client.sql("SELECT * FROM sales.leads").to_polars()``."""
        return table_of(self.send(sql_call(sql, limit, as_of)))

    def product(self, slug: str, version: str | None = None) -> ProductRows:
        """The rows of a product, of its current or another version: ``client.product("sales.leads").to_polars()``."""
        return ProductRows(self._connection, slug, version)

    def get(self, path: str, **params: Any) -> Json:  # noqa: ANN401  query values of any simple type
        """Read; parameters that are None are left out."""
        return object_of(self.send(Call(method="GET", path=path, params=params)))

    def get_bytes(self, path: str, **params: Any) -> bytes:  # noqa: ANN401  query values of any simple type
        """Read a document or export as it is."""
        return self.send(Call(method="GET", path=path, params=params)).content

    def items(self, path: str, **params: Any) -> Iterator[Json]:  # noqa: ANN401  query values of any simple type
        """Read every item of a list, page by page."""
        cursor = params.pop("cursor", None)
        while True:
            page = self.get(path, cursor=cursor, **params)
            yield from page["items"]
            cursor = page.get("next")
            if not cursor:
                return

    def post(
        self,
        path: str,
        json: object = None,
        *,
        files: FileFields | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        """Create or act. ``files`` names local files to send as a form beside ``data``; None values are left out."""
        return object_of(self.send(posting(path, json, files, data, headers)))

    def put(self, path: str, json: object = None) -> Json:
        """Replace."""
        return object_of(self.send(Call(method="PUT", path=path, json=json)))

    def patch(self, path: str, json: object = None) -> Json:
        """Change some fields."""
        return object_of(self.send(Call(method="PATCH", path=path, json=json)))

    def delete(self, path: str, **params: Any) -> Json:  # noqa: ANN401  query values of any simple type
        """Remove or revoke; parameters that are None are left out."""
        return object_of(self.send(Call(method="DELETE", path=path, params=params)))

    def wait(
        self,
        job: str | HasJob,
        on_progress: Progress | None = None,
        *,
        every: float | None = None,
        timeout: float = 3600,
    ) -> Json:
        """Wait for a job and return its result.

        Args: job: its id, or the answer that named it. on_progress: called with the job each time it was looked at.
            every: seconds between looks; from 0.2 growing to 2 when left out. timeout: seconds to wait at most.
        Raises: the error that the job failed with; TimedOut.
        """
        waiting = Waiting(job, every, timeout)
        while True:
            seen = self.jobs.show(waiting.job_id)
            if on_progress:
                on_progress(seen)
            result = waiting.result(seen)
            if result is not None:
                return result
            time.sleep(waiting.pause)
