"""Builders for governance: a use case and a subject that pass every gate, to be broken one thing at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from headway import governance, identity
from headway.governance import FactValue, GateResult, UseCase
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest
from headway.kernel.errors import Scalar
from headway.kernel.ids import Ref

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
JOB = Actor(ref="service:registry", name="Registry")
ANA = Actor(ref="person:ana", name="Ana")
BEN = Actor(ref="person:ben", name="Ben")
SUBJECT = Ref("model", "lead-scoring", "1")
SUBJECT_DIGEST = digest("a bundle")
DATA_DIGEST = digest("a snapshot")

MINIMAL_RISK: dict[str, FactValue] = {
    "roles": ["provider", "deployer"],
    "jurisdictions": ["EU"],
    "prohibited_hits": [],
    "annex_i": False,
    "annex_iii": [],
    "art6_3_accepted": False,
    "profiling": True,
    "interacts_with_people": False,
    "generates_content": False,
    "deepfake": False,
    "public_interest_text": False,
    "emotion_or_biometric_categorisation": False,
    "personal_data": True,
    "special_category_data": False,
    "workplace_use": False,
    "public_body_or_service": False,
}

GOOD_FACTS: dict[str, dict[str, Scalar]] = {
    "dataset_card": {"data_digest": DATA_DIGEST, "product": "product:sales.leads", "rows": 4000, "columns": 20},
    "eval_report": {
        "task": "binary",
        "split": "time",
        "split_reason": "the column contacted_at orders the rows",
        "n_test": 800,
        "interval_level": 0.95,
        "roc_auc": 0.71,
        "roc_auc_low": 0.66,
        "roc_auc_high": 0.76,
        "skill_low": 0.1,
    },
    "leakage_report": {"suspects": 1, "suspects_open": 0},
    "parity_report": {"passed": True, "rows": 500, "max_difference": 0.0, "decision_flips": 0},
    "model_card": {"card_digest": digest("a card")},
}
GOOD_QUALITY: dict[str, Scalar] = {"contract_checked": True, "quality_score": 0.99, "rows": 4000, "failed_rows": 40}


def open_usecase(session: Session, *, slug: str = "lead-scoring", complete: bool = True, **changes: object) -> UseCase:
    """Open a use case of minimal tier; an incomplete one says only what a file can tell."""
    identity.ensure_department(session, ANA, "sales")
    told: dict[str, object] = {"slug": slug, "title": "Lead scoring", "department": "sales", "risk": MINIMAL_RISK}
    if complete:
        told |= {
            "solution": "sales.lead-scoring",
            "purpose": "Rank leads so that sales calls the likeliest first",
            "owner": "Olga Owner",
            "sponsor": "Sam Sponsor",
            "success_measure": "won deals a hundred calls, against a hold-out",
            "people_affected": "business contacts",
        }
    return governance.open_usecase(session, ANA, **(told | changes))  # type: ignore[arg-type]  # built from words


def bring_evidence(
    session: Session, *, without: tuple[str, ...] = (), changed: Mapping[str, Mapping[str, Scalar]] | None = None
) -> None:
    """Write evidence that passes every technical control, less what is left out or changed."""
    for name, facts in GOOD_FACTS.items():
        if name not in without:
            told = {**facts, **(changed or {}).get(name, {})}
            governance.record_evidence(
                session, type=name, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, facts=told, producer=JOB
            )
    if "data_quality_report" not in without:
        governance.record_evidence(
            session,
            type="data_quality_report",
            subject=Ref("product", "sales.leads"),
            subject_digest=DATA_DIGEST,
            facts={**GOOD_QUALITY, **(changed or {}).get("data_quality_report", {})},
            producer=JOB,
        )


def ask(session: Session, environment: str = "production", usecase: str = "lead-scoring") -> GateResult:
    """Ask the release gate about the subject."""
    return governance.evaluate_gate(
        session, environment=environment, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, usecase=usecase
    )


def approved(session: Session, environment: str = "production") -> governance.Approval:
    """Have Ana ask and Ben approve."""
    asked = governance.request_approval(
        session, ANA, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, environment=environment, usecase="lead-scoring"
    )
    return governance.approve(session, BEN, asked.id, "read the evaluation and the card")
