"""Decisions about tiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import cast

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from headway.governance.entities import (
    Confidence,
    Tier,
    TierDecision,
    TraceStep,
)
from headway.governance.tables import (
    TierDecisionRow,
)


def add_decision(session: Session, decision: TierDecision) -> None:
    """Write a tier decision."""
    values = asdict(decision)
    values |= {"trace": [asdict(step) for step in decision.trace], "facts_needed": list(decision.facts_needed)}
    session.add(TierDecisionRow(**values))
    session.flush()


def newest_decision(session: Session, usecase: str) -> TierDecision | None:
    """Read the newest tier decision of a use case, whether or not it still counts."""
    found = list_decisions(session, usecase, limit=1)
    return found[0] if found else None


def list_decisions(session: Session, usecase: str, *, limit: int) -> list[TierDecision]:
    """Read tier decisions, newest first."""
    query = (
        select(TierDecisionRow)
        .where(TierDecisionRow.usecase == usecase)
        .order_by(TierDecisionRow.id.desc())
        .limit(limit)
    )
    return [_decision(row) for row in session.scalars(query)]


def decision_methods(session: Session) -> dict[tuple[str, str], str]:
    """Read how the newest decision about each use case was made, by its name and the digest of what was decided about."""
    query = (
        select(TierDecisionRow.usecase, TierDecisionRow.usecase_digest, TierDecisionRow.method)
        .ext(distinct_on(TierDecisionRow.usecase))
        .order_by(TierDecisionRow.usecase, TierDecisionRow.id.desc())
    )
    return {(usecase, digest): method for usecase, digest, method in session.execute(query)}


def _decision(row: TierDecisionRow) -> TierDecision:
    return TierDecision(
        id=row.id,
        usecase=row.usecase,
        usecase_digest=row.usecase_digest,
        tier=Tier(row.tier),
        rule=row.rule,
        method="person" if row.method == "person" else "rules",
        decider=row.decider,
        reasons=row.reasons,
        trace=tuple(_step(step) for step in row.trace),
        facts_needed=tuple(row.facts_needed),
        pack_id=row.pack_id,
        pack_version=row.pack_version,
        pack_digest=row.pack_digest,
        confidence=cast(Confidence | None, row.confidence),
        decided_at=row.decided_at,
    )


def _step(step: Mapping[str, object]) -> TraceStep:
    return TraceStep(**{**step, "tier": Tier(step["tier"])})  # type: ignore[arg-type]  # written from a TraceStep
