"""``headway demo generate``: a company of one's own, with everything true of it kept beside."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from headway.kernel import terminal


class FileFormat(StrEnum):
    """How tables are written."""

    parquet = "parquet"
    csv = "csv"


def generate(
    *,
    out: Annotated[Path, typer.Option("--out", help="New or empty folder for the company.", show_default=False)],
    spec: Annotated[
        Path | None,
        typer.Option(
            "--spec", help="YAML file that describes the company; Northwind Group without it.", dir_okay=False
        ),
    ] = None,
    rows: Annotated[int | None, typer.Option(help="Rows of all tables together, 1,000 to 100,000,000.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed in place of the spec's own.")] = None,
    file_format: Annotated[FileFormat, typer.Option("--format", help="Format of the files.")] = FileFormat.parquet,
    output: terminal.OutputOption = terminal.Output.table,
) -> None:
    """Write a simulated company: data as its regions have it, the truth about it, and a manifest."""
    from headway import demo

    wanted = demo.read_file(spec, rows=rows, seed=seed) if spec else demo.northwind(rows=rows, seed=seed)
    company = demo.generate(wanted, out, file_format=file_format.value, told=_progress(wanted.rows))
    result = {
        "folder": str(company.folder),
        "name": wanted.name,
        "seed": wanted.seed,
        "rows": company.rows,
        "files": len(company.files),
        "bytes": sum(one.bytes for one in company.files),
        "digest": company.digest,
    }
    terminal.emit(result, output)


def spec() -> None:
    """Print the spec of Northwind Group, to start one's own from."""
    from headway import demo

    sys.stdout.write(demo.northwind_text())


def _progress(total: int) -> Callable[[int], None]:
    """Tell every tenth part on a terminal, for companies that take a while."""
    told = 0

    def tell(rows: int) -> None:
        nonlocal told
        if rows * 10 // total > told and total >= 1_000_000 and sys.stderr.isatty():
            told = rows * 10 // total
            terminal.say(f"  {rows:,} of {total:,} rows")

    return tell
