"""Exceptions from the tier high over HTTP: assessed, accepted or refused by another person, ended."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway.governance import service
from headway.governance.entities import ExceptionCondition, TierException
from headway.kernel.auth import Resource
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, Permit, Tx

router = APIRouter(tags=["exceptions"])
Text = Annotated[str, Field(max_length=2000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Assessment(_Body):
    """Which condition of Art. 6(3) holds, why, and for how many days at most it shall count."""

    condition: ExceptionCondition
    reasons: Text
    days: int = 365


class ExceptionAnswer(_Body):
    """Why an exception is accepted, refused or ended."""

    reason: Text = Field(min_length=1)


@router.get("/usecases/{slug}/exceptions")
def list_exceptions(slug: str, tx: Tx, permit: Permit) -> Page[TierException]:
    """List the exceptions of a use case, newest first."""
    permit("usecase:read", _of(tx, slug))
    return Page(items=service.list_exceptions(tx, slug), next=None)


@router.post("/usecases/{slug}/exceptions", status_code=status.HTTP_201_CREATED)
def assess_exception(slug: str, body: Assessment, tx: Tx, actor: CurrentActor, permit: Permit) -> TierException:
    """Assess that a use of Annex III is not high-risk; it counts once somebody else accepts it."""
    permit("usecase:update", _of(tx, slug))
    return service.assess_exception(tx, actor, slug, condition=body.condition, reasons=body.reasons, days=body.days)


@router.post("/exceptions/{exception_id}/accept")
def accept_exception(
    exception_id: str, body: ExceptionAnswer, tx: Tx, actor: CurrentActor, permit: Permit
) -> TierException:
    """Accept an exception that somebody else assessed; the tier is decided anew."""
    permit("tier:decide", _about(tx, exception_id))
    return service.answer_exception(tx, actor, exception_id, accept=True, reason=body.reason)


@router.post("/exceptions/{exception_id}/refuse")
def refuse_exception(
    exception_id: str, body: ExceptionAnswer, tx: Tx, actor: CurrentActor, permit: Permit
) -> TierException:
    """Refuse an exception."""
    permit("tier:decide", _about(tx, exception_id))
    return service.answer_exception(tx, actor, exception_id, accept=False, reason=body.reason)


@router.post("/exceptions/{exception_id}/end")
def end_exception(
    exception_id: str, body: ExceptionAnswer, tx: Tx, actor: CurrentActor, permit: Permit
) -> TierException:
    """End an accepted exception before its time; the tier is decided anew."""
    permit("tier:decide", _about(tx, exception_id))
    return service.end_exception(tx, actor, exception_id, body.reason)


def _of(session: Session, slug: str) -> Resource:
    return Resource(kind="usecase", id=slug, department=service.get_usecase(session, slug).department)


def _about(session: Session, exception_id: str) -> Resource:
    return _of(session, service.get_exception(session, exception_id).usecase)
