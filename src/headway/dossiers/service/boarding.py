"""The board pack of a quarter: begun by somebody, made by a job from the records of the whole organisation."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import identity
from headway.dossiers import filling, store
from headway.dossiers.entities import Dossier, DossierKind
from headway.dossiers.errors import QuarterInvalid
from headway.dossiers.forms import BOARD_PACK
from headway.dossiers.quarters import Quarter, quarter_of, read_quarter
from headway.dossiers.service.bundling import JOB
from headway.dossiers.service.making import begun, files_of, fill_board, finish
from headway.dossiers.service.surveying import survey
from headway.dossiers.tables import DossierRow
from headway.kernel import clock, ids
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.jobs import Jobs
from headway.kernel.web import Parts


def start_board_pack(session: Session, actor: Actor, jobs: Jobs, *, quarter: str) -> Dossier:
    """Begin the board pack of a quarter, written like ``2026-Q3``; a job makes it.

    Of a quarter that still runs it tells what happened so far. Raises: QuarterInvalid.
    """
    found = _need_quarter(quarter)
    row = begun(
        actor,
        kind=DossierKind.board_pack,
        title=BOARD_PACK.title,
        quarter=str(found),
        department=identity.ROOT,
        job=ids.new_id("job"),
    )
    jobs.enqueue(session, JOB, {"dossier": row.id}, actor=actor, job_id=row.job)
    store.add(session, row)
    return store.dossier_of(row)


def make_board_pack(session: Session, parts: Parts, actor: Actor, row: DossierRow) -> None:
    """Make the pack from the records as they are, and keep it."""
    content = fill_board(survey(session, parts, _need_quarter(row.quarter or "")))
    by = identity.names_of(session, [actor.ref])[actor.ref]
    made = filling.seal(content, id=row.id, at=clock.now(), by=by)
    finish(session, parts.storage, actor, row, content=content, digest=made.digest, files=files_of(made))


def quarters() -> tuple[str, ...]:
    """The quarters that a pack can be made of, newest first: this one and the seven before."""
    found = [quarter_of(clock.now().date())]
    while len(found) < 8:
        found.append(found[-1].before)
    return tuple(map(str, found))


def _need_quarter(text: str) -> Quarter:
    found, today = read_quarter(text.strip()), clock.now().date()
    if found is None:
        raise _invalid(text, "write a quarter as 2026-Q3")
    if found.first > today:
        raise _invalid(text, f"{found} has not begun")
    return found


def _invalid(text: str, message: str) -> QuarterInvalid:
    return QuarterInvalid(
        f"{text!r} is no quarter that a pack can be made of: {message}",
        faults=[Fault(rule="dossiers.quarter", column="quarter", value=text[:20], message=message)],
    )
