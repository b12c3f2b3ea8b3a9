"""The probabilities that all detectors share.

Belief about errors: the share of wrong cells in a column is Beta(1, 19), 5 in 100 on average, as in tables that people
studied (Abedjan et al., Detecting data errors, PVLDB 2016). Belief about what is no error: it may have any share.
Detectors are combined as a logarithmic opinion pool (Genest and Zidek, Statistical Science 1986; with weights of 1 it is
Bayes' rule for evidence that is independent given the truth): each gives its own probability that a cell is wrong, and
what it adds is how far its log-odds lie from those of the prior. A detector that knows nothing says the prior.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, expit, gammaln, logit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PRIOR: Final = 0.05
"""Probability that a cell is wrong, before anything is known about it."""
_A, _B = 1.0, 19.0
_LEAST: Final = 1e-4
SOUND: Final = 9.0
"""Odds that a regularity which a whole column keeps is meant, rather than chance, where one place breaks it."""


def error_odds(wrong: ArrayLike, rows: ArrayLike) -> Floats:
    """How much better errors explain a minority than a genuine alternative does.

    Args: wrong: size of the minority, rows: all it was counted in; of one shape.
    Returns: beta-binomial(1, 19) over uniform likelihood, above 1 below 15 in 100 of many rows.
    """
    k, n = np.asarray(wrong, dtype=np.float64), np.asarray(rows, dtype=np.float64)
    choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    found: Floats = np.exp(choose + betaln(k + _A, n - k + _B) - betaln(_A, _B)) * (n + 1)
    return found


def probability(odds: ArrayLike) -> Floats:
    """Odds as a probability."""
    found: Floats = np.asarray(odds, dtype=np.float64)
    return found / (1.0 + found)


def weight(wrong: ArrayLike) -> Floats:
    """What a detector's probability adds to the log-odds of the prior."""
    found: Floats = logit(np.clip(wrong, _LEAST, 1 - _LEAST)) - logit(PRIOR)
    return found


def pooled(weights: ArrayLike) -> Floats:
    """The probability that a cell is wrong, from the sum of the weights."""
    found: Floats = expit(logit(PRIOR) + np.asarray(weights))
    return found
