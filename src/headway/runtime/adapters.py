"""Where bundles, verdicts and snapshots lie: object storage, and the node's own state file."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

from headway.kernel.canonical import sha256
from headway.kernel.crypto import Signer
from headway.kernel.errors import NotFound, Unavailable
from headway.kernel.settings import Environment
from headway.kernel.storage import Storage
from headway.runtime.bundle import LoadedRelease, check_objects, object_key, open_bundle, verdict_path
from headway.runtime.entities import Bundle, Snapshot, Verdict
from headway.runtime.errors import ReleaseRefused, SnapshotRefused
from headway.runtime.release import RELEASE_PATH, read_release
from headway.runtime.snapshot import Mark, check_order, open_snapshot, sign_snapshot
from headway.runtime.verdict import sign_verdict


def write_bundle(storage: Storage, bundle: Bundle) -> str:
    """Write a bundle at ``bundles/{subject}/``; safe to repeat. ``release.json`` comes last: with it, all is there."""
    check_objects(bundle.subject, bundle.objects)
    for path, content in bundle.objects.items():
        if path != RELEASE_PATH:
            storage.ensure(object_key(bundle.subject, path), content)
    storage.ensure(object_key(bundle.subject, RELEASE_PATH), bundle.objects[RELEASE_PATH])
    return bundle.subject


def put_verdict(storage: Storage, signer: Signer, verdict: Verdict) -> str:
    """Sign a verdict and lay it beside its bundle, in place of an older one; returns the key."""
    key = object_key(verdict.subject_digest, verdict_path(verdict.environment))
    storage.replace(key, sign_verdict(signer, verdict))
    return key


def read_bundle(storage: Storage, subject: str, environment: Environment) -> dict[str, bytes]:
    """Fetch the objects of a bundle that are there, with the verdict of one environment; checks nothing yet.

    Raises: ReleaseRefused: ``release.json`` names no files. Unavailable: storage cannot be reached.
    """
    raw = _get(storage, object_key(subject, RELEASE_PATH))
    if raw is None:
        raise ReleaseRefused("bundle_missing", f"there is no bundle {subject} in storage", subject=subject)
    if sha256(raw) != subject:
        raise ReleaseRefused("subject_mismatch", f"{RELEASE_PATH} is not what {subject} names", subject=subject)
    paths = (*read_release(raw).files, verdict_path(environment))
    found = {path: _get(storage, object_key(subject, path)) for path in paths}
    return {RELEASE_PATH: raw, **{path: content for path, content in found.items() if content is not None}}


def load_release(  # noqa: PLR0917  six things make a release servable here and now
    storage: Storage,
    subject: str,
    environment: Environment,
    trusted: Mapping[str, bytes],
    now: datetime,
    revoked: Collection[str] = (),
) -> LoadedRelease:
    """Fetch a release and make every check that stands before its first decision.

    Raises: ReleaseRefused: with the reason. Unavailable: storage cannot be reached.
    """
    objects = read_bundle(storage, subject, environment)
    return open_bundle(objects, subject=subject, environment=environment, trusted=trusted, now=now, revoked=revoked)


def keep_bundle(storage: Storage, local: Storage, subject: str, environment: Environment) -> None:
    """Copy a bundle to a node's own storage, so that it can start again while cut off."""
    for path, content in read_bundle(storage, subject, environment).items():
        local.replace(object_key(subject, path), content)


def snapshot_key(environment: Environment, epoch: int) -> str:
    """Name the object of one epoch."""
    return f"snapshots/{environment}/{epoch:020d}.dsse"


def pointer_key(environment: Environment) -> str:
    """Name the object that points at the newest epoch."""
    return f"snapshots/{environment}/latest"


def latest_epoch(storage: Storage, environment: Environment) -> int:
    """The highest epoch in storage, 0 when there is none: what the next publication must exceed."""
    names = [key for key in storage.list(f"snapshots/{environment}") if key.endswith(".dsse")]
    return int(names[-1].rsplit("/", 1)[-1].removesuffix(".dsse")) if names else 0


def publish_snapshot(storage: Storage, signer: Signer, snapshot: Snapshot) -> str:
    """Write a snapshot as an object that can never change, then move the pointer; returns the envelope's digest.

    Raises: Conflict: the epoch was published before. DeploymentMalformed: a deployment contradicts itself.
    """
    envelope = sign_snapshot(signer, snapshot)
    storage.create(snapshot_key(snapshot.environment, snapshot.epoch), envelope)
    digest = sha256(envelope)
    storage.replace(pointer_key(snapshot.environment), msgspec.json.encode(_Pointer(snapshot.epoch, digest)))
    return digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What one look at storage brought. ``refusal`` and ``unreachable`` leave the snapshot in force as it was."""

    snapshot: Snapshot | None  # the one in force now
    changed: bool = False
    refusal: SnapshotRefused | None = None
    unreachable: str | None = None


class _Pointer(msgspec.Struct, frozen=True):
    """The object ``latest``."""

    epoch: Annotated[int, msgspec.Meta(ge=0)]
    digest: str


class _State(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state file: the highest epoch accepted, and its envelope."""

    environment: Environment
    epoch: int
    envelope: bytes


