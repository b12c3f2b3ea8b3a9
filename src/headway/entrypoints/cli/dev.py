"""Tools for those who build Headway."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headway.kernel import terminal

app = typer.Typer(help="Tools for those who build Headway.", no_args_is_help=True)


@app.callback()
def dev() -> None:
    """Tools for those who build Headway."""


@app.command()
def reference(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when a page differs.")] = False,
    folder: Annotated[Path, typer.Option(help="Folder of the reference pages.")] = Path("docs/reference"),
) -> None:
    """Write the reference pages from the code."""
    from headway.entrypoints.reference import write

    differing = write(folder, check=check)
    for name in differing:
        terminal.say(f"{name} {'differs from the code; run headway dev reference' if check else 'written'}")
    if check and differing:
        raise typer.Exit(1)


@app.command()
def words(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when a translation is missing.")] = False,
) -> None:
    """Bring the catalogs of the pages' languages up to date with the sources."""
    from headway.entrypoints.pages.words import LANGUAGES
    from headway.entrypoints.wording import missing, update

    wanting = 0
    for language in LANGUAGES:
        if language != "en":
            count = len(missing(language)) if check else update(language)
            terminal.say(f"{language}: {count} to translate")
            wanting += count
    if check and wanting:
        raise typer.Exit(1)
