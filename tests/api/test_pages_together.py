"""Comments, activity, tasks and saved views on pages: with scripts and without, for those who may."""

from __future__ import annotations

import re

from headway import governance
from headway.identity import Role
from headway.kernel.web import Parts
from tests.factories.pages import Browser, signed_in, text_of

SUBJECT = "usecase:churn"
PANEL = f"/together?subject={SUBJECT}"


def people(parts: Parts) -> tuple[Browser, Browser, Browser]:
    """The AI office, a scientist of sales, and somebody of another department; and a use case of sales."""
    ada = signed_in(parts, "Ada", (Role.ai_office, None))
    dora = signed_in(parts, "Dora", (Role.data_scientist, "sales"))
    hugo = signed_in(parts, "Hugo", (Role.employee, "hr"))
    assert ada.actor is not None
    with parts.database.session() as session:
        governance.open_usecase(session, ada.actor, slug="churn", title="Churn", department="sales")
    return ada, dora, hugo


def test_a_comment_is_said_answered_settled_and_found_by_its_permalink(parts: Parts) -> None:
    ada, dora, _ = people(parts)
    dora.get(PANEL)
    page = dora.send("/together/comments", text="Is *this* <script>alert(1)</script> right, @ada@example.org?")
    assert "<em>this</em>" in page.text and "<script>alert" not in page.text
    found = re.search(r'id="c-(cmt_\w+)"', page.text)
    assert found is not None
    assert str(dora.get(f"/comments/{found[1]}").url).endswith(f"#c-{found[1]}")
    ada.get(PANEL)
    page = ada.send("/together/comments", text="It is.", parent=found[1])
    assert 'class="answer"' in page.text
    page = ada.send(f"/together/comments/{found[1]}/resolve")
    assert "settled" in text_of(page.text)


def test_an_empty_comment_is_told_at_the_form(parts: Parts) -> None:
    _, dora, _ = people(parts)
    dora.get(PANEL)
    page = dora.send("/together/comments", text="  ")
    assert page.status_code == 422 and 'role="alert"' in page.text


def test_only_own_words_are_reworded_and_others_are_deleted_with_a_reason(parts: Parts) -> None:
    ada, dora, _ = people(parts)
    dora.get(PANEL)
    page = dora.send("/together/comments", text="First words")
    comment = re.findall(r'id="c-(cmt_\w+)"', page.text)[0]
    page = dora.send(f"/together/comments/{comment}/edit", text="Better words")
    assert "Better words" in page.text and "reworded" in text_of(page.text)
    ada.get(PANEL)
    assert f"/together/comments/{comment}/edit" not in ada.shown.text  # type: ignore[union-attr]
    page = ada.send(f"/together/comments/{comment}/delete", reason="a name that must not stand here")
    assert "This comment was deleted" in text_of(page.text) and "Better words" not in page.text


def test_who_may_not_read_the_thing_sees_and_says_nothing(parts: Parts) -> None:
    _, _, hugo = people(parts)
    assert hugo.get(PANEL).status_code == 403
    token = re.search(r'name="csrf" content="([^"]+)"', hugo.get("/").text)
    assert token is not None
    for path in ("comments", "tasks", "watch"):
        form = {"csrf": token[1], "subject": SUBJECT, "text": "x", "title": "x", "watch": "true"}
        assert hugo.http.post(f"/together/{path}", data=form).status_code == 403


def test_activity_tells_who_did_what_and_what_changed(parts: Parts) -> None:
    ada, dora, _ = people(parts)
    assert ada.actor is not None
    with parts.database.session() as session:
        governance.update_usecase(session, ada.actor, "churn", changes={"purpose": "call in time"})
    told = dora.text(f"{PANEL}&tab=activity")
    assert "Ada" in told and "purpose" in told and "call in time" in told


def test_a_task_is_given_seen_late_done_and_taken_up_again(parts: Parts) -> None:
    ada, dora, _ = people(parts)
    ada.get(f"{PANEL}&tab=tasks")
    page = ada.send("/together/tasks", title="Name the owner", assignee="nobody@example.org", due_on="2020-01-01")
    assert page.status_code == 422 and 'value="Name the owner"' in page.text
    ada.get(f"{PANEL}&tab=tasks")
    ada.send("/together/tasks", title="Name the owner", assignee="dora@example.org", due_on="2020-01-01")
    page = dora.get("/tasks")
    assert "Name the owner" in page.text and "late" in text_of(page.text)
    task = re.findall(r'href="/tasks/(tsk_\w+|task_\w+|\w+)"', page.text)[0]
    page = dora.send(f"/tasks/{task}/state", state="done")
    assert "Done: Name the owner" in text_of(page.text)
    assert "Name the owner" in dora.text("/tasks?state=ended")
    dora.get(f"/tasks/{task}")
    dora.send(f"/tasks/{task}/state", state="open")
    assert "Name the owner" in dora.text("/tasks")


def test_a_view_is_saved_pinned_into_the_navigation_and_removed(parts: Parts) -> None:
    ada, _, _ = people(parts)
    ada.get("/views/new?address=/usecases?department=sales")
    page = ada.send("/views", name="")
    assert page.status_code == 422
    ada.get("/views/new?address=/usecases%3Fdepartment%3Dsales")
    ada.send("/views", name="Sales only", pinned="true")
    page = ada.get("/views")
    assert "Sales only" in page.text and 'href="/usecases?department=sales"' in page.text
    assert "Sales only" in text_of(ada.get("/").text)
    view = re.findall(r"/views/(\w+)/unpin", ada.get("/views").text)[0]
    ada.send(f"/views/{view}/remove")
    assert "Sales only" not in ada.get("/views").text


def test_a_view_leads_nowhere_but_here(parts: Parts) -> None:
    ada, _, _ = people(parts)
    page = ada.get("/views/new?address=https://evil.example/")
    assert "evil.example" not in page.text
