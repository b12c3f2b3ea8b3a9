"""Chooses a learner: cross-validation in the order the split has, and the simplest within one standard error wins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headway.numerics import sigmoid
from headway.registry.entities import Candidate, Choice, LearnerName
from headway.registry.learners import fit
from headway.registry.metrics import log_loss, roc_auc
from headway.registry.split import folds
from headway.runtime import Feature

LEARNERS: tuple[LearnerName, ...] = ("logistic", "lightgbm")
"""From the simplest to the richest."""
COMPARED_ROWS = 50_000
"""More rows than this are thinned out evenly for the comparison; the winner learns from all."""

Floats = NDArray[np.float64]


def choose_learner(features: Sequence[Feature], x: Floats, y: Floats, *, ordered: bool, seed: int) -> Choice:
    """Compare the learners over folds.

    The simplest wins whose mean AUC *and* mean log loss are within one standard error of the best. Log loss counts as
    well because a line that runs on beyond what it learnt ranks no worse than trees while its probabilities are absurd.

    Args: x, y: encoded training rows in the order of learning; ordered: judge each block by what came before it.
    """
    step = max(1, -(-len(y) // COMPARED_ROWS))
    x, y = x[::step], y[::step]
    parts = folds(y, ordered=ordered, seed=seed)
    if len(parts) < 2:
        reason = "too few rows of either answer to compare learners, so the simplest is taken"
        return Choice(learner=LEARNERS[0], reason=reason, candidates=())
    candidates = tuple(_judge(learner, features, x, y, parts=parts, seed=seed) for learner in LEARNERS)
    best = max(candidates, key=lambda candidate: candidate.mean_auc)
    truest = min(candidates, key=lambda candidate: candidate.mean_log_loss)
    chosen = next((c for c in candidates if _as_good(c, best, truest)), best)
    return Choice(learner=chosen.learner, reason=_reason(chosen, candidates, ordered), candidates=candidates)


def _as_good(candidate: Candidate, best: Candidate, truest: Candidate) -> bool:
    return (
        candidate.mean_auc >= best.mean_auc - best.auc_error
        and candidate.mean_log_loss <= truest.mean_log_loss + truest.log_loss_error
    )


def _judge(
    learner: LearnerName,
    features: Sequence[Feature],
    x: Floats,
    y: Floats,
    *,
    parts: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]],
    seed: int,
) -> Candidate:
    aucs, losses = [], []
    for a, b in parts:
        raw = fit(learner, features, x[a], y[a], seed=seed).raw(x[b])
        aucs.append(roc_auc(y[b], raw))
        losses.append(log_loss(y[b], sigmoid(raw)))
    return Candidate(
        learner=learner,
        mean_auc=float(np.mean(aucs)),
        auc_error=_error(aucs),
        mean_log_loss=float(np.mean(losses)),
        log_loss_error=_error(losses),
        folds=tuple(aucs),
    )


def _error(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))


def _reason(chosen: Candidate, candidates: Sequence[Candidate], ordered: bool) -> str:
    how = f"over {len(chosen.folds)} {'time-ordered' if ordered else 'random'} folds"
    figures = "; ".join(
        f"{c.learner} AUC {c.mean_auc:.4f} (s.e. {c.auc_error:.4f}), log loss {c.mean_log_loss:.4f}" for c in candidates
    )
    if chosen.learner == LEARNERS[0]:
        return f"the simplest, and within one standard error of the best {how}: {figures}"
    return f"better than the simpler one by more than one standard error {how}: {figures}"
