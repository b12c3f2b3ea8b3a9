"""The client on real sockets that break: what is repeated is done once, and what may not be repeated is not."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from headway.identity.tables import TokenRow
from headway.kernel.auth import Actor, RoleGrant
from headway.kernel.tables import IdempotencyRow
from headway.kernel.web import Parts
from headway_client import AsyncClient, Client, NoAnswer, Retries
from tests.factories.flaky import Fate, flaky, listening
from tests.factories.inventory import fill
from tests.factories.running import free_port

ANA = Actor(ref="person:ana", name="Ana", roles=(RoleGrant(role="ai_office"),))
QUICK = Retries(times=4, first_s=0.01)


@pytest.fixture
def here(parts: Parts) -> Parts:
    return replace(parts, authenticate=lambda session, token: ANA)


@pytest.fixture
def port(here: Parts) -> Iterator[int]:
    with listening(here) as found:
        yield found


def count(here: Parts, row: type[TokenRow | IdempotencyRow]) -> int:
    with here.database.session() as session:
        return session.execute(select(func.count()).select_from(row)).scalar_one()


def department(client: Client, slug: str) -> str:
    return client.departments.add(slug=slug).slug


@pytest.mark.parametrize("fates", [("lose",), ("cut",), ("drop",), ("busy",), ("lose", "drop", "cut", "lose")], ids=str)
def test_a_change_whose_answer_was_lost_is_done_once_and_answered(
    here: Parts, port: int, fates: tuple[Fate, ...]
) -> None:
    with flaky(port, *fates) as (url, proxy), Client(url, "t", retries=QUICK) as client:
        assert department(client, "sales") == "sales"  # a second one would be refused: the slug is taken
        assert len(proxy.requests) == len(fates) + 1 and len(set(proxy.requests)) == 1
    assert count(here, IdempotencyRow) == 1


def test_without_a_key_the_same_loss_would_be_seen(port: int) -> None:
    """The counter-check: the server has done it, and a plain second request meets that."""
    with flaky(port, "lose") as (url, _), Client(url, "t", retries=0) as client:
        with pytest.raises(NoAnswer):
            department(client, "sales")
        assert client.departments.show("sales").slug == "sales"


def test_a_form_with_a_file_is_taken_in_once(here: Parts, port: int, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("lead_id,region\n" + "".join(f"{i},north\n" for i in range(20_000)))
    with flaky(port, "lose", "busy") as (url, proxy), Client(url, "t", retries=QUICK) as client:
        made = client.products.register(path, department="sales", name="leads")
        assert (made["created"], len(proxy.requests)) == (True, 3)
        assert len(list(client.products.snapshots("sales.leads"))) == 1


def test_a_token_is_never_asked_for_twice_when_its_answer_was_lost(here: Parts, port: int) -> None:
    before = count(here, TokenRow)
    with flaky(port, "lose") as (url, proxy), Client(url, "t", retries=QUICK) as client:
        with pytest.raises(NoAnswer):
            client.tokens.create(name="ci", service="ci")
        assert len(proxy.requests) == 1
        assert b"idempotency-key" not in proxy.requests[0].lower()
    assert count(here, TokenRow) == before + 1, "it was made; asking again would have made a second"


def test_reading_survives_a_bad_line(port: int, here: Parts) -> None:
    with here.database.session() as session:
        slugs = fill(session, 1000)
    fates: list[Fate] = ["lose", "pass", "drop", "cut", "pass", "busy"]
    with flaky(port, *fates) as (url, proxy), Client(url, "t", retries=QUICK) as client:
        assert [one.slug for one in client.usecases.list()] == sorted(slugs)
        assert len(proxy.requests) == 5 + 4, "five pages, four of them asked for again"


def test_the_async_client_is_as_steady(here: Parts, port: int) -> None:
    async def go(url: str) -> list[str]:
        async with AsyncClient(url, "t", retries=QUICK) as client:
            made = await asyncio.gather(*(client.departments.add(slug=f"d{i}") for i in range(4)))
            return [one.slug for one in made]

    with flaky(port, "lose", "drop", "cut", "lose", "busy") as (url, _):
        assert asyncio.run(go(url)) == ["d0", "d1", "d2", "d3"]


def test_the_async_client_sends_a_file_again_whole(here: Parts, port: int, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("lead_id,region\n" + "".join(f"{i},north\n" for i in range(20_000)))

    async def go(url: str) -> int:
        async with AsyncClient(url, "t", retries=QUICK) as client:
            made = await client.products.register(path, department="sales", name="leads")
            return int(made["snapshot"]["rows"])

    with flaky(port, "lose", "busy") as (url, proxy):
        assert asyncio.run(go(url)) == 20_000
        assert len(proxy.requests) == 3 and len(set(proxy.requests)) == 1


def test_a_server_that_comes_up_late_is_waited_for(here: Parts) -> None:
    found = free_port()
    with Client(f"http://127.0.0.1:{found}", "t", retries=Retries(times=8, first_s=0.1, longest_s=0.5)) as client:
        with pytest.raises(NoAnswer, match="does not answer"):
            client.with_options(retries=0).tokens.create(name="ci")

        def later() -> None:
            time.sleep(0.3)
            with listening(here, found):
                over.wait(20)

        over = threading.Event()
        thread = threading.Thread(target=later)
        thread.start()
        try:
            assert client.tokens.create(name="ci", service="ci").name == "ci", "it never left before"
        finally:
            over.set()
            thread.join()


def test_a_retry_that_meets_its_own_first_try_waits_for_it(here: Parts) -> None:
    asked: list[float] = []

    def slowly(session: Session, token: str) -> Actor:
        asked.append(time.monotonic())
        if len(asked) == 1:
            time.sleep(0.8)
        return ANA

    retries = Retries(times=9, first_s=0.1, longest_s=0.4)
    with listening(replace(here, authenticate=slowly)) as port, flaky(port, "abandon") as (url, proxy):
        with Client(url, "t", retries=retries) as client:
            assert department(client, "sales") == "sales"
        assert len(proxy.requests) > 2, "it was told that the first still runs, and asked again"
        assert len(asked) == 1, "the application saw one request"
