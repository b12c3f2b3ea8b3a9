"""What a training run says to gates: a draft of evidence per report, numbers where rules want numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from headway import governance
from headway.kernel.canonical import sha256
from headway.kernel.errors import Scalar
from headway.registry import card
from headway.registry.entities import TrainedModel

INTERVAL_LEVEL = 0.95
LINEAGE = "lineage_snapshot"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDraft:
    """Evidence before governance has written it."""

    type: str
    facts: Mapping[str, Scalar]
    payload_digest: str | None


def evidence_of(model: TrainedModel, *, data_digest: str, card_digest: str) -> tuple[EvidenceDraft, ...]:
    """Draft the evidence of a run.

    Args: data_digest: the snapshot's digest, under which its quality evidence was written; card_digest: of card.json.
    """
    return (
        EvidenceDraft(type="eval_report", facts=_evaluation(model), payload_digest=_of(model, card.EVALUATION_FILE)),
        EvidenceDraft(type="leakage_report", facts=_leakage(model), payload_digest=_of(model, card.LEAKAGE_FILE)),
        EvidenceDraft(type="parity_report", facts=_parity(model), payload_digest=_of(model, card.PARITY_FILE)),
        EvidenceDraft(
            type="dataset_card",
            facts={
                "data_digest": data_digest,
                "product": model.spec.product or "",
                "rows": model.rows,
                "columns": len(model.features) + len(model.excluded) + 1,
                "rows_digest": model.digests.data,
                "unlabelled_rows": model.unlabelled_rows,
                "positive_rate": model.rate,
            },
            payload_digest=_of(model, card.TRAINING_FILE),
        ),
        EvidenceDraft(type="model_card", facts={"card_digest": card_digest}, payload_digest=card_digest),
    )


def lineage_of(model: TrainedModel, data_digest: str) -> dict[str, Scalar] | None:
    """Where the rows came from; None where no product is known that they are of."""
    spec, release = model.spec, model.release
    if spec.product is None or spec.snapshot is None:
        return None
    contract = json.loads(model.files[release.contract_path])
    return {
        "sources": 1,
        "product": spec.product,
        "snapshot": spec.snapshot,
        "data_digest": data_digest,
        "contract_digest": release.contract_digest,
        "contract_version": str(contract.get("version", "")),
    }


def _evaluation(model: TrainedModel) -> dict[str, Scalar]:
    metrics, interval = model.metrics, model.metrics.intervals.get("roc_auc")
    comparison = model.comparison
    return {
        "task": "binary",
        "split": model.split.kind,
        "split_reason": model.spec.split_reason or "",
        "n_test": metrics.n_test,
        "positives": metrics.positives,
        "interval_level": INTERVAL_LEVEL if interval else 0.0,
        "roc_auc": metrics.roc_auc,
        "roc_auc_low": interval.low if interval else None,
        "roc_auc_high": interval.high if interval else None,
        "average_precision": metrics.average_precision,
        "log_loss": metrics.log_loss,
        "brier": metrics.brier,
        "ece": metrics.ece,
        "lift_10": metrics.lift_10,
        "learner": model.learner,
        "calibration": model.calibration.kind,
        "random_auc": comparison.random_auc if comparison else None,
        "random_drop": comparison.drop if comparison else None,
        "believable": model.believable,
    }


def _leakage(model: TrainedModel) -> dict[str, Scalar]:
    used = set(model.features)
    still = [s for s in model.suspects if s.column in used]
    strong = {s.column for s in still if s.severity == "strong"}
    return {
        "suspects": len(model.suspects),
        "suspects_open": len(strong),
        "open_columns": governance.columns_text(strong),
        "warnings_open": len({s.column for s in still if s.severity == "warning"}),
        "excluded": len(model.excluded),
        "repeats_across": model.split.repeats_across,
    }


def _parity(model: TrainedModel) -> dict[str, Scalar]:
    parity = model.parity
    return {
        "passed": parity.passed,
        "rows": parity.rows + parity.edge_rows,
        "edge_rows": parity.edge_rows,
        "max_difference": parity.max_difference,
        "max_reason_gap": parity.max_reason_gap,
        "decision_flips": parity.decision_flips,
    }


def _of(model: TrainedModel, path: str) -> str:
    return sha256(model.files[path])
