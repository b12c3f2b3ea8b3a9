"""``headway comment | activity | task | view`` against the real routes, without a socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from headway.collaboration import cli
from headway.entrypoints.http import create_app
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.web import Parts
from headway_client import Client, Denied
from tests.factories.asgi import AppTransport
from tests.factories.collaboration import open_leads, ruled
from tests.factories.identity import join

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def connected(parts: Parts) -> Iterator[None]:
    open_leads(parts.database)
    app = create_app(ruled(parts))
    secret = join(parts.database, "Ada", (Role.employee, "sales"))[1]

    @contextmanager
    def connect() -> Iterator[Client]:
        with Client("http://app", secret, transport=AppTransport(app)) as client:
            yield client

    terminal.set_connector(connect)
    yield


def run(app: typer.Typer, *words: str) -> str:
    done = RUNNER.invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.stdout


def got(app: typer.Typer, *words: str) -> dict[str, Any]:
    return dict(json.loads(run(app, *words, "--output", "json")))


def test_comments_at_the_terminal() -> None:
    made = got(cli.comment_app, "add", "usecase:leads", "Why no owner?")
    answer = got(cli.comment_app, "add", "usecase:leads", "Olga", "--answer-to", made["id"])
    got(cli.comment_app, "edit", made["id"], "Who owns it?")
    listed = run(cli.comment_app, "list", "usecase:leads")
    assert "Who owns it?" in listed and answer["id"] in listed and "edited" in listed
    assert "Why no owner?" in run(cli.comment_app, "history", made["id"])
    got(cli.comment_app, "resolve", made["id"])
    assert "nothing" not in run(cli.comment_app, "list", "usecase:leads", "--resolved")
    assert got(cli.comment_app, "list", "usecase:leads", "--open")["items"] == []
    got(cli.comment_app, "reopen", made["id"])
    assert "deleted" in run(cli.comment_app, "delete", answer["id"])
    assert got(cli.comment_app, "show", answer["id"])["text"] == ""
    assert len(run(cli.comment_app, "export", "usecase:leads").splitlines()) == 2
    assert run(cli.comment_app, "export", "usecase:leads", "--format", "csv").startswith("id,subject")


def test_activity_at_the_terminal() -> None:
    app = typer.Typer()
    app.command()(cli.activity)
    got(cli.comment_app, "add", "usecase:leads", "Hello")
    assert "Ada commented on Lead scoring" in run(app, "usecase:leads")
    assert got(app, "--limit", "1")["items"][0]["type"] == "comment.added"


def test_tasks_at_the_terminal() -> None:
    made = got(cli.task_app, "add", "usecase:leads", "Name an owner", "--due", "2020-01-31")
    assert "Name an owner" in run(cli.task_app, "list", "--overdue")
    assert got(cli.task_app, "change", made["id"], "--no-due", "--note", "soon")["due_on"] is None
    assert got(cli.task_app, "change", made["id"], "--title", "Name the owner")["note"] == "soon"
    assert got(cli.task_app, "done", made["id"])["state"] == "done"
    assert got(cli.task_app, "reopen", made["id"])["state"] == "open"
    assert got(cli.task_app, "cancel", made["id"], "--note", "no need")["state"] == "cancelled"
    assert got(cli.task_app, "show", made["id"])["title"] == "Name the owner"
    assert len(got(cli.task_app, "list", "--subject", "usecase:leads", "--state", "any")["items"]) == 1


def test_views_at_the_terminal() -> None:
    made = got(cli.view_app, "save", "Late", "/usecases", "--query", "stage=late", "--share", "everybody")
    assert "Late" in run(cli.view_app, "list", "--page", "/usecases")
    changed = got(cli.view_app, "change", made["id"], "--share", "department", "--department", "sales")
    assert (changed["sharing"], changed["department"]) == ("department", "sales")
    assert got(cli.view_app, "pin", made["id"], "--position", "1")["position"] == 1
    assert got(cli.view_app, "default", made["id"])["is_default"]
    assert not got(cli.view_app, "default", made["id"], "--off")["is_default"]
    assert not got(cli.view_app, "unpin", made["id"])["is_pinned"]
    assert got(cli.view_app, "remove", made["id"]) == {"id": made["id"]}


def test_a_refusal_reaches_the_terminal_as_an_error() -> None:
    done = RUNNER.invoke(cli.comment_app, ["add", "department:hr", "Hello"])
    assert isinstance(done.exception, Exception)
    assert type(done.exception).__name__ in ("NotFound", Denied.__name__)


def test_the_inbox_at_the_terminal() -> None:
    assert got(cli.inbox_app, "list", "--unread")["items"] == []
    assert got(cli.inbox_app, "unread") == {"unread": 0}
    assert got(cli.inbox_app, "read", "--topic", "mention") == {"unread": 0}
    assert got(cli.inbox_app, "watch", "usecase:leads")["is_watching"]
    assert "usecase:leads" in run(cli.inbox_app, "watching")
    assert not got(cli.inbox_app, "watch", "usecase:leads", "--stop")["is_watching"]
    assert "mention: inbox, mail now, webhook now" in run(cli.inbox_app, "preferences")
    words = ("--quiet-from", "20:00", "--quiet-until", "07:00", "--topic", "job", "--email", "digest")
    changed = got(cli.inbox_app, "preferences", *words)
    assert (changed["quiet_from"], changed["channels"]["job"]["email"]) == ("20:00", "digest")
    assert got(cli.inbox_app, "preferences", "--no-quiet")["quiet_from"] is None


def test_webhooks_at_the_terminal() -> None:
    made = got(cli.inbox_app, "webhook-add", "https://hooks.example.org/x")
    assert "https://hooks.example.org/x" in run(cli.inbox_app, "webhooks")
    assert "whsec_" in run(cli.inbox_app, "webhook-renew", made["webhook"]["id"])
    got(cli.inbox_app, "webhook-remove", made["webhook"]["id"])
    assert got(cli.inbox_app, "webhooks")["items"] == []
