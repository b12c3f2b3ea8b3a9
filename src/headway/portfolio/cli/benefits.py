"""``headway benefit``: what a use case was worth, and what computing costs, at the terminal."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

app = typer.Typer(
    help="See what a use case was worth, measured by its hold-out, and what computing costs.", no_args_is_help=True
)

WindowDays = Annotated[
    int | None, typer.Option(min=1, max=3660, help="Days after its first decision in which a subject's outcomes count.")
]
_MEASURES = ("deployment", "environment", "level", "effect", "low", "high", "measured", "known")
_ARMS = ("arm", "subjects", "known", "successes", "mean", "low", "high", "actions")
_STEPS = ("name", "amount")
_RATES = ("id", "valid_from", "cpu_hour", "thousand_decisions", "month", "set_by", "reason")
_RUNNING = (
    "running: {total}, of it {jobs_cost} for {cpu_seconds:.0f} s of a core in {jobs} jobs, "
    "{decisions_cost} for {decisions} decisions, {time_cost} for {days} days at work"
)


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


@app.command("rates")
def list_rates(output: OutputOption = terminal.Output.table) -> None:
    """List what computing costs, the latest day first."""
    with terminal.connect() as client:
        terminal.emit(client.get("/rates"), output, _RATES)


@app.command("set-rates")
def set_rates(
    *,
    cpu_hour: Annotated[str, typer.Option(help="An hour of one core, such as '0.05 EUR'.", show_default=False)],
    thousand_decisions: Annotated[str, typer.Option(help="1,000 decisions of both arms.", show_default=False)],
    month: Annotated[str, typer.Option(help="A deployment at work for a month.", show_default=False)],
    valid_from: Annotated[
        str | None, typer.Option("--from", help="The first day, as 2026-12-31; today if none.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; kept in your name.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Say what computing costs from a day on; earlier rates stay and price the days before."""
    body = {"cpu_hour": cpu_hour, "thousand_decisions": thousand_decisions, "month": month, "valid_from": valid_from}
    with terminal.connect() as client:
        made = client.post("/rates", json={**body, "reason": reason})
    terminal.emit({name: made[name] for name in _RATES}, output)


def _emit_details(one: dict[str, Any], output: terminal.Output) -> None:
    terminal.emit([arm for arm in (one["champion"], one["hold_out"]) if arm], output, _ARMS)
    if one["worth"] and one["worth"]["steps"]:
        terminal.emit(one["worth"]["steps"], output, _STEPS)
    if one["running"]:
        terminal.say(_RUNNING.format(**one["running"]))


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
