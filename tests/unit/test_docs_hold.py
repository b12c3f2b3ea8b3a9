"""The documents keep up with the code: links lead somewhere, files exist, commands and options are real, examples run."""

from __future__ import annotations

import importlib
import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest

from headway import portfolio
from headway.entrypoints.cli.program import COMMANDS, build
from headway.kernel.settings import Settings
from headway.portfolio.solution import check
from headway.runtime.errors import REFUSAL_REASONS, SnapshotReason

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SOURCE = ROOT / "src" / "headway"
LIFE = DOCS / "explanation" / "life-of-a-decision.md"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
SHOWN_FILE = re.compile(r"`((?:[a-z_]+/)+[a-z_0-9-]+\.[a-z]+|[a-z_]+/[a-z_/-]+\.cedar)`")
FUNCTION = re.compile(r"`(?:([A-Z]\w+)\.)?(_{0,2}[a-z]\w*)\(\)`")
HEADWAY = re.compile(r"(?:^|[\s/(])headway ((?:[a-z-]+|FILE)\b.*)")
WRITTEN_BY_THE_BUILD = {"cli.md", "api.md", "settings.md", "errors.md", "client.md"}
"""Pages that ``headway dev reference`` writes and ``make docs`` guards; a link to one may run ahead of it."""


def _pages() -> list[Path]:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md"), *SOURCE.glob("*/README.md")]
    return sorted(page for page in pages if page.exists())


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


PAGES = _pages()
GUIDES = [page for page in PAGES if page.name not in WRITTEN_BY_THE_BUILD]


# ------------------------------------------------------------------------------------------------ links
def test_there_are_pages_to_check() -> None:
    names = {_name(page) for page in PAGES}
    wanted = {"README.md", "docs/README.md", "docs/tutorials/first-pilot.md", _name(LIFE)}
    assert wanted <= names


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_relative_links_lead_to_files(page: Path) -> None:
    broken = []
    for target in LINK.findall(page.read_text()):
        path = target.partition("#")[0]
        if not path or re.match(r"[a-z]+:", target):
            continue
        found = (page.parent / path).resolve()
        may_come = found.parent == DOCS / "reference" and found.name in WRITTEN_BY_THE_BUILD
        if not found.exists() and not may_come:
            broken.append(target)
    assert not broken


def test_every_page_of_the_docs_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text()
    listed = {(DOCS / target).resolve() for target in LINK.findall(index) if "://" not in target}
    pages = {page for page in DOCS.rglob("*.md") if page.parent.name != "adr" and page != DOCS / "README.md"}
    assert {_name(page) for page in pages - listed} == set()


# ------------------------------------------------------------------------------------------------ the walk through the code
def test_files_of_the_walk_exist() -> None:
    files = SHOWN_FILE.findall(LIFE.read_text())
    assert len(files) > 40
    assert [name for name in files if not (SOURCE / name).exists()] == []


def test_functions_of_the_walk_exist_in_its_files() -> None:
    text = LIFE.read_text()
    sources = "\n".join((SOURCE / name).read_text() for name in set(SHOWN_FILE.findall(text)))
    found = FUNCTION.findall(text)
    assert len(found) > 30
    missing = [name for _, name in found if not re.search(rf"\bdef {name}\(", sources)]
    missing += [owner for owner, _ in found if owner and not re.search(rf"\bclass {owner}\b", sources)]
    assert missing == []


def test_the_refusals_that_are_explained_are_all_there_are() -> None:
    text = (DOCS / "explanation" / "planes-and-trust.md").read_text()
    told = set(CODE.findall(text))
    assert {*REFUSAL_REASONS, *get_args(SnapshotReason)} <= told


# ------------------------------------------------------------------------------------------------ commands
class Shown(NamedTuple):
    """A command as a page shows it."""

    page: str
    words: tuple[str, ...]


def _shown(page: Path) -> Iterator[Shown]:
    text = page.read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.startswith("    ")]
    lines += [code for code in CODE.findall(text) if code.startswith("headway ")]
    for line in lines:
        match = HEADWAY.search(line)
        if match is None or "headway:" in line:
            continue
        words = _words(match.group(1))
        if words and (words[0] in COMMANDS or line.strip().startswith(("headway ", ".venv/bin/headway "))):
            yield Shown(_name(page), words)


