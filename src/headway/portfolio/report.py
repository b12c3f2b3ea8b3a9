"""The report of a pilot, in plain words: what it does, how good, why it decides so, what is missing. Pure.

Every sentence is drawn from facts of the run; nothing is claimed that was not measured on rows the model did not see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headway.portfolio.projection import Projection
from headway.portfolio.solution import Solution

SHOWN_FEATURES, SHOWN_FAULTS = 10, 10
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One real row of the file with the decision it would get; no subject."""

    place: str
    score: float
    band: str
    action: str
    reasons: tuple[str, ...]
    raw: float
    """The score before it becomes a probability, in log-odds."""
    reference: float
    """The same of the reference row, from which the reasons lead to this one."""
    amounts: tuple[tuple[str, str, float], ...]
    """Column, value and what it adds, for each of the reasons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything a report speaks of; ``result`` is the pilot's result, ``card`` the model's card."""

    solution: Solution
    department: str
    result: Facts
    card: Facts
    tier_trace: tuple[str, ...]
    quality_rules: tuple[tuple[str, int], ...]
    """Broken rules of the contract with the rows they broke in."""
    examples: tuple[Example, ...]
    projection: Projection | None
    has_amounts: bool
    """Whether a person gave the two amounts of money."""
    filename: str


def facts_of(findings: Findings) -> dict[str, Any]:
    """The report as plain values."""
    card = findings.card
    return {
        "title": title(findings),
        "what_it_does": " ".join(_what(findings)),
        "how_good": list(_how_good(findings)),
        "warnings": list(card["warnings"]),
        "time_order": card["comparison"],
        "importances": card["importances"],
        "reference": card["reference"],
        "examples": [_plain_example(example) for example in findings.examples],
        "suspects": findings.result["suspects"],
        "excluded": findings.result["excluded"],
        "quality": findings.result["quality"],
        "broken_rules": [{"rule": rule, "rows": rows} for rule, rows in findings.quality_rules],
        "tier": {"tier": findings.result["tier"], "trace": list(findings.tier_trace)},
        "missing_before_production": findings.result["verdict"]["missing"],
        "projection": _plain_projection(findings.projection),
        "result": findings.result,
        "department": findings.department,
        "label": card["label"],
        "unit": findings.solution.decision.unit,
        "success": findings.solution.decision.success,
        "bands": card["policy"]["bands"],
        "curve": card.get("curve"),
        "lift": card.get("lift"),
        "histogram": card.get("histogram"),
        "data": _rows_told(findings.result),
        "next": list(_next(findings)),
    }


def markdown_of(findings: Findings) -> str:
    """The report for people."""
    sections = [
        ("", [f"# {title(findings)}", "", " ".join(_what(findings)), ""]),
        ("Read this first", _bullets(findings.card["warnings"])),
        ("How good it is", _bullets(_how_good(findings))),
        ("Figures", _table(FIGURES_HEAD, figure_rows(findings.result["metrics"]))),
        ("Why it decides so", _why(findings)),
        ("Columns to look at before believing any figure", _columns(findings.result["suspects"])),
        ("Columns left out", _columns(findings.result["excluded"])),
        ("The data", _data(findings)),
        ("Legal class", _bullets(findings.tier_trace)),
        ("What it may be worth (projected, not measured)", _worth(findings)),
        ("What is missing before production", _bullets(findings.result["verdict"]["missing"])),
        ("What happens next", list(_next(findings))),
    ]
    lines: list[str] = []
    for heading, body in sections:
        if body:
            lines += [*([f"## {heading}", ""] if heading else []), *body, ""]
    return "\n".join(lines).rstrip() + "\n"


def title(findings: Findings) -> str:
    """The report's title."""
    return f"Pilot: {findings.solution.title} for {findings.department}"


def _what(findings: Findings) -> Iterator[str]:
    solution, card, result = findings.solution, findings.card, findings.result
    label = card["label"]
    unit = solution.decision.unit
    yield (
        f"It learns from {result['rows']:,} rows of {findings.filename} how likely `{label['column']}` is `{label['positive']}` "
        f"for a {unit}, and turns that into a recommended action:"
    )
    yield "; ".join(f"band {band['name']} gets '{band['action']}'" for band in card["policy"]["bands"]) + "."
    share = solution.decision.holdout_share
    if share:
        yield (
            f"About {share:.0%} of the {unit}s are held out by chance, get no score and the action "
            f"'{solution.decision.default_action}', so that its effect can be measured later."
        )
    yield "People decide; the score orders their list."


def _how_good(findings: Findings) -> Iterator[str]:
    metrics, card = findings.result["metrics"], findings.card
    auc, interval = metrics["roc_auc"], metrics["intervals"].get("roc_auc")
    success = findings.solution.decision.success
    if auc is not None:
        likely = f" (95 % interval {interval[0]:.3f} to {interval[1]:.3f})" if interval else ""
        yield (
            f"Of two {findings.solution.decision.unit}s, one that ended in a {success} and one that did not, it ranks the right one "
            f"higher in {auc:.1%} of cases{likely}; tossing a coin gives 50 %."
        )
    yield from _lift(findings)
    split = card["split"]
    how = "the latest rows in order of time" if split["kind"] == "time" else "rows picked at random"
    yield f"Measured on {metrics['n_test']:,} rows that it did not learn from: {how}."
    if not card["believable"]:
        yield "These figures are not to be believed while the columns named below as strong suspects are in the model."
    comparison = card["comparison"]
    if comparison is not None:
        yield _time_order(comparison)


