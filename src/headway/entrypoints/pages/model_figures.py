"""The figures of a model version that somebody who decides about it reads first, taken from its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headway.entrypoints.pages import words
from headway.entrypoints.pages.words import gettext as _
from headway.registry import ModelVersion


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure in words, with what it means."""

    label: str
    value: str
    note: str = ""


def figures(version: ModelVersion) -> list[Figure]:
    """How good the version is on rows it has not seen; what its report does not tell is left out."""
    metrics, split = _part(version.report, "metrics"), _part(version.report, "split")
    intervals = _part(metrics, "intervals")
    found = [
        _figure(metrics, intervals, "roc_auc", _("ROC AUC"), _("0.5 is chance, 1 ranks perfectly")),
        _figure(metrics, intervals, "lift_10", _("Lift in the best tenth"), _("times better than choosing by chance")),
        _figure(metrics, intervals, "brier", _("Brier score"), _("error of the probabilities, lower is better")),
        _figure(metrics, intervals, "ece", _("Calibration error"), _("0 means that 30 % happens in 30 of 100 cases")),
    ]
    rows = metrics.get("n_test")
    if isinstance(rows, int):
        kinds = {"time": _("later than those it learnt from"), "random": _("drawn at random")}
        found.append(Figure(_("Rows it was tested on"), words.number(rows), kinds.get(str(split.get("kind")), "")))
    return [one for one in found if one is not None]


def cautions(version: ModelVersion) -> list[str]:
    """What the report warns of."""
    told = version.report.get("warnings")
    return [str(one) for one in told] if isinstance(told, Sequence) and not isinstance(told, str) else []


def _figure(
    metrics: Mapping[str, object], intervals: Mapping[str, object], name: str, label: str, note: str
) -> Figure | None:
    value, interval = metrics.get(name), intervals.get(name)
    if not isinstance(value, int | float):
        return None
    said = words.number(value, 3)
    if isinstance(interval, Sequence) and len(interval) == 2:
        said += f" ({words.number(interval[0], 3)} – {words.number(interval[1], 3)})"
    return Figure(label, said, note)


def _part(whole: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = whole.get(name)
    return part if isinstance(part, Mapping) else {}
