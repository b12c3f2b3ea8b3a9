"""Stages told from what happened."""

from __future__ import annotations

from dataclasses import replace

from headway.portfolio import BlockerKind, Stage
from headway.portfolio.stages import NOTHING_YET, pressing_of, stage_of


def test_each_thing_that_happens_brings_a_use_case_on() -> None:
    happened = NOTHING_YET
    assert stage_of(happened) is Stage.proposed
    happened = replace(happened, is_piloted=True)
    assert stage_of(happened) is Stage.pilot
    happened = replace(happened, releases={("pilot", "requested")})
    assert stage_of(happened) is Stage.approval
    happened = replace(happened, releases={("pilot", "released")}, deployments={("sandbox", "active")})
    assert stage_of(happened) is Stage.approval
    happened = replace(happened, deployments={("sandbox", "active"), ("pilot", "active")})
    assert stage_of(happened) is Stage.live
    assert stage_of(replace(happened, is_retired=True)) is Stage.retired


def test_what_came_to_nothing_does_not_count() -> None:
    assert stage_of(replace(NOTHING_YET, releases={("production", "rejected")})) is Stage.pilot
    assert stage_of(replace(NOTHING_YET, releases={("sandbox", "released")})) is Stage.pilot
    assert stage_of(replace(NOTHING_YET, deployments={("sandbox", "suspended")})) is Stage.pilot
    stopped = replace(NOTHING_YET, releases={("production", "released")}, deployments={("production", "suspended")})
    assert stage_of(stopped) is Stage.approval


def test_the_most_pressing_is_told() -> None:
    assert pressing_of(NOTHING_YET) is None
    stopped = replace(NOTHING_YET, deployments={("production", "suspended")})
    assert pressing_of(stopped) is BlockerKind.suspended
    assert pressing_of(replace(stopped, deployments={("sandbox", "suspended")})) is None
    blocked = replace(stopped, releases={("production", "approved")})
    assert pressing_of(blocked) is BlockerKind.gate
    assert pressing_of(replace(blocked, waiting=2)) is BlockerKind.approval
    assert pressing_of(replace(blocked, waiting=2, is_retired=True)) is None
