"""Problems of the API become exceptions of the same kind as on the server."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
from collections.abc import Iterator

import httpx
import pytest

import headway
from headway.kernel import errors as server
from headway_client import (
    Client,
    ContractBroken,
    GateBlocked,
    HeadwayError,
    NotTheApi,
    RateLimited,
    SamePerson,
    ServerFault,
    Unavailable,
)
from headway_client import errors as ours

for found in pkgutil.walk_packages(headway.__path__, "headway."):
    if found.name.endswith(".errors"):
        importlib.import_module(found.name)


def below(kind: type[server.HeadwayError]) -> Iterator[type[server.HeadwayError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from below(one)


KINDS = sorted({kind.code: kind for kind in below(server.HeadwayError)}.values(), key=lambda kind: kind.code)
BASES = {kind.__name__ for kind in server.HeadwayError.__subclasses__()}


def answered(status: int, body: object, **headers: str) -> HeadwayError:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json=body, headers=headers))
    with Client("http://x", transport=transport, retries=0) as client, pytest.raises(HeadwayError) as caught:
        client.get("/anything")
    return caught.value


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_error_of_the_server_has_its_kind_and_exit_code(kind: type[server.HeadwayError]) -> None:
    problem = {"code": kind.code, "detail": "why", "hint": "do this", "values": {"a": 1}, "faults": [{"rule": "r"}]}
    error = answered(kind.status, problem)
    if kind.status == 413:  # a node's record limit counts as malformed there; both end a program with the same code
        assert isinstance(error, ours.TooLarge)
    elif kind.status == 500:
        assert isinstance(error, ServerFault)
    else:
        assert [base.__name__ for base in type(error).__mro__ if base.__name__ in BASES] == [
            base.__name__ for base in kind.__mro__ if base.__name__ in BASES
        ]
    assert error.exit_code == kind.exit_code
    assert (str(error), error.code, error.hint) == ("why", kind.code, "do this")
    assert (error.values, error.faults) == ({"a": 1}, [{"rule": "r"}])


def test_codes_that_programs_act_on_have_classes() -> None:
    assert type(answered(409, {"code": "governance.gate_blocked"})) is GateBlocked
    assert type(answered(403, {"code": "governance.same_person"})) is SamePerson
    assert type(answered(422, {"code": "runtime.contract_broken"})) is ContractBroken
    assert type(answered(429, {"code": "node.daily_limit"})) is RateLimited
    codes = {kind.code for kind in KINDS}
    mapped = {code for code in ours._BY_CODE if not code.startswith("client.")}
    assert mapped <= codes, "a class stands for a code that the server does not have"


@pytest.mark.parametrize("status", sorted(ours._BY_STATUS))
def test_each_status_has_its_class_without_a_code_too(status: int) -> None:
    assert type(answered(status, {})) is ours._BY_STATUS[status]


def test_an_error_of_somebody_else_is_told_plainly() -> None:
    def page(request: httpx.Request) -> httpx.Response:
        return httpx.Response(502, html="<html><body>Bad Gateway</body></html>")

    with (
        Client("http://x", transport=httpx.MockTransport(page), retries=0) as client,
        pytest.raises(Unavailable) as caught,
    ):
        client.get("/anything")
    assert "502" in str(caught.value) and "<" not in str(caught.value)


def test_a_page_to_sign_in_is_not_taken_for_an_answer() -> None:
    pages = {
        "page": httpx.Response(200, html="<html>Sign in</html>"),
        "redirect": httpx.Response(302, headers={"location": "https://sso.example.org/login"}),
    }
    for said, page in pages.items():
        transport = httpx.MockTransport(lambda _, page=page: page)
        with Client("http://x", transport=transport) as client, pytest.raises(NotTheApi) as caught:
            client.usecases.show("leads")
        assert caught.value.code == "client.not_the_api" or said == "redirect"
        assert "html" in str(caught.value) or "sso.example.org" in str(caught.value)


def test_the_request_id_and_the_wait_are_told() -> None:
    error = answered(503, {"detail": "x"}, **{"x-request-id": "req_7", "retry-after": "9"})
    assert (error.request_id, error.retry_after_s) == ("req_7", 9)
    assert answered(503, {"detail": "x"}, **{"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}).retry_after_s is None


def test_errors_survive_pickling() -> None:
    error = answered(429, {"detail": "x", "code": "node.daily_limit"}, **{"retry-after": "9"})
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
    assert (type(again), str(again), again.code, again.retry_after_s) == (RateLimited, "x", "node.daily_limit", 9)
