"""Operations about risk registers."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from headway_client.answers.risks import Risk, RiskRegister, RisksFound
from headway_client.operations import M, Namespace, get, post
from headway_client.words import RiskHarm, RiskState, Tier


class Risks(Namespace[M]):
    """What can go wrong with use cases, in ranges of events a year and of money; ranges are ``{"low": ..., "high": ...}``."""

    @get("/risks")
    def find(
        self,
        *,
        department: str | None = None,
        tier: Tier | None = None,
        usecase: str | None = None,
        owner: str | None = None,
        state: RiskState = "open",
        harm: RiskHarm | None = None,
        overdue: bool | None = None,
        search: str = "",
        sort: str = "",
        descending: bool = True,
        limit: int = 50,
        offset: int = 0,
    ) -> RisksFound:
        """List the risks of all use cases that you may read, the costliest first, with what they cost together."""

    @get("/usecases/{slug}/risks")
    def register(self, slug: str) -> RiskRegister:
        """Show the risks of a use case, what a year of them costs, and what is overdue."""

    @post("/usecases/{slug}/risks")
    def add(
        self,
        slug: str,
        *,
        title: str,
        cause: str,
        event: str,
        consequence: str,
        inherent_rate: Mapping[str, float],
        inherent_impact: Mapping[str, float],
        residual_rate: Mapping[str, float] | None = None,
        residual_impact: Mapping[str, float] | None = None,
        currency: str | None = None,
        harms: Mapping[str, str] | None = None,
        reason: str,
    ) -> Risk:
        """Write a risk down; without residual figures nothing is done about it yet."""

    @get("/risks/{risk_id}")
    def show(self, risk_id: str) -> Risk:
        """Show a risk as it is estimated now."""

    @post("/risks/{risk_id}/estimates")
    def estimate(
        self,
        risk_id: str,
        *,
        title: str,
        cause: str,
        event: str,
        consequence: str,
        inherent_rate: Mapping[str, float],
        inherent_impact: Mapping[str, float],
        residual_rate: Mapping[str, float] | None = None,
        residual_impact: Mapping[str, float] | None = None,
        currency: str | None = None,
        harms: Mapping[str, str] | None = None,
        reason: str,
    ) -> Risk:
        """Estimate a risk anew; what was thought before is kept."""

    @post("/risks/{risk_id}/treatments")
    def treat(
        self, risk_id: str, *, action: str, effect: str, owner: str, due_on: date, cost: str | None = None
    ) -> Risk:
        """Say what is done about a risk; its owner has it as a task."""

    @post("/risks/{risk_id}/close")
    def close(self, risk_id: str, *, reason: str) -> Risk:
        """Close a risk that is none any more."""

    @post("/treatments/{treatment_id}/done")
    def finish(self, treatment_id: str, *, note: str) -> Risk:
        """Say that a treatment is done, and how."""
