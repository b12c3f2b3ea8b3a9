"""What people make together: comments, tasks, saved views, and the story that events tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from headway.kernel.errors import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A person named in a comment."""

    person: str  # person:ID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said about a thing. ``text`` is Markdown as it was written; empty when the comment was deleted."""

    id: str
    subject: str
    parent: str | None  # the comment that this one answers
    author: str
    author_name: str
    text: str
    mentions: tuple[Mention, ...]
    created_at: datetime
    edited_at: datetime | None
    edits: int
    resolved_at: datetime | None
    resolved_by: str | None
    deleted_at: datetime | None
    deleted_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentVersion:
    """One wording of a comment; 1 is the first."""

    number: int
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that an event changed. ``is_before_known`` tells an empty field from one that nobody recorded."""

    field: str
    before: object
    after: object
    is_before_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One event in words.

    ``message`` is a gettext id in English with named places (``%(actor)s``), ``values`` fills them, ``sentence`` is
    both put together in English. ``why`` is the reason that was given.
    """

    id: str
    type: str
    at: datetime
    actor: str
    actor_name: str
    subject: str
    message: str
    values: Mapping[str, str]
    sentence: str
    why: str | None
    changes: tuple[FieldChange, ...]
    comment: str | None  # the comment that this is about
    is_erased: bool


class TaskState(StrEnum):
    """Where a task stands."""

    open = "open"
    done = "done"
    cancelled = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something a person is to do about a thing, by a day."""

    id: str
    title: str
    subject: str
    assignee: str
    assignee_name: str
    due_on: date | None
    state: TaskState
    note: str
    created_by: str
    created_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    is_overdue: bool


Sharing = Literal["nobody", "department", "everybody"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A list as somebody likes to see it: the path of a page and its query string."""

    id: str
    name: str
    page: str
    query: str
    owner: str
    owner_name: str
    sharing: Sharing
    department: str | None
    is_mine: bool
    is_pinned: bool
    position: int | None  # among the asker's pins, counted from 1
    is_default: bool
    created_at: datetime
    updated_at: datetime


class Topic(StrEnum):
    """What a notification is about; people choose a way to be told for each."""

    mention = "mention"
    comment = "comment"
    approval = "approval"
    answer = "answer"
    job = "job"
    task = "task"
    change = "change"


class Pace(StrEnum):
    """Whether and when a message is sent."""

    never = "never"
    now = "now"
    digest = "digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """How somebody is told about one topic."""

    inbox: bool
    email: Pace
    webhook: Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How a person likes to be told. Times are ``HH:MM`` in their time zone; between the quiet ones nothing is sent."""

    person: str
    language: str
    time_zone: str
    quiet_from: str | None
    quiet_until: str | None
    digest_at: str
    channels: Mapping[Topic, Channels]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What a person is told. ``message``, ``values`` and ``sentence`` are those of an activity."""

    id: str
    topic: Topic
    type: str
    subject: str
    actor: str
    actor_name: str
    message: str
    values: Mapping[str, str]
    sentence: str
    excerpt: str
    at: datetime
    read_at: datetime | None
    archived_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A thing that a person wants to hear about."""

    subject: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that notifications are posted to: a person's own, or the organisation's."""

    id: str
    owner: str  # person:ID, or department:org for the organisation
    url: str
    is_active: bool
    created_by: str
    created_at: datetime
    failures: int
    last_error: str | None
    last_sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhook:
    """A webhook just made, or with a new secret; ``secret`` is shown this once."""

    webhook: Webhook
    secret: str


Facts = Mapping[str, Scalar]