class SnapshotReader:
    """Follows the snapshots of one environment and never goes back, not even after a restart.

    The newest envelope accepted is kept in ``state_file``: it is what makes an older one refusable, and what a node
    starts from when storage cannot be reached. Workers of one node share the file under a lock.
    """

    def __init__(
        self, storage: Storage, trusted: Mapping[str, bytes], environment: Environment, state_file: Path
    ) -> None:
        self._storage, self._trusted, self._environment, self._file = storage, trusted, environment, state_file
        self._mark: Mark | None = None
        self.current: Snapshot | None = None
        state_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._locked():
            self._restore()

    def poll(self) -> Poll:
        """Look for a newer snapshot, and take it when it stands every check. Never raises for what it finds."""
        try:
            return self._look()
        except SnapshotRefused as refusal:
            return Poll(snapshot=self.current, refusal=refusal)
        except Unavailable as error:
            return Poll(snapshot=self.current, unreachable=error.message)

    def _look(self) -> Poll:
        epoch, digest = self._newest()
        if epoch is None:
            raise SnapshotRefused("missing", f"no snapshot of {self._environment} in storage")
        if self._mark is not None and epoch < self._mark.epoch:
            raise SnapshotRefused("older", f"storage points at snapshot {epoch}, {self._mark.epoch} was seen before")
        if self._mark is not None and digest == self._mark.digest and self.current is not None:
            return Poll(snapshot=self.current)
        envelope = _get(self._storage, snapshot_key(self._environment, epoch))
        if envelope is None:
            raise SnapshotRefused("missing", f"snapshot {epoch} is not in storage")
        return self._take(envelope)

    def _newest(self) -> tuple[int | None, str | None]:
        """The epoch and digest pointed at, or a higher epoch whose publisher died before it moved the pointer."""
        raw = _get(self._storage, pointer_key(self._environment))
        epoch, digest = (None, None) if raw is None else _read_pointer(raw)
        following = (self._mark.epoch if self._mark else 0) if epoch is None else epoch
        while self._storage.exists(snapshot_key(self._environment, following + 1)):
            following += 1
            epoch, digest = following, None
        return epoch, digest

    def _take(self, envelope: bytes) -> Poll:
        digest = sha256(envelope)
        snapshot = open_snapshot(envelope, self._trusted, self._environment)
        with self._locked():
            self._restore()  # another worker may have gone further
            check_order(snapshot, digest, self._mark)
            if self._mark is None or snapshot.epoch > self._mark.epoch:
                state = _State(environment=snapshot.environment, epoch=snapshot.epoch, envelope=envelope)
                _write_durably(self._file, msgspec.json.encode(state))
        self._mark = Mark(environment=self._environment, epoch=snapshot.epoch, digest=digest)
        self.current = snapshot
        return Poll(snapshot=snapshot, changed=True)

    def _restore(self) -> None:
        """Read the state file; raises SnapshotRefused (state) when it is there and cannot be read."""
        if not self._file.exists():
            return
        try:
            state = msgspec.json.decode(self._file.read_bytes(), type=_State)
        except msgspec.MsgspecError as error:
            why = f"{self._file} cannot be read ({error}); without it older snapshots could come back"
            raise SnapshotRefused("state", why) from error
        if self._mark is not None and state.epoch <= self._mark.epoch:
            return
        self._mark = Mark(environment=state.environment, epoch=state.epoch, digest=sha256(state.envelope))
        try:  # a key that is no longer trusted ends the use of the snapshot, not the memory of its epoch
            self.current = open_snapshot(state.envelope, self._trusted, self._environment)
        except SnapshotRefused:
            self.current = None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        descriptor = os.open(self._file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _read_pointer(raw: bytes) -> tuple[int, str]:
    try:
        pointer = msgspec.json.decode(raw, type=_Pointer)
    except msgspec.MsgspecError as error:
        raise SnapshotRefused("malformed", f"the snapshot pointer cannot be read: {error}") from error
    return pointer.epoch, pointer.digest


def _get(storage: Storage, key: str) -> bytes | None:
    try:
        return storage.get(key)
    except NotFound:
        return None


def _write_durably(path: Path, content: bytes) -> None:
    """Replace a file so that after a crash either the old or the new content is there, whole."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as stream:
        os.fchmod(stream.fileno(), 0o600)
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
