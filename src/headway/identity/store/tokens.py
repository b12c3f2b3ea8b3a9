"""Rows of API tokens."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.identity.entities import NewToken, Token
from headway.identity.tables import PersonRow, TokenRow

USED_EVERY = timedelta(minutes=1)


def add_token(session: Session, token: NewToken, *, prefix: str, created_by: str, at: datetime) -> None:
    """Write a token, without its secret."""
    session.execute(
        insert(TokenRow).values(
            id=token.id,
            hash=token.hash,
            prefix=prefix,
            name=token.name,
            owner=token.owner,
            kind="api",
            scopes=None if token.scopes is None else list(token.scopes),
            created_by=created_by,
            created_at=at,
            expires_at=token.expires_at,
        )
    )


def token_by_hash(session: Session, hash_: str) -> Token | None:
    """Read the token with this hash."""
    row = session.scalars(select(TokenRow).where(TokenRow.hash == hash_)).one_or_none()
    return _token(row) if row else None


def dead_hashes(session: Session, hashes: Collection[str], now: datetime) -> set[str]:
    """Of some hashes, those whose token was revoked or has expired, or whose owner is no longer active."""
    ended = TokenRow.revoked_at.is_not(None) | (TokenRow.expires_at <= now) | PersonRow.is_active.is_(False)
    query = (
        select(TokenRow.hash)
        .outerjoin(PersonRow, TokenRow.owner == literal("person:") + PersonRow.id)
        .where(TokenRow.hash.in_(hashes), ended)
    )
    return set(session.scalars(query))


def get_token(session: Session, token_id: str) -> Token | None:
    """Read one token."""
    row = session.get(TokenRow, token_id, populate_existing=True)
    return _token(row) if row else None


def tokens(session: Session, *, owner: str | None, after: str | None, limit: int) -> list[Token]:
    """Read tokens, newest first."""
    query = select(TokenRow).order_by(TokenRow.id.desc()).limit(limit)
    if owner is not None:
        query = query.where(TokenRow.owner == owner)
    if after is not None:
        query = query.where(TokenRow.id < after)
    return [_token(row) for row in session.scalars(query)]


def touch_token(session: Session, token: Token, at: datetime) -> None:
    """Note that a token was used, at most once a minute."""
    if token.last_used_at is None or at - token.last_used_at >= USED_EVERY:
        unseen = or_(TokenRow.last_used_at.is_(None), TokenRow.last_used_at <= at - USED_EVERY)
        session.execute(update(TokenRow).where(TokenRow.id == token.id, unseen).values(last_used_at=at))


def revoke_token(session: Session, token_id: str, at: datetime) -> None:
    """End a token."""
    session.execute(update(TokenRow).where(TokenRow.id == token_id).values(revoked_at=at))


def _token(row: TokenRow) -> Token:
    return Token(
        id=row.id,
        prefix=row.prefix,
        name=row.name,
        owner=row.owner,
        kind=cast(Literal["api", "session"], row.kind),
        scopes=None if row.scopes is None else tuple(row.scopes),
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
