"""What alerts say, in words that can be translated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.viewer import Viewer
from headway.monitoring import AlertKind

KINDS: Final[Mapping[AlertKind, str]] = {
    AlertKind.inputs: N_("Inputs have drifted"),
    AlertKind.scores: N_("Scores have drifted"),
    AlertKind.missing: N_("Values are missing otherwise than before"),
    AlertKind.unseen: N_("Categories come that training never saw"),
    AlertKind.performance: N_("It ranks worse than its test said"),
    AlertKind.concept: N_("The same inputs lead to other outcomes"),
}
ADVICE: Final[Mapping[AlertKind, str]] = {
    AlertKind.inputs: N_(
        "Find out what happened on the first day: a campaign, a new source, another form. If it is meant to be so, close the "
        "alert with that reason; if it stays, train on rows that hold it."
    ),
    AlertKind.scores: N_(
        "See whether inputs drifted too. If so, the model does what it learnt, on other people; bands and actions may need "
        "another look."
    ),
    AlertKind.missing: N_(
        "Look at the feed: a field that was renamed, a form that changed. The model takes a missing value for what it learnt "
        "about missing ones."
    ),
    AlertKind.unseen: N_(
        "Look for new codes in the source. The model takes them for missing; a version trained on rows that hold them knows "
        "them."
    ),
    AlertKind.performance: N_(
        "Make sure first that failures are told as often as successes. If they are, train on newer rows."
    ),
    AlertKind.concept: N_(
        "The world, the offer or the process has changed. Train on what came since, and tell those who act on the decisions."
    ),
}
FACTS: Final[Mapping[str, str]] = {
    "day": N_("Judged on"),
    "decisions": N_("Decisions that day"),
    "reference_rows": N_("Rows of the reference"),
    "level": N_("Level of a single look"),
    "from": N_("From"),
    "to": N_("To"),
    "decided": N_("Decisions"),
    "known": N_("Outcomes known"),
    "auc": N_("Area under the curve"),
    "auc_low": N_("at least"),
    "auc_high": N_("at most"),
    "observed": N_("Success seen"),
    "expected": N_("Success foreseen"),
    "expected_auc": N_("Area in the test at training"),
    "expected_rows": N_("Rows of that test"),
    "fall": N_("Fall"),
    "p": N_("p value"),
    "first_from": N_("Beside, from"),
    "first_to": N_("Beside, to"),
    "first_known": N_("Outcomes known then"),
    "rate_change": N_("More success than foreseen, beside then"),
    "rate_p": N_("p value of that"),
    "auc_fall": N_("Fall of the area"),
    "auc_p": N_("p value of the fall"),
}
DAYS: Final = frozenset({"day", "from", "to", "first_from", "first_to"})
"""Facts that are days."""


def title_of(viewer: Viewer, kind: AlertKind) -> str:
    """What an alert of a kind says."""
    return viewer.gettext(KINDS[kind])
