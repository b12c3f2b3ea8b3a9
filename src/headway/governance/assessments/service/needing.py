"""Which assessments a use case needs and why, and which evidence of before no longer counts."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from headway.governance import store as governance_store
from headway.governance.assessments import rules, store
from headway.governance.assessments.entities import Assessment, Known, Need, Template
from headway.governance.assessments.service.publishing import template_of, templates
from headway.governance.assessments.service.seating import sitting
from headway.governance.entities import UseCase
from headway.governance.service.usecases import get_usecase
from headway.kernel import clock


def of_usecase(session: Session, slug: str) -> tuple[Need, ...]:
    """Say of each template whether a use case needs it, why, and where it stands; raises UseCaseUnknown."""
    case = get_usecase(session, slug)
    newest: dict[str, Assessment] = {}
    for one in store.list_assessments(session, usecase=slug):
        newest.setdefault(one.template, one)
    asked = [(template, newest.get(template.id)) for template in templates(session).values()]
    return _needs(session, case, asked)


def need_of(session: Session, one: Assessment) -> Need:
    """Say of one assessment what it was opened for and where it stands, also when its template was retired."""
    return _needs(session, get_usecase(session, one.usecase), [(template_of(session, one), one)])[0]


def _needs(session: Session, case: UseCase, asked: Iterable[tuple[Template, Assessment | None]]) -> tuple[Need, ...]:
    found, now = platform_facts(session, case), clock.now()
    held = sitting(session, case.department)
    made = []
    for template, last in asked:
        is_due, why = rules.due(template, case)
        standing, why_outdated = rules.standing(template, last, found, now, is_due=is_due)
        known = rules.known_answers(template, found)
        made.append(
            Need(
                usecase=case.slug,
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
                assessors=held.get(template.seat, ()),
            )
        )
    return tuple(made)


def outdated_evidence(session: Session, case: UseCase) -> frozenset[str]:
    """The evidence of signed assessments that no longer count, for gates; those of before the newest never do."""
    signed = store.list_assessments(session, usecase=case.slug, states=("signed",))
    if not signed:
        return frozenset()
    found, now = platform_facts(session, case), clock.now()
    known, seen = templates(session), set[str]()
    gone = set()
    for one in signed:
        template = known.get(one.template)
        is_newest = one.template not in seen
        seen.add(one.template)
        if one.evidence and (not is_newest or template is None or rules.outdated(template, one, found, now)):
            gone.add(one.evidence)
    return frozenset(gone)


def platform_facts(session: Session, case: UseCase) -> dict[str, Known]:
    """Everything the platform knows of a use case, with the evidence about it."""
    rows = governance_store.list_evidence(
        session, subject=f"usecase:{case.slug}", subject_digest=None, type=None, before=None, limit=100
    )
    return rules.platform_facts(case, rows)
