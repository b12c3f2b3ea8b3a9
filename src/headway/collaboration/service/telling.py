"""Telling people what happened: each ledger event is looked at once, each person is told of it at most once.

The reader's place and everything it leads to are written in one transaction, and only one process holds the place. Events
are followed in the order of the tree, which is given after they were committed, so that none can slip in behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.collaboration.entities import Activity, Channels, Pace, Topic
from headway.collaboration.rules import ALARMS, Party, dedup_of, place_of, related, rules_of
from headway.collaboration.service.activity import tell_events
from headway.collaboration.service.wishes import ORGANISATION
from headway.collaboration.store import comments, notices, tasks, watches
from headway.collaboration.store import wishes as wishes_store
from headway.collaboration.timing import due_at
from headway.collaboration.words import MENTIONED, REFUSALS, REFUSED, TELLINGS
from headway.kernel import clock
from headway.kernel.errors import HeadwayError
from headway.kernel.ids import new_id
from headway.kernel.logs import logger
from headway.kernel.subjects import Subjects

READER = "notifications"
BATCH = 100
_NAMED = re.compile(r"%\((\w+)\)s")
_RELEASE = re.compile(r"\brel_[0-9a-z]{26}\b")
_TO_ALL = Channels(inbox=False, email=Pace.never, webhook=Pace.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one person or the organisation is to be told."""

    recipient: str
    topic: Topic
    type: str
    subject: str
    actor: str
    message: str
    values: Mapping[str, str]
    dedup: str
    comment: str | None = None


def tell(session: Session, subjects: Subjects, *, has_mail: bool, limit: int = BATCH) -> int:
    """Look at the next events and tell those whom they concern; returns how many events were looked at.

    An event that cannot be told is logged and passed over: one must not silence all that follow.
    """
    place = notices.take_place(session, READER)
    if place is None:
        return 0
    events = ledger.follow(session, place.leaf, limit)
    for event in events:
        try:
            with session.begin_nested():
                put_notices(session, plan(session, subjects, event), has_mail=has_mail)
        except (HeadwayError, LookupError, TypeError, ValueError) as error:
            logger("notifications").error("event.not_told", event_id=event.id, type=event.type, exc_info=error)
    if events:
        last = events[-1].leaf_index
        assert last is not None  # noqa: S101  events that are followed have leaves
        notices.move_place(session, READER, leaf=last + 1, at=clock.now())
    return len(events)


def plan(session: Session, subjects: Subjects, event: ledger.Event) -> list[Notice]:
    """Decide who is told of an event, as what, in which words."""
    payload = event.payload or {}
    told: dict[str, Topic] = {}
    for rule in rules_of(event.type):
        for person in _FINDERS[rule.party](_Asked(session, subjects, event, payload)):
            if person != event.actor or rule.even_actor:
                told.setdefault(person, rule.topic)
    about = _about(event)
    active = {ref for ref, person in identity.people_of(session, told).items() if person.is_active}
    chosen = {p: topic for p, topic in told.items() if p in active and _may_know(session, subjects, p, about)}
    telling = TELLINGS.get(event.type)
    if telling is not None and not telling.for_audit and wishes_store.webhooks(session, [ORGANISATION], active=True):
        chosen[ORGANISATION] = Topic.change
    if not chosen:
        return []
    [activity] = tell_events(session, subjects, [event])
    title = subjects.describe(session, about).title if event.type in REFUSALS else ""
    return [
        _notice(
            activity, about, title, recipient=person, topic=topic, dedup=dedup_of(event.id, event.type, payload, topic)
        )
        for person, topic in chosen.items()
    ]


def put_notices(session: Session, told: Iterable[Notice], *, has_mail: bool) -> int:
    """Write notifications and how they go out, as each person wishes; returns how many were new."""
    listed = list(told)
    ways = _Ways(session, {notice.recipient for notice in listed}, has_mail=has_mail)
    count = 0
    for notice in listed:
        channel, out = ways.of(notice)
        if not channel.inbox and not out:
            continue
        made = new_id("ntf")
        if not notices.add_notification(session, _row(made, notice, in_inbox=channel.inbox)):
            continue
        count += 1
        for name, hook, pace in out:
            is_alarm = notice.type in ALARMS
            way = {"channel": name, "webhook_id": hook, "is_digest": pace is Pace.digest and not is_alarm}
            due = clock.now() if is_alarm else due_at(clock.now(), pace, ways.wishes[notice.recipient])
            notices.add_delivery(session, {"id": new_id("dly"), "notification_id": made, "due_at": due, **way})
    return count


class _Ways:
    """How some people are reached, looked up once."""

    def __init__(self, session: Session, recipients: set[str], *, has_mail: bool) -> None:
        self.wishes = wishes_store.preferences_of(session, recipients)
        people = identity.people_of(session, recipients)
        self._by_mail = {ref for ref, person in people.items() if person.email} if has_mail else set()
        self._hooks = wishes_store.webhooks(session, recipients, active=True)

    def of(self, notice: Notice) -> tuple[Channels, list[tuple[str, str | None, Pace]]]:
        """What somebody wishes for a topic, and the ways out: channel, webhook, pace."""
        who = notice.recipient
        channel = _TO_ALL if who == ORGANISATION else self.wishes[who].channels[notice.topic]
        ways: list[tuple[str, str | None, Pace]] = []
        if channel.email is not Pace.never and who in self._by_mail:
            ways.append(("email", None, channel.email))
        if channel.webhook is not Pace.never:
            ways += [("webhook", hook.id, channel.webhook) for hook in self._hooks if hook.owner == who]
        return channel, ways


