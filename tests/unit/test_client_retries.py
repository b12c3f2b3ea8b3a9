"""When the client sends a request again, and for how long it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from headway_client import AsyncClient, Client, Conflict, NoAnswer, Node, RateLimited, Retries, Unavailable
from headway_client.retries import LARGEST_KEYED_BODY, Repeat, retry_after

AT_ONCE = Retries(times=3, first_s=0)
DONE = {"id": "x"}
LOST = httpx.ReadError("connection reset")
REFUSED = httpx.ConnectError("refused")
Step = httpx.Response | Exception


def answer(status: int, body: Any = None, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=DONE if body is None else body, headers=headers)


class Flaky(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers with each step in turn, and keeps what it was sent."""

    def __init__(self, *steps: Step) -> None:
        self.steps, self.sent = list(steps), list[httpx.Request]()
        self.bodies: list[bytes] = []

    def _next(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(request.read())
        return self._next(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(await request.aread())
        return self._next(request)

    @property
    def keys(self) -> list[str | None]:
        return [request.headers.get("idempotency-key") for request in self.sent]


def client(transport: Flaky, retries: Retries = AT_ONCE) -> Client:
    return Client("http://x", "token", transport=transport, retries=retries)


@pytest.mark.parametrize(
    "first", [LOST, REFUSED, httpx.ReadTimeout("slow"), *map(answer, (429, 502, 503, 504))], ids=str
)
def test_reading_is_tried_again(first: Step) -> None:
    transport = Flaky(first, first, answer(200))
    assert client(transport).jobs.show("x").id == "x"
    assert transport.keys == [None, None, None]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 500, 501])
def test_an_answer_that_would_be_the_same_again_stands(status: int) -> None:
    transport = Flaky(answer(status, {"detail": "no", "code": "x"}))
    with pytest.raises(Exception, match="no"):
        client(transport).jobs.show("x")
    assert len(transport.sent) == 1


@pytest.mark.parametrize(
    "first", [LOST, REFUSED, httpx.ReadTimeout("slow"), *map(answer, (429, 502, 503, 504))], ids=str
)
def test_a_change_is_tried_again_under_one_key(first: Step) -> None:
    transport = Flaky(first, first, answer(200))
    client(transport).pilots.retry("pil_1")
    assert len(transport.sent) == 3
    assert transport.keys[0] and len(set(transport.keys)) == 1


def test_two_changes_have_two_keys() -> None:
    transport = Flaky(answer(200), answer(200))
    made = client(transport)
    made.pilots.retry("pil_1")
    made.pilots.retry("pil_1")
    assert len(set(transport.keys)) == 2


def test_a_key_of_the_callers_own_is_kept() -> None:
    transport = Flaky(LOST, answer(200))
    client(transport).post("/pilots/x/retry", headers={"Idempotency-Key": "mine"})
    assert transport.keys == ["mine", "mine"]


def test_a_form_with_a_file_is_the_same_each_time(tmp_path: Any) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 50_000)
    transport = Flaky(LOST, answer(503), answer(200, {"pilot": "p", "job": "j"}))
    client(transport).pilots.start(path, solution="s", department="d", label="b")
    assert len(set(transport.keys)) == 1
    assert len(set(transport.bodies)) == 1, "the server compares the bodies of requests with one key"
    assert b"1,2\n" * 50_000 in transport.bodies[-1]


SECRETS: dict[str, Callable[[Client], object]] = {
    "tokens": lambda c: c.tokens.create(name="n"),
    "grants": lambda c: c.grants.give(deployment="d", environment="sandbox"),
    "people": lambda c: c.people.add(name="n", email="n@example.org"),
    "sessions": lambda c: c.sessions.sign_in(email="n@example.org", password="p"),
    "setup": lambda c: c.sessions.set_up(code="c", name="n", email="e", password="p"),
    "revoke": lambda c: c.tokens.revoke("tok_1"),
}