def _time_order(comparison: Facts) -> str:
    drop = comparison["drop"]
    told = (
        f"In time order its AUC is {comparison['ordered_auc']:.3f}; on a random split of the same rows it would be "
        f"{comparison['random_auc']:.3f}."
    )
    if drop > 0:
        return f"{told} The truth in time order is {drop:.3f} lower than a random split would have promised."
    return f"{told} Time order costs nothing here: the truth is not lower than a random split promises."


def _lift(findings: Findings) -> Iterator[str]:
    metrics = findings.result["metrics"]
    lift, interval = metrics["lift_10"], metrics["intervals"].get("lift_10")
    if lift is None:
        return
    likely = f" (95 % interval {interval[0]:.1f} to {interval[1]:.1f})" if interval else ""
    rate = findings.card["split"]["test_rate"]
    decision = findings.solution.decision
    yield (
        f"The best tenth of the {decision.unit}s holds {lift:.1f} times as many {decision.success}s as a tenth picked at "
        f"random{likely}: {min(1.0, lift * rate):.1%} against {rate:.1%}."
    )


FIGURES_HEAD = ("figure", "value", "95 % interval")
_FIGURES = {
    "roc_auc": "ROC AUC (0.5 chance, 1 perfect)",
    "average_precision": "average precision",
    "log_loss": "log loss (lower is better)",
    "brier": "Brier score (lower is better)",
    "ece": "calibration error (lower is better)",
    "lift_10": "lift in the best tenth",
}


def figure_rows(metrics: Facts) -> list[tuple[str, str, str]]:
    """The figures of a model with their intervals, written out."""
    rows = []
    for name, text in _FIGURES.items():
        value, interval = metrics[name], metrics["intervals"].get(name)
        shown = f"{interval[0]:.4f} to {interval[1]:.4f}" if interval else "-"
        rows.append((text, "-" if value is None else f"{value:.4f}", shown))
    return rows


def _why(findings: Findings) -> list[str]:
    card = findings.card
    told = [i for i in card["importances"] if i["share"] > 0][:SHOWN_FEATURES]
    lines = [
        "Shares of all reasons on test rows: mean absolute Shapley value against one reference row, "
        f"the {card['reference']['name']}.",
        "",
        *_table(("column", "share"), [(i["label"], f"{i['share']:.1%}") for i in told]),
    ]
    for example in findings.examples:
        lines += ["", f"**{example.place}** (score {example.score:.3f}, band {example.band}: {example.action}):", ""]
        lines += [f"- {reason}" for reason in example.reasons]
    return lines


def _data(findings: Findings) -> list[str]:
    lines = [_rows_told(findings.result)]
    broken = findings.quality_rules[:SHOWN_FAULTS]
    return lines + (["", *_table(("rule", "rows"), [(rule, str(rows)) for rule, rows in broken])] if broken else [])


def _rows_told(result: Facts) -> str:
    quality = result["quality"]
    return (
        f"{result['rows']:,} rows; {quality['failed_rows']:,} of them break a rule of the contract "
        f"(quality {quality['score']:.4f} of 1). Every fault is kept with row, column, rule and value."
    )


def _worth(findings: Findings) -> list[str]:
    projection = findings.projection
    if projection is None:
        why = (
            "Nothing is projected: the figures are not to be believed yet, and money made of them would not be either."
        )
        return [why] if findings.has_amounts else []
    return [
        f"For {projection.cases:,} cases and {projection.actions} actions at {projection.cost_per_action}, a success worth "
        f"{projection.value_per_success}:",
        "",
        *_table(
            ("", "success rate", "net value"),
            [
                (
                    "best tenth by score",
                    f"{projection.success_rate_ranked:.1%}",
                    f"{projection.net_ranked.expected} ({projection.net_ranked.low} to {projection.net_ranked.high})",
                ),
                ("picked at random", f"{projection.success_rate_random:.1%}", projection.net_random),
                ("gain", "", f"{projection.gain.expected} ({projection.gain.low} to {projection.gain.high})"),
            ],
        ),
        "",
        f"An action pays for itself from a success rate of {projection.break_even_rate:.1%}. Assumed: "
        + "; ".join(projection.assumptions)
        + ".",
    ]


def _next(findings: Findings) -> Iterator[str]:
    deployment, verdict = findings.result["deployment"], findings.result["verdict"]
    yield (
        f"The sandbox serves it as `{deployment['name']}` at {deployment['url']} (gate: {verdict['result']}). The sandbox makes at "
        "most 1,000 decisions a day and ends after 14 days. Production needs everything named above and the approval of a "
        "second person."
    )


def _columns(named: Sequence[Facts]) -> list[str]:
    return _bullets(f"`{one['column']}`: {one['reason']}" for one in named)


def _bullets(items: Iterable[str]) -> list[str]:
    return [f"- {item}" for item in items]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + [
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows
    ]


def _plain_example(example: Example) -> dict[str, Any]:
    return {
        "place": example.place,
        "score": example.score,
        "band": example.band,
        "action": example.action,
        "reasons": list(example.reasons),
        "raw": example.raw,
        "reference": example.reference,
        "amounts": [{"label": label, "value": value, "amount": amount} for label, value, amount in example.amounts],
    }


def _plain_projection(projection: Projection | None) -> dict[str, Any] | None:
    if projection is None:
        return None
    plain = {name: getattr(projection, name) for name in projection.__dataclass_fields__}
    for name in ("net_ranked", "gain"):
        amount = plain[name]
        plain[name] = {"expected": amount.expected, "low": amount.low, "high": amount.high}
    return {**plain, "assumptions": list(projection.assumptions)}
