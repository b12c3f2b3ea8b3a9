"""Answers about working together."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from headway_client.answer import Answer


class FieldChange(Answer):
    """One field that an event changed. ``is_before_known`` tells an empty field from one that nobody recorded."""

    field: str
    before: Any
    after: Any
    is_before_known: bool


class Activity(Answer):
    """One event in words."""

    id: str
    type: str
    at: datetime
    actor: str
    actor_name: str
    subject: str
    message: str
    values: dict[str, str]
    sentence: str
    why: str | None
    changes: list[FieldChange]
    comment: str | None
    is_erased: bool


class Channels(Answer):
    """How somebody is told about one topic."""

    inbox: bool
    email: str
    webhook: str


class Mention(Answer):
    """A person named in a comment."""

    person: str
    name: str


class Comment(Answer):
    """What somebody said about a thing. ``text`` is Markdown as it was written; empty when the comment was deleted."""

    id: str
    subject: str
    parent: str | None
    author: str
    author_name: str
    text: str
    mentions: list[Mention]
    created_at: datetime
    edited_at: datetime | None
    edits: int
    resolved_at: datetime | None
    resolved_by: str | None
    deleted_at: datetime | None
    deleted_by: str | None


class CommentVersion(Answer):
    """One wording of a comment; 1 is the first."""

    number: int
    text: str
    at: datetime


class Webhook(Answer):
    """An address that notifications are posted to: a person's own, or the organisation's."""

    id: str
    owner: str
    url: str
    is_active: bool
    created_by: str
    created_at: datetime
    failures: int
    last_error: str | None
    last_sent_at: datetime | None


class NewWebhook(Answer):
    """A webhook just made, or with a new secret; ``secret`` is shown this once."""

    webhook: Webhook
    secret: str


class Notification(Answer):
    """What a person is told. ``message``, ``values`` and ``sentence`` are those of an activity."""

    id: str
    topic: str
    type: str
    subject: str
    actor: str
    actor_name: str
    message: str
    values: dict[str, str]
    sentence: str
    excerpt: str
    at: datetime
    read_at: datetime | None
    archived_at: datetime | None


class Preferences(Answer):
    """How a person likes to be told. Times are ``HH:MM`` in their time zone; between the quiet ones nothing is sent."""

    person: str
    language: str
    time_zone: str
    quiet_from: str | None
    quiet_until: str | None
    digest_at: str
    channels: dict[str, Channels]


class Removed(Answer):
    """What was removed."""

    id: str


class SavedView(Answer):
    """A list as somebody likes to see it: the path of a page and its query string."""

    id: str
    name: str
    page: str
    query: str
    owner: str
    owner_name: str
    sharing: str
    department: str | None
    is_mine: bool
    is_pinned: bool
    position: int | None
    is_default: bool
    created_at: datetime
    updated_at: datetime


class Task(Answer):
    """Something a person is to do about a thing, by a day."""

    id: str
    title: str
    subject: str
    assignee: str
    assignee_name: str
    due_on: date | None
    state: str
    note: str
    created_by: str
    created_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    is_overdue: bool


class Unread(Answer):
    """How much you have not read."""

    unread: int


class Watch(Answer):
    """A thing that a person wants to hear about."""

    subject: str
    since: datetime


class Watched(Answer):
    """Whether somebody watches a thing."""

    subject: str
    is_watching: bool
