"""What holds for every request and answer: bodies have a limit, answers carry headers that browsers obey."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from headway.entrypoints.pages.errors import answer
from headway.kernel.errors import TooLarge

if TYPE_CHECKING:
    from headway.kernel.web import Parts

FORM_MARGIN = 1_048_576
HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}


class Guard:
    """ASGI middleware. A body over the limit is refused by its announced length, or when that many bytes have come."""

    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        self.app = app
        self.limit = parts.settings.max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdigit() or int(length) > self.limit + FORM_MARGIN:
            await answer(Request(scope), self._too_large())(scope, receive, dressed)
            return
        await self.app(scope, self._counted(receive), dressed)

    def _counted(self, receive: Receive) -> Receive:
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self.limit + FORM_MARGIN:
                raise self._too_large()
            return message

        return counted

    def _too_large(self) -> TooLarge:
        return TooLarge(f"the body is larger than {self.limit} bytes", hint="HEADWAY_MAX_UPLOAD_BYTES sets the limit")
