"""What nodes refused, as the ledger is told of it: counted by minute, deployment and kind. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from headway import runtime

GATED = {
    "node.token_unknown": "a token that is not known",
    "node.not_granted": "a token without a grant",
    "node.deployment_unknown": "a deployment that there is not",
    "node.deployment_ended": "a deployment that has ended",
    "node.deployment_suspended": "a deployment that is suspended",
    "node.release_refused": "a release that does not pass its checks",
    "node.snapshot_refused": "a snapshot that does not pass its checks",
    "node.not_fresh": "a node that has not heard from its control plane",
}
"""Refusals that keep something or somebody out, in words; others say that a request was malformed or too large."""
UNWRITTEN = "unwritten:"
UNCOUNTED = "node.refusals_unwritten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often a node refused one thing within a minute, with the words of the first time."""

    minute: datetime
    deployment: str
    code: str
    release: str | None
    reason: str
    count: int


def tallies(records: Iterable[runtime.DecisionRecord]) -> list[Tally]:
    """Count the refusals of a segment that keep something out, in their order.

    What a node met in a flood and only counted is told under ``UNCOUNTED``, without a deployment.
    """
    first: dict[tuple[datetime, str, str, str | None], str] = {}
    counts: dict[tuple[datetime, str, str, str | None], int] = {}
    for record in records:
        if record.kind != "refusal":
            continue
        minute = datetime.fromisoformat(record.at).replace(second=0, microsecond=0)
        if (words := _words(record.action)) is not None:
            key = (minute, record.deployment, str(record.action), record.release)
            first.setdefault(key, record.why or words)
            counts[key] = counts.get(key, 0) + 1
        if skipped := _unwritten(record.flags):
            key = (minute, "", UNCOUNTED, None)
            first.setdefault(key, "refusals in a flood, which the node counted and did not write down")
            counts[key] = counts.get(key, 0) + skipped
    return [
        Tally(minute=minute, deployment=name, code=code, release=release, reason=why, count=counts[key])
        for key, why in first.items()
        for minute, name, code, release in (key,)
    ]


def _words(action: str | None) -> str | None:
    """Words for what keeps something out; ``node.release_refused.file_changed`` is of the kind before its last point."""
    return next((words for kind, words in GATED.items() if action == kind or str(action).startswith(f"{kind}.")), None)


def _unwritten(flags: Iterable[str]) -> int:
    return sum(int(flag.removeprefix(UNWRITTEN)) for flag in flags if flag.startswith(UNWRITTEN))
