"""Operations about plans to take use cases to other departments."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Sequence

from headway_client.answers.scaling import LabelBatch, ScalePlan, StartedPlan
from headway_client.calls import File
from headway_client.operations import Each, M, Namespace, get, lists, post


class ScalePlans(Namespace[M]):
    """Plans to take use cases to other departments."""

    @post("/usecases/{slug}/scale-plans", files=("file",))
    def start(
        self,
        slug: str,
        file: File | None = None,
        *,
        upload: str | None = None,
        product: str | None = None,
        department: str,
        version: str | None = None,
        map: Sequence[str] | None = None,
        value: Sequence[str] | None = None,
    ) -> StartedPlan:
        """Plan to take a use case to another department; ``client.wait(started)`` waits until the plan is there."""

    @lists("/scale-plans")
    def list(self, *, usecase: str | None = None, department: str | None = None) -> Each[ScalePlan]:
        """List plans, newest first."""

    @get("/scale-plans/{plan_id}")
    def show(self, plan_id: str) -> ScalePlan:
        """Show a plan: mapping, readiness, differences, forecast, the way proposed, and the state of its check."""

    @lists("/scale-plans/{plan_id}/labels", is_paged=False)
    def list_labels(self, plan_id: str) -> Each[LabelBatch]:
        """List the labels brought to a plan, batch by batch."""

    @post("/scale-plans/{plan_id}/labels", files=("file",))
    def bring_labels(self, plan_id: str, file: File) -> ScalePlan:
        """Bring outcomes of a plan's cases; tells whether the forecast stands, falls, or how many more it needs."""

    @get("/scale-plans/{plan_id}/to-label")
    def to_label(self, plan_id: str, *, limit: int = 300) -> str:
        """Give the cases whose outcome tells most, as CSV with an empty outcome to fill in and bring back."""