@pytest.mark.parametrize("call", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("lost", [LOST, httpx.ReadTimeout("slow"), *map(answer, (502, 503, 504))], ids=str)
def test_what_carries_secrets_is_never_sent_again_after_an_answer_may_have_been_lost(
    call: Callable[[Client], object], lost: Step
) -> None:
    transport = Flaky(lost)
    with pytest.raises(Unavailable):
        call(client(transport))
    assert transport.keys == [None]


@pytest.mark.parametrize("call", SECRETS.values(), ids=SECRETS)
def test_what_carries_secrets_is_sent_again_when_it_never_left(call: Callable[[Client], object]) -> None:
    transport = Flaky(REFUSED, httpx.ConnectTimeout("slow"), answer(200))
    call(client(transport))
    assert transport.keys == [None, None, None]


def test_a_wrong_password_is_not_tried_again_by_itself() -> None:
    transport = Flaky(answer(429, {"detail": "wait", "code": "identity.too_many_attempts"}))
    with pytest.raises(RateLimited):
        client(transport).sessions.sign_in(email="n@example.org", password="p")


def test_a_body_too_large_for_a_key_has_none_and_is_not_sent_again() -> None:
    transport = Flaky(LOST)
    big = ("a.csv", b"x" * (LARGEST_KEYED_BODY + 1))
    with pytest.raises(NoAnswer):
        client(transport).products.register(big, department="d", name="n")
    assert transport.keys == [None]


def test_a_retry_waits_for_its_own_first_try() -> None:
    running = answer(409, {"detail": "still runs", "code": "idempotency.still_running"})
    transport = Flaky(LOST, running, answer(200))
    client(transport).pilots.retry("pil_1")
    assert len(transport.sent) == 3
    with pytest.raises(Conflict):
        client(Flaky(answer(409, {"detail": "x", "code": "idempotency.still_running"}))).pilots.retry("pil_1")


def test_without_retries_nothing_is_sent_twice_and_no_key_is_made() -> None:
    transport = Flaky(REFUSED)
    with pytest.raises(NoAnswer) as caught:
        client(transport).with_options(retries=0).pilots.retry("pil_1")
    assert transport.keys == [None]
    assert caught.value.code == "client.no_answer" and isinstance(caught.value.__cause__, httpx.ConnectError)


def test_it_gives_up_with_the_last_answer() -> None:
    transport = Flaky(*[answer(503, {"detail": f"no {i}", "code": "unavailable"}) for i in range(4)])
    with pytest.raises(Unavailable, match="no 3"):
        client(transport).jobs.show("x")


def test_the_async_client_does_the_same() -> None:
    transport = Flaky(LOST, answer(503), answer(200))

    async def retry() -> None:
        async with AsyncClient("http://x", "t", transport=transport, retries=AT_ONCE) as made:
            await made.pilots.retry("pil_1")

    asyncio.run(retry())
    assert len(set(transport.keys)) == 1 and len(transport.sent) == 3


# ------------------------------------------------------------------------------------------------ nodes
def decision(**values: Any) -> dict[str, Any]:
    return {"decision": "dec_1", "deployment": "d", "score": 0.5, **values}


@pytest.mark.parametrize("lost", [LOST, httpx.ReadTimeout("slow"), answer(502), answer(504), answer(503)], ids=str)
def test_a_decision_is_never_asked_twice_after_an_answer_may_have_been_lost(lost: Step) -> None:
    transport = Flaky(lost)
    with pytest.raises(Unavailable):
        Node("http://x", "t", transport=transport, retries=AT_ONCE).decide("d", {"a": 1})
    assert len(transport.sent) == 1


def test_a_decision_is_asked_again_when_the_node_took_nothing() -> None:
    busy = answer(503, {"detail": "busy", "code": "runtime.log_backlogged"})
    transport = Flaky(REFUSED, busy, answer(429), answer(200, decision()))
    assert Node("http://x", "t", transport=transport, retries=AT_ONCE).decide("d", {"a": 1}).score == 0.5
    suspended = Flaky(answer(503, {"detail": "drift", "code": "node.deployment_suspended"}))
    with pytest.raises(Unavailable, match="drift"):
        Node("http://x", "t", transport=suspended, retries=AT_ONCE).decide("d", {"a": 1})


def test_a_daily_limit_is_told_at_once() -> None:
    transport = Flaky(answer(429, {"detail": "enough", "code": "node.daily_limit"}, **{"retry-after": "40000"}))
    with pytest.raises(RateLimited) as caught:
        Node("http://x", "t", transport=transport).decide("d", {"a": 1})
    assert caught.value.retry_after_s == 40000


# ------------------------------------------------------------------------------------------------ waiting
def test_waits_double_are_capped_and_are_cut_at_random() -> None:
    retries = Retries(times=9, first_s=1, longest_s=8)
    waits = [retries.wait(LOST, attempt, Repeat.freely, draw=lambda: 0.0) for attempt in range(6)]
    assert waits == [1, 2, 4, 8, 8, 8]
    assert retries.wait(LOST, 1, Repeat.freely, draw=lambda: 0.5) == 1.5
    spread = {retries.wait(LOST, 3, Repeat.freely) for _ in range(50)}
    assert len(spread) > 40 and all(4 <= wait <= 8 for wait in spread if wait is not None)
    assert retries.wait(LOST, 9, Repeat.freely) is None


def test_retry_after_is_kept_in_either_form() -> None:
    retries = Retries(times=3, first_s=0.1)
    assert retries.wait(answer(503, **{"retry-after": "7"}), 0, Repeat.freely) == 7
    at = datetime.now(UTC) + timedelta(seconds=30)
    wait = retries.wait(answer(429, **{"retry-after": format_datetime(at, usegmt=True)}), 0, Repeat.freely)
    assert wait is not None and 28 < wait <= 30
    assert retries.wait(answer(503, **{"retry-after": "61"}), 0, Repeat.freely) is None, "longer than one is patient"
    assert retry_after(answer(503, **{"retry-after": "soon"})) is None
    assert retry_after(answer(503, **{"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"})) == 0


def test_the_client_really_sleeps_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("headway_client.connection.time.sleep", slept.append)
    client(Flaky(answer(503, **{"retry-after": "3"}), answer(200)), Retries()).jobs.show("x")
    assert slept == [3]
