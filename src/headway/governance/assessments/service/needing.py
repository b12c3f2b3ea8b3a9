"""Which assessments a use case needs and why, and which evidence of before no longer counts."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway.governance import store as governance_store
from headway.governance.assessments import rules, store
from headway.governance.assessments.adapters import templates
from headway.governance.assessments.entities import Assessment, Known, Need, Template
from headway.governance.assessments.errors import (
    TemplateUnknown,
)
from headway.governance.assessments.service.seating import holders
from headway.governance.entities import UseCase
from headway.governance.service.usecases import get_usecase
from headway.kernel import clock


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
    found, now = platform_facts(session, case), clock.now()
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
    found, now = platform_facts(session, case), clock.now()
    seen: set[str] = set()
    gone = set()
    for one in signed:
        template = templates().get(one.template)
        is_newest = one.template not in seen
        seen.add(one.template)
        if one.evidence and (not is_newest or template is None or rules.outdated(template, one, found, now)):
            gone.add(one.evidence)
    return frozenset(gone)


def platform_facts(session: Session, case: UseCase) -> dict[str, Known]:
    rows = governance_store.list_evidence(
        session, subject=f"usecase:{case.slug}", subject_digest=None, type=None, before=None, limit=100
    )
    return rules.platform_facts(case, rows)
