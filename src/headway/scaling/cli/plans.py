"""``headway scale``: taking a use case to another department, at the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from headway.kernel import terminal
from headway.kernel.errors import Invalid
from headway.kernel.terminal import OutputOption

if TYPE_CHECKING:
    from headway_client.answers.jobs import Job

_STEPS = {
    "mapping": "finding the columns, checking rows against the contract",
    "forecast": "telling the departments apart, forecasting without labels",
    "ways": "holding known outcomes against the forecast, comparing the ways",
    "plan": "judging readiness, writing the plan",
}
_PLANS = ("id", "usecase", "department", "version", "state", "filename", "started_at")
_BATCHES = ("number", "filename", "rows", "used", "unknown", "repeated", "state", "at")
PlanId = Annotated[str, typer.Argument(metavar="PLAN", help="Id of the plan, scp_...", show_default=False)]


class _PlanFirst(TyperGroup):
    """``headway scale USECASE ...`` is ``headway scale plan USECASE ...``: whatever is no verb names a use case."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  the class of Typer's own click
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["plan", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(help="Plan to take a use case to another department.", no_args_is_help=True, cls=_PlanFirst)


@app.command("plan")
def plan(
    *,
    usecase: Annotated[str, typer.Argument(metavar="USECASE", help="Name of the use case.", show_default=False)],
    to: Annotated[str, typer.Option("--to", metavar="DEPARTMENT", help="Department to take it to.")],
    data: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="CSV, Parquet or Excel file of that department's cases."),
    ] = None,
    product: Annotated[str | None, typer.Option(help="Data product of that department instead of a file.")] = None,
    plan_only: Annotated[
        bool, typer.Option("--plan-only", help="Make the plan and change nothing; needed today.")
    ] = False,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="THEIRS=OURS", help="Say which column is which; may be repeated."),
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--value", metavar="COLUMN:THEIRS=OURS", help="Say which value is which; may be repeated."),
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="Version to take, model:name@N; the one at work if left out.")
    ] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Plan to take a use case to another department (the word "plan" may be left out)."""
    if not plan_only:
        raise Invalid(
            "only plans can be made today: carrying one out (fine-tuning, retraining, the staged roll-out) is not built yet",
            hint="add --plan-only; then do what the plan proposes by pilot, release and deployment",
        )
    if (data is None) == (product is None):
        raise Invalid("give either a file or a data product", hint="--data FILE or --product SLUG")
    form: dict[str, object] = {
        "department": to,
        "product": product,
        "version": version,
        "map": columns or [],
        "value": values or [],
    }
    with terminal.connect() as client:
        files = {"file": data} if data is not None else None
        started = client.post(f"/usecases/{usecase}/scale-plans", files=files, data=form)
        client.wait(started["job"], _Teller())
        _show(client.get(f"/scale-plans/{started['plan']}"), output)


@app.command("list")
def list_plans(
    *,
    usecase: Annotated[str | None, typer.Option(help="Only of this use case.")] = None,
    department: Annotated[str | None, typer.Option(help="Only to this department.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List plans, newest first."""
    with terminal.connect() as client:
        found = client.get("/scale-plans", usecase=usecase, department=department, limit=limit, cursor=cursor)
        terminal.emit(found, output, _PLANS)


@app.command("show")
def show_plan(plan_id: PlanId, output: OutputOption = terminal.Output.table) -> None:
    """Show a plan, or why it failed."""
    with terminal.connect() as client:
        _show(client.get(f"/scale-plans/{plan_id}"), output)


@app.command("labels")
def bring_labels(
    plan_id: PlanId,
    file: Annotated[
        Path | None,
        typer.Argument(
            exists=True, dir_okay=False, help="File of cases and outcomes; left out, those brought are listed."
        ),
    ] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Bring outcomes of a plan's cases, and hear whether its forecast stands, falls or needs more."""
    with terminal.connect() as client:
        if file is None:
            terminal.emit(client.get(f"/scale-plans/{plan_id}/labels"), output, _BATCHES)
            return
        found = client.post(f"/scale-plans/{plan_id}/labels", files={"file": file})
        if output is terminal.Output.json:
            terminal.emit(found["check"], output)
        else:
            sys.stdout.write(told(found["check"]) + "\n")


@app.command("to-label")
def rows_to_label(
    plan_id: PlanId,
    to: Annotated[
        Path | None, typer.Option("--to", dir_okay=False, help="CSV file to write.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many cases.")] = 300,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Write the cases whose outcome tells most, to be filled in and brought back with ``labels``."""
    with terminal.connect() as client:
        text = client.get_bytes(f"/scale-plans/{plan_id}/to-label", limit=limit)
    if to is None:
        sys.stdout.write(text.decode())
        return
    to.write_bytes(text)
    terminal.emit({"path": str(to), "bytes": len(text)}, output)


class _Teller:
    """Says each new step of a job once."""

    def __init__(self) -> None:
        self._told = ""

    def __call__(self, job: Job) -> None:
        step = job.message
        if step in _STEPS and step != self._told:
            self._told = step
            terminal.say(f"[{list(_STEPS).index(step) + 1}/{len(_STEPS)}] {_STEPS[step]}")


def told(check: dict[str, Any] | None) -> str:
    """What the labels say of the forecast, in one line."""
    if check is None or check["state"] == "waiting":
        return f"no label yet; about {check['more'] if check else 300} would tell"
    counted = f"{check['labels']} labels, {check['positives']} successes where {check['expected_positives']:.1f} were forecast"
    if check["state"] == "open":
        return f"open after {counted}; about {check['more']} more would tell"
    return f"{check['state']}, decided at label {check['decided_at']} ({counted})"


def _show(found: dict[str, Any], output: terminal.Output) -> None:
    result = found["result"]
    if output is terminal.Output.json or result is None:
        terminal.emit(found, output)
        return
    forecast, shift, source = result["forecast"], result["shift"], result["source"]
    lines = [
        f"plan        {found['id']}: {found['usecase']} to {found['department']} ({found['version']})",
        f"data        {result['data']['filename']}, {result['data']['rows']:,} rows, {result['quality']['usable']:.1%} keep the contract",
        f"at home     ROC AUC {_band(source)}",
        f"forecast    ROC AUC {_band(forecast)}, success rate {forecast['base_rate']:.1%}",
        f"            {forecast['assumption']}",
        f"difference  a classifier tells the departments apart with AUC {_band(shift)}",
        f"check       {told(found['check'])}",
    ]
    if result["realised"]:
        lines.append(f"measured    ROC AUC {_band(result['realised'])} on {result['realised']['rows']:,} labelled rows")
    proposal = result["proposal"]
    how = "measured" if proposal["is_measured"] else "not measured yet"
    lines += [f"way         {proposal['way'].replace('_', '-')} ({how}): {proposal['reason']}", ""]
    sys.stdout.write("\n".join(lines) + "\n")
    pairs = [one | {"theirs": one["theirs"] or f"? {one['candidate'] or ''}"} for one in result["mapping"]["pairs"]]
    terminal.emit(pairs, output, ("ours", "theirs", "confidence", "reason"))
    terminal.emit(result["readiness"], output, ("name", "state", "found", "todo"))


def _band(one: dict[str, Any]) -> str:
    return f"{one['auc']:.3f} ({one['low']:.3f} to {one['high']:.3f})"
