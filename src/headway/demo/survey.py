"""An engagement survey: answers to five statements, and whether somebody leaves, both from an engagement nobody can see."""

from __future__ import annotations

from typing import Final

import numpy as np

from headway.demo import drawing
from headway.demo.columns import Category, Column, Number
from headway.demo.frames import Values
from headway.demo.place import Made, Place

COLUMNS: Final[tuple[Column, ...]] = (
    Category(name="team", shares={"plant": 0.4, "sales": 0.2, "service": 0.25, "office": 0.15}),
    Category(name="works_shifts", shares={"true": 0.3, "false": 0.7}, is_flag=True),
    Number(name="tenure_years", scale=7, most=45, decimals=1),
)
LOADINGS: Final = {"proud": 0.9, "supported": 0.8, "growing": 0.7, "heard": 0.85, "would_recommend": 1.0}
"""How much each statement has to do with engagement, on the scale of 1 to 5."""
FILES: Final = {
    "survey": ("answer_id", "answered_at", *(column.name for column in COLUMNS), *LOADINGS, "left_within_year")
}
ANSWERS: Final = ("no", "yes")
LEVELS: Final = {"survey.left_within_year": ANSWERS}
WEIGHTS: Final = {
    "intercept": 0.1,
    "works_shifts=true": -0.5,
    "team=service": -0.3,
    "team=sales": 0.2,
    "tenure_years": 0.01,
}
"""Expected engagement in standard deviations; a spec may have its own under ``weights.survey``."""
MIDDLE: Final = 3.4
NOISE: Final = 0.6
LEAVING: Final = (-2.0, -0.9)
"""Log-odds of leaving at engagement 0, and for each unit of engagement."""


def make(place: Place, block: int, first: int, count: int) -> Made:
    """Make a block of answered surveys."""
    chance, at, ids = drawing.begin(place, block, first, count, "S")
    drawn = drawing.inputs(place, COLUMNS, at, chance)
    expected = drawing.total(place, {**WEIGHTS, **place.spec.weights.get("survey", {})}, drawn, at)
    engagement = expected + chance.standard_normal(count)
    answers = {
        name: MIDDLE + loading * engagement + NOISE * chance.standard_normal(count)
        for name, loading in LOADINGS.items()
    }
    leaving = drawing.share(LEAVING[0] + LEAVING[1] * engagement)
    left = chance.random(count) < leaving
    data = {
        "answer_id": ids,
        "answered_at": drawing.when(at),
        **drawn,
        **{n: Values(kind="integer", array=np.clip(np.rint(a), 1, 5).astype(np.int64)) for n, a in answers.items()},
        "left_within_year": Values(kind="category", array=left.astype(np.int64), levels=ANSWERS),
    }
    truth = {
        "engagement": Values(kind="number", array=engagement),
        "probability_leaving": Values(kind="number", array=leaving),
    }
    return drawing.made(place, block, data, truth, at)
