"""Operations about what computing costs."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from datetime import date

from headway_client.answers.value import Rates
from headway_client.operations import Each, M, Namespace, lists, post


class RateCards(Namespace[M]):
    """What computing costs: the rates that metered jobs and decisions are priced by."""

    @lists("/rates", is_paged=False)
    def list(self) -> Each[Rates]:
        """List the rates, those of the latest day first."""

    @post("/rates")
    def set(
        self, *, cpu_hour: str, thousand_decisions: str, month: str, valid_from: date | None = None, reason: str
    ) -> Rates:
        """Say what computing costs from a day on, today if none is named; earlier rates stay."""
