"""What changes when something else takes the place of what is served: facts for the change gate. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from headway.governance.facts import fits
from headway.kernel.errors import Scalar

Known = Mapping[str, object]
_UNLIKE = {
    "data_changed": (("evidence", "dataset_card", "data_digest"),),
    "columns_changed": (("evidence", "dataset_card", "columns"),),
    "tier_changed": (("sys", "tier"),),
    "purpose_changed": (("use_case", "purpose"), ("use_case", "people_affected")),
}
_SCORES = (("evidence", "eval_report", "roc_auc"), ("evidence", "eval_report", "skill_low"))


def facts(served: Known | None, now: Known) -> dict[str, Scalar]:
    """Compare what a gate knew of what is served with what it knows of what would take its place.

    Args: served: the facts of the verdict in force; None when nothing else is served here.
    Returns: ``replaces``; then ``data_changed``, ``columns_changed``, ``tier_changed``, ``purpose_changed`` (purpose or people
    affected) and ``risk_changed`` (a risk fact that both sides know) as true or false, and ``score_drop``, how much lower
    ROC AUC is (other tasks: the lower end of skill). What is not known on both sides is left out.
    """
    if served is None:
        return {"replaces": False}
    found: dict[str, Scalar] = {"replaces": True}
    for name, places in _UNLIKE.items():
        pairs = [(_at(served, place), _at(now, place)) for place in places]
        if any(None not in pair and pair[0] != pair[1] for pair in pairs):
            found[name] = True
        elif all(None not in pair for pair in pairs):
            found[name] = False
    before, after = _risk(served), _risk(now)
    found["risk_changed"] = any(before[name] != after[name] for name in before.keys() & after.keys())
    for place in _SCORES:
        was, will = _at(served, place), _at(now, place)
        if (
            isinstance(was, int | float)
            and isinstance(will, int | float)
            and fits(was, "number")
            and fits(will, "number")
        ):
            found["score_drop"] = round(was - will, 6)
            break
    return found


def _at(known: Known, place: tuple[str, ...]) -> object:
    here: object = known
    for name in place:
        here = here.get(name) if isinstance(here, Mapping) else None
    return here


def _risk(known: Known) -> dict[str, object]:
    told = known.get("sys")
    return {name: value for name, value in told.items() if name != "tier"} if isinstance(told, Mapping) else {}
