"""Chooses a learner: cross-validation in the order the split has, and the simplest within one standard error wins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headway.registry.entities import Candidate, Choice, LearnerName
from headway.registry.learners import fit
from headway.registry.metrics import roc_auc
from headway.registry.split import folds
from headway.runtime import Feature

LEARNERS: tuple[LearnerName, ...] = ("logistic", "lightgbm")
"""From the simplest to the richest."""
COMPARED_ROWS = 50_000
"""More rows than this are thinned out evenly for the comparison; the winner learns from all."""

Floats = NDArray[np.float64]


def choose_learner(features: Sequence[Feature], x: Floats, y: Floats, *, ordered: bool, seed: int) -> Choice:
    """Compare the learners by mean AUC over folds.

    Args: x, y: encoded training rows in the order of learning; ordered: judge each block by what came before it.
    """
    step = max(1, -(-len(y) // COMPARED_ROWS))
    x, y = x[::step], y[::step]
    parts = folds(y, ordered=ordered, seed=seed)
    if len(parts) < 2:
        reason = "too few rows of either answer to compare learners, so the simplest is taken"
        return Choice(learner=LEARNERS[0], reason=reason, candidates=())
    candidates = tuple(_judge(learner, features, x, y, parts, seed) for learner in LEARNERS)
    best = max(candidates, key=lambda candidate: candidate.mean_auc)
    floor = best.mean_auc - best.standard_error
    chosen = next(candidate for candidate in candidates if candidate.mean_auc >= floor)
    return Choice(learner=chosen.learner, reason=_reason(chosen, best, ordered), candidates=candidates)


def _judge(
    learner: LearnerName,
    features: Sequence[Feature],
    x: Floats,
    y: Floats,
    parts: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]],
    seed: int,
) -> Candidate:
    aucs = [roc_auc(y[b], fit(learner, features, x[a], y[a], seed=seed).raw(x[b])) for a, b in parts]
    return Candidate(
        learner=learner,
        mean_auc=float(np.mean(aucs)),
        standard_error=float(np.std(aucs, ddof=1) / np.sqrt(len(aucs))),
        folds=tuple(aucs),
    )


def _reason(chosen: Candidate, best: Candidate, ordered: bool) -> str:
    how = "time-ordered" if ordered else "random"
    if chosen.learner == best.learner:
        return f"best AUC over {len(best.folds)} {how} folds ({best.mean_auc:.4f}), and no simpler one is within one standard error"
    return (
        f"simplest within one standard error over {len(best.folds)} {how} folds: "
        f"{chosen.learner} {chosen.mean_auc:.4f}, {best.learner} {best.mean_auc:.4f} (s.e. {best.standard_error:.4f})"
    )
