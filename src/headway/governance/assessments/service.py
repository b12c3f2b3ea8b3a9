"""Assessments: opened, answered by who holds the seat, submitted, signed by another; a signed one is evidence until it is outdated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import msgspec
from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.governance import policy
from headway.governance import store as governance_store
from headway.governance.assessments import rules, store
from headway.governance.assessments.adapters import templates
from headway.governance.assessments.entities import Assessment, Assessor, Known, Need, Template, Value
from headway.governance.assessments.errors import (
    AnswersInvalid,
    AssessmentClosed,
    AssessmentUnknown,
    AssessorInvalid,
    TemplateUnknown,
)
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


# --- seats -------------------------------------------------------------------------------------------------------


def seats() -> tuple[str, ...]:
    """The seats that templates are answered by."""
    return tuple(dict.fromkeys(one.seat for one in templates().values()))


def appoint(session: Session, actor: Actor, *, seat: str, person: str, department: str | None = None) -> Assessor:
    """Give a person a seat, in a department and those below it or everywhere; raises AssessorInvalid."""
    need_person(actor, "give a seat")
    found = identity.find_person(session, person)
    faults = []
    if seat not in seats():
        faults.append(_fault("seat", f"the seats are {', '.join(seats())}"))
    if found is None or not found.is_active:
        faults.append(_fault("person", f"nobody active is {person!r}"))
    if department is not None and department not in {one.slug for one in identity.list_departments(session)}:
        faults.append(_fault("department", f"there is no department {department!r}"))
    held = [one for one in store.list_assessors(session, seat=seat) if found and one.person == found.ref]
    if any(one.department == department for one in held):
        faults.append(_fault("person", "they hold the seat already"))
    if faults or found is None:
        raise AssessorInvalid("; ".join(fault.message for fault in faults), faults=faults)
    made = Assessor(
        id=new_id("asr"),
        seat=seat,
        person=found.ref,
        department=department,
        appointed_by=actor.ref,
        appointed_at=clock.now(),
        ended_by=None,
        ended_at=None,
    )
    store.add_assessor(session, made)
    _tell_seat(session, actor, "assessor.appointed", made)
    return made


def dismiss(session: Session, actor: Actor, assessor_id: str) -> Assessor:
    """End what a person holds; what they answered stays; raises AssessmentUnknown, AssessmentClosed."""
    need_person(actor, "end a seat")
    found = store.get_assessor(session, assessor_id)
    if found is None:
        raise AssessmentUnknown(f"nobody holds {assessor_id}", values={"assessor": assessor_id})
    if found.ended_at is not None:
        raise AssessmentClosed(f"{assessor_id} was ended before", values={"assessor": assessor_id})
    now = clock.now()
    store.end_assessor(session, assessor_id, by=actor.ref, at=now)
    ended = replace(found, ended_by=actor.ref, ended_at=now)
    _tell_seat(session, actor, "assessor.dismissed", ended)
    return ended


def list_assessors(session: Session, seat: str | None = None) -> tuple[Assessor, ...]:
    """Read who sits where."""
    return tuple(store.list_assessors(session, seat=seat))


def holders(session: Session, seat: str, department: str) -> tuple[str, ...]:
    """Who holds a seat for a department: appointed there, above it, or everywhere."""
    above = {department, *_above(session, department)}
    found = [one.person for one in store.list_assessors(session, seat=seat) if one.department in {None, *above}]
    return tuple(dict.fromkeys(found))


def _above(session: Session, department: str) -> set[str]:
    parents = {one.slug: one.parent for one in identity.list_departments(session)}
    found: set[str] = set()
    here = parents.get(department)
    while here is not None and here not in found:
        found.add(here)
        here = parents.get(here)
    return found


# --- what is due -------------------------------------------------------------------------------------------------


def list_templates() -> tuple[Template, ...]:
    """The templates in force."""
    return tuple(templates().values())


def get_template(name: str) -> Template:
    """Read a template; raises TemplateUnknown."""
    found = templates().get(name)
    if found is None:
        raise TemplateUnknown(
            f"no template {name!r}", hint=f"known: {', '.join(templates())}", values={"template": name}
        )
    return found


def of_usecase(session: Session, slug: str) -> tuple[Need, ...]:
    """Say of each template whether a use case needs it, why, and where it stands; raises UseCaseUnknown."""
    case = get_usecase(session, slug)
    found, now = _platform_facts(session, case), clock.now()
    newest: dict[str, Assessment] = {}
    for one in store.list_assessments(session, usecase=slug):
        newest.setdefault(one.template, one)
    made = []
    for template in templates().values():
        is_due, why = rules.due(template, case)
        last = newest.get(template.id)
        standing, why_outdated = rules.standing(template, last, found, now, is_due=is_due)
        known = rules.known_answers(template, found)
        made.append(
            Need(
                usecase=slug,
                template=template.id,
                title=template.title,
                seat=template.seat,
                is_due=is_due,
                why=why,
                standing=standing,
                why_outdated=why_outdated,
                newest=last,
                asked=tuple(one.id for one in template.questions if one.id not in known),
                known=known,
                assessors=holders(session, template.seat, case.department),
            )
        )
    return tuple(made)


def outdated_evidence(session: Session, case: UseCase) -> frozenset[str]:
    """The evidence of signed assessments that no longer count, for gates; those of before the newest never do."""
    signed = store.list_assessments(session, usecase=case.slug, states=("signed",))
    if not signed:
        return frozenset()
    found, now = _platform_facts(session, case), clock.now()
    seen: set[str] = set()
    gone = set()
    for one in signed:
        template = templates().get(one.template)
        is_newest = one.template not in seen
        seen.add(one.template)
        if one.evidence and (not is_newest or template is None or rules.outdated(template, one, found, now)):
            gone.add(one.evidence)
    return frozenset(gone)


def _platform_facts(session: Session, case: UseCase) -> dict[str, Known]:
    rows = governance_store.list_evidence(
        session, subject=f"usecase:{case.slug}", subject_digest=None, type=None, before=None, limit=100
    )
    return rules.platform_facts(case, rows)


# --- the life of one ---------------------------------------------------------------------------------------------


def open_assessment(session: Session, actor: Actor, *, usecase: str, template: str) -> Assessment:
    """Begin an assessment; answers that were given last time are taken along where they still fit.

    Raises: TemplateUnknown, UseCaseUnknown, UseCaseRetired; AssessmentClosed: one is open.
    """
    need_person(actor, "open an assessment")
    chosen, case = get_template(template), get_usecase(session, usecase)
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
    )
    store.add_assessment(session, made)
    known = rules.known_answers(chosen, _platform_facts(session, case))
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
    known = rules.known_answers(template, _platform_facts(session, case))
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
    facts = _platform_facts(session, case)
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
    made = get_assessment(session, assessment_id)
    _tell(session, actor, "assessment.submitted", made)
    return made


def sign(session: Session, actor: Actor, assessment_id: str, remark: str) -> Assessment:
    """Sign what another submitted; it becomes evidence, in one's own name, while a pack that is on knows its type.

    Raises: AssessmentUnknown, AssessmentClosed, SamePerson; AnswersInvalid without a remark.
    """
    found = _submitted(session, actor, assessment_id, remark)
    template, case = get_template(found.template), get_usecase(session, found.usecase)
    if rules.changed_facts(template, found.known, _platform_facts(session, case)):
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
    return found, get_template(found.template), case


def _submitted(session: Session, actor: Actor, assessment_id: str, remark: str) -> Assessment:
    need_person(actor, "sign an assessment")
    if len(remark.strip()) < LEAST_REMARK:
        raise AnswersInvalid("say why", faults=[_fault("remark", f"write at least {LEAST_REMARK} characters")])
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


def _tell_seat(session: Session, actor: Actor, event: str, one: Assessor) -> None:
    payload = {"seat": one.seat, "person": one.person, "department": one.department}
    ledger.record(session, actor=actor, type=event, subject=Ref.parse(one.person), payload=payload)


def _fault(column: str, message: str) -> Fault:
    return Fault(rule=f"assessments.{column}", column=column, message=message)
