"""One worker process of a node, put together: slot, log, shipper, follower and desk; started, watched and closed."""

from __future__ import annotations

import asyncio
import time
from asyncio import Future
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial

from headway import runtime
from headway.entrypoints.node.desk import Desk, retry_after
from headway.entrypoints.node.figures import Exposition, Figures
from headway.entrypoints.node.following import Follower
from headway.entrypoints.node.handoff import Handoff
from headway.entrypoints.node.state import KeptOut, NodeState
from headway.kernel import clock, crypto, logs
from headway.kernel.errors import HeadwayError
from headway.kernel.settings import Settings
from headway.runtime import DecisionLog, LogSpec, Shipper

DRAIN_SECONDS = 10.0
REST_SECONDS = 0.002
_log = logs.logger("node")


class Worker:
    """Everything a worker holds; its methods are called by the event loop."""

    def __init__(self, settings: Settings) -> None:
        self.figures = Figures()
        self._settings = settings
        self._exposition = Exposition(self.figures, self._gauges)
        self._desk: Desk
        self._log: DecisionLog
        self._shipper: Shipper
        self._follower: Follower
        self._slot: runtime.Slot

    # -------------------------------------------------------------------------------------------- life
    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take a slot, seal what dead workers left, open the log and follow the control plane."""
        settings = self._settings
        folder = settings.home / "node" / settings.environment / "log"
        self._slot = runtime.claim_slot(folder, settings.node_workers)
        leftovers = runtime.claim_leftovers(folder, settings.node_workers)
        for slot in (self._slot, *leftovers):
            for sealed in runtime.recover(slot.folder):
                _log.info("node.recovered", segment=sealed.segment, records=sealed.records, cut=sealed.cut_bytes)
        self._follower = Follower(settings, self._follow, partial(self._kept_out, loop))
        key = crypto.read_secret(settings.segment_key_file)
        self._shipper = Shipper(
            self._slot.folder,
            self._follower.storage,
            [slot.folder for slot in leftovers],
            profile=runtime.SegmentProfiler(key, self._profiler_of, lambda: time.sleep(REST_SECONDS)),
        )
        spec = LogSpec(
            folder=self._slot.folder,
            environment=settings.environment,
            node=settings.node_name,
            slot=self._slot.number,
            key=key,
            segment_seconds=settings.segment_seconds,
            segment_bytes=settings.segment_megabytes << 20,
            pending_bytes=settings.log_pending_megabytes << 20,
        )
        self._log = DecisionLog(spec, runtime.chain_end(self._slot.folder), self._shipper.notify)
        self._desk = Desk(settings.environment, self.figures, Handoff(loop, self._log))
        self._desk.state = NodeState.empty(settings.environment)
        self._log.start()
        self._shipper.start()
        self._follower.start()
        _log.info("node.started", environment=settings.environment, slot=self._slot.number)

    def _follow(self, state: NodeState) -> None:
        self._desk.state = state

    def _kept_out(self, loop: asyncio.AbstractEventLoop, kept: KeptOut) -> None:
        """Called by the follower's thread."""
        loop.call_soon_threadsafe(self._desk.kept_out, kept)

    def _profiler_of(self, subject: str) -> runtime.Profiler | None:
        """What counts the decisions of a release that is served now; None for others and for those without a reference."""
        for place in self._desk.state.deployments.values():
            loaded = place.releases.get(subject)
            if loaded is not None and loaded.reference is not None:
                return runtime.Profiler(loaded.release.features, loaded.reference)
        return None

    def close(self, loop: asyncio.AbstractEventLoop) -> None:
        """Write what waits, seal and ship; what cannot be shipped now is shipped by the next worker."""
        self._follower.close()
        self._log.close(DRAIN_SECONDS)
        loop.run_until_complete(asyncio.sleep(0))
        self._shipper.close(DRAIN_SECONDS)
        self._slot.release()
        _log.info("node.stopped", shipped=self._shipper.shipped)

    # -------------------------------------------------------------------------------------------- requests
    def decide(
        self, deployment: str, authorization: str | None, body: bytes, subject: str | None
    ) -> tuple[bytes, Future[None]]:
        """Decide; see ``Desk.decide``."""
        return self._desk.decide(deployment, authorization, body, subject)

    def take_outcomes(self, authorization: str | None, body: bytes) -> tuple[bytes, Future[None]]:
        """Take outcomes in; see ``Desk.take_outcomes``."""
        return self._desk.take_outcomes(authorization, body)

    def refused(self, error: HeadwayError, deployment: str | None) -> None:
        """Write a refusal down."""
        self._desk.refused(error, deployment)

    def retry_after(self, error: HeadwayError) -> float | None:
        """Seconds to wait before trying again, where known."""
        return retry_after(error)

    # -------------------------------------------------------------------------------------------- watching
    def metrics(self) -> bytes:
        """The page for Prometheus."""
        return self._exposition.page()

    def _gauges(self) -> Iterable[tuple[str, str, float]]:
        state = self._desk.state
        yield "headway_snapshot_epoch", "Epoch of the snapshot that is followed.", state.epoch
        yield (
            "headway_snapshot_fresh_seconds",
            "Seconds until the snapshot may not be followed any more.",
            max(state.fresh_until - clock.now().timestamp(), -1.0),
        )
        yield "headway_log_pending_bytes", "Bytes that wait for the disk.", self._log.pending
        yield "headway_log_groups", "Groups written by this worker.", self._log.groups
        yield "headway_segments_waiting", "Sealed segments that are not shipped yet.", self._shipper.waiting
        yield "headway_worker_slot", "Slot of the worker that answers this page.", self._slot.number

    def readiness(self) -> tuple[bool, dict[str, object]]:
        """Whether this worker decides, and the whole picture: what is refused, and why."""
        state, now = self._desk.state, clock.now().timestamp()
        is_fresh = now < state.fresh_until
        refused = [place for place in state.deployments.values() if place.status == "refused"]
        is_ready = is_fresh and self._log.failure is None and (not refused or len(refused) < len(state.deployments))
        return is_ready, {
            "ready": is_ready,
            "environment": state.environment,
            "node": self._settings.node_name,
            "snapshot": {
                "epoch": state.epoch if state.epoch >= 0 else None,
                "fresh_until": _moment(state.fresh_until),
                "is_fresh": is_fresh,
                "problem": state.problem,
            },
            "deployments": {
                name: {"status": place.status, "refusal": place.refusal, "ends_at": _moment(place.ends_at)}
                for name, place in sorted(state.deployments.items())
            },
            "log": {
                "failure": self._log.failure,
                "waiting_segments": self._shipper.waiting,
                "shipping": self._shipper.failure,
            },
        }


def _moment(at: float) -> str | None:
    try:
        return clock.iso(datetime.fromtimestamp(at, UTC))
    except (OverflowError, ValueError):  # infinite: no such moment
        return None
