"""Assessments: what people must judge about a use case, asked only as far as the platform does not know it.

``of_usecase`` says what is due, why, and where each stands; a signed assessment is evidence that gates read.
"""

from headway.governance.assessments.entities import (
    Assessment,
    Assessor,
    Known,
    Need,
    Question,
    Standing,
    Template,
)
from headway.governance.assessments.errors import (
    AnswersInvalid,
    AssessmentClosed,
    AssessmentUnknown,
    AssessorInvalid,
    TemplateUnknown,
)
from headway.governance.assessments.service import (
    answer,
    appoint,
    dismiss,
    get_assessment,
    get_template,
    give_back,
    holders,
    list_assessments,
    list_assessors,
    list_templates,
    of_usecase,
    open_assessment,
    outdated_evidence,
    seats,
    sign,
    submit,
)

__all__ = [
    "AnswersInvalid",
    "Assessment",
    "AssessmentClosed",
    "AssessmentUnknown",
    "Assessor",
    "AssessorInvalid",
    "Known",
    "Need",
    "Question",
    "Standing",
    "Template",
    "TemplateUnknown",
    "answer",
    "appoint",
    "dismiss",
    "get_assessment",
    "get_template",
    "give_back",
    "holders",
    "list_assessments",
    "list_assessors",
    "list_templates",
    "of_usecase",
    "open_assessment",
    "outdated_evidence",
    "seats",
    "sign",
    "submit",
]
