"""A connection to one address, sync or async: sends calls, repeats them where that is safe, raises what went wrong.

The two classes differ in ``await`` alone; everything that decides lies in the functions they share.
"""

from __future__ import annotations

import asyncio
import platform
import time
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx

from headway_client.answer import Json
from headway_client.calls import Call
from headway_client.errors import HeadwayError, NoAnswer, NotTheApi, from_problem
from headway_client.lists import AsyncListing, Listing, Page
from headway_client.retries import KEY, Repeat, Retries, takes_key
from headway_client.version import __version__

T = TypeVar("T")
Outcome = httpx.Response | httpx.TransportError
CONNECT_SECONDS = 10.0
AGENT = f"headway-client/{__version__} python/{platform.python_version()} httpx/{httpx.__version__}"


def _settings(base_url: str, token: str | None, timeout: float | httpx.Timeout) -> dict[str, Any]:
    headers = {"accept": "application/json", "user-agent": AGENT}
    if token:
        headers["authorization"] = f"Bearer {token}"
    if not isinstance(timeout, httpx.Timeout):
        timeout = httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS))
    return {"base_url": base_url.rstrip("/"), "headers": headers, "timeout": timeout}


def _prepare(request: httpx.Request, wanted: Repeat | None, retries: Retries) -> Repeat:
    """Say how freely a request may be repeated, giving a change a key of its own where the server takes one."""
    if wanted is not None:
        return wanted
    if request.method in ("GET", "HEAD"):
        return Repeat.freely
    if not takes_key(request):
        return Repeat.unsent
    if retries.times and KEY not in request.headers:
        request.headers[KEY] = uuid4().hex
    return Repeat.freely if KEY in request.headers else Repeat.unsent


def _result(base_url: str, outcome: Outcome) -> httpx.Response:
    if isinstance(outcome, httpx.TransportError):
        said = str(outcome) or type(outcome).__name__
        problem = {"detail": f"{base_url} does not answer: {said}", "code": "client.no_answer"}
        raise NoAnswer(problem, 503) from outcome
    if outcome.is_success:
        return outcome
    raise _problem(outcome)


def _problem(response: httpx.Response) -> HeadwayError:
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        body = {"detail": _said(response)}
    return from_problem(body, response.status_code, response.headers)


def _said(response: httpx.Response) -> str:
    if response.has_redirect_location:
        return f"{response.url} leads to {response.headers['location']}; the API never does"
    is_page = "html" in response.headers.get("content-type", "")
    text = "" if is_page else response.text[:500]
    return text or f"{response.url} answers {response.status_code} {response.reason_phrase}"


def json_of(response: httpx.Response) -> Any:  # noqa: ANN401  any JSON value
    """The answer's JSON; raises NotTheApi when it is something else, such as a page to sign in."""
    if not response.content:
        return {}
    try:
        return response.json()
    except ValueError as error:
        kind = response.headers.get("content-type", "something without a type")
        problem = {
            "detail": f"{response.url} answers {kind} where the API answers JSON",
            "code": "client.not_the_api",
            "hint": "is the address right, and does a proxy that asks to sign in stand before it?",
        }
        raise NotTheApi(problem, response.status_code) from error


def object_of(response: httpx.Response) -> Json:
    """The answer as one object; a bare list becomes its ``items``."""
    body = json_of(response)
    return body if isinstance(body, dict) else {"items": body}


class _Options:
    """What both kinds of connection keep beside the client underneath."""

    base_url: str
    retries: Retries
    timeout: float | httpx.Timeout | None = None
    """Overrides the one of the client underneath."""

    def with_options(self, retries: Retries | None, timeout: float | httpx.Timeout | None) -> Self:
        """The same connection with other patience."""
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        if retries is not None:
            made.retries = retries
        if timeout is not None:
            made.timeout = timeout
        return made

    def options(self, told: dict[str, Any]) -> dict[str, Any]:
        """What httpx is told beside a call's own options."""
        return told if self.timeout is None else {**told, "timeout": self.timeout}


class Connection(_Options):
    """A sync connection."""

    def __init__(
        self,
        base_url: str,
        token: str | None,
        *,
        transport: httpx.BaseTransport | None = None,
        timeout: float | httpx.Timeout,
        retries: Retries,
    ) -> None:
        settings = _settings(base_url, token, timeout)
        self.base_url = settings["base_url"]
        self.retries = retries
        self.http = httpx.Client(transport=transport, **settings)

    def close(self) -> None:
        """Give the connection back."""
        self.http.close()

    def send(self, call: Call) -> httpx.Response:
        """Send a call, again where that is safe; raises the exception that fits a problem."""
        with call.options() as options:
            request = self.http.build_request(call.method, call.path, **self.options(options))
            repeat, attempt = _prepare(request, call.repeat, self.retries), 0
            while True:
                outcome = self._try(request)
                wait = self.retries.wait(outcome, attempt, repeat)
                if wait is None:
                    return _result(self.base_url, outcome)
                time.sleep(wait)
                attempt += 1

    def _try(self, request: httpx.Request) -> Outcome:
        try:
            return self.http.send(request)
        except httpx.TransportError as error:
            return error

    def run(self, call: Call, read: Callable[[httpx.Response], T]) -> T:
        """Send a call and read its answer."""
        return read(self.send(call))

    def listing(self, call: Call, read: Callable[[httpx.Response], Page[T]], *, is_paged: bool) -> Listing[T]:
        """A list that asks for its pages when it is gone through."""
        return Listing(self.run, call, read, is_paged=is_paged)


class AsyncConnection(_Options):
    """An async connection."""

    def __init__(
        self,
        base_url: str,
        token: str | None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float | httpx.Timeout,
        retries: Retries,
    ) -> None:
        settings = _settings(base_url, token, timeout)
        self.base_url = settings["base_url"]
        self.retries = retries
        self.http = httpx.AsyncClient(transport=transport, **settings)

    async def close(self) -> None:
        """Give the connection back."""
        await self.http.aclose()

    async def send(self, call: Call) -> httpx.Response:
        """Send a call, again where that is safe; raises the exception that fits a problem."""
        with call.options() as options:
            request = self.http.build_request(call.method, call.path, **self.options(options))
            repeat, attempt = _prepare(request, call.repeat, self.retries), 0
            while True:
                outcome = await self._try(request)
                wait = self.retries.wait(outcome, attempt, repeat)
                if wait is None:
                    return _result(self.base_url, outcome)
                await asyncio.sleep(wait)
                attempt += 1

    async def _try(self, request: httpx.Request) -> Outcome:
        try:
            return await self.http.send(request)
        except httpx.TransportError as error:
            return error

    async def _run(self, call: Call, read: Callable[[httpx.Response], T]) -> T:
        return read(await self.send(call))

    def run(self, call: Call, read: Callable[[httpx.Response], T]) -> Coroutine[Any, Any, T]:
        """Send a call and read its answer."""
        return self._run(call, read)

    def listing(self, call: Call, read: Callable[[httpx.Response], Page[T]], *, is_paged: bool) -> AsyncListing[T]:
        """A list that asks for its pages when it is gone through."""
        return AsyncListing(self.run, call, read, is_paged=is_paged)
