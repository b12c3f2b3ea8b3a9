"""Following the control plane: each second a look for a newer snapshot, its releases loaded, the whole state swapped.

Requests never wait for this; they read one immutable ``NodeState``. Storage may be away: then the last state stays
until its ``fresh_until``. Bundles are kept on the node's disk, so that it can start again while cut off.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from headway import numerics, runtime
from headway.entrypoints.node.state import KeptOut, NodeState, Refusal, build_state
from headway.kernel import clock, logs
from headway.kernel.errors import HeadwayError, Unavailable
from headway.kernel.settings import Settings
from headway.kernel.storage import Storage
from headway.runtime import LoadedRelease, ReleaseRefused, SnapshotRefused

POLL_SECONDS = 1.0
RETRY_SECONDS = 5.0
RELEASE_REFUSED, SNAPSHOT_REFUSED = "node.release_refused", "node.snapshot_refused"
FORGED = ("untrusted", "malformed", "other_environment", "older", "forked", "state")
_log = logs.logger("node")


@dataclass(frozen=True, slots=True)
class _Failed:
    refusal: Refusal
    again_at: float


class Follower:
    """Keeps the state up to date from a thread of its own; ``on_state`` gets each new one, ``on_kept_out`` each refusal."""

    def __init__(
        self, settings: Settings, on_state: Callable[[NodeState], None], on_kept_out: Callable[[KeptOut], None]
    ) -> None:
        self._settings, self._on_state, self._on_kept_out = settings, on_state, on_kept_out
        self._folder = settings.home / "node" / settings.environment
        self.storage = Storage(settings.storage)
        self._reader: runtime.SnapshotReader | None = None
        self._trusted: dict[str, bytes] = {}
        self._trust_stamp: tuple[int, int] | None = None
        self._releases: dict[str, LoadedRelease] = {}
        self._failed: dict[str, _Failed] = {}
        self._state = NodeState.empty(settings.environment)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    def start(self) -> None:
        """Look now and then each second. The worker answers meanwhile, that it has no snapshot yet."""
        self._thread.start()

    def close(self) -> None:
        """Stop looking."""
        self._over.set()

    def _run(self) -> None:
        numerics.use_kernel_cache(self._settings.home / "numba")
        while True:
            try:
                self.look()
            except Exception as error:  # noqa: BLE001  the thread outlives whatever one look met
                _log.error("node.look_failed", error=f"{type(error).__name__}: {error}")
            if self._over.wait(POLL_SECONDS):
                return

    def look(self) -> None:
        """Look for a newer snapshot and for releases that could not be loaded before."""
        problem = self._poll()
        snapshot = self._reader.current if self._reader else None
        if snapshot is None:
            state = replace(self._state, problem=problem)
        else:
            self._load(snapshot)
            failed = {subject: found.refusal for subject, found in self._failed.items()}
            state = build_state(
                snapshot, self._releases, failed, before=self._state, quotas=self._folder / "quota", problem=problem
            )
        if problem != self._state.problem and problem is not None:
            _log.warning("node.snapshot_not_followed", reason=problem.reason, why=problem.why)
            if problem.reason in FORGED:
                self._on_kept_out(KeptOut(code=SNAPSHOT_REFUSED, reason=problem.reason, why=problem.why))
        if state.epoch != self._state.epoch:
            _log.info("node.follows", epoch=state.epoch, deployments=len(state.deployments))
        self._state = state
        self._on_state(state)

    def _poll(self) -> Refusal | None:
        try:
            self._trust()
            if self._reader is None:
                self._reader = runtime.SnapshotReader(
                    self.storage, self._trusted, self._settings.environment, self._folder / "state.dsse"
                )
            found = self._reader.poll()
        except SnapshotRefused as error:
            return Refusal(error.reason, error.message)
        except (HeadwayError, OSError, ValueError) as error:
            return Refusal("unreachable", str(error))
        if found.refusal is not None:
            return Refusal(found.refusal.reason, found.refusal.message)
        return Refusal("unreachable", found.unreachable) if found.unreachable else None

    def _trust(self) -> None:
        """Read the trusted keys when their file changed."""
        path = self._settings.trust_file
        try:
            status = path.stat()
        except FileNotFoundError:
            raise Unavailable(f"this node trusts no key: {path.name} is missing") from None
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp != self._trust_stamp:
            listed: Mapping[str, str] = json.loads(path.read_text())
            self._trusted.clear()
            self._trusted.update({name: base64.b64decode(key) for name, key in listed.items()})
            self._trust_stamp = stamp

    # ------------------------------------------------------------------------------------------ releases
    def _load(self, snapshot: runtime.Snapshot) -> None:
        """Load what the snapshot names and is not loaded; drop what it does not name, or revokes."""
        wanted = {arm.release for place in snapshot.deployments.values() for arm in place.arms if arm.release}
        revoked = wanted.intersection(snapshot.revoked)
        for subject in [*self._releases]:
            if subject not in wanted or subject in revoked:
                del self._releases[subject]
        for subject in [*self._failed]:
            if subject not in wanted:
                del self._failed[subject]
        now = clock.now()
        for subject in sorted(wanted):
            held = self._releases.get(subject)
            if held is not None and now < held.verdict.serve_until:
                continue
            failed = self._failed.get(subject)
            if failed is None or now.timestamp() >= failed.again_at or subject in revoked:
                self._load_one(subject, snapshot)

    def _load_one(self, subject: str, snapshot: runtime.Snapshot) -> None:
        now = clock.now()
        try:
            loaded = self._open(subject, snapshot)
        except ReleaseRefused as error:
            refusal = Refusal(error.reason, error.message)
        except Unavailable as error:
            refusal = Refusal("unreachable", error.message)
        else:
            self._releases[subject] = loaded
            self._failed.pop(subject, None)
            _log.info("node.release_loaded", subject=subject, verdict=loaded.verdict.id)
            return
        before = self._failed.get(subject)
        if before is None or before.refusal != refusal:
            _log.error("node.release_refused", subject=subject, reason=refusal.reason, why=refusal.why)
            self._tell_kept_out(subject, snapshot, refusal)
        self._releases.pop(subject, None)
        self._failed[subject] = _Failed(refusal, now.timestamp() + RETRY_SECONDS)

    def _tell_kept_out(self, subject: str, snapshot: runtime.Snapshot, refusal: Refusal) -> None:
        if refusal.reason == "unreachable":
            return
        for name, place in snapshot.deployments.items():
            if any(arm.release == subject for arm in place.arms):
                self._on_kept_out(
                    KeptOut(
                        code=RELEASE_REFUSED, reason=refusal.reason, why=refusal.why, deployment=name, release=subject
                    )
                )

    def _open(self, subject: str, snapshot: runtime.Snapshot) -> LoadedRelease:
        environment, local = self._settings.environment, Storage((self._folder / "spool").resolve().as_uri())
        try:
            objects = runtime.read_bundle(self.storage, subject, environment)
            fetched = True
        except Unavailable:
            objects, fetched = self._spooled(local, subject), False
        loaded = runtime.open_bundle(
            objects,
            subject=subject,
            environment=environment,
            trusted=self._trusted,
            now=clock.now(),
            revoked=snapshot.revoked,
        )
        if fetched:
            for path, content in objects.items():
                local.replace(runtime.object_key(subject, path), content)
        return loaded

    def _spooled(self, local: Storage, subject: str) -> dict[str, bytes]:
        try:
            return runtime.read_bundle(local, subject, self._settings.environment)
        except ReleaseRefused as error:
            why = "storage cannot be reached and this node has not kept the release"
            raise Unavailable(why) from error
