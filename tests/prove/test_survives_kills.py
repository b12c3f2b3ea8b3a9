"""``kill -9`` of node, server, worker and database at random moments under load: nothing acknowledged is lost or doubled."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headway_client import HeadwayError
from tests.factories.running import Home, eventually
from tests.factories.two_people import released

pytestmark = pytest.mark.prove

ROUNDS = {"small": 4, "full": 20}[os.environ.get("HEADWAY_PROVE_DOSE", "small")]
VICTIMS = ("node worker", "node with supervisor", "server", "worker", "database")


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def parents() -> dict[int, int]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if fields[0] != "Z":
                found[int(entry.name)] = int(fields[1])
    return found


def below(root: int) -> list[int]:
    """All processes started by a process and by those it started."""
    table = parents()
    found, front = [], [root]
    while front:
        front = [pid for pid, parent in table.items() if parent in front]
        found += front
    return found


def victims(root: int, kind: str) -> list[int]:
    own = {pid: command_of(pid) for pid in below(root)}
    table = parents()
    nodes = [pid for pid, text in own.items() if "entrypoints.node" in text or ("headway" in text and " node" in text)]
    tops = [pid for pid in nodes if table.get(pid) == root]
    if kind == "node worker":
        return below(tops[0]) if tops else []
    if kind == "node with supervisor":
        return [*tops, *(p for t in tops for p in below(t))] if random.random() < 0.5 else tops
    if kind == "database":
        servers = [pid for pid, text in own.items() if "postgres" in text.split(" ")[0]]
        return [pid for pid in servers if table.get(pid) == root]
    return [pid for pid, text in own.items() if f"entrypoints.cli {kind}" in text and table.get(pid) == root]


class Load(threading.Thread):
    """Does one thing over and over and keeps what was acknowledged."""

    def __init__(self, act: Callable[[int], str | None], pause: float) -> None:
        super().__init__(daemon=True)
        self.act, self.pause = act, pause
        self.acknowledged: list[str] = []
        self.failures = 0
        self.over = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.over.is_set():
            number += 1
            try:
                done = self.act(number)
            except (urllib.error.URLError, OSError, HeadwayError, ValueError):
                self.failures += 1
                time.sleep(0.05)
                continue
            if done is not None:
                self.acknowledged.append(done)
            time.sleep(self.pause)

    def finish(self) -> None:
        self.over.set()
        self.join(60)


def started(home: Home, leads: Path) -> dict[str, Any]:
    """A pilot released above the sandbox, where the number of decisions has no limit."""
    from headway.solutions.sales import lead_scoring

    lead_scoring.write_example(leads, rows=4000, seed=21)
    home.up()
    result: dict[str, Any] = home.json(
        "pilot", str(leads), "--solution", "sales.lead-scoring", "--department", "sales", "--label", "converted",
        "--time", "created_at", "--subject", "lead_id", "--exclude", lead_scoring.PLANTED_LEAK,
    )  # fmt: skip
    result["deployment"]["token"] = released(home, result, home.environ["HEADWAY_ENVIRONMENT"])
    return result


def decider(home: Home, pilot: dict[str, Any]) -> Callable[[int], str | None]:
    from headway.solutions.sales import lead_scoring

    bodies = [json.dumps(r).encode() for r in lead_scoring.example_records(50, seed=4)]
    url = f"{home.node_url}/v1/decisions/{pilot['deployment']['name']}"
    headers = {"authorization": f"Bearer {pilot['deployment']['token']}", "content-type": "application/json"}

    def act(number: int) -> str | None:
        request = urllib.request.Request(url, bodies[number % len(bodies)], headers, method="POST")
        with urllib.request.urlopen(request, timeout=10) as response:
            return str(json.loads(response.read())["decision"])

    return act


def changer(home: Home, pilot: dict[str, Any]) -> Callable[[int], str | None]:
    def act(number: int) -> str | None:
        purpose = f"change {number} of the proof"
        with home.client() as client:
            client.patch(f"/usecases/{pilot['usecase']}", {"purpose": purpose})
        return purpose

    return act


def trainer(home: Home, pilot: dict[str, Any]) -> Callable[[int], str | None]:
    def act(number: int) -> str | None:
        with home.client() as client:
            made = client.post(
                "/runs",
                {"product": pilot["product"], "usecase": pilot["usecase"]},
            )
        return str(made["job"])

    return act


def test_kills_lose_and_double_nothing(home: Home, tmp_path: Path) -> None:
    pilot = started(home, tmp_path / "leads.csv")
    assert home.process is not None
    root = home.process.pid
    decide = decider(home, pilot)
    eventually(lambda: decide(0), 30)
    loads = [
        Load(decide, 0.002),
        Load(decide, 0.002),
        Load(changer(home, pilot), 0.05),
        Load(trainer(home, pilot), 4.0),
    ]
    for load in loads:
        load.start()
    chance = random.Random(20261123)
    order = [VICTIMS[i % len(VICTIMS)] for i in range(ROUNDS)]
    chance.shuffle(order)
    killed: Counter[str] = Counter()
    for kind in order:
        time.sleep(chance.uniform(0.5, 2.5))
        found = eventually(lambda kind=kind: victims(root, kind), 60)
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        killed[kind] += 1
    assert sum(killed.values()) == ROUNDS
    for kind in VICTIMS:
        eventually(lambda kind=kind: victims(root, kind), 60)
    count = len(loads[0].acknowledged)
    eventually(lambda: len(loads[0].acknowledged) > count + 5, 60)
    for load in loads:
        load.finish()
    acknowledged = [*loads[0].acknowledged, *loads[1].acknowledged]
    print(
        f"killed {dict(killed)}; {len(acknowledged)} decisions, {len(loads[2].acknowledged)} changes, {len(loads[3].acknowledged)} jobs"
    )
    assert len(acknowledged) > 20 * ROUNDS
    check_decisions(home, pilot, acknowledged)
    check_events(home, loads[2].acknowledged)
    check_jobs(home, loads[3].acknowledged)
    assert home.json("ledger", "verify")["ok"] is True


def check_decisions(home: Home, pilot: dict[str, Any], acknowledged: list[str]) -> None:
    def logged() -> Counter[str]:
        with home.client() as client:
            return Counter(
                str(d["id"]) for d in client.items("/decisions", deployment=pilot["deployment"]["name"], limit=1000)
            )

    def complete() -> bool:
        return set(acknowledged) <= set(logged())

    eventually(complete, 120, every=2.0)
    found = logged()
    doubled = [name for name, times in found.items() if times > 1]
    assert not doubled, f"{len(doubled)} decisions were logged twice"
    assert len(set(acknowledged)) == len(acknowledged)


def check_events(home: Home, purposes: list[str]) -> None:
    with home.client() as client:
        events = list(client.items("/ledger/events", type="usecase.updated", limit=1000))
        seen = Counter(
            str(payload["purpose"])
            for payload in (client.get(f"/ledger/events/{e['id']}")["payload"] for e in events)
            if isinstance(payload, dict) and "purpose" in payload
        )
    lost = [p for p in purposes if not seen[p]]
    assert not lost, f"{len(lost)} acknowledged changes have no ledger event"
    assert all(seen[p] == 1 for p in purposes)


def check_jobs(home: Home, jobs: list[str]) -> None:
    assert len(set(jobs)) == len(jobs)

    def ended() -> bool:
        with home.client() as client:
            return all(client.get(f"/jobs/{job}")["status"] == "done" for job in jobs)

    eventually(ended, 600, every=2.0)
    with home.client() as client:
        runs = Counter(str(r.get("job")) for r in client.items("/runs", limit=1000))
    assert all(runs[job] == 1 for job in jobs), {job: runs[job] for job in jobs if runs[job] != 1}
