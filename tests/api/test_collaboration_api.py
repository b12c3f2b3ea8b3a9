"""Working together over HTTP with the rules in force: who may read a thing may speak about it, and nobody else."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from httpx import Client

from headway import collaboration, ledger
from headway.entrypoints.http import PREFIX, create_app
from headway.identity import Role
from headway.kernel.web import Parts
from tests.factories.asgi import client_of
from tests.factories.collaboration import open_leads, ruled
from tests.factories.identity import join, local_owner


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    open_leads(parts.database)
    return create_app(ruled(parts))


def signed_in(app: FastAPI, parts: Parts, name: str, *roles: tuple[Role, str | None]) -> Client:
    return client_of(app, join(parts.database, name, *roles)[1], PREFIX)


@pytest.fixture
def ada(app: FastAPI, parts: Parts) -> Iterator[Client]:
    with signed_in(app, parts, "Ada", (Role.employee, "sales")) as made:
        yield made


@pytest.fixture
def hana(app: FastAPI, parts: Parts) -> Iterator[Client]:
    """Somebody of another department."""
    with signed_in(app, parts, "Hana", (Role.employee, "hr")) as made:
        yield made


@pytest.fixture
def office(app: FastAPI, parts: Parts) -> Iterator[Client]:
    with client_of(app, local_owner(parts.database)[1], PREFIX) as made:
        yield made


def say(client: Client, text: str = "Hello", **more: object) -> dict[str, object]:
    answer = client.post("/comments", json={"subject": "usecase:leads", "text": text, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_who_may_read_a_thing_may_speak_about_it(ada: Client) -> None:
    made = say(ada, "Why **no** owner?")
    answer = say(ada, "Olga", parent=made["id"])
    page = ada.get("/comments", params={"subject": "usecase:leads"}).json()
    assert [one["id"] for one in page["items"]] == [made["id"], answer["id"]]
    assert ada.get(f"/comments/{made['id']}").json()["text"] == "Why **no** owner?"
    assert ada.patch(f"/comments/{made['id']}", json={"text": "Why no owner?"}).json()["edits"] == 1
    versions = ada.get(f"/comments/{made['id']}/versions").json()["items"]
    assert [one["text"] for one in versions] == ["Why **no** owner?", "Why no owner?"]
    assert ada.post(f"/comments/{answer['id']}/resolve").json()["resolved_at"]
    assert ada.post(f"/comments/{made['id']}/reopen").json()["resolved_at"] is None
    assert ada.post(f"/comments/{made['id']}/delete", json={}).json()["text"] == ""


def test_who_may_not_read_a_thing_learns_and_changes_nothing(ada: Client, hana: Client) -> None:
    made = say(ada, "secret")
    task = ada.post("/tasks", json={"subject": "usecase:leads", "title": "secret"}).json()
    asked = [
        hana.post("/comments", json={"subject": "usecase:leads", "text": "x"}),
        hana.get("/comments", params={"subject": "usecase:leads"}),
        hana.get("/comments/export", params={"subject": "usecase:leads"}),
        hana.get(f"/comments/{made['id']}"),
        hana.get(f"/comments/{made['id']}/versions"),
        hana.patch(f"/comments/{made['id']}", json={"text": "x"}),
        hana.post(f"/comments/{made['id']}/resolve"),
        hana.post(f"/comments/{made['id']}/delete", json={"reason": "x"}),
        hana.get("/activity", params={"subject": "usecase:leads"}),
        hana.get("/tasks", params={"subject": "usecase:leads"}),
        hana.post("/tasks", json={"subject": "usecase:leads", "title": "x"}),
        hana.get(f"/tasks/{task['id']}"),
        hana.patch(f"/tasks/{task['id']}", json={"title": "x"}),
        hana.post(f"/tasks/{task['id']}/state", json={"state": "done"}),
        hana.put("/watches", json={"subject": "usecase:leads", "is_watching": True}),
    ]
    assert [(a.status_code, a.request.url.path) for a in asked if a.status_code != 403] == []
    assert not any("secret" in answer.text for answer in asked)
    assert "secret" not in hana.get("/activity").text
    assert hana.get("/tasks").json()["items"] == []


@pytest.mark.parametrize("subject", ["usecase:none", "moon:base", "nonsense", "token:tok_1", "segment:a/b/c"])
def test_what_nobody_knows_cannot_be_spoken_about(office: Client, subject: str) -> None:
    answer = office.post("/comments", json={"subject": subject, "text": "x"})
    assert (answer.status_code, answer.json()["code"]) == (404, "subject.unknown")


def test_only_the_ai_office_deletes_what_others_said(app: FastAPI, parts: Parts, ada: Client, office: Client) -> None:
    made = say(ada)
    with signed_in(app, parts, "Bo", (Role.department_head, "sales")) as bo:
        refused = bo.post(f"/comments/{made['id']}/delete", json={"reason": "I do not like it"})
        assert (refused.status_code, refused.json()["values"]["action"]) == (403, "comment:moderate")
        assert bo.patch(f"/comments/{made['id']}", json={"text": "x"}).status_code == 403
    assert office.post(f"/comments/{made['id']}/delete", json={}).status_code == 422
    gone = office.post(f"/comments/{made['id']}/delete", json={"reason": "house rules"})
    assert gone.json()["deleted_by"] == "person:local"


def test_comments_are_exported_as_lines_and_as_a_table_that_runs_nothing(ada: Client) -> None:
    say(ada, "=HYPERLINK(1)")
    say(ada, 'two\nlines, "quoted"')
    lines = ada.get("/comments/export", params={"subject": "usecase:leads"})
    assert [json.loads(line)["text"] for line in lines.text.splitlines()] == ["=HYPERLINK(1)", 'two\nlines, "quoted"']
    table = ada.get("/comments/export", params={"subject": "usecase:leads", "format": "csv"})
    assert table.headers["content-disposition"] == "attachment; filename=comments.csv"
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["text"] for row in rows] == ["'=HYPERLINK(1)", 'two\nlines, "quoted"']


def test_activity_is_told_with_message_values_and_difference(ada: Client, office: Client) -> None:
    office.patch("/usecases/leads", json={"owner": "Olga"})
    [changed, opened] = ada.get("/activity", params={"subject": "usecase:leads"}).json()["items"]
    assert changed["changes"] == [{"field": "owner", "before": None, "after": "Olga", "is_before_known": True}]
    assert changed["message"] == "%(actor)s changed the use case %(subject)s"
    assert changed["values"]["subject"] == "Lead scoring"
    assert opened["type"] == "usecase.opened"
    feed = ada.get("/activity", params={"limit": 1}).json()
    assert [one["id"] for one in feed["items"]] == [changed["id"]] and feed["next"]


def test_a_refusal_is_in_the_activity_of_auditors_only(app: FastAPI, parts: Parts, ada: Client) -> None:
    assert ada.patch("/usecases/leads", json={"title": "x"}).status_code == 403
    with signed_in(app, parts, "Aud", (Role.auditor, None)) as auditor:
        told = auditor.get("/activity", params={"subject": "usecase:leads"}).json()["items"]
    assert told[0]["type"] == "access.denied"
    assert "access.denied" not in ada.get("/activity", params={"subject": "usecase:leads"}).text


def test_a_task_is_changed_by_those_it_concerns_and_who_leads_there(app: FastAPI, parts: Parts, ada: Client) -> None:
    with signed_in(app, parts, "Bo", (Role.employee, "sales")) as bo:
        body = {
            "subject": "usecase:leads",
            "title": "Name an owner",
            "assignee": "bo@example.org",
            "due_on": "2020-01-01",
        }
        task = ada.post("/tasks", json=body).json()
        assert task["is_overdue"]
        [mine] = bo.get("/tasks", params={"overdue": True}).json()["items"]
        assert mine["id"] == task["id"]
        assert ada.get("/tasks").json()["items"] == []
        assert ada.patch(f"/tasks/{task['id']}", json={"due_on": None}).json()["due_on"] is None
        with signed_in(app, parts, "Cy", (Role.employee, "sales")) as cy:
            assert cy.get(f"/tasks/{task['id']}").status_code == 200
            assert cy.patch(f"/tasks/{task['id']}", json={"title": "x"}).status_code == 403
        with signed_in(app, parts, "Di", (Role.department_head, "sales")) as head:
            assert head.patch(f"/tasks/{task['id']}", json={"note": "soon"}).status_code == 200
        assert bo.post(f"/tasks/{task['id']}/state", json={"state": "done"}).json()["state"] == "done"
        assert bo.post(f"/tasks/{task['id']}/state", json={"state": "done"}).status_code == 409
        assert len(ada.get("/tasks", params={"subject": "usecase:leads", "state": "any"}).json()["items"]) == 1


def test_a_task_for_somebody_who_may_not_read_the_thing_is_refused(ada: Client, hana: Client) -> None:
    body = {"subject": "usecase:leads", "title": "Look", "assignee": "hana@example.org"}
    answer = ada.post("/tasks", json=body)
    assert (answer.status_code, answer.json()["faults"][0]["column"]) == (422, "assignee")


def test_views_are_saved_pinned_and_shared(ada: Client, hana: Client) -> None:
    body = {"name": "Late ones", "page": "/usecases", "query": "stage=late", "sharing": "everybody"}
    view = ada.post("/views", json=body).json()
    assert hana.get("/views").json()["items"][0]["owner_name"] == "Ada"
    assert hana.put(f"/views/{view['id']}/use", json={"pinned": True, "default": True}).json()["position"] == 1
    assert hana.patch(f"/views/{view['id']}", json={"name": "x"}).status_code == 403
    assert ada.patch(f"/views/{view['id']}", json={"sharing": "nobody"}).status_code == 200
    assert hana.get(f"/views/{view['id']}").status_code == 404
    assert ada.delete(f"/views/{view['id']}").json() == {"id": view["id"]}
    assert ada.post("/views", json={**body, "page": "//evil.example"}).status_code == 422


def test_what_is_watched_is_listed(ada: Client) -> None:
    assert ada.put("/watches", json={"subject": "usecase:leads", "is_watching": True}).json()["is_watching"]
    assert [one["subject"] for one in ada.get("/watches").json()["items"]] == ["usecase:leads"]
    assert not ada.put("/watches", json={"subject": "usecase:leads", "is_watching": False}).json()["is_watching"]
    assert ada.get("/watches").json()["items"] == []


# ------------------------------------------------------------------------------------------------ inbox
def test_the_inbox_is_ones_own(app: FastAPI, parts: Parts, ada: Client, hana: Client) -> None:
    say(ada, "@hana@example.org cannot read this")
    with signed_in(app, parts, "Bo", (Role.employee, "sales")) as bo:
        say(ada, "@bo@example.org can")
        tell_all(app)
        mentions = list(bo.get("/inbox", params={"topic": "mention"}).json()["items"])
        assert [one["excerpt"] for one in mentions] == ["@bo@example.org can"]
        before = bo.get("/inbox/unread").json()["unread"]
        assert bo.patch(f"/inbox/{mentions[0]['id']}", json={"read": True}).json()["read_at"]
        assert bo.get("/inbox/unread").json()["unread"] == before - 1
        assert bo.post("/inbox/read", json={}).json() == {"unread": 0}
        assert ada.patch(f"/inbox/{mentions[0]['id']}", json={"read": False}).status_code == 404
    assert hana.get("/inbox", params={"topic": "mention"}).json()["items"] == []


def tell_all(app: FastAPI) -> None:
    """Put events into the tree and tell people, as the worker does."""
    here = app.state.parts
    ledger.sequence(here.database, here.storage, here.signer, trusted={here.signer.key_id: here.signer.public})
    with here.database.session() as session:
        collaboration.tell(session, here.subjects, has_mail=False)


def test_preferences_are_shown_and_changed(ada: Client) -> None:
    shown = ada.get("/preferences").json()
    assert shown["channels"]["mention"] == {"inbox": True, "email": "now", "webhook": "now"}
    quiet = {"quiet_from": "20:00", "quiet_until": "07:00", "time_zone": "Europe/Berlin", "language": "de"}
    never = {"inbox": True, "email": "never", "webhook": "never"}
    changed = ada.patch("/preferences", json={**quiet, "channels": {"mention": never}}).json()
    assert (changed["quiet_from"], changed["language"], changed["channels"]["mention"]) == ("20:00", "de", never)
    assert changed["channels"]["task"] == shown["channels"]["task"]
    assert ada.patch("/preferences", json={"quiet_from": None, "quiet_until": None}).json()["quiet_from"] is None
    for wrong in (
        {"time_zone": "Mars"},
        {"channels": {"moon": never}},
        {"digest_at": "25:00"},
        {"quiet_from": "10:00"},
    ):
        assert ada.patch("/preferences", json=wrong).status_code == 422


def test_webhooks_are_ones_own_and_those_of_the_organisation_the_ai_offices(
    ada: Client, hana: Client, office: Client
) -> None:
    made = ada.post("/webhooks", json={"url": "https://hooks.example.org/x"}).json()
    assert made["secret"].startswith("whsec_")
    assert [one["id"] for one in ada.get("/webhooks").json()["items"]] == [made["webhook"]["id"]]
    assert "secret" not in ada.get("/webhooks").text
    for asked in (
        hana.post(f"/webhooks/{made['webhook']['id']}/renew"),
        hana.delete(f"/webhooks/{made['webhook']['id']}"),
    ):
        assert asked.status_code == 403
    assert ada.post(f"/webhooks/{made['webhook']['id']}/renew").json()["secret"] != made["secret"]
    assert ada.delete(f"/webhooks/{made['webhook']['id']}").status_code == 200
    everything = {"url": "https://hooks.example.org/all", "organisation": True}
    assert ada.post("/webhooks", json=everything).status_code == 403
    assert ada.get("/webhooks", params={"organisation": True}).status_code == 403
    assert office.post("/webhooks", json=everything).json()["webhook"]["owner"] == "department:org"
    assert len(office.get("/webhooks", params={"organisation": True}).json()["items"]) == 1
    refused = ada.post("/webhooks", json={"url": "http://169.254.169.254/latest"})
    assert (refused.status_code, refused.json()["code"]) == (422, "collaboration.address_refused")
