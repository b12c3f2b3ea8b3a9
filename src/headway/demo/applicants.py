"""Applicants and who is invited, with a bias that can be planted: the fair answer is kept for each of them."""

from __future__ import annotations

from typing import Final

import numpy as np

from headway.demo import drawing, timing
from headway.demo.columns import Category, Column, Number
from headway.demo.frames import Values
from headway.demo.place import Made, Place

COLUMNS: Final[tuple[Column, ...]] = (
    Category(name="gender", shares={"female": 0.48, "male": 0.49, "other": 0.03}),
    Category(name="age_group", shares={"under 30": 0.35, "30 to 44": 0.42, "45 and over": 0.23}),
    Category(name="education", shares={"school": 0.2, "vocational": 0.35, "bachelor": 0.28, "master": 0.17}),
    Number(name="experience_years", scale=6, most=40, decimals=1),
    Number(name="test_score", scale=60, spread=0.22, most=100),
    Category(name="referred", shares={"true": 0.12, "false": 0.88}, is_flag=True),
)
FILES: Final = {"applicants": ("applicant_id", "applied_at", *(column.name for column in COLUMNS), "invited")}
ANSWERS: Final = ("no", "yes")
LEVELS: Final = {"applicants.invited": ANSWERS}
WEIGHTS: Final = {
    "intercept": -4.2,
    "education=bachelor": 0.4,
    "education=master": 0.7,
    "experience_years": 0.05,
    "test_score": 0.045,
    "referred=true": 0.5,
}
"""Log-odds of an invitation without bias; a spec may have its own under ``weights.applicants``."""


def make(place: Place, block: int, first: int, count: int) -> Made:
    """Make a block of applicants; one fate a person decides with and without bias."""
    chance, at, ids = drawing.begin(place, block, first, count, "J")
    drawn = drawing.inputs(place, COLUMNS, at, chance)
    fair = drawing.total(place, {**WEIGHTS, **place.spec.weights.get("applicants", {})}, drawn, at)
    biased = fair
    for event in place.events("bias"):
        biased = biased + timing.strength(event, at) * drawing.linear(event.weights, drawn, count)
    fate = chance.random(count)
    invited = fate < drawing.share(biased)
    truth = {
        "probability_fair": Values(kind="number", array=drawing.share(fair)),
        "probability": Values(kind="number", array=drawing.share(biased)),
        "invited_fair": Values(kind="flag", array=fate < drawing.share(fair)),
    }
    answer = Values(kind="category", array=invited.astype(np.int64), levels=ANSWERS)
    data = {"applicant_id": ids, "applied_at": drawing.when(at), **drawn, "invited": answer}
    return drawing.made(place, block, data, truth, at)
