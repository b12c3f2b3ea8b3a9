"""Assessments: opened, answered by who holds the seat, submitted, signed by another; a signed one is evidence until it is outdated."""

from headway.governance.assessments.service.answering import (
    answer,
    get_assessment,
    give_back,
    list_assessments,
    open_assessment,
    sign,
    submit,
)
from headway.governance.assessments.service.needing import need_of, of_usecase, outdated_evidence
from headway.governance.assessments.service.overseeing import NeedList, departments_seen, find_needs
from headway.governance.assessments.service.publishing import (
    get_template,
    list_templates,
    publish_template,
    retire_template,
    source_of,
    template_of,
)
from headway.governance.assessments.service.seating import appoint, dismiss, holders, list_assessors, seats, sitting

__all__ = [
    "NeedList",
    "answer",
    "appoint",
    "departments_seen",
    "dismiss",
    "find_needs",
    "get_assessment",
    "get_template",
    "give_back",
    "holders",
    "list_assessments",
    "list_assessors",
    "list_templates",
    "need_of",
    "of_usecase",
    "open_assessment",
    "outdated_evidence",
    "publish_template",
    "retire_template",
    "seats",
    "sign",
    "sitting",
    "source_of",
    "submit",
    "template_of",
]
