"""What training needs from outside: a digest of the code that runs, and versions of the libraries that compute."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

import polars as pl

import headway
from headway.kernel import openmp
from headway.registry.entities import TrainedModel, TrainingSpec
from headway.registry.train import CodeStamp, fit_model

PACKAGES = ("numerics", "registry", "runtime")
"""Packages whose sources decide what a training run makes."""
LIBRARIES = ("lightgbm", "numpy", "polars", "scikit-learn")


@cache
def code_stamp() -> CodeStamp:
    """Hash the sources that train, once a process."""
    made = hashlib.sha256()
    root = Path(headway.__path__[0])
    for package in PACKAGES:
        for source in sorted((root / package).rglob("*.py")):
            made.update(source.relative_to(root).as_posix().encode() + b"\0" + source.read_bytes() + b"\0")
    return CodeStamp(digest="sha256-" + made.hexdigest(), libraries={name: version(name) for name in LIBRARIES})


def train(frame: pl.DataFrame, contract: Mapping[str, object], spec: TrainingSpec) -> TrainedModel:
    """Train, judge and pack a model with the code that runs; see ``fit_model``."""
    openmp.ensure()
    return fit_model(frame, contract, spec, code=code_stamp())
