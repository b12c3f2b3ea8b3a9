"""Who is told of an event, and as what: rules over types of events, without knowing people.

A rule names parties; the dispatcher finds who they are. Of several rules that fit a person, the first counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from headway.collaboration.entities import Topic
from headway.collaboration.words import TELLINGS

Payload = Mapping[str, object]


class Party(StrEnum):
    """What somebody has to do with an event."""

    mentioned = "mentioned"  # a comment names them
    in_thread = "in_thread"  # they spoke in the thread
    responsible = "responsible"  # they own, sponsor or opened what it is about
    approver = "approver"  # they may approve what was asked for
    requester = "requester"  # they asked for it
    starter = "starter"  # they started the job or pilot
    assignee = "assignee"  # the task is theirs
    giver = "giver"  # they gave the task
    themselves = "themselves"  # the event is about them
    person = "person"  # the event names them as who has to act
    operator = "operator"  # they may put what it is about to work again
    overseer = "overseer"  # the AI office and the operators of its department
    named = "named"  # the organisation's decision rights have them told
    watching = "watching"  # they watch what it is about


@dataclass(frozen=True, slots=True)
class Rule:
    """A party that is told, as what, and whether also when they did it themselves: a job acts in their name."""

    party: Party
    topic: Topic
    even_actor: bool = False


_WATCHING = Rule(Party.watching, Topic.change)
_RESPONSIBLE = Rule(Party.responsible, Topic.change)
_NAMED = Rule(Party.named, Topic.change)
_ANSWERED = (Rule(Party.requester, Topic.answer), _RESPONSIBLE, _NAMED, _WATCHING)
_ASKED = (Rule(Party.approver, Topic.approval), _WATCHING)
_COMMENTED = (
    Rule(Party.mentioned, Topic.mention),
    Rule(Party.in_thread, Topic.comment),
    Rule(Party.responsible, Topic.comment),
    Rule(Party.watching, Topic.comment),
)
_ALARM = (
    Rule(Party.approver, Topic.approval),
    Rule(Party.overseer, Topic.approval),
    Rule(Party.responsible, Topic.approval),
    _NAMED,
    _WATCHING,
)
_MANDATE = (_RESPONSIBLE, Rule(Party.approver, Topic.change), _WATCHING)
_INCIDENT = (Rule(Party.responsible, Topic.approval), Rule(Party.overseer, Topic.approval), _NAMED, _WATCHING)
_SITTING = (Rule(Party.approver, Topic.change), _WATCHING)
_RECKONED = (Rule(Party.responsible, Topic.change), Rule(Party.approver, Topic.change), _WATCHING)
_PERSON = Rule(Party.person, Topic.approval)
_JOB = (Rule(Party.starter, Topic.job, even_actor=True), _WATCHING)
_TASK = (Rule(Party.assignee, Topic.task),)
_CHANGED = (_RESPONSIBLE, _NAMED, _WATCHING)
_TOLD = (_NAMED, _WATCHING)
_OPERATE = (_RESPONSIBLE, Rule(Party.operator, Topic.change), _WATCHING)

RULES: Mapping[str, tuple[Rule, ...]] = {
    "comment.added": _COMMENTED,
    "comment.edited": (Rule(Party.mentioned, Topic.mention),),
    "comment.resolved": (Rule(Party.in_thread, Topic.comment),),
    "comment.reopened": (Rule(Party.in_thread, Topic.comment),),
    "comment.deleted": (),
    "task.created": _TASK,
    "task.changed": _TASK,
    "task.reopened": _TASK,
    "task.done": (Rule(Party.giver, Topic.task),),
    "task.cancelled": (Rule(Party.assignee, Topic.task), Rule(Party.giver, Topic.task)),
    "approval.requested": _ASKED,
    "approval.approved": _ANSWERED,
    "approval.rejected": _ANSWERED,
    "release.requested": _ASKED,
    "release.approved": _ANSWERED,
    "release.rejected": _ANSWERED,
    "release.released": _ANSWERED,
    "release.revoked": _ANSWERED,
    "council.opened": (Rule(Party.approver, Topic.approval), _RESPONSIBLE, _WATCHING),
    "council.voted": (_WATCHING,),
    "council.escalated": _ANSWERED,
    "council.extended": (Rule(Party.approver, Topic.approval), *_ANSWERED),
    "council.approved": _ANSWERED,
    "council.rejected": _ANSWERED,
    "council.lapsed": _ANSWERED,
    "council.condition_proposed": _CHANGED,
    "council.condition_met": (Rule(Party.approver, Topic.approval), _WATCHING),
    "council.condition_accepted": _CHANGED,
    "council.condition_returned": _CHANGED,
    "council.condition_given": (_PERSON, *_CHANGED),
    "council.seated": (_PERSON, _WATCHING),
    "council.unseated": (_PERSON, _WATCHING),
    "council.delegated": (_PERSON, _WATCHING),
    "council.delegation_ended": (_PERSON, _WATCHING),
    "council.closing_soon": (Rule(Party.approver, Topic.approval), _WATCHING),
    "council.condition_near": (_PERSON, _WATCHING),
    "council.condition_missed": (_PERSON, *_RECKONED),
    "council.meeting_moved": _SITTING,
    "council.meeting_cancelled": _SITTING,
    "council.meeting_near": (Rule(Party.approver, Topic.approval), _WATCHING),
    "council.meeting_planned": (_WATCHING,),
    "council.agenda_set": (_WATCHING,),
    "council.attended": (_WATCHING,),
    "council.minutes_made": _SITTING,
    "council.minutes_approved": _SITTING,
    "exception.assessed": _CHANGED,
    "exception.accepted": _CHANGED,
    "exception.refused": _CHANGED,
    "exception.ended": _CHANGED,
    "assessment.submitted": _ASKED,
    "assessment.signed": _ANSWERED,
    "assessment.returned": _ANSWERED,
    "mandate.drafted": (Rule(Party.responsible, Topic.approval), _WATCHING),
    "mandate.signed": _MANDATE,
    "mandate.withdrawn": _MANDATE,
    "mandate.ending": _MANDATE,
    "mandate.lapsed": _MANDATE,
    "programme.changed": _CHANGED,
    "waiver.requested": _ASKED,
    "waiver.granted": _ANSWERED,
    "waiver.rejected": _ANSWERED,
    "waiver.ended": _ANSWERED,
    "break_glass.requested": _ALARM,
    "break_glass.confirmed": (Rule(Party.requester, Topic.answer), *_ALARM),
    "break_glass.rejected": _ANSWERED,
    "break_glass.reviewed": (Rule(Party.requester, Topic.answer), *_ALARM),
    "access.denied": (Rule(Party.requester, Topic.answer),),
    "gate.refused": (Rule(Party.requester, Topic.answer),),
    "allocation.drafted": _TOLD,
    "allocation.decided": _TOLD,
    "appetite.adopted": _TOLD,
    "appetite.confirmed": _TOLD,
    "scaleplan.started": _TOLD,
    "scaleplan.finished": _TOLD,
    "scaleplan.failed": _TOLD,
    "pilot.finished": _JOB,
    "pilot.failed": _JOB,
    "role.granted": (Rule(Party.themselves, Topic.change),),
    "role.revoked": (Rule(Party.themselves, Topic.change),),
    "usecase.opened": _TOLD,
    "usecase.updated": _CHANGED,
    "usecase.retired": _CHANGED,
    "usecase.reopened": _CHANGED,
    "usecase.settled": _CHANGED,
    "usecase.joined": _CHANGED,
    "umbrella.asked": _CHANGED,
    "umbrella.approved": _CHANGED,
    "umbrella.ended": _CHANGED,
    "tier.decided": _CHANGED,
    "deployment.suspended": _CHANGED,
    "operate.warned": _OPERATE,
    "operate.suspended": _OPERATE,
    "operate.cleared": _OPERATE,
    "kill_switch.pulled": _CHANGED,
    "deployment.expired": _CHANGED,
    "deployment.retired": _CHANGED,
    "product.updated": _CHANGED,
    "port.failed": _CHANGED,
    "product.enforced": _CHANGED,
    "product.rated": _CHANGED,
    "product.unusual": (Rule(Party.responsible, Topic.change, even_actor=True), _NAMED, _WATCHING),
    "batch.refused": _CHANGED,
    "batch.quarantined": _CHANGED,
    "batch.replayed": _CHANGED,
    "product.described": (_PERSON, *_CHANGED),
    "product.deprecated": (Rule(Party.person, Topic.change), *_CHANGED),
    "product.reinstated": _CHANGED,
    "contract.proposed": _ASKED,
    "contract.accepted": _ANSWERED,
    "contract.objected": _ANSWERED,
    "contract.handed_on": (_PERSON, _WATCHING),
    "contract.answer_near": (_PERSON, _WATCHING),
    "contract.changed": (Rule(Party.person, Topic.change), *_ANSWERED),
    "contract.withdrawn": (Rule(Party.person, Topic.change), _WATCHING),
    "product.repaired": (),  # the snapshot that it made is told
    "product.repairs_undone": (),
    "product.expired": _CHANGED,
    "data.requested": _ASKED,
    "data.granted": _ANSWERED,
    "data.rejected": _ANSWERED,
    "data.withdrawn": (*_ANSWERED, Rule(Party.approver, Topic.change)),
    "data.ending": _ANSWERED,
    "data.ended": _ANSWERED,
    "data.version_ending": _ANSWERED,
    "alert.opened": _CHANGED,
    "alert.worsened": _CHANGED,
    "alert.acknowledged": _CHANGED,
    "alert.closed": _CHANGED,
    "alert.ended": _CHANGED,
    "incident.opened": _INCIDENT,
    "incident.updated": _CHANGED,
    "incident.placed": _CHANGED,
    "incident.clock_started": _CHANGED,
    "incident.clock_stopped": _CHANGED,
    "incident.clock_judged": _CHANGED,
    "incident.clock_ending": _INCIDENT,
    "incident.clock_passed": _INCIDENT,
    "incident.contained": _CHANGED,
    "incident.corrected": _CHANGED,
    "incident.closed": _CHANGED,
    "incident.reopened": _CHANGED,
}


ALARMS = frozenset(("break_glass.requested", "break_glass.confirmed", "incident.clock_passed"))
"""What goes out at once, in quiet hours too, and in no digest."""


def rules_of(type_: str) -> tuple[Rule, ...]:
    """The rules of a type; what has none is told to those who watch, unless it is for auditors."""
    if type_ in RULES:
        return RULES[type_]
    telling = TELLINGS.get(type_)
    return () if telling is None or telling.for_audit else (_WATCHING,)


def dedup_of(event_id: str, type_: str, payload: Payload, topic: Topic) -> str:
    """The mark that events telling the same share: a release and its approval, two wordings of a comment."""
    if topic is Topic.mention and payload.get("comment"):
        return f"mention:{payload['comment']}"
    kind, _, verb = type_.partition(".")
    if kind in ("release", "approval") and payload.get("approval") and verb in ("requested", "approved", "rejected"):
        return f"{verb}:{payload['approval']}"
    return event_id


def related(subject: str, payload: Payload) -> tuple[str, ...]:
    """What an event is about in a wider sense: its subject, the model of a version, deployment and use case it names."""
    found = [subject]
    if subject.startswith("model:") and "@" in subject:
        found.append(subject.partition("@")[0])
    deployment = payload.get("deployment")
    if subject.startswith("alert:") and isinstance(deployment, str):
        found.append(f"deployment:{deployment}")
    usecase = payload.get("usecase")
    if isinstance(usecase, str) and usecase:
        found.append(f"usecase:{usecase}")
    return tuple(dict.fromkeys(found))


def place_of(subject: str, payload: Payload) -> str:
    """Where a notification leads: to the release or approval that the event names, else to its subject."""
    for kind in ("release", "approval"):
        named = payload.get(kind)
        prefix = {"release": "rel_", "approval": "apr_"}[kind]
        if isinstance(named, str) and named.startswith(prefix):
            return f"{kind}:{named}"
    return subject
