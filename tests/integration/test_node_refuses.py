"""A node that cannot prove that it may decide does not, and says why; what it was told to drop is gone in time."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from headway.kernel import clock
from headway.kernel.settings import Environment
from tests.factories.node import TOKEN, World, token_hash

pytestmark = pytest.mark.e2e


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.stop()


def refusal(world: World) -> str:
    """Start the node on what was published, and return the reason it tells for not serving."""
    world.snapshot()
    world.start()
    found = world.until_status("refused")
    status, answer, _ = world.decide()
    assert (status, answer["code"]) == (503, "node.release_refused")
    assert answer["values"]["reason"] == found["refusal"]["reason"]
    assert found["refusal"]["why"] in answer["detail"]
    assert world.ask("/readyz")[0] == 503
    return str(found["refusal"]["reason"])


@pytest.mark.parametrize(("path", "reason"), [("model.json", "file_changed"), ("release.json", "subject_mismatch")])
def test_one_changed_byte_in_a_bundle(world: World, path: str, reason: str) -> None:
    world.judge()
    file = world.home / "storage" / "bundles" / world.subject / path
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert refusal(world) == reason


def test_bundle_without_verdict(world: World) -> None:
    assert refusal(world) == "verdict_missing"


def test_sandbox_verdict_on_a_production_node(tmp_path: Path) -> None:
    production: Environment = "production"
    made = World(tmp_path, production)
    made.judge(environment="sandbox")
    folder = made.home / "storage" / "bundles" / made.subject
    shutil.copy(folder / "verdict.sandbox.dsse", folder / "verdict.production.dsse")
    try:
        assert refusal(made) == "verdict_other_environment"
    finally:
        made.stop()


def test_verdict_that_blocks(world: World) -> None:
    world.judge(result="block")
    assert refusal(world) == "verdict_blocked"


def test_verdict_that_has_ended(world: World) -> None:
    world.judge(serve_until=clock.now() - timedelta(seconds=1))
    assert refusal(world) == "verdict_expired"


def test_verdict_that_ends_while_the_node_serves(world: World) -> None:
    world.judge(serve_until=clock.now() + timedelta(seconds=4))
    world.snapshot()
    world.start()
    world.until_status("serving")
    assert world.decide()[0] == 200
    world.until_status("refused")
    assert world.decide()[0] == 503
    world.judge()
    world.until_status("serving")
    assert world.decide()[0] == 200


def test_verdict_that_comes_late_is_found(world: World) -> None:
    assert refusal(world) == "verdict_missing"
    world.judge()
    world.until_status("serving")
    assert world.decide()[0] == 200


def test_revocation_of_a_release_and_of_a_token_reach_the_node_within_five_seconds(world: World) -> None:
    world.ready()
    assert world.decide()[0] == 200
    world.snapshot(revoked=(world.subject,))
    began = time.monotonic()
    found = world.until_status("refused", seconds=5)
    assert found["refusal"]["reason"] == "revoked"
    assert world.decide()[0] == 503
    assert time.monotonic() - began < 5
    world.snapshot(revoked=(token_hash(TOKEN),))
    began = time.monotonic()
    while world.decide()[0] != 401:
        assert time.monotonic() - began < 5
        time.sleep(0.05)


def test_older_snapshot_replayed_is_refused_also_after_a_restart(world: World) -> None:
    world.ready()
    latest = world.home / "storage" / "snapshots" / "sandbox" / "latest"
    first = latest.read_bytes()
    world.snapshot(revoked=(world.subject,))
    world.until_status("refused")
    latest.write_bytes(first)
    (world.home / "storage" / "snapshots" / "sandbox" / f"{2:020d}.dsse").unlink()
    world.stop()
    world.start()
    world.until_status("refused")
    deadline = time.monotonic() + 10
    while (problem := world.status()["snapshot"]["problem"]) is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert problem["reason"] == "older"
    assert world.decide()[0] == 503


def test_snapshot_of_a_stranger_is_not_followed(world: World) -> None:
    world.judge()
    world.settings.trust_file.write_text("{}")
    world.snapshot()
    world.start()
    deadline = time.monotonic() + 20
    while True:
        try:
            if (world.status()["snapshot"]["problem"] or {}).get("reason") == "untrusted":
                break
        except OSError:
            pass
        assert time.monotonic() < deadline, world.log
        time.sleep(0.05)
    status, answer, _ = world.decide()
    assert (status, answer["code"]) == (503, "node.not_fresh")


def test_cut_off_node_decides_until_fresh_until_and_then_fails_closed(world: World) -> None:
    world.judge()
    world.snapshot(fresh=timedelta(seconds=6))
    world.start()
    world.until_status("serving")
    storage = world.home / "storage"
    storage.rename(world.home / "away")
    storage.write_text("no storage here")
    assert world.decide()[0] == 200
    deadline = time.monotonic() + 10
    while world.decide()[0] == 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    status, answer, headers = world.decide()
    assert (status, answer["code"]) == (503, "node.not_fresh") and "retry-after" in headers
    assert world.ask("/readyz")[0] == 503


def test_storage_away_and_back_ships_everything_and_a_cut_off_node_starts_again(world: World) -> None:
    world.ready()
    made = [world.decide()[1]["decision"]]
    storage = world.home / "storage"
    storage.rename(world.home / "away")
    storage.write_text("no storage here")
    made += [world.decide()[1]["decision"] for _ in range(5)]
    world.stop()
    world.start()
    world.until_status("serving")
    made += [world.decide()[1]["decision"] for _ in range(5)]
    assert world.status()["log"]["waiting_segments"] >= 1
    storage.unlink()
    (world.home / "away").rename(storage)
    deadline = time.monotonic() + 20
    while world.status()["log"]["waiting_segments"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    world.stop()
    assert sorted(r.id for r in world.records() if r.kind == "decision") == sorted(made)
