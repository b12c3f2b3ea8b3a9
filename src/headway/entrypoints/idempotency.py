"""``Idempotency-Key``: a request sent twice is done once, and answered twice alike.

Source: IETF draft-ietf-httpapi-idempotency-key-header-06. A key belongs to the token that sent it and is kept a day.
Requests that carry a password or are answered with a secret are left alone: neither is ever stored.
"""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from headway.entrypoints.errors import StillRunning
from headway.kernel import clock
from headway.kernel.errors import Conflict, Invalid, problem
from headway.kernel.tables import IdempotencyRow

if TYPE_CHECKING:
    from headway.kernel.web import Parts

KEPT = timedelta(days=1)
ABANDONED = timedelta(minutes=10)
LARGEST_BODY = 16 * 1_048_576
_METHODS = {"POST", "PATCH", "PUT", "DELETE"}
_LONGEST_KEY = 200
CARRIES_SECRETS = re.compile(r"/(setup|sessions|tokens|people|grants|webhooks|identity-providers|calendar|sql)(/|$)")
"""Addresses whose requests or answers hold a password, a code, a token, or rows that a grant gave which may have ended."""


class IdempotencyKeys:
    """ASGI middleware that stores the first answer to a key and gives it again."""

    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        self.app = app
        self.parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers({})
        key = headers.get("idempotency-key")
        if not key or scope["method"] not in _METHODS or CARRIES_SECRETS.search(scope["path"]):
            await self.app(scope, receive, send)
            return
        if len(key) > _LONGEST_KEY:
            await _refuse(Invalid(f"Idempotency-Key is longer than {_LONGEST_KEY} characters"))(scope, receive, send)
            return
        if int(headers.get("content-length") or 0) > LARGEST_BODY:
            error = Invalid(
                f"Idempotency-Key is taken with bodies up to {LARGEST_BODY} bytes", hint="send it without the key"
            )
            await _refuse(error)(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            error = Invalid(f"Idempotency-Key is taken with whole bodies up to {LARGEST_BODY} bytes")
            await _refuse(error)(scope, receive, send)
            return
        owner = hashlib.sha256(headers.get("authorization", "").encode()).hexdigest()
        asked = hashlib.sha256(
            f"{scope['method']} {scope['path']}?".encode() + scope["query_string"] + b"\n" + body
        ).hexdigest()
        stored = await run_in_threadpool(self._claim, owner, key, asked)
        if stored is not None:
            await stored(scope, receive, send)
            return
        await self._run(scope, body, send, owner, key)

    async def _run(self, scope: Scope, body: bytes, send: Send, owner: str, key: str) -> None:
        kept: list[Message] = []

        async def replay() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(message: Message) -> None:
            kept.append(message)

        try:
            await self.app(scope, replay, keep)
        except BaseException:
            await run_in_threadpool(self._forget, owner, key)
            raise
        status = next((m["status"] for m in kept if m["type"] == "http.response.start"), 500)
        answer = b"".join(m.get("body", b"") for m in kept if m["type"] == "http.response.body")
        if status >= 500:
            await run_in_threadpool(self._forget, owner, key)
        else:
            await run_in_threadpool(self._keep, owner, key, status, answer)
        for message in kept:
            await send(message)

    def _claim(self, owner: str, key: str, asked: str) -> Response | None:
        """Take the key for this request; a Response when somebody took it before."""
        now = clock.now()
        with self.parts.database.session() as session:
            old = IdempotencyRow.created_at < now - KEPT
            abandoned = IdempotencyRow.status.is_(None) & (IdempotencyRow.created_at < now - ABANDONED)
            session.execute(delete(IdempotencyRow).where(old | abandoned))
            values = {"owner": owner, "key": key, "request": asked, "created_at": now}
            taken = session.execute(
                insert(IdempotencyRow).values(values).on_conflict_do_nothing().returning(IdempotencyRow.key)
            ).scalar()
            if taken is not None:
                return None
            row = session.get_one(IdempotencyRow, (owner, key))
            if row.request != asked:
                return _refuse(Invalid("this Idempotency-Key was used for another request", hint="make a new key"))
            if row.status is None:
                return _refuse(
                    StillRunning("the first request with this Idempotency-Key still runs", hint="try again soon")
                )
            media = "application/json" if row.status < 400 else "application/problem+json"
            return Response(row.answer or b"", row.status, media_type=media, headers={"idempotent-replayed": "true"})

    def _keep(self, owner: str, key: str, status: int, answer: bytes) -> None:
        with self.parts.database.session() as session:
            row = session.get(IdempotencyRow, (owner, key))
            if row is not None:
                row.status, row.answer = status, answer

    def _forget(self, owner: str, key: str) -> None:
        with self.parts.database.session() as session:
            session.execute(delete(IdempotencyRow).where(IdempotencyRow.owner == owner, IdempotencyRow.key == key))


async def _read(receive: Receive) -> bytes | None:
    """Read a body; None when it is too large, whatever length was announced, or when its sender went away."""
    chunks, size = [], 0
    while size <= LARGEST_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if not message.get("more_body"):
            return b"".join(chunks) if size <= LARGEST_BODY else None
    return None


def _refuse(error: Invalid | Conflict) -> Response:
    return JSONResponse(problem(error), error.status, media_type="application/problem+json")
