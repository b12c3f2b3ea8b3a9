"""A node follows signed snapshots forwards only, over restarts, forks, broken storage and lost pointers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from headway import runtime
from headway.kernel.canonical import canonical_json
from headway.kernel.errors import Conflict, Unavailable
from headway.kernel.storage import Storage
from headway.runtime import DeploymentMalformed, SnapshotReader, SnapshotRefused
from headway.runtime.adapters import pointer_key, snapshot_key
from tests.factories.releases import (
    ENVIRONMENT,
    NOW,
    SIGNER,
    STRANGER,
    TRUSTED,
    make_bundle,
    make_deployment,
    make_snapshot,
    make_verdict,
)


class Breakable(Storage):
    """Real storage that can be cut off."""

    cut = False

    def get(self, key: str) -> bytes:
        self._fail_when_cut()
        return super().get(key)

    def exists(self, key: str) -> bool:
        self._fail_when_cut()
        return super().exists(key)

    def _fail_when_cut(self) -> None:
        if self.cut:
            raise Unavailable("storage cannot be read: cut off")


@pytest.fixture
def place(tmp_path: Path) -> Breakable:
    return Breakable((tmp_path / "objects").as_uri())


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "node" / "state.json"


def reader(place: Storage, state: Path, **changed: object) -> SnapshotReader:
    arguments: dict[str, object] = {"trusted": TRUSTED, "environment": ENVIRONMENT} | changed
    return SnapshotReader(place, state_file=state, **arguments)  # type: ignore[arg-type]  # arguments by name


def publish(place: Storage, epoch: int, **changed: object) -> str:
    return runtime.publish_snapshot(place, SIGNER, make_snapshot(epoch, **changed))


def point(place: Storage, epoch: object) -> None:
    place.replace(pointer_key(ENVIRONMENT), canonical_json({"epoch": epoch, "digest": ""}))


def reason(poll: runtime.Poll) -> str | None:
    return poll.refusal.reason if poll.refusal else None


def test_newer_snapshots_are_taken_and_equal_ones_are_no_change(place: Breakable, state: Path) -> None:
    node = reader(place, state)
    assert reason(node.poll()) == "missing"
    publish(place, 1)
    first = node.poll()
    assert first.changed and first.snapshot == make_snapshot(1) == node.current
    assert not node.poll().changed
    publish(place, 2)
    publish(place, 7)
    assert node.poll().snapshot == make_snapshot(7)


def test_an_older_snapshot_replayed_is_refused_also_after_a_restart(place: Breakable, state: Path) -> None:
    publish(place, 1)
    publish(place, 2)
    node = reader(place, state)
    node.poll()
    place.delete(snapshot_key(ENVIRONMENT, 2))
    point(place, 1)
    for replayed in (node, reader(place, state)):
        poll = replayed.poll()
        assert reason(poll) == "older"
        assert not poll.changed
        assert poll.snapshot == make_snapshot(2), "the one in force stays in force"


def test_old_content_under_a_new_epochs_name_is_refused(place: Breakable, state: Path) -> None:
    publish(place, 1)
    publish(place, 2)
    node = reader(place, state)
    node.poll()
    place.create(snapshot_key(ENVIRONMENT, 3), place.get(snapshot_key(ENVIRONMENT, 1)))
    assert reason(node.poll()) == "older"


def test_another_snapshot_of_the_same_epoch_is_refused(place: Breakable, state: Path) -> None:
    publish(place, 1)
    node = reader(place, state)
    node.poll()
    place.delete(snapshot_key(ENVIRONMENT, 1))
    publish(place, 1, revoked=("sha256-" + "0" * 64,))
    assert reason(node.poll()) == "forked"


def test_a_published_epoch_cannot_be_published_again(place: Breakable) -> None:
    publish(place, 1)
    with pytest.raises(Conflict):
        publish(place, 1)
    assert runtime.latest_epoch(place, ENVIRONMENT) == 1
    assert runtime.latest_epoch(place, "production") == 0


def test_a_snapshot_whose_pointer_was_never_moved_is_found(place: Breakable, state: Path) -> None:
    publish(place, 1)
    node = reader(place, state)
    node.poll()
    place.create(snapshot_key(ENVIRONMENT, 2), runtime.sign_snapshot(SIGNER, make_snapshot(2)))
    assert node.poll().snapshot == make_snapshot(2)
    place.delete(pointer_key(ENVIRONMENT))
    lost = node.poll()
    assert reason(lost) == "missing" and lost.snapshot == make_snapshot(2)


def test_a_strange_key_or_environment_is_refused(place: Breakable, state: Path) -> None:
    runtime.publish_snapshot(place, STRANGER, make_snapshot(1))
    assert reason(reader(place, state).poll()) == "untrusted"
    place.create(snapshot_key(ENVIRONMENT, 2), runtime.sign_snapshot(SIGNER, make_snapshot(2, environment="sandbox")))
    assert reason(reader(place, state).poll()) == "other_environment"
    assert not state.exists()


@pytest.mark.parametrize("pointer", [b"", b"x", b"[]", b'{"epoch": "1"}', b'{"epoch": -1}', b'{"epoch": true}'])
def test_a_broken_pointer_is_refused(place: Breakable, state: Path, pointer: bytes) -> None:
    place.replace(pointer_key(ENVIRONMENT), pointer)
    assert reason(reader(place, state).poll()) == "malformed"


def test_any_changed_byte_of_a_snapshot_is_refused(place: Breakable, state: Path) -> None:
    publish(place, 1)
    key = snapshot_key(ENVIRONMENT, 1)
    content = place.get(key)
    for at in range(0, len(content), 7):
        place.replace(key, content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert reason(reader(place, state).poll()) in ("untrusted", "malformed")
    place.replace(key, content)
    assert reader(place, state).poll().changed


def test_cut_off_a_node_keeps_its_snapshot_and_starts_again_with_it(place: Breakable, state: Path) -> None:
    publish(place, 4)
    reader(place, state).poll()
    place.cut = True
    node = reader(place, state)
    assert node.current == make_snapshot(4)
    poll = node.poll()
    assert poll.snapshot == make_snapshot(4)
    assert poll.unreachable is not None and poll.refusal is None


def test_a_state_file_that_cannot_be_read_stops_the_node(place: Breakable, state: Path) -> None:
    publish(place, 1)
    reader(place, state).poll()
    state.write_bytes(state.read_bytes()[:-3])
    with pytest.raises(SnapshotRefused) as caught:
        reader(place, state)
    assert caught.value.reason == "state"


def test_a_key_no_longer_trusted_does_not_erase_the_memory_of_the_epoch(place: Breakable, state: Path) -> None:
    publish(place, 5)
    reader(place, state).poll()
    node = reader(place, state, trusted={STRANGER.key_id: STRANGER.public})
    assert node.current is None
    runtime.publish_snapshot(place, STRANGER, make_snapshot(3))
    assert reason(node.poll()) == "older"
    runtime.publish_snapshot(place, STRANGER, make_snapshot(6))
    assert node.poll().snapshot == make_snapshot(6)


def test_workers_share_one_memory(place: Breakable, state: Path) -> None:
    fast, slow = reader(place, state), reader(place, state)
    publish(place, 1)
    fast.poll(), slow.poll()
    publish(place, 2)
    fast.poll()
    assert json.loads(state.read_bytes())["epoch"] == 2
    point(place, 1)
    place.delete(snapshot_key(ENVIRONMENT, 2))
    assert not slow.poll().changed
    assert json.loads(state.read_bytes())["epoch"] == 2, "a slower worker never writes an older epoch"
    assert state.stat().st_mode & 0o077 == 0


def test_a_state_of_another_environment_is_refused(place: Breakable, state: Path) -> None:
    publish(place, 1)
    reader(place, state).poll()
    runtime.publish_snapshot(place, SIGNER, make_snapshot(9, environment="sandbox"))
    assert reason(reader(place, state, environment="sandbox").poll()) == "state"


def test_a_snapshot_with_a_contradictory_deployment_is_not_published(place: Breakable) -> None:
    good = make_deployment(None)
    for wrong in (
        replace(good, salt=""),
        replace(good, salt="x" * 65),
        replace(good, arms=()),
        replace(good, name="b"),
    ):
        with pytest.raises(DeploymentMalformed):
            publish(place, 1, deployments={"leads": wrong})
    publish(place, 1, deployments={"leads": good})


def test_bundles_go_to_storage_and_come_back_checked(place: Breakable, tmp_path: Path) -> None:
    bundle = make_bundle()
    assert runtime.write_bundle(place, bundle) == runtime.write_bundle(place, bundle) == bundle.subject

    def load(storage: Storage) -> runtime.LoadedRelease:
        return runtime.load_release(storage, bundle.subject, ENVIRONMENT, TRUSTED, NOW)

    with pytest.raises(runtime.ReleaseRefused) as caught:
        load(place)
    assert caught.value.reason == "verdict_missing"
    runtime.put_verdict(place, SIGNER, make_verdict(bundle.subject))
    assert load(place).release == bundle.release
    local = Storage((tmp_path / "local").as_uri())
    runtime.keep_bundle(place, local, bundle.subject, ENVIRONMENT)
    place.cut = True
    with pytest.raises(Unavailable):
        load(place)
    assert load(local).release == bundle.release
    local.delete(runtime.object_key(bundle.subject, "model.json"))
    with pytest.raises(runtime.ReleaseRefused) as caught:
        load(local)
    assert caught.value.reason == "file_missing"


def test_a_bundle_that_is_not_what_it_says_is_not_written(place: Breakable) -> None:
    bundle = make_bundle()
    with pytest.raises(runtime.ReleaseRefused):
        runtime.write_bundle(place, replace(bundle, objects={**bundle.objects, "model.json": b"{}"}))
    assert list(place.list("bundles")) == []
    with pytest.raises(runtime.ReleaseRefused) as caught:
        runtime.load_release(place, bundle.subject, ENVIRONMENT, TRUSTED, NOW)
    assert caught.value.reason == "bundle_missing"