def _row(made: str, notice: Notice, *, in_inbox: bool) -> dict[str, object]:
    return {
        "id": made,
        "recipient": notice.recipient,
        "dedup": notice.dedup,
        "topic": notice.topic.value,
        "type": notice.type,
        "subject": notice.subject,
        "actor": notice.actor,
        "message": notice.message,
        "values": dict(notice.values),
        "comment": notice.comment,
        "in_inbox": in_inbox,
        "at": clock.now(),
    }


def _notice(activity: Activity, about: str, title: str, *, recipient: str, topic: Topic, dedup: str) -> Notice:
    """The notification of an event: the words of its activity, and of its values only those that the words name."""
    message, values = activity.message, dict(activity.values)
    if topic is Topic.mention:
        message = MENTIONED
    elif activity.type in REFUSALS:
        message, values["subject"] = REFUSED, title
    return Notice(
        recipient=recipient,
        topic=topic,
        type=activity.type,
        subject=about,
        actor=activity.actor,
        message=message,
        values={name: values[name] for name in _NAMED.findall(message) if name in values},
        dedup=dedup,
        comment=activity.comment,
    )


def _about(event: ledger.Event) -> str:
    """Where the notification leads; a refusal leads to the release that the refused request was about."""
    if event.type in REFUSALS and (release := _RELEASE.search(str((event.payload or {}).get("resource")))):
        return f"release:{release[0]}"
    return place_of(event.subject, event.payload or {})


def _may_know(session: Session, subjects: Subjects, person: str, about: str) -> bool:
    return person == about or subjects.may_read(session, person, about)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What finding a party may need."""

    session: Session
    subjects: Subjects
    event: ledger.Event
    payload: Mapping[str, object]


def _mentioned(asked: _Asked) -> Iterable[str]:
    named = asked.payload.get("mentions")
    return [str(ref) for ref in named] if isinstance(named, list) else ()


def _in_thread(asked: _Asked) -> Iterable[str]:
    first = asked.payload.get("parent") or asked.payload.get("comment")
    begun = comments.get_comment(asked.session, str(first))
    if begun is None:
        return ()
    until = [row for row in comments.replies(asked.session, [begun.id]) if row.created_at <= asked.event.at]
    return dict.fromkeys([begun.author, *(row.author for row in until)])


def _responsible(asked: _Asked) -> Iterable[str]:
    about = related(asked.event.subject, asked.payload)
    return [person for ref in about for person in asked.subjects.responsible(asked.session, ref)]


def _approvers(asked: _Asked) -> Iterable[str]:
    return asked.subjects.approvers(asked.session, _about(asked.event))


def _operators(asked: _Asked) -> Iterable[str]:
    return asked.subjects.operators(asked.session, asked.event.subject)


def _requesters(asked: _Asked) -> Iterable[str]:
    if asked.event.type in REFUSALS:
        about = _about(asked.event)
        return asked.subjects.responsible(asked.session, about) if about.startswith("release:") else ()
    named = asked.payload.get("requested_by")
    return [named] if isinstance(named, str) else ()


def _starters(asked: _Asked) -> Iterable[str]:
    return asked.subjects.responsible(asked.session, asked.event.subject)


def _assignees(asked: _Asked) -> Iterable[str]:
    row = tasks.get_task(asked.session, str(asked.payload.get("task")))
    return [row.assignee] if row else ()


def _givers(asked: _Asked) -> Iterable[str]:
    row = tasks.get_task(asked.session, str(asked.payload.get("task")))
    return [row.created_by] if row else ()


def _themselves(asked: _Asked) -> Iterable[str]:
    return [asked.event.subject]


def _named(asked: _Asked) -> Iterable[str]:
    people = asked.payload.get("people")
    named = [asked.payload.get("person"), *(people if isinstance(people, list) else ())]
    return [one for one in named if isinstance(one, str) and one.startswith("person:")]


def _overseers(asked: _Asked) -> Iterable[str]:
    return asked.subjects.overseers(asked.session, asked.event.subject)


def _told_by_rights(asked: _Asked) -> Iterable[str]:
    environment = asked.payload.get("environment")
    place = environment if isinstance(environment, str) else None
    about = related(asked.event.subject, asked.payload)
    return [who for ref in about for who in asked.subjects.told(asked.session, ref, asked.event.type, place)]


def _watchers(asked: _Asked) -> Iterable[str]:
    return watches.watchers(asked.session, related(asked.event.subject, asked.payload), asked.event.at)


_FINDERS: Mapping[Party, Callable[[_Asked], Iterable[str]]] = {
    Party.mentioned: _mentioned,
    Party.in_thread: _in_thread,
    Party.responsible: _responsible,
    Party.approver: _approvers,
    Party.operator: _operators,
    Party.requester: _requesters,
    Party.starter: _starters,
    Party.assignee: _assignees,
    Party.giver: _givers,
    Party.themselves: _themselves,
    Party.person: _named,
    Party.overseer: _overseers,
    Party.named: _told_by_rights,
    Party.watching: _watchers,
}
