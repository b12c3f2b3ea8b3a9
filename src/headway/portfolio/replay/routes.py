"""Replays over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, UploadFile, status
from pydantic import BaseModel

from headway import governance
from headway.kernel.auth import Resource
from headway.kernel.canonical import file_digest
from headway.kernel.errors import Invalid
from headway.kernel.money import Money
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.receiving import received, sent_name
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx
from headway.portfolio.replay import service
from headway.portfolio.replay.entities import Replay, ReplayRequest

router = APIRouter(prefix="/replays", tags=["portfolio"])
Text = Annotated[str, Form(min_length=1, max_length=200)]
OptionalText = Annotated[str | None, Form(max_length=200)]


class StartedReplay(BaseModel):
    """A replay that was begun; follow its job."""

    replay: str
    job: str


@router.post("", status_code=status.HTTP_202_ACCEPTED)
def start_replay(
    *,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    file: UploadFile | None = None,
    usecase: Text,
    time: Text,
    outcome: Text,
    positive: OptionalText = None,
    subject: OptionalText = None,
    exclude: Annotated[list[str] | None, Form()] = None,
    told: OptionalText = None,
    delay_days: Annotated[int, Form()] = 0,
    learn_share: Annotated[float, Form()] = 1 / 3,
    hold_out_share: Annotated[float, Form()] = 0.1,
    value_per_success: OptionalText = None,
    cost_per_action: OptionalText = None,
) -> StartedReplay:
    """Replay the past of a file for a use case; the answer names the job that does it."""
    case = governance.get_usecase(tx, usecase)
    permit("pilot:start", Resource(kind="pilot", id="new", department=case.department))
    if file is None or not file.filename:
        raise Invalid("there is no file", hint="send it as the form field 'file' with a filename")
    with received(file.file, here.settings.max_upload_bytes) as path:
        digest = file_digest(path)
        request = ReplayRequest(
            usecase=usecase,
            department=case.department,
            time=time,
            outcome=outcome,
            positive=positive or None,
            subject=subject or None,
            exclude=tuple(column for column in exclude or [] if column),
            told=told or None,
            delay_days=delay_days,
            learn_share=learn_share,
            hold_out_share=hold_out_share,
            value_per_success=_amount(value_per_success, here.settings.currency),
            cost_per_action=_amount(cost_per_action, here.settings.currency),
            filename=sent_name(file.filename),
            file_key="uploads/" + digest.removeprefix("sha256-"),
            file_digest=digest,
        )
        made = service.start_replay(tx, actor, here.jobs, request=request)
        here.storage.ensure(request.file_key, path)
    return StartedReplay(replay=made.id, job=made.job)


@router.get("")
def list_replays(
    *,
    tx: Tx,
    permit: Permit,
    usecase: str | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    cursor: str | None = None,
) -> Page[Replay]:
    """List replays, newest first."""
    department = governance.get_usecase(tx, usecase).department if usecase else None
    permit("pilot:read", Resource(kind="pilot", id="all", department=department, attributes={"filter": "usecase"}))
    found, following = service.list_replays(tx, usecase=usecase, limit=limit, cursor=cursor)
    return Page(items=tuple(found), next=following)


@router.get("/{replay_id}")
def show_replay(replay_id: str, tx: Tx, permit: Permit) -> Replay:
    """Show a replay with what it tells, or the reason of its failure."""
    found = service.get_replay(tx, replay_id)
    permit("pilot:read", Resource(kind="pilot", id=replay_id, department=found.department))
    return found


def _amount(text: str | None, currency: str) -> str | None:
    return str(Money.parse(text, currency)) if text else None
