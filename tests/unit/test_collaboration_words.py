"""Every event that the code records has words, and the words have values to fill them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import headway
from headway.collaboration.words import TELLINGS, fill, shown
from headway.governance import ApprovalState, FindingState

SOURCE = Path(headway.__file__).parent
# What the changing part of a type that is put together can be.
PARTS = {
    "approval.": [state.value for state in ApprovalState],
    "council.": ["approved", "rejected", "lapsed"],
    "deployment.": ["suspended", "resumed", "retired"],
    "operate.": [state.value for state in FindingState],
    "incident.": ["contained", "corrected", "closed", "reopened"],
    "task.": ["done", "cancelled"],
}


def test_every_event_that_is_recorded_somewhere_has_words() -> None:
    found = set(recorded())
    assert len(found) > 50
    silent = sorted(f"{type_} ({file})" for type_, file in found if type_ not in TELLINGS)
    assert silent == [], "say in headway/collaboration/words.py how these are told"


def test_there_are_no_words_for_events_that_nothing_records() -> None:
    known = {type_ for type_, _ in recorded()}
    assert sorted(set(TELLINGS) - known) == []


def test_words_name_only_what_can_be_filled_in_and_are_no_format_errors() -> None:
    for type_, telling in TELLINGS.items():
        assert fill(telling.message, {}).count("–") == len(re.findall(r"%\(\w+\)s", telling.message)), type_
        assert set(telling.family) <= set(TELLINGS), type_


def test_the_walk_would_notice_a_type_that_is_put_together() -> None:
    module = ast.parse(
        "def _tell(kind):\n    ledger.record(s, type=kind)\n_tell('a.b' if x else 'c.d')\n_tell(f'e.{v}')"
    )
    assert set(types_in(module, {"e.": ["f"]})) == {"a.b", "c.d", "e.f"}
    with pytest.raises(AssertionError, match=r"nobody knows what"):
        set(types_in(ast.parse("ledger.record(s, type=f'new.{verb}')"), {}))
    with pytest.raises(AssertionError, match=r"cannot be told"):
        set(types_in(ast.parse("ledger.record(s, type=made())"), {}))


def test_values_are_written_for_people() -> None:
    assert [shown(value) for value in (None, True, False, ["a", 1], [], {"a": None}, 3, "x")] == [
        "–", "yes", "no", "a, 1", "–", "a –", "3", "x",
    ]  # fmt: skip


@cache
def recorded() -> tuple[tuple[str, str], ...]:
    """Every type that a call of ``ledger.record`` writes, with the file that does."""
    return tuple(
        (type_, path.relative_to(SOURCE).as_posix())
        for path in sorted(SOURCE.rglob("*.py"))
        if "record(" in (text := path.read_text())
        for type_ in types_in(ast.parse(text), PARTS)
    )


def types_in(module: ast.Module, parts: dict[str, list[str]]) -> Iterator[str]:
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    for call in calls(module):
        given = next((keyword.value for keyword in call.keywords if keyword.arg == "type"), None)
        is_ledger = isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "ledger.record"
        is_own = isinstance(call.func, ast.Name) and call.func.id == "record"
        if given is not None and (is_ledger or is_own):
            holder = next((f for f in functions if call in ast.walk(f)), None)
            yield from resolve(given, holder, module, parts)


def calls(module: ast.AST) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(module) if isinstance(node, ast.Call))


def resolve(
    node: ast.expr, holder: ast.FunctionDef | None, module: ast.Module, parts: dict[str, list[str]]
) -> Iterator[str]:
    """The texts that an expression may have, looking through variables and the callers of its function."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from resolve(node.body, holder, module, parts)
        yield from resolve(node.orelse, holder, module, parts)
    elif isinstance(node, ast.JoinedStr):
        start = str(getattr(node.values[0], "value", ""))
        assert start in parts, f"nobody knows what {ast.unparse(node)} can be: add {start!r} to PARTS"
        yield from (start + part for part in parts[start])
    elif isinstance(node, ast.Name) and holder is not None:
        yield from named(node.id, holder, module, parts)
    else:
        raise AssertionError(f"{ast.unparse(node)} cannot be told from the code: record a text")


def named(name: str, holder: ast.FunctionDef, module: ast.Module, parts: dict[str, list[str]]) -> Iterator[str]:
    assigned = [
        node.value
        for node in ast.walk(holder)
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
    ]
    for value in assigned:
        yield from resolve(value, holder, module, parts)
    arguments = [argument.arg for argument in holder.args.args]
    keywords = [argument.arg for argument in holder.args.kwonlyargs]
    if name not in arguments + keywords:
        return
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    for call in calls(module):
        if not (isinstance(call.func, ast.Name) and call.func.id == holder.name):
            continue
        outer = next((f for f in functions if call in ast.walk(f)), None)
        place = arguments.index(name) if name in arguments else None
        given = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
        if given is None and place is not None and place < len(call.args):
            given = call.args[place]
        if given is not None:
            yield from resolve(given, outer, module, parts)
