"""``headway benefit``: what a use case was worth, measured by its hold-out, at the terminal."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

app = typer.Typer(help="See what a use case was worth, measured by its hold-out.", no_args_is_help=True)

WindowDays = Annotated[
    int | None, typer.Option(min=1, max=3660, help="Days after its first decision in which a subject's outcomes count.")
]
_MEASURES = ("deployment", "environment", "level", "effect", "low", "high", "measured", "known")
_ARMS = ("arm", "subjects", "known", "successes", "mean", "low", "high", "actions")
_STEPS = ("name", "amount")


@app.callback()
def benefits() -> None:
    """See what a use case was worth, measured by its hold-out."""  # a callback keeps the verb where a noun has only one


@app.command("show")
def show_benefit(
    *,
    slug: Annotated[str, typer.Argument(metavar="USECASE", help="Name of the use case.", show_default=False)],
    deployment: Annotated[str | None, typer.Option(help="Only this deployment, with its arms and steps.")] = None,
    window_days: WindowDays = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Show what was promised and what was measured, for each deployment or for one in detail."""
    with terminal.connect() as client:
        found = client.get(f"/usecases/{slug}/value", window_days=window_days)
    if deployment is not None:
        found["deployments"] = [one for one in found["deployments"] if one["deployment"] == deployment]
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    promise = found["promise"]
    gain = promise and promise["gain"]
    terminal.say(
        f"projected: {gain['expected']} ({gain['low']} to {gain['high']}) for {promise['cases']} cases, by {promise['pilot']}"
        if gain
        else "projected: nothing"
    )
    terminal.emit([_line(one) for one in found["deployments"]], output, _MEASURES)
    for one in found["deployments"]:
        if deployment is not None:
            _emit_details(one, output)
        terminal.say(f"{one['deployment']} in {one['environment']}: " + "; ".join(one["why"]))


def _emit_details(one: dict[str, Any], output: terminal.Output) -> None:
    terminal.emit([arm for arm in (one["champion"], one["hold_out"]) if arm], output, _ARMS)
    if one["worth"] and one["worth"]["steps"]:
        terminal.emit(one["worth"]["steps"], output, _STEPS)


def _line(one: dict[str, Any]) -> dict[str, object]:
    """A measure as one line: what people look for first."""
    effect, worth = one["effect"] or {}, one["worth"]
    return {
        "deployment": one["deployment"],
        "environment": one["environment"],
        "level": one["level"],
        "effect": effect.get("difference"),
        "low": effect.get("low"),
        "high": effect.get("high"),
        "measured": worth["net"]["expected"] if worth else None,
        "known": one["champion"]["known_share"],
    }
