"""Comments, activity, tasks and views on a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from headway import collaboration, governance, identity, ledger
from headway.collaboration import TaskState
from headway.identity import Role
from headway.kernel.auth import Actor
from headway.kernel.clock import FixedClock
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.collaboration import LEADS, colleague, open_leads, ruled
from tests.factories.identity import join, local_owner


@pytest.fixture
def here(parts: Parts) -> Parts:
    """The parts with rules and subjects, and the use case that people speak about."""
    open_leads(parts.database)
    return ruled(parts)


@pytest.fixture
def ada(here: Parts) -> Actor:
    return colleague(here.database, "Ada")


@pytest.fixture
def bo(here: Parts) -> Actor:
    return colleague(here.database, "Bo")


# ------------------------------------------------------------------------------------------------ comments
def test_a_thread_is_one_level_deep_and_in_order(here: Parts, ada: Actor, bo: Actor) -> None:
    with here.database.session() as session:
        first = collaboration.add_comment(session, ada, subject=LEADS, text="Why *no* owner?")
        second = collaboration.add_comment(session, bo, subject=LEADS, text="Another matter")
        answer = collaboration.add_comment(session, bo, subject=LEADS, text="Olga, I think", parent=first.id)
        deeper = collaboration.add_comment(session, ada, subject=LEADS, text="Good", parent=answer.id)
        page = collaboration.list_comments(session, LEADS)
    assert [(c.id, c.parent) for c in page.items] == [
        (first.id, None),
        (answer.id, first.id),
        (deeper.id, first.id),
        (second.id, None),
    ]
    assert (first.text, first.author_name, page.next) == ("Why *no* owner?", "Ada", None)


def test_threads_come_in_pages_with_all_their_answers(here: Parts, ada: Actor) -> None:
    with here.database.session() as session:
        threads = [collaboration.add_comment(session, ada, subject=LEADS, text=f"{n}").id for n in range(5)]
        collaboration.add_comment(session, ada, subject=LEADS, text="late answer", parent=threads[0])
        seen, cursor = [], None
        while True:
            page = collaboration.list_comments(session, LEADS, limit=2, cursor=cursor)
            seen.append([c.text for c in page.items])
            if (cursor := page.next) is None:
                break
    assert seen == [["0", "late answer", "1"], ["2", "3"], ["4"]]


def test_an_answer_stays_with_the_thing_it_is_about(here: Parts, ada: Actor) -> None:
    with here.database.session() as session:
        first = collaboration.add_comment(session, ada, subject=LEADS, text="Here")
        with pytest.raises(collaboration.CommentNotFound, match="is a comment on usecase:leads"):
            collaboration.add_comment(session, ada, subject=Ref("department", "sales"), text="There", parent=first.id)


def test_only_the_author_rewords_and_every_wording_is_kept(here: Parts, ada: Actor, bo: Actor) -> None:
    with here.database.session() as session:
        made = collaboration.add_comment(session, ada, subject=LEADS, text="frist")
        with pytest.raises(collaboration.NotYourComment):
            collaboration.edit_comment(session, bo, made.id, "mine now")
        collaboration.edit_comment(session, ada, made.id, "first")
        same = collaboration.edit_comment(session, ada, made.id, "first")
        versions = collaboration.list_versions(session, made.id)
    assert [(v.number, v.text) for v in versions] == [(1, "frist"), (2, "first")]
    assert (same.text, same.edits) == ("first", 1)


def test_people_are_mentioned_by_address_and_by_link_and_strangers_are_not(here: Parts, ada: Actor, bo: Actor) -> None:
    text = f"@bo@example.org @[Ada]({ada.ref}) @nobody@example.org @[X](person:per_none)"
    with here.database.session() as session:
        made = collaboration.add_comment(session, ada, subject=LEADS, text=text)
    assert [(m.person, m.name) for m in made.mentions] == [(bo.ref, "Bo"), (ada.ref, "Ada")]


def test_a_thread_is_settled_and_taken_up_again_as_a_whole(here: Parts, ada: Actor, bo: Actor) -> None:
    with here.database.session() as session:
        first = collaboration.add_comment(session, ada, subject=LEADS, text="A question")
        answer = collaboration.add_comment(session, bo, subject=LEADS, text="The answer", parent=first.id)
        settled = collaboration.resolve_comment(session, bo, answer.id)
        assert (settled.id, settled.resolved_by) == (first.id, bo.ref)
        assert collaboration.list_comments(session, LEADS, resolved=False).items == ()
        assert len(collaboration.list_comments(session, LEADS, resolved=True).items) == 2
        collaboration.resolve_comment(session, ada, first.id)
        assert collaboration.reopen_comment(session, ada, first.id).resolved_at is None
        types = [event.type for event in ledger.find(session, subject=LEADS, actor=bo.ref).items]
    assert types == ["comment.resolved", "comment.added"], "settling twice is no second event"


def test_own_words_are_taken_out_of_sight_and_stay_for_auditors(here: Parts, ada: Actor, bo: Actor) -> None:
    with here.database.session() as session:
        made = collaboration.add_comment(session, ada, subject=LEADS, text="a secret @bo@example.org")
        collaboration.add_comment(session, bo, subject=LEADS, text="an answer", parent=made.id)
        gone = collaboration.delete_comment(session, ada, made.id)
        assert (gone.text, gone.mentions, gone.deleted_by) == ("", (), ada.ref)
        assert [v.text for v in collaboration.list_versions(session, made.id)] == [""]
        assert [c.text for c in collaboration.list_comments(session, LEADS).items] == ["", "an answer"]
        told = collaboration.list_activity(session, here.subjects, LEADS).items
        assert "secret" not in str(told)
        event = ledger.find(session, subject=LEADS, type="comment.added", actor=ada.ref).items[0]
        assert event.is_personal and "secret" in str(event.payload)
        for change in (collaboration.delete_comment, collaboration.resolve_comment):
            with pytest.raises(collaboration.CommentDeleted):
                change(session, ada, made.id)
        with pytest.raises(collaboration.CommentDeleted):
            collaboration.edit_comment(session, ada, made.id, "back")


def test_words_that_are_moderated_leave_the_ledger_too_and_its_proofs_hold(here: Parts, ada: Actor) -> None:
    office = local_owner(here.database)[0]
    with here.database.session() as session:
        made = collaboration.add_comment(session, ada, subject=LEADS, text="an insult")
        collaboration.edit_comment(session, ada, made.id, "a worse insult")
        with pytest.raises(collaboration.WordsRefused, match="say why"):
            collaboration.delete_comment(session, office, made.id)
        collaboration.delete_comment(session, office, made.id, reason="house rules")
    trusted = {here.signer.key_id: here.signer.public}
    ledger.sequence(here.database, here.storage, here.signer, trusted=trusted)
    with here.database.session() as session:
        events = ledger.find(session, subject=LEADS, type=("comment.added", "comment.edited")).items
        assert [event.is_erased for event in events] == [True, True]
        report = ledger.verify(session, here.storage, trusted=trusted)
        told = collaboration.list_activity(session, here.subjects, LEADS).items
    assert (report.ok, report.erased) == (True, 2)
    assert [one.why for one in told if one.type == "comment.deleted"] == ["house rules"]
    assert "insult" not in str(told)


@pytest.mark.parametrize("text", ["", "  \n", "a\0b", "x" * 20_001])
def test_a_text_that_cannot_be_kept_is_refused(here: Parts, ada: Actor, text: str) -> None:
    with here.database.session() as session:
        with pytest.raises(collaboration.WordsRefused) as refused:
            collaboration.add_comment(session, ada, subject=LEADS, text=text)
        assert refused.value.faults[0].column == "text"
        assert ledger.find(session, type="comment.added").items == ()


def test_comments_are_counted_for_lists(here: Parts, ada: Actor) -> None:
    with here.database.session() as session:
        collaboration.add_comment(session, ada, subject=LEADS, text="one")
        two = collaboration.add_comment(session, ada, subject=LEADS, text="two")
        collaboration.delete_comment(session, ada, two.id)
        counted = collaboration.count_comments(session, ["usecase:leads", "usecase:other"])
    assert dict(counted) == {"usecase:leads": 1}


# ------------------------------------------------------------------------------------------------ activity
def test_activity_tells_who_what_and_the_difference(here: Parts, ada: Actor) -> None:
    with here.database.session() as session:
        governance.update_usecase(session, ada, "leads", changes={"owner": "Olga"}, risk={"profiling": False})
        governance.update_usecase(session, ada, "leads", changes={"owner": "Otto"}, risk={"profiling": True})
        latest, before, first = collaboration.list_activity(session, here.subjects, LEADS).items
    assert latest.sentence == "Ada changed the use case Lead scoring"
    changed = {c.field: (c.before, c.after, c.is_before_known) for c in latest.changes}
    assert changed == {"owner": ("Olga", "Otto", True), "risk.profiling": (False, True, True)}
    assert {c.field: c.before for c in before.changes} == {"owner": None, "risk.profiling": True}
    assert first.type == "usecase.opened"


def test_activity_names_people_and_gives_the_reason(here: Parts, ada: Actor) -> None:
    office = local_owner(here.database)[0]
    with here.database.session() as session:
        collaboration.create_task(session, office, title="Name an owner", subject=LEADS, assignee=ada.ref)
        governance.decide_tier(
            session, office, "leads", tier=governance.Tier.minimal, reasons="it only sorts a call list for agents"
        )
        tier, task, _ = collaboration.list_activity(session, here.subjects, LEADS).items
    assert (tier.why, tier.changes[0].before) == ("it only sorts a call list for agents", "undecided")
    assert task.sentence == "Local owner gave Ada a task: Name an owner"


def test_activity_comes_in_pages_without_gaps(here: Parts, ada: Actor) -> None:
    with here.database.session() as session:
        for n in range(7):
            collaboration.add_comment(session, ada, subject=LEADS, text=f"{n}")
        seen, cursor = [], None
        while True:
            page = collaboration.list_activity(session, here.subjects, LEADS, limit=3, cursor=cursor)
            seen += [one.id for one in page.items]
            if (cursor := page.next) is None:
                break
    assert len(seen) == len(set(seen)) == 8
    assert seen == sorted(seen, reverse=True)


def test_refusals_are_told_to_those_who_may_read_the_ledger_only(here: Parts, ada: Actor) -> None:
    from headway.kernel.auth import Resource
    from headway.kernel.errors import Denied

    with here.database.session() as session:
        ledger.record_refusal(
            session, actor=ada, error=Denied("no"), action="tier:decide", resource=Resource(kind="usecase", id="leads")
        )
        open_to_all = collaboration.list_activity(session, here.subjects, LEADS).items
        for_audit = collaboration.list_activity(session, here.subjects, LEADS, with_audit=True).items
    assert "access.denied" not in {one.type for one in open_to_all}
    assert for_audit[0].sentence == "Ada was refused: tier:decide on usecase:leads"


def test_the_feed_holds_what_one_may_read_and_goes_on_over_what_one_may_not(here: Parts, ada: Actor) -> None:
    office = local_owner(here.database)[0]
    with here.database.session() as session:
        identity.ensure_department(session, office, "hr")
        governance.open_usecase(session, office, slug="hiring", title="Hiring", department="hr")
        for n in range(5):
            collaboration.add_comment(session, office, subject=Ref("usecase", "hiring"), text=f"{n}")
        collaboration.add_comment(session, ada, subject=LEADS, text="Mine to see")

        def may_read(ref: str) -> bool:
            return here.subjects.may_read(session, ada.ref, ref)

        first = collaboration.list_feed(session, here.subjects, may_read=may_read, limit=2)
        rest = collaboration.list_feed(session, here.subjects, may_read=may_read, limit=50, cursor=first.next)
    told = [*first.items, *rest.items]
    assert {one.subject for one in told} <= {"usecase:leads", "department:sales"}
    assert next(one.type for one in first.items) == "comment.added"
    assert len({one.id for one in told}) == len(told) >= 3


# ------------------------------------------------------------------------------------------------ tasks
def test_a_task_goes_from_open_to_done_and_back(here: Parts, ada: Actor, bo: Actor, fixed_clock: FixedClock) -> None:
    today = fixed_clock.at.date()
    with here.database.session() as session:
        made = collaboration.create_task(
            session, ada, title=" Name  an owner ", subject=LEADS, assignee="bo@example.org", due_on=today
        )
        assert (made.title, made.assignee, made.assignee_name, made.is_overdue) == (
            "Name an owner",
            bo.ref,
            "Bo",
            False,
        )
        fixed_clock.advance(timedelta(days=1))
        [late] = collaboration.list_tasks(session, assignee=bo.ref, overdue=True).items
        assert late.is_overdue
        done = collaboration.end_task(session, bo, made.id, state=TaskState.done, note="Olga does it")
        assert (done.state, done.ended_by, done.is_overdue) == (TaskState.done, bo.ref, False)
        with pytest.raises(collaboration.TaskEnded):
            collaboration.change_task(session, ada, made.id, title="Other")
        assert collaboration.list_tasks(session, subject=LEADS).items == ()
        assert len(collaboration.list_tasks(session, subject=LEADS, state=None).items) == 1
        assert collaboration.reopen_task(session, ada, made.id).state is TaskState.open
        told = collaboration.list_activity(session, here.subjects, LEADS).items
    assert [one.type for one in told][:3] == ["task.reopened", "task.done", "task.created"]
    assert told[1].why == "Olga does it"


def test_a_changed_task_tells_what_changed(here: Parts, ada: Actor, bo: Actor, fixed_clock: FixedClock) -> None:
    day = fixed_clock.at.date()
    with here.database.session() as session:
        other = collaboration.create_task(session, ada, title="Other", subject=LEADS)
        made = collaboration.create_task(session, ada, title="Name an owner", subject=LEADS, due_on=day)
        collaboration.change_task(session, ada, other.id, due_on=day + timedelta(days=9))
        collaboration.change_task(session, ada, made.id, assignee="Bo", due_on=day + timedelta(days=2))
        changed = collaboration.list_activity(session, here.subjects, LEADS).items[0]
        cleared = collaboration.change_task(session, ada, made.id, clear_due=True)
    fields = {c.field: (c.before, c.after) for c in changed.changes}
    assert fields == {"assignee": (ada.ref, bo.ref), "due_on": ("2026-03-02", "2026-03-04")}
    assert cleared.due_on is None


def test_all_that_is_wrong_with_a_task_is_told_at_once(here: Parts, ada: Actor) -> None:
    with here.database.session() as session, pytest.raises(collaboration.WordsRefused) as refused:
        collaboration.create_task(session, ada, title=" ", subject=LEADS, assignee="Nobody", note="x" * 3000)
    assert [fault.column for fault in refused.value.faults] == ["title", "assignee", "note"]


def test_who_may_not_read_the_thing_gets_no_task_on_it(here: Parts, ada: Actor) -> None:
    stranger = colleague(here.database, "Zed", Role.employee, "hr")
    with here.database.session() as session, pytest.raises(collaboration.WordsRefused, match="Zed may not read"):
        collaboration.create_task(
            session,
            ada,
            title="Look",
            subject=LEADS,
            assignee=stranger.ref,
            may_read=lambda person: here.subjects.may_read(session, person, LEADS),
        )


# ------------------------------------------------------------------------------------------------ views
def names(session: object, actor: Actor, page: str | None = None) -> list[str]:
    return [view.name for view in collaboration.list_views(session, actor, page=page)]  # type: ignore[arg-type]


def test_views_are_seen_by_those_they_are_shared_with(here: Parts, ada: Actor, bo: Actor) -> None:
    hr = colleague(here.database, "Hana", Role.employee, "hr")
    with here.database.session() as session:
        identity.add_department(session, ada, slug="sales-emea", parent="sales")
    below = colleague(here.database, "Emil", Role.employee, "sales-emea")
    with here.database.session() as session:
        for name, sharing in (("Mine", "nobody"), ("Ours", "department"), ("All", "everybody")):
            department = "sales" if sharing == "department" else None
            collaboration.save_view(
                session, ada, name=name, page="/usecases", query="sort=title", sharing=sharing, department=department
            )
        assert names(session, ada) == ["All", "Mine", "Ours"]
        assert names(session, bo) == ["All", "Ours"]
        assert names(session, below) == ["All", "Ours"]
        assert names(session, hr) == ["All"]
        assert names(session, ada, "/models") == []
        mine = next(view for view in collaboration.list_views(session, ada) if view.name == "Mine")
        with pytest.raises(collaboration.ViewNotFound):
            collaboration.get_view(session, bo, mine.id)
        ours = next(view for view in collaboration.list_views(session, bo) if view.name == "Ours")
        with pytest.raises(collaboration.NotYourView):
            collaboration.change_view(session, bo, ours.id, name="Bo's")
        with pytest.raises(collaboration.NotYourView):
            collaboration.remove_view(session, bo, ours.id)


def test_pins_keep_their_order(here: Parts, ada: Actor) -> None:
    with here.database.session() as session:
        made = [collaboration.save_view(session, ada, name=name, page="/usecases") for name in "abcd"]
        for view in made[:3]:
            collaboration.pin_view(session, ada, view.id)
        assert names(session, ada) == ["a", "b", "c", "d"]
        assert collaboration.pin_view(session, ada, made[2].id, position=1).position == 1
        assert names(session, ada) == ["c", "a", "b", "d"]
        collaboration.unpin_view(session, ada, made[0].id)
        places = {view.name: view.position for view in collaboration.list_views(session, ada)}
    assert places == {"c": 1, "b": 2, "a": None, "d": None}


def test_a_page_opens_with_one_default_for_each_person(here: Parts, ada: Actor, bo: Actor) -> None:
    with here.database.session() as session:
        first = collaboration.save_view(session, ada, name="a", page="/usecases", sharing="everybody")
        second = collaboration.save_view(session, ada, name="b", page="/usecases")
        collaboration.pin_view(session, ada, first.id)
        collaboration.set_default_view(session, ada, first.id)
        collaboration.set_default_view(session, ada, second.id)
        mine = collaboration.default_view(session, ada, "/usecases")
        assert mine is not None and mine.id == second.id
        assert collaboration.get_view(session, ada, first.id).is_pinned, "another default takes no pin away"
        assert collaboration.default_view(session, bo, "/usecases") is None
        collaboration.set_default_view(session, bo, first.id)
        collaboration.change_view(session, ada, first.id, sharing="nobody")
        assert collaboration.default_view(session, bo, "/usecases") is None
        collaboration.set_default_view(session, ada, second.id, is_default=False)
        assert collaboration.default_view(session, ada, "/usecases") is None


def test_a_name_is_taken_once_on_a_page_for_an_owner(here: Parts, ada: Actor, bo: Actor) -> None:
    with here.database.session() as session:
        collaboration.save_view(session, ada, name="Late", page="/usecases")
        other = collaboration.save_view(session, ada, name="Late", page="/models")
        second = collaboration.save_view(session, ada, name="Early", page="/usecases")
        collaboration.save_view(session, bo, name="Late", page="/usecases")
        with pytest.raises(collaboration.ViewTaken):
            collaboration.save_view(session, ada, name=" Late ", page="/usecases")
        with pytest.raises(collaboration.ViewTaken):
            collaboration.change_view(session, ada, second.id, name="Late")
        collaboration.remove_view(session, ada, other.id)
        with pytest.raises(collaboration.ViewNotFound):
            collaboration.get_view(session, ada, other.id)


def test_all_that_is_wrong_with_a_view_is_told_at_once(here: Parts, ada: Actor) -> None:
    with here.database.session() as session:
        with pytest.raises(collaboration.WordsRefused) as refused:
            collaboration.save_view(session, ada, name="", page="//evil.example", query="#x", sharing="department")
        assert [fault.column for fault in refused.value.faults] == ["name", "page", "query", "department"]
        with pytest.raises(identity.DepartmentNotFound):
            collaboration.save_view(session, ada, name="x", page="/", sharing="department", department="moon")


# ------------------------------------------------------------------------------------------------ watching
def test_who_comments_or_gives_a_task_watches_until_they_stop(here: Parts, ada: Actor, bo: Actor) -> None:
    with here.database.session() as session:
        collaboration.add_comment(session, ada, subject=LEADS, text="Hello")
        assert collaboration.is_watching(session, ada, LEADS)
        assert not collaboration.is_watching(session, bo, LEADS)
        collaboration.unwatch(session, ada, LEADS)
        assert not collaboration.is_watching(session, ada, LEADS)
        collaboration.watch(session, bo, LEADS)
        collaboration.watch(session, bo, LEADS)
        assert [watch.subject for watch in collaboration.list_watches(session, bo).items] == ["usecase:leads"]


def test_a_person_who_left_is_neither_mentioned_nor_given_tasks(here: Parts, ada: Actor) -> None:
    office = local_owner(here.database)[0]
    gone = join(here.database, "Gus", (Role.employee, "sales"))[0]
    with here.database.session() as session:
        identity.deactivate_person(session, office, gone.ref.removeprefix("person:"))
        made = collaboration.add_comment(session, ada, subject=LEADS, text="@gus@example.org")
        assert made.mentions == ()
        with pytest.raises(collaboration.WordsRefused, match="names no active person"):
            collaboration.create_task(session, ada, title="x", subject=LEADS, assignee="gus@example.org")
