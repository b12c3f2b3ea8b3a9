"""Operations about what computing costs, and what use cases are expected to bring and to cost."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from headway_client.answers.value import DiscountRate, Projection, Rates
from headway_client.operations import Each, M, Namespace, get, lists, post


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


class DiscountRates(Namespace[M]):
    """What finance asks of money a year."""

    @lists("/discount-rates", is_paged=False)
    def list(self) -> Each[DiscountRate]:
        """List the rates, that of the latest day first."""

    @post("/discount-rates")
    def set(self, *, percent: str, valid_from: date | None = None, reason: str) -> DiscountRate:
        """Say what finance asks of money from a day on; only the head of the finance department may."""


class Projections(Namespace[M]):
    """What use cases are expected to bring and to cost; never measured."""

    @lists("/usecases/{slug}/projections", is_paged=False)
    def list(self, slug: str) -> Each[Projection]:
        """List the projections of a use case, newest first."""

    @post("/usecases/{slug}/projections")
    def make(
        self,
        slug: str,
        *,
        title: str,
        drivers: Sequence[Mapping[str, object]],
        lines: Sequence[Mapping[str, object]],
        currency: str | None = None,
        horizon_months: int | None = None,
        capacity_share: float | None = None,
        draws: int | None = None,
        seed: int | None = None,
    ) -> Projection:
        """Work out what a use case is expected to bring and to cost, at finance's discount rate.

        Args: drivers: each with ``name``, ``likely`` and, where it is not certain, ``low`` and ``high``; lines: each with
            ``name``, ``kind`` (cash_out, revenue, avoided_loss, capacity, cost) and the ``drivers`` it is the product of.
        """

    @get("/projections/{projection}")
    def show(self, projection: str) -> Projection:
        """Show a projection with everything it was made of."""
