"""The model card and the other files of a bundle, drawn from facts alone: nobody types them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from headway.kernel.canonical import canonical_json
from headway.registry.digests import plain_spec
from headway.registry.entities import TrainedModel
from headway.registry.metrics import METRICS

CONTRACT_FILE = "contract.json"
CARD_FILE = "card.json"
CARD_TEXT_FILE = "card.md"
EVALUATION_FILE = "evaluation.json"
LEAKAGE_FILE = "leakage.json"
REFERENCE_FILE = "reference.json"
PARITY_FILE = "parity.json"
TRAINING_FILE = "training.json"

_METRIC_WORDS = {
    "roc_auc": "ROC AUC (0.5 is chance, 1 is perfect ranking)",
    "average_precision": "average precision",
    "log_loss": "log loss (nats, lower is better)",
    "brier": "Brier score (lower is better)",
    "ece": "expected calibration error (15 bins, lower is better)",
    "lift_10": "lift in the best tenth",
}


def files_of(model: TrainedModel, contract: Mapping[str, object], libraries: Mapping[str, str]) -> dict[str, bytes]:
    """Write every file of the bundle beside the model itself; equal facts give equal bytes."""
    facts = card_facts(model)
    return {
        CONTRACT_FILE: canonical_json(dict(contract)),
        CARD_FILE: canonical_json(facts),
        CARD_TEXT_FILE: card_text(model).encode(),
        EVALUATION_FILE: canonical_json(
            {name: facts[name] for name in ("metrics", "split", "choice", "calibration")}
            | {
                "curve": facts["curve"],
                "lift": facts["lift"],
                "histogram": facts["histogram"],
                "comparison": facts["comparison"],
                "importances": facts["importances"],
            }
        ),
        LEAKAGE_FILE: canonical_json({name: facts[name] for name in ("suspects", "excluded", "believable")}),
        PARITY_FILE: canonical_json(facts["parity"]),
        TRAINING_FILE: canonical_json(
            {
                "settings": plain_spec(model.spec),
                "digests": {"data": model.digests.data, "settings": model.digests.settings, "code": model.digests.code},
                "libraries": dict(libraries),
            }
        ),
    }


def card_facts(model: TrainedModel) -> dict[str, object]:
    """The card as plain values; figures without a meaning are None."""
    return {
        "model": model.spec.name,
        "learner": model.learner,
        "label": {
            "column": model.spec.label,
            "positive": model.positive,
            "negative": model.negative,
            "rate": model.rate,
        },
        "data": {
            "product": model.spec.product,
            "rows": model.rows,
            "unlabelled_rows": model.unlabelled_rows,
            "digest": model.digests.data,
        },
        "features": [
            {"name": f.name, "kind": f.kind, "label": f.label, "categories": len(f.categories)}
            for f in model.release.features
        ],
        "reference": {
            "name": model.release.explanation.reference_name,
            "row": dict(model.release.explanation.reference),
        },
        "policy": _plain(model.release.policy),
        "split": _plain(model.split),
        "choice": _plain(model.choice),
        "calibration": _plain(model.calibration),
        "metrics": metrics_facts(model),
        "curve": _plain(model.curve),
        "lift": _plain(model.lift),
        "histogram": _plain(model.histogram),
        "comparison": _plain(model.comparison),
        "importances": _plain(model.importances),
        "suspects": _plain(model.suspects),
        "excluded": _plain(model.excluded),
        "believable": model.believable,
        "parity": _plain(model.parity),
        "warnings": list(model.warnings),
    }


def metrics_facts(model: TrainedModel) -> dict[str, object]:
    """The metrics as one flat object with ``n_test``, ``positives`` and ``intervals`` of [low, high]."""
    return {
        **{name: _finite(getattr(model.metrics, name)) for name in METRICS},
        "n_test": model.metrics.n_test,
        "positives": model.metrics.positives,
        "intervals": {name: [i.low, i.high] for name, i in model.metrics.intervals.items()},
    }


def card_text(model: TrainedModel) -> str:
    """The card as Markdown."""
    return "\n".join(
        [
            f"# {model.spec.name}",
            "",
            *_what(model),
            "",
            *_list("Read this first", model.warnings),
            "## How good",
            "",
            *_metrics(model),
            "",
            *_how_judged(model),
            "",
            "## What it looks at",
            "",
            *_table(
                ("feature", "share of all reasons"),
                [(i.label, f"{i.share:.1%}") for i in model.importances if i.share > 0],
            ),
            "",
            "Reasons compare each record with one reference row, the " + model.release.explanation.reference_name + ":",
            "",
            *_table(("field", "value"), [(c, _shown(v)) for c, v in model.release.explanation.reference.items()]),
            "",
            "## What it leads to",
            "",
            *_table(
                ("band", "from probability", "action"),
                [
                    (band.name, "the rest" if band.at_least is None else f"{band.at_least:.4f}", band.action)
                    for band in model.release.policy.bands
                ],
            ),
            "",
            f"Those held out get the action `{model.release.policy.default_action}`.",
            "",
            *_list("Columns to look at", [f"`{s.column}` ({s.severity}): {s.reason}" for s in model.suspects]),
            *_list("Columns left out", [f"`{e.column}`: {e.reason}" for e in model.excluded]),
            "## What it was made of",
            "",
            f"- data: `{model.digests.data}`",
            f"- settings: `{model.digests.settings}`",
            f"- code: `{model.digests.code}`",
            f"- the node's engine agrees with the trained model on {model.parity.rows + model.parity.edge_rows} rows "
            f"(largest difference {model.parity.max_difference:.1e}, {model.parity.decision_flips} decisions flip)",
            "",
        ]
    )


def _what(model: TrainedModel) -> Iterator[str]:
    kind = {"logistic": "A logistic regression", "lightgbm": "Gradient-boosted trees (LightGBM)"}[model.learner]
    yield f"{kind} that estimates how likely `{model.spec.label}` is `{model.positive}`,"
    labelled = model.rows - model.unlabelled_rows
    yield f"from {len(model.features)} columns of {labelled:,} rows, {model.rate:.1%} of them positive."


def _metrics(model: TrainedModel) -> list[str]:
    rows = []
    for name, words in _METRIC_WORDS.items():
        interval = model.metrics.intervals.get(name)
        shown = f"{interval.low:.4f} to {interval.high:.4f}" if interval else "-"
        rows.append((words, f"{getattr(model.metrics, name):.4f}", shown))
    return _table(("figure", "value", "95 % interval"), rows)


def _how_judged(model: TrainedModel) -> Iterator[str]:
    split = model.split
    how = (
        f"in order of time (by {split.by})"
        if split.kind == "time"
        else "at random, since the order in time is not known"
    )
    yield (
        f"Judged on {split.test_rows:,} rows ({split.test_rate:.1%} positive) that it never saw; "
        f"{split.train_rows:,} rows trained it and {split.calibration_rows:,} tuned it, split {how}."
    )
    if model.comparison is not None:
        yield (
            f"On a random split the AUC would read {model.comparison.random_auc:.4f}; in order of time it is "
            f"{model.comparison.ordered_auc:.4f}."
        )
    yield f"Learner: {model.choice.reason}. Calibration: {model.calibration.reason}."


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]
    return lines


def _list(title: str, items: Sequence[str]) -> list[str]:
    return [f"## {title}", "", *[f"- {item}" for item in items], ""] if items else []


def _shown(value: object) -> str:
    return "missing" if value is None else str(value)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _plain(value: object) -> object:
    """Plain values of an entity; NaN and infinities become None."""
    return _without_nan(msgspec.to_builtins(value))


def _without_nan(value: object) -> object:
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return value
