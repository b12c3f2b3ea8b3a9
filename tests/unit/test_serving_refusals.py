"""Refusals of a node are counted by minute, deployment and kind; a flood stays one line."""

from __future__ import annotations

from headway.runtime import DecisionRecord
from headway.serving import refusals


def record(at: str, action: str, deployment: str = "leads", **more: object) -> DecisionRecord:
    place = {"v": 1, "node": "n", "segment": "s", "seq": 0, "prev": "0" * 64, "epoch": 1, "id": "ref_1"}
    told = {"kind": "refusal", "at": at, "action": action, "deployment": deployment, "why": f"first of {action}"}
    return DecisionRecord(**{**place, **told, **more})  # type: ignore[arg-type]  # built from words


def test_refusals_are_counted_by_minute_deployment_and_kind() -> None:
    found = refusals.tallies(
        [
            record("2026-11-27T10:00:01Z", "node.token_unknown"),
            record("2026-11-27T10:00:59Z", "node.token_unknown", why="another"),
            record("2026-11-27T10:01:00Z", "node.token_unknown"),
            record("2026-11-27T10:01:00Z", "node.token_unknown", deployment="other"),
            record("2026-11-27T10:01:00Z", "node.release_refused.file_changed", release="sha256-1"),
            record("2026-11-27T10:01:00Z", "node.body_too_large"),
            record("2026-11-27T10:01:00Z", "node.token_unknown", kind="decision"),
        ]
    )
    assert [(t.minute.minute, t.deployment, t.code, t.release, t.count) for t in found] == [
        (0, "leads", "node.token_unknown", None, 2),
        (1, "leads", "node.token_unknown", None, 1),
        (1, "other", "node.token_unknown", None, 1),
        (1, "leads", "node.release_refused.file_changed", "sha256-1", 1),
    ]
    assert found[0].reason == "first of node.token_unknown"


def test_what_the_node_only_counted_is_told_apart() -> None:
    found = refusals.tallies([record("2026-11-27T10:00:01Z", "node.token_unknown", flags=("unwritten:4812",))])
    assert [(t.code, t.deployment, t.count) for t in found] == [
        ("node.token_unknown", "leads", 1),
        (refusals.UNCOUNTED, "", 4812),
    ]
