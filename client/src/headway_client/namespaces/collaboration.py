"""Operations about working together."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from headway_client.answers.collaboration import (
    Activity,
    Comment,
    CommentVersion,
    NewWebhook,
    Notification,
    Preferences,
    Removed,
    SavedView,
    Task,
    Unread,
    Watch,
    Watched,
    Webhook,
)
from headway_client.operations import Each, M, Namespace, delete, get, lists, patch, post, put


class Comments(Namespace[M]):
    """What people say about things."""

    @post("/comments")
    def add(self, *, subject: str, text: str, parent: str | None = None) -> Comment:
        """Comment on a thing, or answer a comment; ``@mail@address`` or ``@[Name](person:ID)`` mentions people."""

    @lists("/comments")
    def list(self, *, subject: str, resolved: bool | None = None) -> Each[Comment]:
        """List the comments on a thing: each thread, oldest first, followed by its answers; ``limit`` counts threads."""

    @get("/comments/export")
    def export(self, *, subject: str, format: Literal["jsonl", "csv"] = "jsonl") -> bytes:
        """Export every comment on a thing, deleted ones as tombstones: a JSON object a line, or CSV."""

    @get("/comments/{comment_id}")
    def show(self, comment_id: str) -> Comment:
        """Show one comment."""

    @patch("/comments/{comment_id}")
    def edit(self, comment_id: str, *, text: str) -> Comment:
        """Reword an own comment; earlier wordings are kept."""

    @lists("/comments/{comment_id}/versions", is_paged=False)
    def versions(self, comment_id: str) -> Each[CommentVersion]:
        """List the wordings of a comment, first to last."""

    @post("/comments/{comment_id}/resolve")
    def resolve(self, comment_id: str) -> Comment:
        """Mark a thread as settled."""

    @post("/comments/{comment_id}/reopen")
    def reopen(self, comment_id: str) -> Comment:
        """Take a thread up again."""

    @post("/comments/{comment_id}/delete")
    def delete(self, comment_id: str, *, reason: str = "") -> Comment:
        """Take the words of an own comment away; those of others need the right to moderate and a reason."""


class ActivityFeed(Namespace[M]):
    """What happened, in words."""

    @lists("/activity")
    def list(self, *, subject: str | None = None) -> Each[Activity]:
        """Tell what happened to a thing, or to everything one may see: who, what, why, and what changed; newest first."""


class Tasks(Namespace[M]):
    """What people are to do about things."""

    @post("/tasks")
    def add(
        self, *, title: str, subject: str, assignee: str | None = None, due_on: date | str | None = None, note: str = ""
    ) -> Task:
        """Give somebody who may read a thing a task on it."""

    @lists("/tasks")
    def list(
        self,
        *,
        subject: str | None = None,
        assignee: str | None = None,
        state: Literal["open", "done", "cancelled", "any"] = "open",
        overdue: bool = False,
    ) -> Each[Task]:
        """List tasks, newest first: your own, those on a thing, or those of ``assignee``; by default the open ones."""

    @get("/tasks/{task_id}")
    def show(self, task_id: str) -> Task:
        """Show a task."""

    @patch("/tasks/{task_id}")
    def change(
        self,
        task_id: str,
        *,
        title: str | None = None,
        assignee: str | None = None,
        due_on: date | str | None = None,
        note: str | None = None,
    ) -> Task:
        """Change an open task."""

    @post("/tasks/{task_id}/state")
    def end(self, task_id: str, *, state: Literal["open", "done", "cancelled"], note: str = "") -> Task:
        """Mark a task as done or cancelled, or take it up again."""


class Watches(Namespace[M]):
    """What people want to hear about."""

    @lists("/watches")
    def list(self) -> Each[Watch]:
        """List what you watch, by name."""

    @put("/watches")
    def change(self, *, subject: str, is_watching: bool) -> Watched:
        """Watch a thing, or watch it no more."""


class Views(Namespace[M]):
    """Saved views of pages."""

    @lists("/views", is_paged=False)
    def list(self, *, page: str | None = None) -> Each[SavedView]:
        """List your views and those shared with you, pinned ones first; of one page or of all."""

    @post("/views")
    def save(
        self,
        *,
        name: str,
        page: str,
        query: str = "",
        sharing: Literal["nobody", "department", "everybody"] = "nobody",
        department: str | None = None,
    ) -> SavedView:
        """Save a view."""

    @get("/views/{view_id}")
    def show(self, view_id: str) -> SavedView:
        """Show a view that is yours or shared with you."""

    @patch("/views/{view_id}")
    def change(
        self,
        view_id: str,
        *,
        name: str | None = None,
        query: str | None = None,
        sharing: Literal["nobody", "department", "everybody"] | None = None,
        department: str | None = None,
    ) -> SavedView:
        """Change a view of yours."""

    @delete("/views/{view_id}")
    def remove(self, view_id: str) -> Removed:
        """Remove a view of yours."""

    @put("/views/{view_id}/use")
    def use(
        self, view_id: str, *, pinned: bool | None = None, position: int | None = None, default: bool | None = None
    ) -> SavedView:
        """Pin a view or let its page open with it, for you alone."""


class Inbox(Namespace[M]):
    """What one is told."""

    @lists("/inbox")
    def list(
        self,
        *,
        unread: bool = False,
        archived: bool = False,
        topic: Literal["mention", "comment", "approval", "answer", "job", "task", "change"] | None = None,
    ) -> Each[Notification]:
        """List what you were told, newest first."""

    @get("/inbox/unread")
    def unread(self) -> Unread:
        """Count what you have not read."""

    @post("/inbox/read")
    def read_all(
        self, *, topic: Literal["mention", "comment", "approval", "answer", "job", "task", "change"] | None = None
    ) -> Unread:
        """Mark everything as read, or one topic; answers what is left unread."""

    @patch("/inbox/{notification_id}")
    def mark(self, notification_id: str, *, read: bool | None = None, archived: bool | None = None) -> Notification:
        """Mark a notification as read or unread, put it away or take it out again."""


class OwnPreferences(Namespace[M]):
    """How one likes to be told."""

    @get("/preferences")
    def show(self) -> Preferences:
        """Show how you like to be told."""

    @patch("/preferences")
    def change(
        self,
        *,
        language: str | None = None,
        time_zone: str | None = None,
        quiet_from: str | None = None,
        quiet_until: str | None = None,
        digest_at: str | None = None,
        channels: Mapping[str, object] | None = None,
    ) -> Preferences:
        """Change how you like to be told."""


class Webhooks(Namespace[M]):
    """Addresses that notifications are posted to."""

    @lists("/webhooks", is_paged=False)
    def list(self, *, organisation: bool = False) -> Each[Webhook]:
        """List your webhooks, or those of the organisation."""

    @post("/webhooks")
    def add(self, *, url: str, organisation: bool = False) -> NewWebhook:
        """Add a webhook; the secret that signs what is posted is in this answer and nowhere else."""

    @post("/webhooks/{webhook_id}/renew")
    def renew(self, webhook_id: str) -> NewWebhook:
        """Give a webhook a new secret, and let one that was switched off work again."""

    @delete("/webhooks/{webhook_id}")
    def remove(self, webhook_id: str) -> Webhook:
        """Remove a webhook."""
