"""The program's frame: lazy nouns, one place where errors become messages and exit codes."""

from __future__ import annotations

import importlib
import itertools
import json
import sys
from typing import TYPE_CHECKING, Any, Final, cast

from headway import __version__

if TYPE_CHECKING:
    import click

    from headway.kernel.errors import HeadwayError
    from headway_client import HeadwayError as ClientError

# noun or command: (module, attribute, help). A Typer app is a noun with verbs; a function is a command.
COMMANDS: Final[dict[str, tuple[str, str, str]]] = {
    "up": ("headway.entrypoints.cli.run", "up", "Run the platform here: control plane, database, worker, one node."),
    "down": ("headway.entrypoints.cli.run", "down", "Stop the platform that runs on this home."),
    "status": ("headway.entrypoints.cli.run", "status", "Tell what runs on this home."),
    "node": ("headway.entrypoints.cli.run", "node", "Run a decision node."),
    "worker": ("headway.entrypoints.cli.run", "worker", "Run a worker against HEADWAY_DATABASE_URL."),
    "server": ("headway.entrypoints.cli.run", "server", "Run the API against HEADWAY_DATABASE_URL."),
    "demo": ("headway.entrypoints.cli.demo", "app", "Show a simulated company, try the spine, or generate data."),
    "pilot": ("headway.portfolio.cli", "pilot", "Start a pilot in the sandbox from a file."),
    "pilots": ("headway.portfolio.cli", "pilots_app", "List and show pilots and their reports."),
    "replay": ("headway.portfolio.cli", "replay", "Replay a past time: what would have been noticed, and its worth."),
    "replays": ("headway.portfolio.cli", "replays_app", "List and show replays of a past time."),
    "solutions": ("headway.portfolio.cli", "solutions_app", "See which solutions are installed."),
    "usecase": ("headway.governance.cli", "usecase_app", "Keep the inventory of AI use cases."),
    "mandate": (
        "headway.governance.mandates.cli",
        "mandate_app",
        "Keep programmes and the mandates that sponsors sign.",
    ),
    "appetite": ("headway.governance.mandates.cli", "appetite_app", "Keep the organisation's risk appetite."),
    "rights": ("headway.governance.mandates.cli", "rights_app", "Keep the organisation's decision-rights matrix."),
    "system": ("headway.governance.cli", "system_app", "Keep the systems that do the work of use cases."),
    "vendor": ("headway.governance.cli", "vendor_app", "Keep the vendors who supply systems."),
    "umbrella": ("headway.governance.cli", "umbrella_app", "Keep patterns of low risk under which people register."),
    "shadow": ("headway.governance.cli", "shadow_app", "Report tools for AI without an entry, and settle them."),
    "standing": ("headway.portfolio.cli", "standings_app", "See where use cases stand and what blocks them."),
    "allocation": ("headway.portfolio.cli", "allocations_app", "Ask for means, and give them where they bring most."),
    "benefit": ("headway.portfolio.cli", "benefits_app", "See what a use case was worth, measured by its hold-out."),
    "scale": ("headway.scaling.cli", "app", "Plan to take a use case to another department."),
    "dossier": ("headway.dossiers.cli", "app", "Make documents from records, for law, supervisors and boards."),
    "policy": ("headway.governance.cli", "policy_app", "Read and check policy packs."),
    "gate": ("headway.governance.cli", "gate_app", "Ask a gate for its verdict."),
    "verdict": ("headway.governance.cli", "verdict_app", "Read the signed verdicts of gates."),
    "approval": ("headway.governance.cli", "approval_app", "Read requests for approval, and answer them."),
    "council": (
        "headway.governance.council.cli",
        "council_app",
        "Decide cases of high risk together: seats, votes, conditions.",
    ),
    "exception": (
        "headway.governance.cli",
        "exception_app",
        "Except a use from the tier high: assess, accept, refuse, end, list.",
    ),
    "assessment": ("headway.governance.assessments.cli", "app", "Answer, submit and sign assessments of use cases."),
    "risk": ("headway.governance.risks.cli", "app", "Keep risk registers in ranges of events a year and money."),
    "waiver": ("headway.governance.cli", "waiver_app", "Excuse a control for a while: ask, grant, end, list."),
    "break-glass": (
        "headway.governance.cli",
        "break_glass_app",
        "In an emergency: let in what a gate blocks, by two people.",
    ),
    "product": ("headway.catalog.cli", "product_app", "Add and inspect data products."),
    "contract": ("headway.catalog.cli", "contract_app", "Show and check data contracts."),
    "model": ("headway.registry.cli", "app", "Train, inspect and release models."),
    "deployment": ("headway.serving.cli", "deployment_app", "Deploy releases and grant their use."),
    "decision": ("headway.serving.cli", "decision_app", "Look up decisions and their chain of evidence."),
    "outcomes": ("headway.serving.cli", "outcomes_app", "Bring in what came of decisions."),
    "monitor": ("headway.monitoring.cli", "app", "Watch what deployments decide about, and answer alerts."),
    "incident": ("headway.incidents.cli", "app", "Report, follow and close incidents, and see what is due."),
    "ledger": ("headway.ledger.cli", "app", "Read and verify the ledger."),
    "comment": ("headway.collaboration.cli", "comment_app", "Speak about anything: comments, answers, mentions."),
    "activity": ("headway.collaboration.cli", "activity", "Tell what happened: who, what, why, what changed."),
    "inbox": ("headway.collaboration.cli", "inbox_app", "See what concerns you, and choose how you are told."),
    "task": ("headway.collaboration.cli", "task_app", "Give people something to do about a thing, by a day."),
    "view": ("headway.collaboration.cli", "view_app", "Keep, share and pin views of pages."),
    "department": ("headway.identity.cli", "department_app", "Keep the tree of departments."),
    "person": ("headway.identity.cli", "person_app", "Keep people and their accounts."),
    "role": ("headway.identity.cli", "role_app", "Grant and take back roles."),
    "token": ("headway.identity.cli", "token_app", "Make and revoke API tokens."),
    "session": ("headway.identity.cli", "session_app", "See where you are signed in, and end sessions."),
    "provider": ("headway.identity.cli", "provider_app", "Keep identity providers (OpenID Connect)."),
    "job": ("headway.kernel.cli", "app", "Follow durable jobs."),
    "dev": ("headway.entrypoints.cli.dev", "app", "Tools for those who build Headway."),
}


