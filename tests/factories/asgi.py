"""Call an ASGI application without a socket, from plain functions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import httpx


class AppTransport(httpx.BaseTransport):
    """Each request runs the application in an event loop of its own."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._inner: Any = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # any ASGI application

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request, its body read whole."""
        body = request.read()
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(self._answer(request, body))
        with ThreadPoolExecutor(1) as beside:  # a browser of another test left its loop running in this thread
            return beside.submit(copy_context().run, asyncio.run, self._answer(request, body)).result()

    async def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        answer = await self._inner.handle_async_request(asked)
        body = await answer.aread()  # decompressed already
        headers = [(k, v) for k, v in answer.headers.multi_items() if k not in ("content-encoding", "content-length")]
        return httpx.Response(answer.status_code, headers=headers, content=body)


def client_of(app: Callable[..., Awaitable[None]], token: str | None = None, prefix: str = "") -> httpx.Client:
    """A client of an application; ``token`` is sent as bearer."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(transport=AppTransport(app), base_url=f"http://app{prefix}", headers=headers)
