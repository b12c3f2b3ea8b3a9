"""The peer: what a careful engineer writes by hand to serve a booster. No authorisation, no reasons, no log.

Started by bench_serving with ``uvicorn``; MODEL names the model's file.
"""

import os
from typing import Literal

import lightgbm
import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel, Field, create_model

NUMBERS, CATEGORIES = 30, 5
CODES = {letter: code for code, letter in enumerate("abcdefghijkl")}
Letter = Literal["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"]

Row: type[BaseModel] = create_model(  # type: ignore[call-overload]
    "Row",
    lead_id=(str | None, None),
    **{f"n{i}": (float | None, Field(None, ge=-1e6, le=1e6)) for i in range(NUMBERS)},
    **{f"c{i}": (Letter | None, None) for i in range(CATEGORIES)},
)
app = FastAPI()
booster = lightgbm.Booster(model_file=os.environ["MODEL"])
names = [f"n{i}" for i in range(NUMBERS)]
kinds = [f"c{i}" for i in range(CATEGORIES)]
nan = float("nan")


@app.post("/score")
async def score(row: Row) -> dict[str, float | str]:  # type: ignore[valid-type]
    """Score one record."""
    values = [nan if (v := getattr(row, n)) is None else v for n in names]
    values += [nan if (v := getattr(row, n)) is None else CODES[v] for n in kinds]
    chance = float(booster.predict(np.array([values]), num_threads=1)[0])
    return {"score": chance, "action": "call" if chance >= 0.5 else "mail"}
