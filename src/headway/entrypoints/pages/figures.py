"""How good a model is, as pages show it: figures in words with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headway.entrypoints.pages import words
from headway.entrypoints.pages.viewer import Viewer


def metric_rows(viewer: Viewer, metrics: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Each figure with its value and its 95 % interval."""
    _ = viewer.gettext
    told = {
        "roc_auc": _("ROC AUC (0.5 is chance, 1 is perfect)"),
        "average_precision": _("Average precision"),
        "log_loss": _("Log loss (lower is better)"),
        "brier": _("Brier score (lower is better)"),
        "ece": _("Calibration error (lower is better)"),
        "lift_10": _("Lift in the best tenth"),
    }
    with words.speaking(viewer.looks.language):
        return [
            (text, words.number(metrics[name], 4), _range(metrics.get("intervals", {}).get(name)))
            for name, text in told.items()
            if name in metrics
        ]


def _range(interval: list[float] | None) -> str:
    return "–" if not interval else f"{words.number(interval[0], 4)} – {words.number(interval[1], 4)}"
