"""Says in plain words what a reader must know before believing a model's figures."""

from __future__ import annotations

from collections.abc import Iterator

from headway.registry.comparison import SERIOUS_DROP
from headway.registry.entities import TrainedModel

TOO_GOOD = 0.99
"""AUC that honest data hardly give."""
FEW_POSITIVES = 100
"""Positives among the test rows below which intervals are wide."""


def cautions_of(model: TrainedModel) -> tuple[str, ...]:
    """List the cautions about a trained model, the gravest first."""
    return (*_suspects(model), *_too_good(model), *_time(model), *_rows(model))


def _suspects(model: TrainedModel) -> Iterator[str]:
    strong = [s for s in model.suspects if s.severity == "strong" and s.column in model.features]
    if strong:
        names = ", ".join(dict.fromkeys(s.column for s in strong))
        flags = " ".join(f"--exclude {s}" for s in dict.fromkeys(s.column for s in strong))
        yield (
            f"Do not believe these figures yet: {names} may tell what was known only after the outcome. "
            f"Train again with {flags}, or show that it was known before."
        )


def _too_good(model: TrainedModel) -> Iterator[str]:
    if model.metrics.roc_auc >= TOO_GOOD:
        yield (
            f"An AUC of {model.metrics.roc_auc:.3f} is too good to be true for most questions: look for a column, or several "
            f"together, that were filled in after the outcome (the first reasons: {', '.join(_leaders(model))})."
        )


def _leaders(model: TrainedModel) -> list[str]:
    return [importance.feature for importance in model.importances[:3]]


def _time(model: TrainedModel) -> Iterator[str]:
    if model.split.kind == "random":
        yield (
            "The order of the rows in time is not known, so they were split at random. The figures say how well "
            "the model ranks rows like the old ones, not how well it will do on later ones; give --time or --ordered."
        )
    comparison = model.comparison
    if comparison is not None and comparison.drop > SERIOUS_DROP:
        yield (
            f"In order of time the AUC is {comparison.ordered_auc:.3f}; on a random split of the same rows it would be "
            f"{comparison.random_auc:.3f}. The truth is {comparison.drop:.3f} lower: the rows changed over time "
            f"(share of {model.positive!r} {comparison.ordered_train_rate:.1%} while learning, "
            f"{comparison.ordered_test_rate:.1%} in the test)."
        )
    interval = model.metrics.intervals.get("roc_auc")
    if interval is not None and interval.low <= 0.5:
        yield "On the test rows the model is not surely better than chance: the interval of its AUC reaches 0.5."


def _rows(model: TrainedModel) -> Iterator[str]:
    if model.unlabelled_rows:
        yield f"{model.unlabelled_rows} rows have no label and were left out."
    if model.split.unplaced_rows:
        yield f"{model.split.unplaced_rows} rows have no readable time and were left out."
    if model.metrics.positives < FEW_POSITIVES:
        few = model.metrics.positives
        yield f"The test holds only {few} rows of {model.positive!r}; read the intervals, not the figures."
    if model.split.repeats_across and model.split.kind == "time":
        yield f"{model.split.repeats_across} test rows repeat an earlier row exactly, so they are easier than new ones."
    elif model.split.repeats_across:
        yield (
            f"{model.split.repeats_across} test rows repeat a training row's features; repeats are so many here that "
            "they were not kept together."
        )
