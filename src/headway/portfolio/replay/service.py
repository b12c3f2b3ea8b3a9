"""A replay from its start to its end: noting it, carrying it out, keeping what it tells or why it failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from headway import catalog, governance, ledger
from headway.kernel import clock, ids
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault, HeadwayError, Invalid
from headway.kernel.ids import Ref
from headway.kernel.jobs import Jobs
from headway.kernel.money import Money
from headway.portfolio.projection import project
from headway.portfolio.replay import store
from headway.portfolio.replay.entities import Replay, ReplayRequest
from headway.portfolio.replay.replaying import replay
from headway.portfolio.tables import ReplayRow

JOB = "replay"
LONGEST_DELAY = 3660


def start_replay(session: Session, actor: Actor, jobs: Jobs, *, request: ReplayRequest) -> Replay:
    """Note a replay and enqueue its job; both or neither.

    Raises: governance.UseCaseUnknown. Invalid: with every fault of the request.
    """
    governance.get_usecase(session, request.usecase)
    check_request(request)
    replay_id = ids.new_id("rpl")
    row = ReplayRow(
        id=replay_id,
        usecase=request.usecase,
        department=request.department,
        state="running",
        job="",
        filename=request.filename,
        request=msgspec.to_builtins(request),
        started_by=actor.ref,
        started_at=clock.now(),
    )
    row.job = jobs.enqueue(session, JOB, {"replay": replay_id}, actor=actor)
    store.add_replay(session, row)
    told = {"usecase": request.usecase, "file_digest": request.file_digest, "outcome": request.outcome}
    ledger.record(session, actor=actor, type="replay.started", subject=Ref("replay", replay_id), payload=told)
    return store.replay_of(row)


def check_request(request: ReplayRequest) -> None:
    """Raise everything that is wrong with a request before a file is looked at."""
    faults = []
    for name, least, most in (("learn_share", 0.1, 0.9), ("hold_out_share", 0.01, 0.5)):
        if not least <= getattr(request, name) <= most:
            words = f"{name} must lie between {least} and {most}"
            faults.append(Fault(rule="range", column=name, value=str(getattr(request, name)), message=words))
    if not 0 <= request.delay_days <= LONGEST_DELAY:
        words = f"delay_days must lie between 0 and {LONGEST_DELAY}"
        faults.append(Fault(rule="range", column="delay_days", value=str(request.delay_days), message=words))
    named = [name for name in (request.time, request.outcome, request.subject, request.told) if name]
    if len(named) != len(set(named)):
        faults.append(Fault(rule="two_roles", column="outcome", message="a column cannot have two roles"))
    try:
        project(base_rate=0.5, lift=1.0, lift_interval=(1.0, 1.0), **_amounts(request))
    except HeadwayError as error:
        faults += error.faults or [Fault(rule="money", column="value_per_success", message=error.message)]
    if faults:
        raise Invalid("the replay cannot be started: " + "; ".join(one.message for one in faults), faults=faults)


def _amounts(request: ReplayRequest) -> dict[str, Money | None]:
    names = ("value_per_success", "cost_per_action")
    return {name: Money.parse(text) if (text := getattr(request, name)) else None for name in names}


def request_of(row: ReplayRow) -> ReplayRequest:
    """What was asked."""
    return msgspec.convert(row.request, ReplayRequest)


def carry_out(request: ReplayRequest, source: Path) -> dict[str, Any]:
    """Read the file and replay it; gives the report in plain values. Raises what is wrong with the file or its rows."""
    history = catalog.read_history(
        source,
        request.filename,
        label=request.outcome,
        positive=request.positive,
        time=request.time,
        subject=request.subject,
        exclude=request.exclude,
        share=request.learn_share,
        places=(request.told,) if request.told else (),
    )
    made: dict[str, Any] = msgspec.to_builtins(asdict(replay(history, request)))
    return made


def finish_replay(session: Session, actor: Actor, replay_id: str, report: Mapping[str, Any]) -> Replay:
    """Keep what a replay tells."""
    row = store.need_replay(session, replay_id, lock=True)
    if row.state == "running":
        row.state, row.ended_at, row.report = "done", clock.now(), dict(report)
        session.flush()
        told = {"usecase": row.usecase, "alerts": len(report["alerts"]), "rows": report["rows"]}
        ledger.record(session, actor=actor, type="replay.finished", subject=Ref("replay", replay_id), payload=told)
    return store.replay_of(row)


def fail_replay(session: Session, actor: Actor, replay_id: str, told: Mapping[str, Any]) -> Replay:
    """Mark a replay as failed and say why."""
    row = store.need_replay(session, replay_id, lock=True)
    if row.state == "running":
        row.state, row.ended_at, row.error = "failed", clock.now(), dict(told)
        session.flush()
        why = {"code": told.get("code"), "detail": told.get("detail")}
        ledger.record(session, actor=actor, type="replay.failed", subject=Ref("replay", replay_id), payload=why)
    return store.replay_of(row)


def get_replay(session: Session, replay_id: str) -> Replay:
    """Read a replay; raises UnknownReplay."""
    return store.replay_of(store.need_replay(session, replay_id))


def list_replays(
    session: Session, *, usecase: str | None = None, limit: int = 50, cursor: str | None = None
) -> tuple[list[Replay], str | None]:
    """Replays, newest first, and the cursor of those after them."""
    found = store.list_replays(session, usecase=usecase, limit=limit + 1, before=cursor)
    return found[:limit], found[limit - 1].id if len(found) > limit else None
