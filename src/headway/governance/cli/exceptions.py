"""``headway exception``: exceptions from the tier high, at the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

exception_app = typer.Typer(
    help="Except a use from the tier high: assess, accept, refuse, end, list.", no_args_is_help=True
)

UseCase = Annotated[str, typer.Argument(metavar="USECASE", help="Name of the use case.", show_default=False)]
ExceptionId = Annotated[
    str, typer.Argument(metavar="EXCEPTION", help="Id of the exception, exc_...", show_default=False)
]
Reason = Annotated[str, typer.Option(help="Why; kept in your name.", show_default=False)]
_LISTED = ("id", "usecase", "condition", "state", "counts", "assessed_by", "answered_by", "ends_at")


@exception_app.command("list")
def list_exceptions(usecase: UseCase, output: OutputOption = terminal.Output.table) -> None:
    """List the exceptions of a use case, newest first."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/usecases/{usecase}/exceptions"), output, _LISTED)


@exception_app.command("assess")
def assess_exception(
    *,
    usecase: UseCase,
    condition: Annotated[
        str,
        typer.Option(
            help="narrow_task, improves_finished_work, detects_patterns or preparatory_task.", show_default=False
        ),
    ],
    reasons: Annotated[str, typer.Option(help="Why it is not high-risk, at least 40 characters.", show_default=False)],
    days: Annotated[int, typer.Option(help="For how many days it shall count, 365 at most.")] = 365,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Assess that a use of Annex III is not high-risk (Art. 6(3)); it counts once somebody else accepts it."""
    body = {"condition": condition, "reasons": reasons, "days": days}
    with terminal.connect() as client:
        made = client.post(f"/usecases/{usecase}/exceptions", body)
    terminal.emit({name: made[name] for name in _LISTED}, output)


@exception_app.command("accept")
def accept_exception(exception: ExceptionId, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Accept an exception that somebody else assessed; the tier is decided anew."""
    _answer(exception, "accept", reason, output)


@exception_app.command("refuse")
def refuse_exception(exception: ExceptionId, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Refuse an exception."""
    _answer(exception, "refuse", reason, output)


@exception_app.command("end")
def end_exception(exception: ExceptionId, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """End an accepted exception before its time; the tier is decided anew."""
    _answer(exception, "end", reason, output)


def _answer(exception: str, verb: str, reason: str, output: terminal.Output) -> None:
    with terminal.connect() as client:
        made = client.post(f"/exceptions/{exception}/{verb}", {"reason": reason})
    terminal.emit({name: made[name] for name in _LISTED}, output)
