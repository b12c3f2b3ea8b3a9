"""Rules in CEL over facts that may be unknown: three answers, and an error is never a yes.

CEL raises on a missing key, but null and NaN slip through ``!=`` and ``has`` hides what is missing. So unknown facts
are taken out before evaluation (``facts``), packs may not use what hides them (``lint``), and a check is asked
only when every fact it names is known (``strict``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from typing import TYPE_CHECKING

from headway import __version__

if TYPE_CHECKING:
    import cel

ENGINE = "common-expression-language"
ROOTS = ("sys", "use_case", "evidence", "approvals", "gate", "change", "mandate", "council", "appetite", "rights")
MAX_SOURCE = 500
MAX_COMPREHENSIONS = 3
MAX_DEPTH = 2
_FUNCTIONS = frozenset(
    [
        "_&&_",
        "_||_",
        "!_",
        "-_",
        "_==_",
        "_!=_",
        "_<_",
        "_<=_",
        "_>_",
        "_>=_",
        "_+_",
        "_-_",
        "_*_",
        "_/_",
        "_?_:_",
        "@in",
        "@not_strictly_false",
        "_[_]",
        "size",
        "startsWith",
        "endsWith",
        "contains",
        "matches",
    ]
)
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_FACT = re.compile(r"(?<![\w.])(" + "|".join(ROOTS) + r")\b((?:\s*\.\s*[A-Za-z_]\w*)*)(\s*\()?")
_LOOP = re.compile(r"\.\s*(all|exists|exists_one|existsOne|map|filter)\s*\(\s*([A-Za-z_]\w*)\s*,")
_FORBIDDEN = (
    (re.compile(r"\bhas\s*\("), "has() hides that a fact is missing"),
    (re.compile(r"\bnull\b"), "null cannot be compared: an unknown fact is missing, not null"),
    (re.compile(r"\?"), "'?' hides that a fact is missing; write two controls"),
    (re.compile(r"[\\`]|//|'''|\"\"\""), "backslash, backtick, triple quotes and comments are not allowed"),
)
_ROOT_INDEX = re.compile(r"(?<![\w.])(?:" + "|".join(ROOTS) + r")\b(?:\s*\.\s*\w+)*\s*\[")
_ERRORS = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Answer:
    """True, False, or None when it cannot be known; ``why`` in words, ``unknown`` the facts that lack."""

    value: bool | None
    why: str
    unknown: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def engines() -> dict[str, str]:
    """Name what answers rules, with versions, so that an answer can be had again as it was given."""
    return {"headway": __version__, ENGINE: metadata.version(ENGINE)}


@lru_cache(maxsize=1024)
def compiled(expression: str) -> cel.Program:
    """Compile an expression once; raises ValueError with the parser's words."""
    import cel  # its package brings a terminal program along, which a start need not wait for

    return cel.compile(expression)


@lru_cache(maxsize=1024)
def paths(expression: str) -> tuple[tuple[str, ...], ...]:
    """Name the facts an expression reads, as ``("sys", "tier")``; a method called on a fact is no part of it."""
    found = []
    for match in _FACT.finditer(_TEXT.sub("''", expression)):
        names = [match[1], *(name.strip() for name in match[2].split(".")[1:])]
        if match[3] is not None:
            names.pop()
        found.append(tuple(names))
    return tuple(dict.fromkeys(found))


def unknown(expression: str, facts: Mapping[str, object]) -> tuple[str, ...]:
    """List the facts that an expression names and nobody knows."""
    return tuple(".".join(path) for path in paths(expression) if not _holds(facts, path))


def _holds(facts: Mapping[str, object], path: tuple[str, ...]) -> bool:
    here: object = facts
    for name in path:
        if not isinstance(here, Mapping) or name not in here:
            return False
        here = here[name]
    return True


def prepared(facts: Mapping[str, object]) -> cel.Context:
    """Turn facts into CEL's own values once, for many questions; not to be shared between threads."""
    import cel

    return cel.Context(variables=dict(facts))


def ask(expression: str, facts: Mapping[str, object], context: cel.Context | None = None) -> Answer:
    """Ask with unknown facts allowed: logic that holds whatever they are still answers (false && unknown is false).

    Args: facts: known facts only, nested by root; no None, NaN or infinity (see module ``facts``).
    context: the same facts ``prepared``; turning them anew for each question costs far more than the answer.
    """
    missing = unknown(expression, facts)
    try:
        result = compiled(expression).execute(dict(facts) if context is None else context)
    except _ERRORS as error:
        if missing:
            return Answer(None, "unknown: " + ", ".join(missing), missing)
        return Answer(None, f"cannot be evaluated: {error}", ())
    if not isinstance(result, bool):
        return Answer(None, f"the answer is {type(result).__name__}, not true or false")
    return Answer(result, "holds" if result else "does not hold")


def strict(expression: str, facts: Mapping[str, object], context: cel.Context | None = None) -> Answer:
    """Ask only when every fact named is known; otherwise the answer is None, whatever the logic would say."""
    missing = unknown(expression, facts)
    if missing:
        return Answer(None, "unknown: " + ", ".join(missing), missing)
    return ask(expression, facts, context)


def lint(expression: str, *, is_check: bool = False) -> list[str]:
    """Find what makes an expression unfit for a pack; returns messages, none when it is fit.

    Args: is_check: checks may not use ``||`` either, which can pass on one fact while the other is unknown.
    """
    if len(expression) > MAX_SOURCE:
        return [f"longer than {MAX_SOURCE} characters"]
    bare = _TEXT.sub("''", expression)
    faults = [message for pattern, message in _FORBIDDEN if pattern.search(bare)]
    if is_check and "||" in bare:
        faults.append("'||' in a check can pass while a fact is unknown; write two controls")
    if _ROOT_INDEX.search(bare):
        faults.append("name a fact with dots, not with an index")
    faults += _loops(bare)
    try:
        references = compiled(expression).references()
    except ValueError as error:
        return [*faults, str(error).split("\n")[0]]
    bound = {match[2] for match in _LOOP.finditer(bare)}
    faults += [
        f"{name!r} is no root of facts ({', '.join(ROOTS)})"
        for name in references["variables"]
        if name not in {*ROOTS, *bound}
    ]
    faults += [f"function {name!r} is not allowed" for name in references["functions"] if name not in _FUNCTIONS]
    faults += [f"{name!r} cannot be the name of a loop variable" for name in sorted(bound & set(ROOTS))]
    faults += [
        f"'{'.'.join(path)}' names no single fact"
        for path in paths(expression)
        if len(path) != (3 if path[0] == "evidence" else 2)
    ]
    return faults


def _loops(bare: str) -> list[str]:
    """Judge the comprehensions: CEL has no cost limit, and four nested ones over 30 items were seen to take 0.4 s."""
    starts = [match.end() for match in _LOOP.finditer(bare)]
    if len(starts) > MAX_COMPREHENSIONS:
        return [f"more than {MAX_COMPREHENSIONS} comprehensions"]
    spans = [(start, _closing(bare, start)) for start in starts]
    depth = max((sum(1 for a, b in spans if a <= start < b) for start in starts), default=0)
    return [f"comprehensions nested deeper than {MAX_DEPTH}"] if depth > MAX_DEPTH else []


def _closing(text: str, start: int) -> int:
    depth = 1
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    return len(text)
