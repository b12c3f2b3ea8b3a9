"""Operations about assessments of use cases."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping

from headway_client.answers.assessments import (
    Assessment,
    AssessmentNeed,
    AssessmentTemplate,
    Assessor,
    NeedsFound,
    OwnAssessmentTemplate,
)
from headway_client.operations import Each, M, Namespace, get, lists, post
from headway_client.words import AssessmentStanding


class AssessmentTemplates(Namespace[M]):
    """The questions of each seat."""

    @lists("/assessment-templates", is_paged=False)
    def list(self) -> Each[AssessmentTemplate]:
        """List the templates with their questions."""

    @get("/assessment-templates/{name}")
    def show(self, name: str) -> AssessmentTemplate:
        """Show a template that is in force, with its questions."""

    @get("/assessment-templates/{name}/source")
    def source(self, name: str) -> OwnAssessmentTemplate:
        """Show the newest version of a template of one's own as it was written, also when it was retired."""

    @post("/assessment-templates")
    def publish(self, *, text: str) -> OwnAssessmentTemplate:
        """Publish a template from YAML; a higher version replaces the one that is there."""

    @post("/assessment-templates/{name}/retire")
    def retire(self, name: str, *, reason: str) -> OwnAssessmentTemplate:
        """Take a template of one's own out of force; what was answered under it stays."""


class Assessors(Namespace[M]):
    """Who holds which seat."""

    @lists("/assessors", is_paged=False)
    def list(self) -> Each[Assessor]:
        """List who holds which seat."""

    @post("/assessors")
    def appoint(self, *, seat: str, person: str, department: str | None = None) -> Assessor:
        """Give a person a seat, in a department and those below it or everywhere."""

    @post("/assessors/{assessor_id}/end")
    def dismiss(self, assessor_id: str) -> Assessor:
        """End what a person holds; what they answered stays."""


class Assessments(Namespace[M]):
    """What people must judge about a use case, asked only as far as the platform does not know it."""

    @get("/assessment-needs")
    def find(
        self,
        *,
        department: str | None = None,
        usecase: str | None = None,
        template: str | None = None,
        seat: str | None = None,
        standing: AssessmentStanding | None = None,
        assessor: str | None = None,
        search: str = "",
        sort: str = "",
        descending: bool = False,
        limit: int = 50,
        offset: int = 0,
    ) -> NeedsFound:
        """List the assessments of all use cases that you may read, what people must act on first."""

    @lists("/usecases/{slug}/assessments", is_paged=False)
    def due(self, slug: str) -> Each[AssessmentNeed]:
        """Tell of each template whether a use case needs it, why, and where it stands."""

    @post("/usecases/{slug}/assessments")
    def open(self, slug: str, *, template: str) -> Assessment:
        """Begin an assessment; answers of last time that still fit are taken along."""

    @lists("/assessments", is_paged=False)
    def list(self, *, usecase: str, limit: int | None = None) -> Each[Assessment]:
        """List the assessments of a use case with their answers, newest first."""

    @get("/assessments/{assessment_id}")
    def show(self, assessment_id: str) -> Assessment:
        """Show an assessment: answers, what the platform knew, who submitted and who signed it."""

    @post("/assessments/{assessment_id}/answers")
    def answer(self, assessment_id: str, *, answers: Mapping[str, bool | float | str]) -> Assessment:
        """Answer questions; only who holds the seat may."""

    @post("/assessments/{assessment_id}/submit")
    def submit(self, assessment_id: str) -> Assessment:
        """Submit it as it is answered; from here on it never changes."""

    @post("/assessments/{assessment_id}/sign")
    def sign(self, assessment_id: str, *, remark: str) -> Assessment:
        """Sign what another submitted; it becomes evidence."""

    @post("/assessments/{assessment_id}/return")
    def give_back(self, assessment_id: str, *, remark: str) -> Assessment:
        """Give back what another submitted, with a reason."""
