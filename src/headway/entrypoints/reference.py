"""Reference pages written from the code itself: settings, commands, API, errors. ``make docs`` fails when they differ."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import headway
from headway.kernel import errors, settings

if TYPE_CHECKING:
    import click

HEAD = "<!-- Written by `headway dev reference`; change the code instead. -->\n"


def pages() -> dict[str, str]:
    """The pages by file name."""
    return {
        "settings.md": _settings(),
        "cli.md": _commands(),
        "api.md": _api(),
        "errors.md": _errors(),
        "client.md": _client(),
        "access.md": _access(),
    }


def _settings() -> str:
    notes = _field_notes()
    lines = [
        HEAD,
        "# Settings\n",
        "Read once at start from the environment.\n",
        "| variable | type | default | meaning |",
        "|---|---|---|---|",
    ]
    shown = {"home": "`~/.headway`"}
    for field in fields(settings.Settings):
        default = shown.get(field.name, "-" if field.default is None else f"`{field.default}`")
        kind = str(field.type).replace("|", "or")
        lines.append(f"| `HEADWAY_{field.name.upper()}` | {kind} | {default} | {notes[field.name]} |")
    return "\n".join(lines) + "\n"


def _field_notes() -> dict[str, str]:
    tree = ast.parse(inspect.getsource(settings.Settings))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    notes = {}
    for node, after in pairwise(body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and isinstance(after, ast.Expr):
            value = after.value
            notes[node.target.id] = str(value.value) if isinstance(value, ast.Constant) else ""
    return notes


def _commands() -> str:
    import click

    from headway.entrypoints.cli.program import build

    lines = [HEAD, "# Commands\n", "Every command that prints a result takes `--output table|json`.\n"]
    for path, command in _walk("headway", build(), click.Context(click.Command("headway"))):
        arguments = [_metavar(p) for p in command.params if p.param_type_name == "argument"]
        lines += [f"## `{' '.join([path, *arguments])}`\n", _first_paragraph(command.help) + "\n"]
        options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
        if options:
            lines += ["| option | meaning |", "|---|---|"]
            lines += [
                f"| `{', '.join([*o.opts, *o.secondary_opts])}` | {_cell(getattr(o, 'help', ''))} |" for o in options
            ]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _walk(path: str, command: click.Command, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    # Typer carries a copy of click, so a noun is known by what it can do and not by its class.
    if not isinstance(command, _Noun):
        yield path, command
        return
    if command.invoke_without_command:
        yield path, command
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        if found is not None and not found.hidden:
            yield from _walk(f"{path} {name}", found, context)


@runtime_checkable
class _Noun(Protocol):
    invoke_without_command: bool

    def list_commands(self, ctx: click.Context) -> list[str]: ...

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None: ...


def _metavar(parameter: click.Parameter) -> str:
    return str(getattr(parameter, "metavar", None) or (parameter.name or "").upper())


def _first_paragraph(text: str | None) -> str:
    return (text or "").strip().split("\n\n")[0].replace("\n", " ")


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "or")


def _api() -> str:
    from headway.entrypoints.http import described

    lines = [HEAD, "# API\n", "Errors are `application/problem+json` (RFC 9457). Lists answer `items` and `next`.", ""]
    lines += ["| request | what it does |", "|---|---|"]
    for path, methods in sorted(described().openapi()["paths"].items()):
        for method, operation in sorted(methods.items()):
            text = (
                (operation.get("description") or operation.get("summary") or "")
                .strip()
                .split("\n\n")[0]
                .replace("\n", " ")
            )
            lines.append(f"| `{method.upper()} {path}` | {text} |")
    return "\n".join(lines) + "\n"


def _client() -> str:
    from headway_client import Client
    from headway_client.operations import ListOperation, Namespace, Operation

    lines = [HEAD, "# Python client\n", "`client` is a `Client`; on an `AsyncClient` the same methods are awaited.", ""]
    with Client("http://127.0.0.1:8460") as client:
        spaces = {name: found for name, found in vars(client).items() if isinstance(found, Namespace)}
    for space, namespace in sorted(spaces.items()):
        lines += [f"## `client.{space}`\n", f"{_first_paragraph(type(namespace).__doc__)}\n"]
        lines += ["| method | answers | what it does |", "|---|---|---|"]
        for name, made in vars(type(namespace)).items():
            if isinstance(made, Operation | ListOperation):
                answers = _cell(str(inspect.signature(made.function).return_annotation).replace("Each[", "list["))
                called = f"{name}({', '.join(_parameter(one) for one in made.parameters)})"
                lines.append(f"| `{called}` | `{answers}` | {_first_paragraph(made.__doc__)} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _parameter(parameter: inspect.Parameter) -> str:
    is_needed = parameter.default is inspect.Parameter.empty
    named = parameter.kind is inspect.Parameter.KEYWORD_ONLY
    return (
        parameter.name
        if is_needed and not named
        else f"{parameter.name}=" + ("..." if is_needed else repr(parameter.default))
    )


_SAID = {"any": "yes", "sandbox": "sandbox", "own": "own"}


def _access() -> str:
    from headway import identity

    columns = [None, *identity.Role]
    may = [{one.action: one.situation for one in identity.role_access(role)} for role in columns]
    heads = ["no role", *(role.value.replace("_", " ") for role in identity.Role)]
    lines = [
        HEAD,
        "# Access\n",
        "What each role allows in the department it is held in, and in those below it; held everywhere, in all. It is read",
        "from the rules in force. *sandbox*: for things in the sandbox alone; *own*: for one's own things alone. Pages show",
        "what may be done; the API refuses the rest with the rule's name and whom to ask.\n",
        f"| action | {' | '.join(heads)} |",
        "|---|" + "---|" * len(heads),
    ]
    for action in sorted({action for one in may for action in one}):
        cells = [_SAID[one[action]] if action in one else "" for one in may]
        lines.append(f"| `{action}` | {' | '.join(cells)} |")
    lines += ["", "## What wins over every role\n", "| rule | what to do |", "|---|---|"]
    lines += [f"| `{name}` | {_cell(text)} |" for name, text in identity.forbidding_rules().items()]
    return "\n".join(lines) + "\n"


def _errors() -> str:
    for found in pkgutil.walk_packages(headway.__path__, "headway."):
        if found.name.endswith(".errors"):
            importlib.import_module(found.name)
    lines = [HEAD, "# Errors and exit codes\n", "| code | HTTP status | exit code | meaning |", "|---|---|---|---|"]
    for kind in sorted(_kinds(errors.HeadwayError), key=lambda k: k.code):
        meaning = (inspect.getdoc(kind) or "").split("\n\n")[0].replace("\n", " ").replace("|", "or")
        lines.append(f"| `{kind.code}` | {kind.status} | {kind.exit_code} | {meaning} |")
    return "\n".join(lines) + "\n"


def _kinds(kind: type[errors.HeadwayError]) -> Iterator[type[errors.HeadwayError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


def write(folder: Path, *, check: bool) -> list[str]:
    """Write the pages into a folder, or with ``check`` only name those that differ."""
    differing = []
    for name, text in pages().items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            differing.append(name)
            if not check:
                path.write_text(text)
    return differing
