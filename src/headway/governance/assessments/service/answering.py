"""The life of one assessment: opened, answered by who holds the seat, submitted, signed or given back by another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import msgspec
from sqlalchemy.orm import Session

from headway import collaboration, ledger
from headway.governance import policy
from headway.governance import store as governance_store
from headway.governance.assessments import rules, store
from headway.governance.assessments.entities import Assessment, Template, Value
from headway.governance.assessments.errors import (
    AnswersInvalid,
    AssessmentClosed,
    AssessmentUnknown,
)
from headway.governance.assessments.service.needing import platform_facts
from headway.governance.assessments.service.publishing import get_template, template_of
from headway.governance.assessments.service.seating import fault, holders
from headway.governance.entities import UseCase
from headway.governance.errors import SamePerson
from headway.governance.service.evidence import record_evidence
from headway.governance.service.packs import list_packs
from headway.governance.service.people import need_person
from headway.governance.service.retiring import refuse_retired
from headway.governance.service.usecases import get_usecase
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest
from headway.kernel.errors import Denied, Fault, Scalar
from headway.kernel.ids import Ref, new_id

MOST = 500
LEAST_REMARK = 3
ANSWER_DAYS = 14
"""The time that somebody of the seat has, until a reminder says that it is over."""


def open_assessment(session: Session, actor: Actor, *, usecase: str, template: str) -> Assessment:
    """Begin an assessment; answers that were given last time are taken along where they still fit.

    Raises: TemplateUnknown, UseCaseUnknown, UseCaseRetired; AssessmentClosed: one is open.
    """
    need_person(actor, "open an assessment")
    chosen, case = get_template(session, template), get_usecase(session, usecase)
    refuse_retired(session, usecase)
    before = [one for one in store.list_assessments(session, usecase=usecase) if one.template == template]
    if before and before[0].state in ("opened", "submitted"):
        raise AssessmentClosed(f"{before[0].id} is {before[0].state}", values={"assessment": before[0].id})
    made = Assessment(
        id=new_id("asm"),
        usecase=case.slug,
        template=chosen.id,
        template_version=chosen.version,
        template_digest=chosen.digest,
        seat=chosen.seat,
        number=store.next_number(session, case.slug, chosen.id),
        state="opened",
        opened_by=actor.ref,
        opened_at=clock.now(),
        answers={},
        known={},
        facts_digest=None,
        submitted_by=None,
        submitted_at=None,
        answers_digest=None,
        signed_by=None,
        signed_at=None,
        remark=None,
        evidence=None,
        task=None,
    )
    made = replace(made, task=_give_task(session, actor, made, chosen, case))
    store.add_assessment(session, made)
    known = rules.known_answers(chosen, platform_facts(session, case))
    if before:
        kept = {
            name: value
            for name, value in before[0].answers.items()
            if not rules.answer_faults(chosen, {name: value}, known)
        }
        store.add_answers(session, made.id, kept, by=actor.ref, at=clock.now())
    _tell(session, actor, "assessment.opened", made)
    return get_assessment(session, made.id)


def answer(session: Session, actor: Actor, assessment_id: str, answers: Mapping[str, Value]) -> Assessment:
    """Answer questions of an open assessment; what was answered before stays readable, the newest counts.

    Raises: AssessmentUnknown, AssessmentClosed, AnswersInvalid with every fault; Denied: they do not hold the seat.
    """
    found, template, case = _open(session, actor, assessment_id)
    known = rules.known_answers(template, platform_facts(session, case))
    faults = rules.answer_faults(template, answers, known)
    if faults:
        raise AnswersInvalid("; ".join(fault.message for fault in faults), faults=faults)
    given = {name: value for name, value in answers.items() if found.answers.get(name) != value}
    store.add_answers(session, assessment_id, given, by=actor.ref, at=clock.now())
    return get_assessment(session, assessment_id)


def submit(session: Session, actor: Actor, assessment_id: str) -> Assessment:
    """Submit it as it is answered, bound to what the platform knows now; from here on it never changes.

    Raises: as ``answer``; AnswersInvalid also names every question that is open.
    """
    found, template, case = _open(session, actor, assessment_id)
    facts = platform_facts(session, case)
    known = rules.known_answers(template, facts)
    missing = rules.open_questions(template, found.answers, known)
    if missing:
        faults = [Fault(rule="assessments.open", column=name, message=f"{name} is not answered") for name in missing]
        raise AnswersInvalid("; ".join(fault.message for fault in faults), faults=faults)
    content = {
        "template": template.digest,
        "answers": dict(found.answers),
        "known": {name: msgspec.to_builtins(one) for name, one in known.items()},
    }
    values = {
        "state": "submitted",
        "submitted_by": actor.ref,
        "submitted_at": clock.now(),
        "known": content["known"],
        "facts_digest": rules.facts_digest(template, facts),
        "answers_digest": digest(content),
    }
    store.change_assessment(session, assessment_id, values)
    _end_task(session, actor, found)
    made = get_assessment(session, assessment_id)
    _tell(session, actor, "assessment.submitted", made)
    return made


def sign(session: Session, actor: Actor, assessment_id: str, remark: str) -> Assessment:
    """Sign what another submitted; it becomes evidence, in one's own name, while a pack that is on knows its type.

    Raises: AssessmentUnknown, AssessmentClosed, SamePerson; AnswersInvalid without a remark.
    """
    found = _submitted(session, actor, assessment_id, remark)
    template, case = template_of(session, found), get_usecase(session, found.usecase)
    if rules.changed_facts(template, found.known, platform_facts(session, case)):
        raise AssessmentClosed(
            f"what {assessment_id} rests on has changed since it was submitted",
            hint="give it back, so that it is done again",
            values={"assessment": assessment_id},
        )
    values = {"state": "signed", "evidence": _evidence(session, actor, found, template, case)}
    return _closed(session, actor, found, remark, values)


def give_back(session: Session, actor: Actor, assessment_id: str, remark: str) -> Assessment:
    """Give back what another submitted, with a reason; it is opened anew. Raises as ``sign``."""
    found = _submitted(session, actor, assessment_id, remark)
    return _closed(session, actor, found, remark, {"state": "returned"})


def get_assessment(session: Session, assessment_id: str) -> Assessment:
    """Read an assessment; raises AssessmentUnknown."""
    found = store.get_assessment(session, assessment_id)
    if found is None:
        raise AssessmentUnknown(f"no assessment {assessment_id}", values={"assessment": assessment_id})
    return found


def list_assessments(session: Session, usecase: str | None = None, limit: int = 100) -> tuple[Assessment, ...]:
    """Read assessments, newest first."""
    return tuple(store.list_assessments(session, usecase=usecase, limit=max(1, min(limit, MOST))))


def _open(session: Session, actor: Actor, assessment_id: str) -> tuple[Assessment, Template, UseCase]:
    need_person(actor, "answer an assessment")
    found = store.get_assessment(session, assessment_id, lock=True)
    if found is None:
        raise AssessmentUnknown(f"no assessment {assessment_id}", values={"assessment": assessment_id})
    if found.state != "opened":
        raise AssessmentClosed(f"{assessment_id} was {found.state} before", values={"assessment": assessment_id})
    case = get_usecase(session, found.usecase)
    if actor.ref not in holders(session, found.seat, case.department):
        raise Denied(
            f"{actor.ref} does not hold the seat {found.seat} for {case.department}",
            hint="the AI office gives seats: headway assessment appoint",
            values={"rule": "assessments.seat", "seat": found.seat},
        )
    return found, template_of(session, found), case


def _submitted(session: Session, actor: Actor, assessment_id: str, remark: str) -> Assessment:
    need_person(actor, "sign an assessment")
    if len(remark.strip()) < LEAST_REMARK:
        raise AnswersInvalid("say why", faults=[fault("remark", f"write at least {LEAST_REMARK} characters")])
    found = store.get_assessment(session, assessment_id, lock=True)
    if found is None:
        raise AssessmentUnknown(f"no assessment {assessment_id}", values={"assessment": assessment_id})
    if found.state != "submitted":
        raise AssessmentClosed(f"{assessment_id} is {found.state}", values={"assessment": assessment_id})
    if found.submitted_by == actor.ref:
        raise SamePerson(
            f"{actor.ref} submitted {assessment_id} and cannot sign it",
            hint="somebody else must: of the seat, the council or the AI office",
            values={"rule": "governance.two_people", "assessment": assessment_id},
        )
    return found


def _give_task(session: Session, actor: Actor, one: Assessment, template: Template, case: UseCase) -> str | None:
    """Give it to somebody of the seat, to whoever opened it when they are; they are reminded as of any task."""
    people = holders(session, one.seat, case.department)
    if not people:
        return None
    made = collaboration.create_task(
        session,
        actor,
        title=f"{template.title}: {case.title}"[:200],
        subject=Ref("assessment", one.id),
        assignee=actor.ref if actor.ref in people else people[0],
        due_on=clock.now().date() + timedelta(days=ANSWER_DAYS),
    )
    return made.id


def _end_task(session: Session, actor: Actor, one: Assessment) -> None:
    if one.task is None:
        return
    if collaboration.get_task(session, one.task).state is collaboration.TaskState.open:
        collaboration.end_task(session, actor, one.task, state=collaboration.TaskState.done)


def _evidence(session: Session, actor: Actor, found: Assessment, template: Template, case: UseCase) -> str | None:
    kinds = policy.evidence_types(list_packs(session))
    kind = kinds.get(template.evidence)
    if kind is None:
        return None
    facts: dict[str, Scalar] = {"assessment": found.id, "template": f"{template.id}@{template.version}"}
    for one in template.questions:
        if one.evidence_fact is not None and one.id in found.answers:
            facts[one.evidence_fact] = found.answers[one.id]
    subject_digest = case.digest
    if kind.freshness_days == 0:  # such evidence counts for one exact version: that of the last verdict
        last = governance_store.list_verdicts(
            session, usecase=case.slug, subject_digest=None, environment=None, before=None, limit=1
        )
        subject_digest = last[0].subject_digest if last else case.digest
    made = record_evidence(
        session,
        type=kind.name,
        subject=Ref("usecase", case.slug),
        subject_digest=subject_digest,
        facts=facts,
        producer=actor,
        payload_digest=found.answers_digest,
    )
    return made.id


def _closed(session: Session, actor: Actor, found: Assessment, remark: str, values: Mapping[str, object]) -> Assessment:
    told = {"signed_by": actor.ref, "signed_at": clock.now(), "remark": remark.strip()}
    store.change_assessment(session, found.id, {**values, **told})
    made = get_assessment(session, found.id)
    event = "assessment.signed" if made.state == "signed" else "assessment.returned"
    _tell(session, actor, event, made, remark.strip())
    return made


def _tell(session: Session, actor: Actor, event: str, one: Assessment, reason: str | None = None) -> None:
    payload: dict[str, object] = {
        "usecase": one.usecase,
        "template": one.template,
        "number": one.number,
        "seat": one.seat,
        "answers_digest": one.answers_digest,
        "facts_digest": one.facts_digest,
        "evidence": one.evidence,
    }
    if reason is not None:
        payload["reason"] = reason
    ledger.record(session, actor=actor, type=event, subject=Ref("assessment", one.id), payload=payload)
