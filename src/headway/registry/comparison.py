"""Judges the same learner on a random split as well, to tell how much lower the truth in order of time is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headway.registry.entities import Comparison, LearnerName
from headway.registry.learners import fit
from headway.registry.metrics import roc_auc
from headway.registry.split import Shares, Split, split_at_random
from headway.runtime import Feature

SERIOUS_DROP = 0.03
"""Drop in AUC from random to time-ordered rows from which a random-split figure is no evidence."""

Floats = NDArray[np.float64]


def compare_with_random(
    split: Split,
    ordered_auc: float,
    *,
    learner: LearnerName,
    features: Sequence[Feature],
    x: Floats,
    y: Floats,
    groups: NDArray[np.intp],
    shares: Shares,
    scores: Floats,
    seed: int,
) -> Comparison:
    """Train and test the learner on a random split of the same rows."""
    placed = np.sort(np.concatenate([split.learning, split.test]))
    x, y = x[placed], y[placed]
    other = split_at_random(y, groups[placed], shares, seed=seed, scores=scores[placed])
    model = fit(learner, features, x[other.learning], y[other.learning], seed=seed)
    random_auc = roc_auc(y[other.test], model.raw(x[other.test]))
    return Comparison(
        random_auc=random_auc,
        ordered_auc=ordered_auc,
        drop=random_auc - ordered_auc,
        random_rate=float(y.mean()),
        ordered_train_rate=split.report.train_rate,
        ordered_test_rate=split.report.test_rate,
    )