def main() -> None:
    """Run the program; its exit code tells the kind of failure (see docs/reference/errors.md)."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        sys.stdout.write(f"headway {__version__}\n")
        return
    sys.exit(_run(arguments))


def _run(arguments: list[str]) -> int:
    from headway.entrypoints.cli.connection import connect
    from headway.kernel import terminal
    from headway.kernel.errors import HeadwayError
    from headway_client import HeadwayError as ClientError

    terminal.set_connector(connect)
    try:
        return _call(arguments)
    except KeyboardInterrupt:
        terminal.say("stopped")
        return 130
    except (ClientError, HeadwayError) as error:
        return _tell(error, _wants_json(arguments))
    except Exception as error:  # noqa: BLE001  the program's edge: people get a sentence, the trace goes to a file
        return _tell(_unforeseen(error), _wants_json(arguments))


def _unforeseen(error: Exception) -> HeadwayError:
    import tempfile
    import traceback

    from headway.kernel.errors import HeadwayError

    with tempfile.NamedTemporaryFile("w", prefix="headway-", suffix=".trace", delete=False) as stream:
        stream.write("".join(traceback.format_exception(error)))
    said = f"something went wrong in Headway itself: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return HeadwayError(said, hint=f"the trace is in {stream.name}")


def _call(arguments: list[str]) -> int:
    """Run a command; Typer carries a click of its own, with errors of its own."""
    import click
    import typer
    from typer.exceptions import TyperException

    try:
        result = build().main(arguments, prog_name="headway", standalone_mode=False)
    except (click.exceptions.Abort, typer.Abort) as stopped:
        raise KeyboardInterrupt from stopped
    except (click.exceptions.Exit, typer.Exit) as ended:
        return ended.exit_code
    except (click.ClickException, TyperException) as error:
        show = getattr(error, "show", None)
        show(sys.stderr) if show else sys.stderr.write(f"headway: {error}\n")
        if _wants_json(arguments):
            _print_usage_error(error)
        return error.exit_code
    return result if isinstance(result, int) else 0


def build() -> click.Group:
    """Make the program's top group."""
    import click
    import typer

    class Nouns(click.Group):
        def list_commands(self, ctx: click.Context) -> list[str]:
            return list(COMMANDS)

        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
            if cmd_name not in COMMANDS:
                return None
            module, attribute, _ = COMMANDS[cmd_name]
            found: Any = getattr(importlib.import_module(module), attribute)
            if isinstance(found, typer.Typer):
                return cast("click.Command", typer.main.get_command(found))
            app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            app.command(name=cmd_name)(found)
            return cast("click.Command", typer.main.get_command(app))

        def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
            with formatter.section("Commands"):
                formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])

    group = Nouns(name="headway", no_args_is_help=True, help="Make an AI pilot a governed, measured capability.")
    group.params.append(click.Option(["--version"], is_flag=True, expose_value=False, help="Print the version."))
    return group


def _wants_json(arguments: list[str]) -> bool:
    return "--output=json" in arguments or ("--output", "json") in itertools.pairwise(arguments)


def _print_usage_error(error: Exception) -> None:
    from headway.kernel.errors import Invalid, problem

    words = getattr(error, "format_message", lambda: str(error))()
    told = Invalid(str(words).strip() or "a command is missing", hint="see the same command with --help")
    sys.stdout.write(json.dumps(problem(told), ensure_ascii=False) + "\n")


def _tell(error: HeadwayError | ClientError, as_json: bool) -> int:
    from headway.kernel.errors import problem
    from headway_client import HeadwayError as ClientError

    body = error.problem if isinstance(error, ClientError) else problem(error)
    if as_json:
        sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")
    sys.stderr.write(f"headway: {body.get('detail', error)}\n")
    faults = body.get("faults")
    for fault in faults if isinstance(faults, list) else []:
        sys.stderr.write(f"  {_fault_line(fault)}\n")
    if body.get("hint"):
        sys.stderr.write(f"  {body['hint']}\n")
    return error.exit_code


def _fault_line(fault: dict[str, object]) -> str:
    where = ", ".join(f"{name} {fault[name]}" for name in ("row", "column") if fault.get(name) is not None)
    value = f" (value {fault['value']!r})" if fault.get("value") is not None else ""
    return (f"{where}: " if where else "") + f"{fault.get('message', '')}{value}"
