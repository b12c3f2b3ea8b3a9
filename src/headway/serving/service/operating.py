"""The operate gate over everything at work: asked on time, at news and on request; what it suspends is held at once."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from headway import governance
from headway.governance import Operated, OperateRun
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.web import Parts
from headway.serving import store
from headway.serving.entities import Deployment
from headway.serving.service.deployments import hold_row, releases_of
from headway.serving.service.proving import prove
from headway.serving.tables import DeploymentRow

EVERY_SECONDS = 180.0
FIRST_AFTER_SECONDS = 120.0
"""What comes up after a pause first lets its own jobs write what they prove."""


def operate(session: Session, actor: Actor, *, usecase: str | None = None) -> OperateRun:
    """Ask the operate gate about everything at work, or about what one use case has at work, and hold what it suspends.

    Raises: governance.UseCaseUnknown.
    """
    if usecase is not None:
        governance.get_usecase(session, usecase)
    return _run(session, actor, None if usecase is None else {usecase})


def hold(session: Session, actor: Actor) -> list[Deployment]:
    """Hold what the operate gate has suspended, and let go what it no longer has; safe to repeat.

    What people suspended stays so: holding is beside their word, not in its place.
    """
    found = governance.operate_suspensions(session)
    places = {(usecase, environment) for usecase, environment, _ in found}
    if not any(_because(row, found) != row.held for row in store.rows_to_hold(session, places)):
        return []
    moved = []
    for row in store.rows_to_hold(session, places, lock=True):
        because = _because(row, found)
        if because == row.held:
            continue
        if hold_row(session, actor, row, because):
            moved.append(store.deployment_of(row))
    session.flush()
    return moved


def operate_due(parts: Parts) -> int:
    """Ask what is due: everything each few minutes, at once what evidence, a tier or a revocation came about.

    Returns how much was asked about. Safe to repeat and to run in two processes at once.
    """
    watch = _watches.setdefault(parts.database.url, _Watch(next_whole=time.monotonic() + FIRST_AFTER_SECONDS))
    with parts.database.session() as session:
        marks = governance.operate_marks(session)
        if watch.marks is None:
            watch.marks = marks
        whole = time.monotonic() >= watch.next_whole
        named = None if whole else _in_the_news(session, watch.marks, marks)
        if named is not None and not named:
            watch.marks = marks
            return 0
        run = _run(session, SYSTEM, named)
    watch.marks = marks
    if whole:
        watch.next_whole = time.monotonic() + EVERY_SECONDS
    return run.asked


@dataclass(slots=True)
class _Watch:
    """How far this process has looked at a database."""

    next_whole: float
    marks: tuple[str, str, str] | None = None


_watches: dict[str, _Watch] = {}


def _in_the_news(session: Session, before: tuple[str, str, str], now: tuple[str, str, str]) -> Collection[str]:
    """The use cases with something at work about which something came."""
    if before == now:
        return ()
    digests, usecases = governance.operate_news(session, before)
    rows = store.live_rows(session)
    return {
        row.usecase for row in rows if row.usecase in usecases or any(digest in digests for digest in releases_of(row))
    }


def _run(session: Session, actor: Actor, usecases: Collection[str] | None) -> OperateRun:
    rows = store.live_rows(session, usecases)
    prove(session, [row for row in rows if row.environment != "sandbox"])
    run = governance.ask_operate(session, actor, _at_work(rows), usecases=usecases)
    hold(session, actor)
    return run


def _at_work(rows: Iterable[DeploymentRow]) -> list[Operated]:
    now = clock.now()
    return [
        Operated(
            usecase=row.usecase,
            environment=row.environment,
            subject=row.version,
            subject_digest=digest,
            begun=row.released_at,
        )
        for row in rows
        if row.expires_at is None or row.expires_at > now
        for digest in releases_of(row)
    ]


def _because(row: DeploymentRow, found: Mapping[tuple[str, str, str], governance.OperateFinding]) -> str | None:
    for digest in releases_of(row):
        if finding := found.get((row.usecase, row.environment, digest)):
            return f"suspended by the operate gate: {finding.control}, {finding.reason}"
    return None
