"""``kill -9`` of a node's worker and of its supervisor under load: no acknowledged decision is lost or doubled."""

from __future__ import annotations

import http.client
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.node import NAME, RECORD, TOKEN, World

pytestmark = pytest.mark.e2e


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.stop()


class Caller(threading.Thread):
    """Asks for decisions over one connection and keeps the ids it was answered with."""

    def __init__(self, world: World, over: threading.Event) -> None:
        super().__init__()
        self._world, self._over = world, over
        self.answered: list[str] = []

    def run(self) -> None:
        body = json.dumps(RECORD).encode()
        while not self._over.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self._world.port, timeout=5)
            try:
                while not self._over.is_set():
                    connection.request("POST", f"/v1/decisions/{NAME}", body, {"authorization": f"Bearer {TOKEN}"})
                    response = connection.getresponse()
                    answer = json.loads(response.read())
                    if response.status == 200:
                        self.answered.append(answer["decision"])
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.05)
            finally:
                connection.close()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_every_answered_decision_is_in_the_shipped_segments_exactly_once(world: World) -> None:
    world.ready()
    over = threading.Event()
    callers = [Caller(world, over) for _ in range(4)]
    for caller in callers:
        caller.start()
    try:
        time.sleep(0.8)
        os.kill(world.workers()[0], signal.SIGKILL)  # the supervisor starts another
        world.until_status("serving")
        time.sleep(0.8)
        orphans = world.workers()
        world.stop(signal.SIGKILL)
        deadline = time.monotonic() + 5
        while any(is_alive(pid) for pid in orphans):
            assert time.monotonic() < deadline, "a worker outlived its supervisor"
            time.sleep(0.01)
        world.start()
        world.until_status("serving")
        time.sleep(0.8)
    finally:
        over.set()
        for caller in callers:
            caller.join()
    world.stop()
    answered = [name for caller in callers for name in caller.answered]
    found = Counter(record.id for record in world.records() if record.kind == "decision")
    assert len(answered) > 200
    assert not [name for name in answered if found[name] != 1]
    assert not [name for name, times in found.items() if times > 1]


def test_clean_stop_ships_everything(world: World) -> None:
    world.environ["HEADWAY_SEGMENT_SECONDS"] = "600"
    world.ready()
    answered = [world.decide()[1]["decision"] for _ in range(10)]
    world.stop()
    assert [record.id for record in world.records()] == answered
    assert not list((world.home / "node" / "sandbox" / "log").rglob("seg_*"))


def test_fewer_workers_take_over_what_more_workers_left(world: World) -> None:
    world.environ["HEADWAY_SEGMENT_SECONDS"] = "600"
    world.judge()
    world.snapshot()
    world.start("--workers", "2")
    world.until_status("serving")
    answered = []
    for _ in range(60):  # connections are spread over both workers by the system
        status, answer, _ = world.decide()
        if status == 200:
            answered.append(answer["decision"])
        time.sleep(0.02)
    world.stop(signal.SIGKILL)
    time.sleep(0.5)
    world.start("--workers", "1")
    world.until_status("serving")
    world.stop()
    assert sorted(record.id for record in world.records() if record.kind == "decision") == sorted(answered)
    assert {record.node for record in world.records()} == {"local"}
