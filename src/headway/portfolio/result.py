"""The one object a pilot ends with, drawn from the model's card and what each step left. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headway.kernel.money import Money
from headway.portfolio.projection import Projection, project
from headway.portfolio.solution import Solution

Facts = Mapping[str, Any]


def suspects_of(card: Facts) -> list[dict[str, Any]]:
    """The columns to look at, each once, with every reason."""
    reasons: dict[str, list[str]] = {}
    for suspect in card["suspects"]:
        reasons.setdefault(suspect["column"], []).append(suspect["reason"])
    return [{"column": column, "reason": "; ".join(told)} for column, told in reasons.items()]


def excluded_of(card: Facts, solution: Solution) -> list[dict[str, Any]]:
    """The columns left out, with the solution's own words where it leaves one out."""
    never = {name.lower(): reason for name, reason in solution.features.never.items()}
    return [
        {"column": one["column"], "reason": never.get(one["column"].lower(), one["reason"])} for one in card["excluded"]
    ]


def never_columns(columns: Sequence[str], solution: Solution) -> tuple[str, ...]:
    """The columns of a file that a solution never learns from."""
    never = {name.lower() for name in solution.features.never}
    return tuple(column for column in columns if column.lower() in never)


def projection_of(card: Facts, value_per_success: Money | None, cost_per_action: Money | None) -> Projection | None:
    """Project value from a card's figures, when a person gave the two amounts and the figures may be believed."""
    metrics = card["metrics"]
    if metrics["lift_10"] is None or not card["believable"] or value_per_success is None or cost_per_action is None:
        return None
    low, high = metrics["intervals"].get("lift_10", (metrics["lift_10"], metrics["lift_10"]))
    return project(
        base_rate=card["split"]["test_rate"],
        lift=metrics["lift_10"],
        lift_interval=(low, high),
        value_per_success=value_per_success,
        cost_per_action=cost_per_action,
    )


def result_of(
    *, pilot: str, solution: Solution, steps: Facts, card: Facts, report: str, seconds: float
) -> dict[str, Any]:
    """Put the result together in the order that people read it."""
    training, release, deployment = steps["training"], steps["release"], steps["deploy"]
    figures = ("roc_auc", "average_precision", "log_loss", "brier", "ece", "lift_10", "n_test", "intervals")
    return {
        "pilot": pilot,
        "usecase": steps["usecase"]["usecase"],
        "tier": steps["usecase"]["tier"],
        "product": steps["product"]["product"],
        "rows": steps["product"]["rows"],
        "quality": {"score": steps["product"]["score"], "failed_rows": steps["product"]["failed_rows"]},
        "suspects": suspects_of(card),
        "excluded": excluded_of(card, solution),
        "split": {**card["split"]},
        "metrics": {name: card["metrics"][name] for name in figures},
        "model": {
            "name": training["model"],
            "version": training["version"],
            "learner": training["learner"],
            "digest": training["digest"],
        },
        "verdict": {
            "environment": release["environment"],
            "result": release["result"],
            "missing": release["missing"],
        },
        "deployment": {
            "id": deployment["id"],
            "name": deployment["name"],
            "environment": deployment["environment"],
            "url": deployment["url"],
        },
        "report": report,
        "seconds": round(seconds, 3),
    }
