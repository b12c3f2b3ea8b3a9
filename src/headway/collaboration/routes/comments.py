"""Comments over HTTP. Who may read a thing may read and write comments on it; both permissions are asked."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway.collaboration import service
from headway.collaboration.entities import Comment, CommentVersion
from headway.collaboration.exporting import comments_csv, comments_jsonl
from headway.collaboration.prose import MAX_COMMENT, MAX_NOTE
from headway.kernel.auth import Resource
from headway.kernel.ids import Ref
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.subjects import Subject, readable
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx

router = APIRouter(prefix="/comments", tags=["comments"])

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Words = Annotated[str, Field(min_length=1, max_length=MAX_COMMENT)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewComment(_Body):
    """Markdown about a thing; ``parent`` is the comment that it answers."""

    subject: str
    text: Words
    parent: str | None = None


class NewWords(_Body):
    """The comment's new Markdown."""

    text: Words


class Why(_Body):
    """Why a comment is deleted; needed for those of others."""

    reason: str = Field(default="", max_length=MAX_NOTE)


def resource_of(found: Subject) -> Resource:
    """What is said about a thing belongs where the thing does, and to whom it does."""
    return Resource(kind="comment", id=found.ref, department=found.department, attributes=found.resource.attributes)


def _subject(session: Session, here: Parts, permit: Permit, ref: str, *, write: bool) -> Subject:
    found = readable(here.subjects, permit, session, ref)
    if write:
        permit("comment:write", resource_of(found))
    else:
        permit("comment:read", resource_of(found))
    return found


@router.post("", status_code=status.HTTP_201_CREATED)
def add_comment(body: NewComment, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> Comment:
    """Comment on a thing, or answer a comment; ``@mail@address`` or ``@[Name](person:ID)`` mentions people."""
    found = _subject(tx, here, permit, body.subject, write=True)
    return service.add_comment(tx, actor, subject=Ref.parse(found.ref), text=body.text, parent=body.parent)


@router.get("")
def list_comments(
    *,
    subject: str,
    tx: Tx,
    here: HereParts,
    permit: Permit,
    resolved: bool | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[Comment]:
    """List the comments on a thing: each thread, oldest first, followed by its answers; ``limit`` counts threads."""
    found = _subject(tx, here, permit, subject, write=False)
    return service.list_comments(tx, found.ref, resolved=resolved, limit=limit, cursor=cursor)


@router.get("/export", response_class=Response)
def export_comments(
    *, subject: str, tx: Tx, here: HereParts, permit: Permit, format: Literal["jsonl", "csv"] = "jsonl"
) -> Response:
    """Export every comment on a thing, deleted ones as tombstones: a JSON object a line, or CSV."""
    found = _subject(tx, here, permit, subject, write=False)
    comments = service.all_comments(tx, found.ref)
    body, media = (
        (comments_csv(comments), "text/csv; charset=utf-8")
        if format == "csv"
        else (comments_jsonl(comments), "application/jsonl")
    )
    name = f"attachment; filename=comments.{format}"
    return Response(body, media_type=media, headers={"content-disposition": name})


@router.get("/{comment_id}")
def show_comment(comment_id: str, tx: Tx, here: HereParts, permit: Permit) -> Comment:
    """Show one comment."""
    found = service.get_comment(tx, comment_id)
    _subject(tx, here, permit, found.subject, write=False)
    return found


@router.get("/{comment_id}/versions")
def list_versions(comment_id: str, tx: Tx, here: HereParts, permit: Permit) -> Page[CommentVersion]:
    """List the wordings of a comment, first to last."""
    _subject(tx, here, permit, service.get_comment(tx, comment_id).subject, write=False)
    return Page(items=service.list_versions(tx, comment_id), next=None)


@router.patch("/{comment_id}")
def edit_comment(
    *, comment_id: str, body: NewWords, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> Comment:
    """Reword an own comment; earlier wordings are kept."""
    _subject(tx, here, permit, service.get_comment(tx, comment_id).subject, write=True)
    return service.edit_comment(tx, actor, comment_id, body.text)


@router.post("/{comment_id}/resolve")
def resolve_comment(comment_id: str, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> Comment:
    """Mark a thread as settled."""
    _subject(tx, here, permit, service.get_comment(tx, comment_id).subject, write=True)
    return service.resolve_comment(tx, actor, comment_id)


@router.post("/{comment_id}/reopen")
def reopen_comment(comment_id: str, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> Comment:
    """Take a thread up again."""
    _subject(tx, here, permit, service.get_comment(tx, comment_id).subject, write=True)
    return service.reopen_comment(tx, actor, comment_id)


@router.post("/{comment_id}/delete")
def delete_comment(
    *, comment_id: str, body: Why, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> Comment:
    """Take the words of an own comment away; those of others need the right to moderate and a reason."""
    comment = service.get_comment(tx, comment_id)
    found = _subject(tx, here, permit, comment.subject, write=True)
    if comment.author != actor.ref:
        permit("comment:moderate", Resource(kind="comment", id=comment_id, department=found.department))
    return service.delete_comment(tx, actor, comment_id, reason=body.reason)
