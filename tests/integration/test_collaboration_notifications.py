"""Who is told what, once each; and the ways out, against a real mail server and a real receiver of webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from headway import collaboration, governance, identity, ledger
from headway.collaboration import Channels, Notification, Pace, TaskState, Topic
from headway.collaboration import service as inner
from headway.collaboration.store import notices
from headway.collaboration.tables import DeliveryRow, NotificationRow, WebhookRow
from headway.governance.tables import BreakGlassRow
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.clock import FixedClock
from headway.kernel.errors import Invalid
from headway.kernel.ids import Ref
from headway.kernel.tables import JobRow
from headway.kernel.web import Parts
from tests.factories.collaboration import LEADS, colleague, open_leads, ruled
from tests.factories.identity import local_owner
from tests.factories.receivers import Hook, MailBox, free_port, mail_server, webhook_receiver


@pytest.fixture
def here(parts: Parts) -> Parts:
    """The parts with rules, subjects, the delivery job, and the use case that people speak about."""
    made = ruled(parts)
    made.jobs.define(collaboration.DELIVERY, collaboration.delivery_job(lambda language: str))
    made.jobs.define("training", lambda context, payload: {})
    made.jobs.define("pilot", lambda context, payload: {})
    open_leads(parts.database)
    return made


@pytest.fixture
def ada(here: Parts) -> Actor:
    return colleague(here.database, "Ada")


@pytest.fixture
def bo(here: Parts) -> Actor:
    return colleague(here.database, "Bo")


@pytest.fixture
def mailed(here: Parts) -> Iterator[tuple[Parts, MailBox]]:
    with mail_server() as box:
        settings = replace(
            here.settings, smtp_url=box.url, mail_from="headway@example.org", public_url="https://hw.example.org"
        )
        made = replace(here, settings=settings)
        made.jobs.bind(made)
        yield made, box


@pytest.fixture
def hooked(here: Parts) -> Iterator[tuple[Parts, Hook]]:
    with webhook_receiver() as hook:
        made = replace(here, settings=replace(here.settings, webhook_hosts="127.0.0.0/8"))
        made.jobs.bind(made)
        yield made, hook


def sequence(here: Parts) -> None:
    trusted = {here.signer.key_id: here.signer.public}
    ledger.sequence(here.database, here.storage, here.signer, trusted=trusted)


def look(here: Parts, *, has_mail: bool = False) -> int:
    """One look at new events."""
    sequence(here)
    with here.database.session() as session:
        return collaboration.tell(session, here.subjects, has_mail=has_mail)


def inbox(here: Parts, actor: Actor, *, roles: bool = False) -> list[Notification]:
    """What somebody was told; that they got their role only where that is the point."""
    with here.database.session() as session:
        found = collaboration.list_inbox(session, actor).items
    return [one for one in found if roles or not one.type.startswith("role.")]


def told(here: Parts, actor: Actor) -> list[tuple[str, str]]:
    return [(one.topic.value, one.type) for one in inbox(here, actor)]


def comment(here: Parts, actor: Actor, text: str, parent: str | None = None) -> str:
    with here.database.session() as session:
        return collaboration.add_comment(session, actor, subject=LEADS, text=text, parent=parent).id


def sent(here: Parts) -> list[dict[str, object]]:
    """Queue what is due and hand it over, as the worker does; returns how each new message fared."""
    with here.database.session() as session:
        before = {job.id for job in here.jobs.list(session, 1000).items}
        inner.queue_due(session, here.jobs)
    with here.database.session() as session:
        made = [job.id for job in here.jobs.list(session, 1000).items if job.id not in before]
        rows = [session.get(JobRow, job_id) for job_id in made]
        batches = [row.payload["batch"] for row in rows if row is not None]
    return [inner.deliver(here, batch, lambda language: str) for batch in reversed(batches)]


# ------------------------------------------------------------------------------------------------ who is told
def test_who_is_mentioned_is_told_who_said_it_is_not(here: Parts, ada: Actor, bo: Actor) -> None:
    comment(here, ada, "@bo@example.org and @ada@example.org, please look")
    look(here)
    [one] = inbox(here, bo)
    assert one.sentence == "Ada mentioned you in a comment on Lead scoring"
    assert (one.topic, one.subject, one.excerpt) == (
        Topic.mention,
        "usecase:leads",
        "@bo@example.org and @ada@example.org, please look",
    )
    assert told(here, ada) == []


def test_a_thread_and_those_who_watch_hear_of_answers(here: Parts, ada: Actor, bo: Actor) -> None:
    cy = colleague(here.database, "Cy")
    first = comment(here, ada, "A question")
    with here.database.session() as session:
        collaboration.watch(session, cy, LEADS)
    comment(here, bo, "An answer", parent=first)
    look(here)
    assert told(here, ada) == told(here, cy)[:1] == [("comment", "comment.added")]
    assert told(here, bo) == []


def test_a_mention_counts_more_than_watching_and_one_is_told_once(here: Parts, ada: Actor, bo: Actor) -> None:
    with here.database.session() as session:
        collaboration.watch(session, bo, LEADS)
    made = comment(here, ada, "@bo@example.org")
    with here.database.session() as session:
        collaboration.edit_comment(session, ada, made, "@bo@example.org, look")
    look(here)
    assert told(here, bo) == [("mention", "comment.added")]


def test_who_may_not_read_a_thing_is_not_told_of_it(here: Parts, ada: Actor) -> None:
    stranger = colleague(here.database, "Zed", Role.employee, "hr")
    with here.database.session() as session:
        collaboration.watch(session, stranger, LEADS)
    comment(here, ada, "@zed@example.org this is not for you")
    look(here)
    assert told(here, stranger) == []


def test_owner_and_sponsor_hear_of_comments_and_changes(here: Parts, ada: Actor, bo: Actor) -> None:
    with here.database.session() as session:
        governance.update_usecase(session, ada, "leads", changes={"owner": "bo@example.org", "sponsor": ada.ref})
    comment(here, ada, "Hello owner")
    look(here)
    assert told(here, bo) == [("comment", "comment.added"), ("change", "usecase.updated")]
    assert told(here, ada) == []


def test_assignee_and_giver_of_a_task_are_told(here: Parts, ada: Actor, bo: Actor) -> None:
    with here.database.session() as session:
        made = collaboration.create_task(session, ada, title="Name an owner", subject=LEADS, assignee=bo.ref)
    look(here)
    assert [one.sentence for one in inbox(here, bo)] == ["Ada gave Bo a task: Name an owner"]
    with here.database.session() as session:
        collaboration.end_task(session, bo, made.id, state=TaskState.done)
    look(here)
    assert told(here, ada) == [("task", "task.done")]


def test_who_may_approve_is_asked_and_who_asked_is_answered_once(here: Parts, ada: Actor) -> None:
    """The approval and the release that it belongs to both leave events; nobody is told twice."""
    scientist = colleague(here.database, "Sam", Role.data_scientist)
    seat = colleague(here.database, "Cora", Role.council)
    elsewhere = colleague(here.database, "Hugo", Role.council, "hr")
    with here.database.session() as session:
        approval = governance.request_approval(
            session,
            scientist,
            subject=Ref("model", "leads", "1"),
            subject_digest="sha256-" + "0" * 64,
            environment="pilot",
            usecase="leads",
        )
        for verb, actor in (("requested", scientist), ("approved", seat)):
            payload = {"release": None, "approval": approval.id, "requested_by": scientist.ref, "environment": "pilot"}
            if verb == "approved":
                governance.approve(session, seat, approval.id, "looks right")
            ledger.record(
                session, actor=actor, type=f"release.{verb}", subject=Ref("model", "leads", "1"), payload=payload
            )
    look(here)
    assert told(here, seat) == [("approval", "approval.requested")]
    assert told(here, elsewhere) == told(here, ada) == []
    assert told(here, scientist) == [("answer", "approval.approved")]
    assert inbox(here, scientist)[0].subject == f"approval:{approval.id}"


def test_under_a_quorum_who_asked_is_answered_when_it_is_complete_and_the_others_stay_asked(
    here: Parts, ada: Actor
) -> None:
    scientist = colleague(here.database, "Sam", Role.data_scientist)
    seats = [colleague(here.database, name, Role.council) for name in ("Cora", "Carl", "Cleo")]
    with here.database.session() as session:
        governance.set_quorum(session, ada, "pilot", needed=2, reason="customers are affected")
        approval = governance.request_approval(
            session,
            scientist,
            subject=Ref("model", "leads", "1"),
            subject_digest="sha256-" + "0" * 64,
            environment="pilot",
            usecase="leads",
        )
        governance.approve(session, seats[0], approval.id, "looks right")
    look(here)
    assert [told(here, seat) for seat in seats] == [[("approval", "approval.requested")]] * 3
    assert told(here, scientist) == []
    with here.database.session() as session:
        governance.approve(session, seats[1], approval.id, "figures hold")
    look(here)
    assert told(here, scientist) == [("answer", "approval.approved")]
    assert "Carl" in inbox(here, scientist)[0].sentence


def test_who_gets_a_role_is_told_though_they_may_not_read_people(here: Parts, ada: Actor) -> None:
    office = local_owner(here.database)[0]
    look(here)
    with here.database.session() as session:
        identity.grant_role(session, office, principal=Ref.parse(ada.ref), role=Role.auditor, department="sales")
    look(here)
    assert inbox(here, ada, roles=True)[0].sentence == "Local owner gave Ada the role auditor in sales"


def test_the_end_of_a_job_is_told_to_who_asked_for_it(here: Parts, ada: Actor, fixed_clock: FixedClock) -> None:
    from headway.kernel.jobs import store as jobs_store

    fixed_clock.at = clock.datetime.now(clock.UTC) + timedelta(seconds=1)  # after the places were made
    with here.database.session() as session:
        ids = [here.jobs.enqueue(session, name, {}, actor=ada) for name in ("training", "training", "pilot")]
        for job_id in ids:
            jobs_store.begin(session, job_id)
    with here.database.session() as session:
        jobs_store.finish(session, ids[0], 1, {})
        jobs_store.fail(session, ids[1], 1, {"detail": "no label"})
        jobs_store.finish(session, ids[2], 1, {})
    for _ in range(2):
        with here.database.session() as session:
            inner.tell_jobs(session, here.jobs, has_mail=False)
    assert sorted(one.sentence for one in inbox(here, ada)) == [
        "Your job training failed: no label",
        "Your job training is done",
    ]


def test_a_pilot_that_ended_is_told_to_who_started_it(here: Parts, ada: Actor) -> None:
    class Started:
        """Knows of one pilot that Ada started."""

        def __getattr__(self, name: str) -> object:
            return getattr(here.subjects, name)

        def responsible(self, session: object, ref: object) -> tuple[str, ...]:
            return (ada.ref,)

        def may_read(self, session: object, person: str, ref: object) -> bool:
            return True

    with here.database.session() as session:
        ledger.record(session, actor=ada, type="pilot.failed", subject=Ref("pilot", "plt_1"), payload={"detail": "bad"})
    sequence(here)
    with here.database.session() as session:
        collaboration.tell(session, Started(), has_mail=False)  # type: ignore[arg-type]
    assert [one.sentence for one in inbox(here, ada)] == ["The pilot pilot:plt_1 failed: bad"]


def test_what_a_comment_said_is_gone_from_the_inbox_when_it_is_deleted(here: Parts, ada: Actor, bo: Actor) -> None:
    made = comment(here, ada, "@bo@example.org a secret")
    look(here)
    with here.database.session() as session:
        collaboration.delete_comment(session, ada, made)
        row = session.get(NotificationRow, inbox(here, bo)[0].id)
        assert row is not None and "secret" not in str(row.values)
    assert inbox(here, bo)[0].excerpt == ""


# ------------------------------------------------------------------------------------------------ once each
def test_looking_again_tells_nobody_twice(here: Parts, ada: Actor, bo: Actor) -> None:
    comment(here, ada, "@bo@example.org")
    assert look(here) > 0
    assert look(here) == 0
    assert len(inbox(here, bo)) == 1


def test_many_lookers_at_once_tell_each_event_once(here: Parts, ada: Actor, bo: Actor) -> None:
    for n in range(30):
        comment(here, ada, f"@bo@example.org {n}")
    sequence(here)
    counts: list[int] = []

    with here.database.session() as session:
        total = len(ledger.follow(session, 0, 1000))
    deadline = time.monotonic() + 120

    def looker() -> None:
        while sum(counts) < total and time.monotonic() < deadline:
            with here.database.session() as session:
                counts.append(collaboration.tell(session, here.subjects, has_mail=False, limit=3))

    threads = [threading.Thread(target=looker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(inbox(here, bo)) == 30
    with here.database.session() as session:
        place = notices.take_place(session, "notifications")
        events = ledger.follow(session, 0, 1000)
    assert place is not None and place.leaf == len(events) == sum(counts)


def test_a_look_that_dies_is_as_if_it_had_not_been(here: Parts, ada: Actor, bo: Actor) -> None:
    comment(here, ada, "@bo@example.org")
    sequence(here)
    with pytest.raises(KeyboardInterrupt), here.database.session() as session:
        assert collaboration.tell(session, here.subjects, has_mail=False) > 0
        raise KeyboardInterrupt
    assert inbox(here, bo) == []
    look(here)
    assert len(inbox(here, bo)) == 1


def test_an_event_that_is_committed_late_is_not_missed(here: Parts, ada: Actor, bo: Actor) -> None:
    """Its id is older than those of events that were told already."""
    cy = colleague(here.database, "Cy")
    with here.database.session() as slow:
        collaboration.add_comment(slow, ada, subject=LEADS, text="@bo@example.org slow")
        comment(here, cy, "@bo@example.org fast")
        look(here)
        assert [one.excerpt for one in inbox(here, bo)] == ["@bo@example.org fast"]
    look(here)
    assert {one.excerpt for one in inbox(here, bo)} == {"@bo@example.org fast", "@bo@example.org slow"}


def test_an_event_that_cannot_be_told_silences_none_that_follow(here: Parts, ada: Actor, bo: Actor) -> None:
    with here.database.session() as session:
        ledger.record(
            session, actor=ada, type="access.denied", subject=LEADS, payload={"resource": "/releases/rel_" + "0" * 26}
        )
        ledger.record(session, actor=ada, type="comment.added", subject=LEADS, payload={"mentions": [3, "person:none"]})
    comment(here, ada, "@bo@example.org")
    look(here)
    assert len(inbox(here, bo)) == 1


# ------------------------------------------------------------------------------------------------ the inbox
def test_the_inbox_is_read_put_away_and_counted(here: Parts, ada: Actor, bo: Actor) -> None:
    look(here)
    for one in inbox(here, bo, roles=True):
        with here.database.session() as session:
            collaboration.mark_notification(session, bo, one.id, archived=True)
    for n in range(3):
        comment(here, ada, f"@bo@example.org {n}")
    with here.database.session() as session:
        collaboration.create_task(session, ada, title="Look", subject=LEADS, assignee=bo.ref)
    look(here)
    with here.database.session() as session:
        assert collaboration.count_unread(session, bo) == 4
        task, *mentions = collaboration.list_inbox(session, bo).items
        collaboration.mark_notification(session, bo, mentions[0].id, read=True)
        collaboration.mark_notification(session, bo, mentions[1].id, archived=True)
        assert collaboration.count_unread(session, bo) == 2
        assert [one.id for one in collaboration.list_inbox(session, bo, unread=True).items] == [task.id, mentions[2].id]
        assert next(iter(collaboration.list_inbox(session, bo, archived=True).items)).id == mentions[1].id
        assert collaboration.mark_all_read(session, bo, topic=Topic.mention) == 1
        assert [one.id for one in collaboration.list_inbox(session, bo, unread=True).items] == [task.id]
        assert collaboration.mark_all_read(session, bo) == 1
        assert collaboration.mark_notification(session, bo, task.id, read=False).read_at is None
        with pytest.raises(collaboration.NotificationNotFound):
            collaboration.mark_notification(session, ada, task.id, read=True)
        first = collaboration.list_inbox(session, bo, limit=2)
        rest = collaboration.list_inbox(session, bo, limit=2, cursor=first.next)
        assert len({one.id for one in (*first.items, *rest.items)}) == 3


def test_preferences_decide_what_reaches_one(here: Parts, ada: Actor, bo: Actor) -> None:
    silent = Channels(inbox=False, email=Pace.never, webhook=Pace.never)
    with here.database.session() as session:
        wishes = collaboration.change_preferences(
            session, bo, changes={"time_zone": "Europe/Berlin"}, channels={Topic.mention: silent}
        )
        assert (wishes.time_zone, wishes.channels[Topic.mention], wishes.channels[Topic.task].inbox) == (
            "Europe/Berlin", silent, True,
        )  # fmt: skip
        with pytest.raises(collaboration.PreferencesInvalid):
            collaboration.change_preferences(session, bo, changes={"quiet_from": "22:00"})
    comment(here, ada, "@bo@example.org")
    look(here)
    assert inbox(here, bo) == []


# ------------------------------------------------------------------------------------------------ reminders
def test_a_task_is_reminded_of_the_day_before_and_when_it_is_late_once_each(
    here: Parts, ada: Actor, bo: Actor, fixed_clock: FixedClock
) -> None:
    today = fixed_clock.at.date()
    with here.database.session() as session:
        for days in (-1, 0, 1, 5):
            collaboration.create_task(
                session, ada, title=f"in {days}", subject=LEADS, assignee=bo.ref, due_on=today + timedelta(days=days)
            )

    def reminded() -> list[str]:
        with here.database.session() as session:
            collaboration.remind(session, has_mail=False)
        return sorted(one.sentence for one in inbox(here, bo))

    expected = ["The task in -1 was due on 2026-03-01", "The task in 1 is due on 2026-03-03"]
    assert reminded() == expected
    fixed_clock.advance(timedelta(minutes=10))
    assert reminded() == expected
    fixed_clock.advance(timedelta(days=1))
    assert reminded() == sorted([*expected, "The task in 0 was due on 2026-03-02"])


def test_a_day_begins_where_the_person_is(here: Parts, ada: Actor, bo: Actor, fixed_clock: FixedClock) -> None:
    with here.database.session() as session:
        collaboration.change_preferences(session, bo, changes={"time_zone": "Pacific/Auckland"})  # 01:00 of 3 March
        day = fixed_clock.at.date() + timedelta(days=2)
        for who in (ada, bo):
            collaboration.create_task(session, ada, title="x", subject=LEADS, assignee=who.ref, due_on=day)
        collaboration.remind(session, has_mail=False)
    assert told(here, bo) == [("task", "task.soon")]
    assert told(here, ada) == []


# ------------------------------------------------------------------------------------------------ by mail
def test_what_concerns_one_comes_by_mail(mailed: tuple[Parts, MailBox], ada: Actor, bo: Actor) -> None:
    here, box = mailed
    comment(here, ada, "@bo@example.org please *look*")
    look(here, has_mail=True)
    assert sent(here) == [{"state": "sent", "notifications": 1}]
    [mail] = box.mails
    assert (mail["To"], mail["From"]) == ("Bo <bo@example.org>", "Headway <headway@example.org>")
    assert mail["Subject"] == "Ada mentioned you in a comment on Lead scoring"
    assert "https://hw.example.org/usecases/leads" in box.text()
    assert box.to == [["bo@example.org"]]
    assert sent(here) == [] and len(box.mails) == 1


def test_what_is_due_together_makes_one_mail(mailed: tuple[Parts, MailBox], ada: Actor, bo: Actor) -> None:
    here, box = mailed
    for n in range(3):
        comment(here, ada, f"@bo@example.org {n}")
    look(here, has_mail=True)
    sent(here)
    assert [mail["Subject"] for mail in box.mails] == ["3 things in Headway concern you"]


def test_the_digest_waits_for_its_hour_and_quiet_hours_are_kept(
    mailed: tuple[Parts, MailBox], ada: Actor, bo: Actor, fixed_clock: FixedClock
) -> None:
    here, box = mailed
    now = Channels(inbox=True, email=Pace.now, webhook=Pace.never)
    with here.database.session() as session:
        collaboration.watch(session, bo, LEADS)
        changes = {"time_zone": "Europe/Berlin", "quiet_from": "12:00", "quiet_until": "15:00", "digest_at": "18:00"}
        collaboration.change_preferences(session, bo, changes=changes, channels={Topic.mention: now})
    comment(here, ada, "for the digest")
    comment(here, ada, "@bo@example.org at once, but it is 13:00 in Berlin")
    look(here, has_mail=True)
    assert sent(here) == [] and box.mails == []
    fixed_clock.advance(timedelta(hours=2))
    sent(here)
    assert [mail["Subject"] for mail in box.mails] == ["Ada mentioned you in a comment on Lead scoring"]
    fixed_clock.advance(timedelta(hours=3))
    sent(here)
    assert [mail["Subject"] for mail in box.mails][1:] == ["Ada commented on Lead scoring"]


def test_a_mail_server_that_is_away_is_tried_again_later(
    mailed: tuple[Parts, MailBox], ada: Actor, bo: Actor, fixed_clock: FixedClock
) -> None:
    here, box = mailed
    away = replace(here, settings=replace(here.settings, smtp_url=f"smtp://127.0.0.1:{free_port()}"))
    comment(here, ada, "@bo@example.org")
    look(here, has_mail=True)
    [failed] = sent(away)
    assert (failed["state"], failed["error"]) == (
        "waiting",
        "the mail server cannot be reached: ConnectionRefusedError",
    )
    assert sent(here) == [], "not before its time"
    fixed_clock.advance(timedelta(minutes=1, seconds=1))
    box.answers = ["451 try later"]
    assert sent(here)[-1]["error"] == "the mail server answered 451"
    fixed_clock.advance(timedelta(minutes=5, seconds=1))
    assert sent(here)[-1]["state"] == "sent"
    assert len(box.mails) == 1


def test_a_mail_that_is_refused_for_good_is_not_tried_again(
    mailed: tuple[Parts, MailBox], ada: Actor, bo: Actor, fixed_clock: FixedClock
) -> None:
    here, box = mailed
    box.answers = ["554 we do not want it"]
    comment(here, ada, "@bo@example.org")
    look(here, has_mail=True)
    assert sent(here)[-1]["state"] == "failed"
    fixed_clock.advance(timedelta(days=30))
    assert sent(here) == [] and box.mails == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_user_and_password_are_sent_and_never_told(here: Parts, ada: Actor, bo: Actor) -> None:
    with mail_server(password="p@ss:word") as box:
        address = box.url.replace("//", "//headway:p%40ss%3Aword@")
        ready = replace(here, settings=replace(here.settings, smtp_url=address, mail_from="headway@example.org"))
        comment(here, ada, "@bo@example.org")
        look(ready, has_mail=True)
        assert sent(ready)[-1]["state"] == "sent"
        assert box.users == [("headway", "p@ss:word")]
        wrong = replace(ready, settings=replace(ready.settings, smtp_url=address.replace("word", "w0rd")))
        comment(here, ada, "@bo@example.org again")
        look(wrong, has_mail=True)
        outcome = sent(wrong)[-1]
    assert outcome["error"] == "the mail server does not take user and password"
    assert "w0rd" not in repr(collaboration.read_server(wrong.settings.smtp_url or ""))


def test_who_may_no_longer_read_it_gets_no_mail_of_it(mailed: tuple[Parts, MailBox], ada: Actor, bo: Actor) -> None:
    here, box = mailed
    office = local_owner(here.database)[0]
    comment(here, ada, "@bo@example.org")
    look(here, has_mail=True)
    with here.database.session() as session:
        [held] = identity.list_roles(session, principal=bo.ref).items
        identity.revoke_role(session, office, held.id)
    assert sent(here) == [{"state": "dropped", "notifications": 0}] and box.mails == []


def test_without_a_mail_server_nothing_waits_to_be_mailed(here: Parts, ada: Actor, bo: Actor) -> None:
    comment(here, ada, "@bo@example.org")
    look(here, has_mail=False)
    assert sent(here) == []


@pytest.mark.parametrize(
    ("smtp_url", "mail_from"),
    [
        ("http://mail", "h@example.org"),
        ("smtp://", "h@example.org"),
        ("smtp://h:x:y", "h@example.org"),
        ("smtp://mail", None),
    ],
)
def test_a_setting_by_which_no_mail_could_be_sent_is_told_at_the_start(
    here: Parts, smtp_url: str, mail_from: str | None
) -> None:
    with pytest.raises(Invalid, match="HEADWAY_"):
        collaboration.check_mail(replace(here.settings, smtp_url=smtp_url, mail_from=mail_from))


# ------------------------------------------------------------------------------------------------ by webhook
def add_hook(here: Parts, actor: Actor, url: str, owner: str | None = None) -> tuple[str, str]:
    look(here)
    with here.database.session() as session:
        made = collaboration.add_webhook(
            session, here.signer, actor, url=url, owner=owner or actor.ref, allowed=here.settings.webhook_hosts
        )
    return made.webhook.id, made.secret


def test_a_webhook_gets_what_its_owner_is_told_signed(hooked: tuple[Parts, Hook], ada: Actor, bo: Actor) -> None:
    here, hook = hooked
    webhook, secret = add_hook(here, bo, hook.url)
    comment(here, ada, "@bo@example.org look")
    look(here)
    assert sent(here) == [{"state": "sent", "notifications": 1}]
    told_one, headers = hook.told(), hook.headers[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + hook.bodies[0]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert (told_one["id"], told_one["webhook"]) == (headers["webhook-id"], webhook)
    assert told_one["notifications"][0]["excerpt"] == "@bo@example.org look"
    with here.database.session() as session:
        [shown] = collaboration.list_webhooks(session, bo.ref)
        assert shown.last_sent_at is not None and secret not in str(session.get(WebhookRow, webhook).__dict__)
        renewed = collaboration.renew_webhook(session, here.signer, bo, webhook)
    assert renewed.secret != secret


def test_a_webhook_that_fails_is_tried_again_under_the_same_id(
    hooked: tuple[Parts, Hook], ada: Actor, bo: Actor, fixed_clock: FixedClock
) -> None:
    here, hook = hooked
    add_hook(here, bo, hook.url)
    comment(here, ada, "@bo@example.org")
    look(here)
    hook.answers = [500, 302]
    assert sent(here)[-1]["error"] == "127.0.0.1 answered 500"
    fixed_clock.advance(timedelta(minutes=2))
    assert sent(here)[-1]["error"] == "127.0.0.1 answered 302", "redirects are not followed"
    fixed_clock.advance(timedelta(minutes=6))
    assert sent(here)[-1]["state"] == "sent"
    assert len({headers["webhook-id"] for headers in hook.headers}) == 1 and len(hook.bodies) == 3


def test_a_receiver_that_is_gone_gets_nothing_any_more(hooked: tuple[Parts, Hook], ada: Actor, bo: Actor) -> None:
    here, hook = hooked
    webhook, _ = add_hook(here, bo, hook.url)
    hook.answers = [410]
    comment(here, ada, "@bo@example.org one")
    look(here)
    assert sent(here)[-1]["state"] == "failed"
    comment(here, ada, "@bo@example.org two")
    look(here)
    sent(here)
    assert len(hook.bodies) == 1
    with here.database.session() as session:
        assert not inner.get_webhook(session, webhook).is_active


def test_a_receiver_inside_the_network_is_refused_also_when_it_moved_there(
    hooked: tuple[Parts, Hook], ada: Actor, bo: Actor
) -> None:
    here, hook = hooked
    closed = replace(here, settings=replace(here.settings, webhook_hosts=None))
    with pytest.raises(collaboration.AddressRefused):
        add_hook(closed, bo, hook.url)
    add_hook(here, bo, hook.url)
    comment(here, ada, "@bo@example.org")
    look(here)
    assert sent(closed)[-1]["state"] == "failed"
    assert hook.bodies == []


def test_the_organisation_hears_of_every_event_that_is_not_for_auditors(hooked: tuple[Parts, Hook], ada: Actor) -> None:
    here, hook = hooked
    office = local_owner(here.database)[0]
    look(here)
    add_hook(here, office, hook.url, owner=collaboration.ORGANISATION)
    comment(here, ada, "nobody is named")
    look(here)
    sent(here)
    types = [one["type"] for n in range(len(hook.bodies)) for one in hook.told(n)["notifications"]]
    assert types == ["comment.added"], "that a webhook was added is for auditors"


# ------------------------------------------------------------------------------------------------ all of it, as the worker does it
def test_the_worker_tells_sends_and_does_so_once(mailed: tuple[Parts, MailBox], ada: Actor, bo: Actor) -> None:
    here, box = mailed
    here.jobs.launch(worker=True)
    comment(here, ada, "@bo@example.org by the worker")
    sequence(here)
    threads = [threading.Thread(target=collaboration.notify_due, args=(here,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    collaboration.notify_due(here)
    deadline = time.monotonic() + 60
    while not box.mails and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1.0)
    assert len(box.mails) == 1
    assert len(inbox(here, bo)) == 1


def test_an_alarm_goes_out_at_once_to_all_who_answer_for_it_in_quiet_hours_too(mailed: tuple[Parts, MailBox]) -> None:
    here, _ = mailed
    olga, ada = colleague(here.database, "Olga", Role.operator), colleague(here.database, "Ada", Role.ai_office)
    cora, zed = colleague(here.database, "Cora", Role.council), colleague(here.database, "Zed", Role.employee, "hr")
    look(here)
    with here.database.session() as session:
        own = collaboration.get_preferences(session, olga)
        channels = {**own.channels, Topic.approval: Channels(inbox=True, email=Pace.digest, webhook=Pace.never)}
        quiet = {"quiet_from": "00:00", "quiet_until": "23:59"}
        collaboration.change_preferences(session, olga, changes=quiet, channels=channels)
        payload = {"usecase": "leads", "environment": "pilot", "requested_by": cora.ref, "reason": "it burns"}
        session.add(
            BreakGlassRow(
                id="bgl_1", usecase="leads", environment="pilot", subject="model:leads@1", subject_digest="sha256-x",
                reason="the model refuses everybody", state="requested", requested_by=cora.ref, requested_at=clock.now(),
            )
        )  # fmt: skip
        session.flush()
        ledger.record(
            session, actor=cora, type="break_glass.requested", subject=Ref("break-glass", "bgl_1"), payload=payload
        )
    look(here, has_mail=True)
    for person in (olga, ada):
        assert [one.type for one in inbox(here, person)] == ["break_glass.requested"], person.name
    assert inbox(here, zed) == [] and inbox(here, cora) == []
    with here.database.session() as session:
        due = {row.due_at for row in session.query(DeliveryRow).all()}
        digests = {row.is_digest for row in session.query(DeliveryRow).all()}
    assert digests == {False} and max(due) <= clock.now()
