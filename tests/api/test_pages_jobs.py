"""Pages of jobs: lists by permission, one job with its end, cancelling, and streams that end and leave nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from headway import identity, portfolio
from headway.entrypoints.pages import streams
from headway.entrypoints.pages.viewer import SESSION_COOKIE
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.web import Parts
from tests.factories.pages import Browser, application, signed_in


@pytest.fixture
def ready(parts: Parts) -> Parts:
    parts.jobs.define("pilot", portfolio.pilot_job)
    parts.jobs.define("training", lambda context, payload: {})
    return parts


@pytest.fixture
def app(ready: Parts) -> FastAPI:
    return application(ready)


@pytest.fixture
def dana(ready: Parts, app: FastAPI) -> Iterator[Browser]:
    yield signed_in(ready, "Dana Smith", (Role.data_scientist, "sales"), app=app)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams that look again at once."""
    monkeypatch.setattr(streams, "EVERY_SECONDS", 0.02)


def enqueue(ready: Parts, who: Browser, name: str = "training") -> str:
    assert who.actor is not None
    with ready.database.session() as session:
        return ready.jobs.enqueue(session, name, {"pilot": "plt_none"}, actor=who.actor)


def test_people_see_their_own_jobs_and_the_office_all(dana: Browser, ready: Parts, app: FastAPI) -> None:
    job = enqueue(ready, dana)
    office = signed_in(ready, "Olga Office", (Role.ai_office, None), app=app)
    assert f"/jobs/{job}" in dana.get("/jobs").text
    assert f"/jobs/{job}" in dana.get("/jobs?whose=all").text  # narrowed to their own all the same
    assert "Everybody" not in dana.text("/jobs")
    assert f"/jobs/{job}" not in office.get("/jobs").text
    everything = office.get("/jobs?whose=all").text
    assert f"/jobs/{job}" in everything
    assert "Dana Smith" in everything
    assert "training,queued,,Dana Smith," in office.get("/jobs?whose=all&format=csv").text
    assert len(office.get("/jobs?format=csv").text.splitlines()) == 1
    other = signed_in(ready, "Fay Finance", (Role.data_scientist, "finance"), app=app)
    assert other.get(f"/jobs/{job}").status_code == 403
    assert "No jobs yet" in other.text("/jobs")


def test_an_open_job_is_cancelled_by_who_may(dana: Browser, ready: Parts) -> None:
    job = enqueue(ready, dana)
    page = dana.get(f"/jobs/{job}")
    assert f'sse-connect="/jobs/{job}/stream"' in page.text
    assert "data-confirm" in page.text
    ended = dana.send(f"/jobs/{job}/cancel")
    assert "cancelled" in ended.text
    assert "sse-connect" not in ended.text
    with ready.database.session() as session:
        assert ready.jobs.get(session, job).status == "cancelled"


def test_the_tray_follows_open_jobs_only(dana: Browser, ready: Parts) -> None:
    assert "sse-connect" not in dana.get("/jobs/tray", hx_request="true").text
    job = enqueue(ready, dana)
    tray = dana.get("/jobs/tray", hx_request="true").text
    assert 'sse-connect="/jobs/stream"' in tray
    assert f"/jobs/{job}" in tray


# ------------------------------------------------------------------------------------------------------------- streams
class Listener:
    """A browser that listens to one stream, and may leave at any time."""

    def __init__(self, app: FastAPI, path: str, secret: str) -> None:
        self.text, self.gone, self.status = "", asyncio.Event(), 0
        headers = [
            (b"host", b"headway.test"),
            (b"accept", b"text/event-stream"),
            (b"cookie", f"{SESSION_COOKIE}={secret}".encode()),
        ]
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("headway.test", 80),
        }
        self._asked = False
        self.ended = asyncio.ensure_future(app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.text += message.get("body", b"").decode()

    async def until(self, words: str) -> None:
        """Wait for words of the stream."""
        async with asyncio.timeout(20):
            while words not in self.text:
                assert not self.ended.done() or words in self.text, self.text
                await asyncio.sleep(0.01)


def secret_of(who: Browser) -> str:
    return str(next(cookie.value for cookie in who.http.cookies.jar if cookie.name == SESSION_COOKIE))


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("place", ["/jobs/{job}/stream", "/jobs/stream"])
def test_a_stream_ends_with_its_job(dana: Browser, ready: Parts, app: FastAPI, place: str) -> None:
    job = enqueue(ready, dana)

    async def listen() -> str:
        listener = Listener(app, place.format(job=job), secret_of(dana))
        await listener.until("event: ")
        with ready.database.session() as session:
            ready.jobs.cancel(session, job)
        await asyncio.wait_for(listener.ended, 20)
        return listener.text

    told = asyncio.run(listen())
    assert told.rstrip().splitlines()[-2] == "event: ended"
    assert "cancelled" in told
    assert checked_out(ready) == 0


@pytest.mark.usefixtures("quick")
def test_browsers_that_leave_hold_no_connection(dana: Browser, ready: Parts, app: FastAPI) -> None:
    job = enqueue(ready, dana)

    async def listen() -> None:
        listeners = [Listener(app, f"/jobs/{job}/stream", secret_of(dana)) for _ in range(12)]
        for listener in listeners:
            await listener.until("event: job")
        for listener in listeners:
            listener.gone.set()
        await asyncio.wait_for(asyncio.gather(*(listener.ended for listener in listeners)), 20)

    asyncio.run(listen())
    assert checked_out(ready) == 0


@pytest.mark.usefixtures("quick")
def test_a_session_that_ends_ends_its_streams(dana: Browser, ready: Parts, app: FastAPI) -> None:
    job, secret = enqueue(ready, dana), secret_of(dana)

    async def listen() -> str:
        listener = Listener(app, f"/jobs/{job}/stream", secret)
        await listener.until("event: job")
        with ready.database.session() as session:
            assert dana.actor is not None
            identity.close_session(session, dana.actor, identity.find_session(session, secret).id)
        await asyncio.wait_for(listener.ended, 20)
        later = Listener(app, f"/jobs/{job}/stream", secret)  # as a browser does that connects again
        await asyncio.wait_for(later.ended, 20)
        assert (later.status, later.text) == (200, streams.SIGNED_OUT)
        return listener.text

    assert asyncio.run(listen()).endswith(streams.SIGNED_OUT)
    assert checked_out(ready) == 0


@pytest.mark.usefixtures("quick")
def test_looking_at_a_stream_keeps_no_session_alive(dana: Browser, ready: Parts, app: FastAPI) -> None:
    job, secret = enqueue(ready, dana), secret_of(dana)

    async def listen() -> str:
        listener = Listener(app, f"/jobs/{job}/stream", secret)
        await listener.until("event: job")
        with clock.fixed(clock.now() + timedelta(days=2)):
            await asyncio.wait_for(listener.ended, 20)
        return listener.text

    assert asyncio.run(listen()).endswith(streams.SIGNED_OUT)


@pytest.mark.usefixtures("quick")
def test_a_long_stream_ends_so_that_the_browser_asks_anew(
    dana: Browser, ready: Parts, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LONGEST_SECONDS", 0.1)
    job = enqueue(ready, dana)

    async def listen() -> str:
        listener = Listener(app, f"/jobs/{job}/stream", secret_of(dana))
        await asyncio.wait_for(listener.ended, 20)
        return listener.text

    told = asyncio.run(listen())
    assert "event: job" in told
    assert "event: ended" not in told


def checked_out(ready: Parts) -> int:
    pool: Any = ready.database.engine.pool
    return int(pool.checkedout())