def _words(command: str) -> tuple[str, ...]:
    """The words of a command up to its comment, pipe or the next command."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|;&")
    lexer.whitespace_split = True
    words: list[str] = []
    try:
        for word in lexer:
            if word[0] in "|;&" or word in {">", "2>", "..."}:
                break
            words.append(word)
    except ValueError:  # a quote that goes on in the next line: what came before it is enough
        return tuple(words)
    return tuple(words)


def _fault(words: tuple[str, ...]) -> str | None:
    """What is wrong with a command, by the program's own definition."""
    name, *rest = words
    if name not in COMMANDS:
        return f"there is no command {name}"
    command: Any = build().get_command(None, name)  # type: ignore[arg-type]  # it looks at the name alone
    verbs = getattr(command, "commands", None)
    module, attribute, _ = COMMANDS[name]
    if verbs is None and type(_target(module, attribute)).__name__ == "Typer":
        return f"'headway {name}' takes no verb: its only command swallowed the name"
    if verbs is not None and rest and not rest[0].startswith("-"):
        if rest[0] not in verbs:
            return f"'headway {name}' has no verb {rest[0]}"
        command, rest = verbs[rest[0]], rest[1:]
    elif verbs is not None:
        return None
    below = getattr(command, "commands", None)
    if below is not None:  # verbs below a verb, as of meetings below the council
        if not rest or rest[0] not in below:
            return f"'headway {name}' has no verb {' '.join(words[1:3])}"
        command, rest = below[rest[0]], rest[1:]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    unknown = [word for word in rest if re.match(r"--[a-z]", word) and word.partition("=")[0] not in known | {"--help"}]
    return f"unknown options {unknown}" if unknown else None


def _target(module: str, attribute: str) -> object:
    return getattr(importlib.import_module(module), attribute)


@pytest.mark.parametrize("page", GUIDES, ids=_name)
def test_commands_that_pages_show_exist(page: Path) -> None:
    faults = [f"headway {' '.join(shown.words)}: {fault}" for shown in _shown(page) if (fault := _fault(shown.words))]
    assert faults == []


def test_commands_are_found_in_the_pages() -> None:
    shown = {words.words[0] for page in GUIDES for words in _shown(page)}
    assert {"up", "pilot", "product", "decision", "ledger", "model", "deployment", "outcomes", "node"} <= shown


@pytest.mark.parametrize(
    "words",
    [
        ("scrore", "list"),
        ("ledger", "verifi"),
        ("pilot", "x.csv", "--labell", "y"),
        ("model", "release", "--enviroment", "pilot"),
    ],
)
def test_a_wrong_command_would_be_noticed(words: tuple[str, ...]) -> None:
    assert _fault(words) is not None


def test_settings_that_pages_name_exist() -> None:
    known = {f"HEADWAY_{name.upper()}" for name in Settings.__dataclass_fields__} | {
        "HEADWAY_DEMO_HOME",
        "HEADWAY_PROVE_DOSE",
        "HEADWAY_SECRET_SALES_CRM",  # the operator chooses how a secret is called
        "HEADWAY_SECRET_SALES_DB",
        "HEADWAY_SECRET_WORK",
    }
    named = {
        (name, _name(page)) for page in GUIDES for name in re.findall(r"\bHEADWAY_[A-Z_]*[A-Z]\b", page.read_text())
    }
    assert {pair for pair in named if pair[0] not in known} == set()


# ------------------------------------------------------------------------------------------------ examples
def test_the_example_of_a_solution_loads() -> None:
    text = (DOCS / "how-to" / "add-a-solution.md").read_text()
    block = text.partition("`acme_headway/__init__.py`:")[2].partition("`pyproject.toml`")[0]
    made: dict[str, object] = {}
    exec(compile(textwrap.dedent(block), "acme_headway", "exec"), made)  # noqa: S102  our own page
    solution = made["solution"]
    assert isinstance(solution, portfolio.Solution)
    assert check(solution) == ()
    assert f'"{solution.id}" = "acme_headway:solution"' in text
