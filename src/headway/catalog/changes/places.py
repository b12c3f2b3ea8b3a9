"""Where in a YAML text something stands: the line of a path of keys, so that faults can be told by line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import yaml

from headway.catalog.changes.entities import LineFault
from headway.catalog.errors import InvalidContract
from headway.kernel.errors import Fault


def line_faults(text: str, error: InvalidContract) -> tuple[LineFault, ...]:
    """Put the line of a text to each fault of reading it."""
    cause = error.__cause__
    if isinstance(cause, yaml.MarkedYAMLError) and cause.problem_mark is not None:
        words = " ".join(filter(None, (cause.context, cause.problem)))
        return (
            LineFault(line=cause.problem_mark.line + 1, rule="yaml", where=None, message=f"it is not YAML: {words}"),
        )
    root = _composed(text)
    faults: Iterable[Fault] = error.faults or (Fault(rule="odcs", message=error.message),)
    return tuple(
        LineFault(
            line=None if root is None or one.column is None else line_of(root, one.column.split(".")),
            rule=one.rule,
            where=one.column,
            message=one.message,
        )
        for one in faults
    )


def line_of(node: yaml.Node, path: Sequence[str]) -> int | None:
    """The line, from 1, of the deepest part of a path that is there: keys, places of a list, or names of its items."""
    line: int | None = None
    for step in path:
        found = _inside(node, step)
        if found is None and isinstance(node, yaml.MappingNode):  # schema.TABLE.COLUMN leaves out ``properties``
            below = _inside(node, "properties")
            found = _inside(below[1], step) if below else None
        if found is None:
            break
        line, node = found
    return line


def _composed(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _inside(node: yaml.Node, step: str) -> tuple[int, yaml.Node] | None:
    """The line and node of a key of a mapping, or of an item of a list by its place or its name."""
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark.line + 1, value) for key, value in node.value if key.value == step), None)
    if not isinstance(node, yaml.SequenceNode):
        return None
    if step.isdigit() and int(step) < len(node.value):
        return node.value[int(step)].start_mark.line + 1, node.value[int(step)]
    named = [one for one in node.value if isinstance(one, yaml.MappingNode) and _name_of(one) == step]
    return (named[0].start_mark.line + 1, named[0]) if named else None


def _name_of(node: yaml.MappingNode) -> str | None:
    return next((str(value.value) for key, value in node.value if key.value == "name"), None)
