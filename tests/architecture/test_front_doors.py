"""A domain is entered by its front door only, and pure modules stay pure. The reasons are in DESIGN section 3 and STYLE."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "headway"
DOMAINS = sorted(p.name for p in SOURCE.iterdir() if p.is_dir() and (p / "__init__.py").exists())
GUARDED = [d for d in DOMAINS if d not in ("kernel", "entrypoints")]
FILES = sorted(p for p in SOURCE.rglob("*.py") if "migrations/versions" not in p.as_posix())

# Files whose names say that they touch the world (STYLE section 2). Every other file in a domain is an idea and is pure.
EDGES = {"__init__", "tables", "store", "service", "routes", "pages", "cli", "jobs", "adapters", "events"}
# Files of the data plane and a few others that must touch the world under another name. This list may only shrink.
IMPURE = {
    "runtime/log.py": "writes the decision log durably",
    "runtime/shipping.py": "copies sealed segments to object storage",
}
WORLD = {
    "sqlalchemy", "psycopg", "alembic", "dbos", "httpx", "fastapi", "starlette", "typer", "obstore", "pyiceberg",
    "os", "socket", "subprocess", "time", "random", "secrets", "shutil", "tempfile", "threading", "uuid",
    "headway.kernel.clock", "headway.kernel.database", "headway.kernel.storage", "headway.kernel.jobs",
    "headway.kernel.web", "headway.kernel.settings", "headway.kernel.terminal",
}  # fmt: skip

TYPES_OF_SETTINGS = {"Environment", "ENVIRONMENTS"}


def imports(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Every module a file imports, with the names taken from it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, []
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module, [alias.name for alias in node.names]


def domain_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).parts
    return parts[0] if len(parts) > 1 else ""


@pytest.mark.parametrize("domain", GUARDED)
def test_domain_imports_others_by_their_front_door(domain: str) -> None:
    broken = []
    for path in FILES:
        if domain_of(path) != domain:
            continue
        for module, _ in imports(path):
            parts = module.split(".")
            inside = parts[0] == "headway" and len(parts) > 2
            if inside and parts[1] not in (domain, "kernel"):
                broken.append(f"{path.relative_to(SOURCE)} imports {module}; write 'from headway import {parts[1]}'")
    assert not broken, "\n".join(broken)


def test_no_package_but_the_front_door_of_the_kernel_is_empty() -> None:
    tree = ast.parse((SOURCE / "kernel" / "__init__.py").read_text())
    assert [type(node) for node in tree.body] == [ast.Expr], "importing kernel imports nothing: take its submodules"


@pytest.mark.parametrize("domain", GUARDED)
def test_front_door_names_what_it_offers(domain: str) -> None:
    tree = ast.parse((SOURCE / domain / "__init__.py").read_text())
    assert ast.get_docstring(tree), f"{domain}/__init__.py says in a docstring what the domain is for"
    if domain != "solutions":
        names = [t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)]
        assert "__all__" in names, f"{domain}/__init__.py names its front door in __all__"


def pure_files() -> list[Path]:
    chosen = []
    for path in FILES:
        name = path.relative_to(SOURCE).as_posix()
        is_edge = any(part in EDGES for part in [path.stem, *path.relative_to(SOURCE).parts[1:-1]])
        if domain_of(path) in GUARDED and not is_edge and name not in IMPURE and "solutions/" not in name:
            chosen.append(path)
    return chosen


@pytest.mark.parametrize("path", pure_files(), ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_pure_module_touches_nothing(path: Path) -> None:
    touched = []
    for module, names in imports(path):
        reached = {module} if not names else {f"{module}.{name}" for name in names} | {module}
        if module == "headway.kernel.settings" and set(names) <= TYPES_OF_SETTINGS:
            continue
        touched += [m for m in reached if m in WORLD or m.split(".")[0] in WORLD]
    if not any(f"clock.{name}" in path.read_text() for name in ("now(", "fixed(")):
        touched = [m for m in touched if m != "headway.kernel.clock"]  # writing and reading times as text is pure
    assert not touched, f"{path.name} is an idea and takes values in; it imports {', '.join(sorted(set(touched)))}"


def test_exceptions_from_purity_exist() -> None:
    gone = [name for name in IMPURE if not (SOURCE / name).exists()]
    assert not gone, f"take these out of the list: {gone}"


FORBIDDEN_NAMES = {"utils", "util", "common", "helpers", "helper", "misc", "core", "base"}


def test_no_module_is_a_drawer() -> None:
    drawers = [p.relative_to(SOURCE).as_posix() for p in FILES if p.stem in FORBIDDEN_NAMES]
    assert not drawers, f"name the idea instead: {drawers}"


def test_environment_is_read_by_settings_only() -> None:
    allowed = {"kernel/settings.py"}
    readers = []
    for path in FILES:
        name = path.relative_to(SOURCE).as_posix()
        text = path.read_text()
        if (
            ("os.environ" in text or "os.getenv" in text)
            and name not in allowed
            and not name.startswith("entrypoints/")
        ):
            readers.append(name)
    assert not readers, f"settings are read once in kernel/settings.py and passed down: {readers}"


def test_time_is_simulated_for_the_simulated_company_alone() -> None:
    """Whoever else ran at another time would sign and log what never happened then."""
    users = {str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py") if "clock.simulated(" in path.read_text()}
    assert users == {"entrypoints/company/scene.py"}
