"""The node's HTTP face: an RSGI application that routes, reads bodies within their limit and renders errors."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol
from urllib.parse import unquote

import msgspec

from headway.entrypoints.node.errors import (
    BodyTooLarge,
    Headers,
    MethodNotAllowed,
    NoSuchPath,
    Unexpected,
    render,
)
from headway.entrypoints.node.worker import Worker
from headway.kernel import logs
from headway.kernel.errors import HeadwayError
from headway.kernel.settings import Settings

DECISIONS = "/v1/decisions/"
SUBJECT = "headway-subject"  # header that says whom a request is about, for records that do not
JSON: Headers = [("content-type", "application/json")]
TEXT: Headers = [("content-type", "text/plain; version=0.0.4; charset=utf-8")]
DRAINED_BYTES = 16 << 20  # so much of a body that is too large is read, so that its sender gets to read the answer
_PATHS = {"/v1/outcomes": "POST", "/metrics": "GET", "/healthz": "GET", "/readyz": "GET"}
_log = logs.logger("node")


class RequestHeaders(Protocol):
    """What is used of Granian's header map."""

    def get(self, key: str, default: str | None = None) -> str | None:
        """The value of a header, by its lower-case name."""


class Scope(Protocol):
    """What is used of an RSGI scope."""

    proto: str
    method: str
    path: str
    headers: RequestHeaders


class Exchange(Protocol):
    """What is used of an RSGI HTTP protocol object."""

    async def __call__(self) -> bytes:
        """Read the whole body."""

    def __aiter__(self) -> Exchange:
        """Read the body in pieces."""

    async def __anext__(self) -> bytes:
        """The next piece."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Answer."""


class NodeApp:
    """One worker's application; Granian calls the three methods with double underscores."""

    def __init__(self, settings: Settings) -> None:
        self._worker = Worker(settings)
        self._limit = settings.max_body_bytes

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to work, before the first request."""
        self._worker.start(loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Answer what is open, seal and ship."""
        self._worker.close(loop)

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request."""
        if scope.proto != "http":
            return
        worker, path = self._worker, scope.path
        began = time.perf_counter()
        deployment = path[len(DECISIONS) :] if path.startswith(DECISIONS) else None
        try:
            if deployment is not None:
                if scope.method != "POST":
                    raise MethodNotAllowed(f"{path} takes POST")
                if "%" in deployment:
                    deployment = unquote(deployment)
                body, headers = await read_body(scope, exchange, self._limit), scope.headers
                answer, written = worker.decide(deployment, headers.get("authorization"), body, headers.get(SUBJECT))
                await written
                exchange.response_bytes(200, JSON, answer)
                worker.figures.took(time.perf_counter() - began)
                return
            status, told, page = await self._other(scope, exchange)
        except HeadwayError as error:
            worker.refused(error, deployment)
            status, told, page = render(error, retry_after=worker.retry_after(error))
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  the edge: whatever it is, the asker gets an answer
            _log.error("node.unexpected", path=path[:200], error=f"{type(error).__name__}: {error}", exc_info=True)
            status, told, page = render(Unexpected("the node met a fault of its own; its log says more"))
        exchange.response_bytes(status, told, page)

    async def _other(self, scope: Scope, exchange: Exchange) -> tuple[int, Headers, bytes]:
        path, worker = scope.path, self._worker
        wanted = _PATHS.get(path)
        if wanted is None:
            raise NoSuchPath(
                f"there is nothing at {path[:200]}", hint="POST /v1/decisions/{deployment}, POST /v1/outcomes"
            )
        if scope.method not in (wanted, "HEAD" if wanted == "GET" else wanted):
            raise MethodNotAllowed(f"{path} takes {wanted}")
        if path == "/v1/outcomes":
            body = await read_body(scope, exchange, self._limit)
            answer, written = worker.take_outcomes(scope.headers.get("authorization"), body)
            await written
            return 200, JSON, answer
        if path == "/metrics":
            return 200, TEXT, worker.metrics()
        if path == "/healthz":
            return 200, JSON, b'{"status":"alive"}'
        is_ready, report = worker.readiness()
        return (200 if is_ready else 503), JSON, msgspec.json.encode(report)


async def read_body(scope: Scope, exchange: Exchange, limit: int) -> bytes:
    """Read a body of at most ``limit`` bytes, whether its length is announced or not; raises BodyTooLarge."""
    announced = scope.headers.get("content-length")
    if announced is not None and announced.isdigit() and int(announced) <= limit:
        return await exchange()
    size, pieces = 0, []
    async for piece in exchange:
        size += len(piece)
        if size <= limit:
            pieces.append(bytes(piece))
        elif size > DRAINED_BYTES:
            break
    if size > limit:
        raise BodyTooLarge(f"the body is larger than {limit} bytes", hint="send fewer records in one request")
    return b"".join(pieces)
