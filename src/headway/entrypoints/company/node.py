"""The company's decision node: the desk, log and follower of a real one, moved by the simulated clock in place of the network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from headway import numerics, runtime
from headway.entrypoints.node.desk import Desk
from headway.entrypoints.node.figures import Figures
from headway.entrypoints.node.following import Follower
from headway.entrypoints.node.handoff import Handoff
from headway.entrypoints.node.state import NodeState
from headway.kernel import crypto
from headway.kernel.errors import Unavailable
from headway.kernel.settings import Environment, Settings

NO_END = 1e9
"""Segments are sealed when told, not by the clock on the wall."""
SHIPPING_SECONDS = 60.0


class CompanyNode:
    """A node of one environment in this thread; it continues the chain of the home's own node."""

    def __init__(self, settings: Settings, environment: Environment) -> None:
        self._settings = replace(settings, environment=environment)
        folder = settings.home / "node" / environment / "log"
        self._slot = runtime.claim_slot(folder, 1)
        self._loop = asyncio.new_event_loop()
        self._state = NodeState.empty(environment)
        self._follower = Follower(self._settings, self._follow, lambda kept: None)
        self._log: runtime.DecisionLog | None = None
        numerics.use_kernel_cache(settings.home / "numba")

    def _follow(self, state: NodeState) -> None:
        self._state = state

    def decide(self, deployment: str, token: str, records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Decide about records as the node's address does, and return once the log holds them; raises what it answers."""
        self._follower.look()
        desk = self._desk()
        desk.state = self._state
        answer, durable = desk.decide(deployment, f"Bearer {token}", json.dumps(list(records)).encode(), None)
        self._loop.run_until_complete(durable)
        made: list[dict[str, Any]] = json.loads(answer)
        return made

    def _desk(self) -> Desk:
        if self._log is None:
            settings = self._settings
            key = crypto.read_secret(settings.segment_key_file)
            self._shipper = runtime.Shipper(
                self._slot.folder,
                self._follower.storage,
                profile=runtime.SegmentProfiler(key, self._profiler_of, lambda: None),
            )
            spec = runtime.LogSpec(
                folder=self._slot.folder,
                environment=settings.environment,
                node=settings.node_name,
                slot=self._slot.number,
                key=key,
                segment_seconds=NO_END,
                segment_bytes=settings.segment_megabytes << 20,
                pending_bytes=settings.log_pending_megabytes << 20,
            )
            self._log = runtime.DecisionLog(spec, runtime.chain_end(self._slot.folder), self._shipper.notify)
            self._log.start()
            self._made = Desk(settings.environment, Figures(), Handoff(self._loop, self._log))
        return self._made

    def _profiler_of(self, subject: str) -> runtime.Profiler | None:
        """What counts the decisions of a release, as a worker of a node does."""
        for place in self._state.deployments.values():
            loaded = place.releases.get(subject)
            if loaded is not None and loaded.reference is not None:
                return runtime.Profiler(loaded.release.features, loaded.reference)
        return None

    def ship(self) -> None:
        """Seal what was decided and bring it to storage; raises Unavailable when something stayed behind."""
        if self._log is None:
            return
        self._log.close()
        self._shipper.start()
        self._shipper.close(SHIPPING_SECONDS)
        self._log = None
        if self._shipper.waiting:
            raise Unavailable(f"the decision log could not be shipped: {self._shipper.failure}")

    def close(self) -> None:
        """Ship what is left and give the slot back to the home's own node."""
        self.ship()
        self._loop.close()
        self._slot.release()
