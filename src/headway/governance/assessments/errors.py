"""What can be wrong with assessments."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Invalid, NotFound


class TemplateUnknown(NotFound):
    """No template of this name is in force."""

    code = "assessments.template_unknown"


class TemplateInvalid(Invalid):
    """A template of one's own has all its parts, questions that can be answered, and a version of its own."""

    code = "assessments.template_invalid"


class TemplateClosed(Conflict):
    """What was retired is not retired again."""

    code = "assessments.template_closed"


class AssessmentUnknown(NotFound):
    """No such assessment."""

    code = "assessments.unknown"


class AnswersInvalid(Invalid):
    """Answers fit their questions, none asks what the platform knows, and all that must be answered are."""

    code = "assessments.answers_invalid"


class AssessmentClosed(Conflict):
    """What was submitted is not answered again; what was signed or returned is not signed again."""

    code = "assessments.closed"


class AssessorInvalid(Invalid):
    """A seat of the templates, held by a person who is active."""

    code = "assessments.assessor_invalid"
