"""``headway product snapshots``, ``retention``, ``compact`` and ``expire``: how snapshots are kept, at the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from headway.kernel import terminal
from headway.kernel.terminal import Output, OutputOption

Slug = Annotated[
    str, typer.Argument(metavar="PRODUCT", help="Name of the product, department.name.", show_default=False)
]
_LISTED = ("id", "created_at", "mode", "rows", "data_files", "size_bytes", "tags", "kept_because", "expired_at")


def snapshots(
    slug: Slug,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """List a product's snapshots, the newest first, with tags, sizes and what keeps them."""
    with terminal.connect() as client:
        found = client.get(f"/products/{slug}/snapshots/kept", limit=limit, cursor=cursor)
    if output is Output.json:
        terminal.emit(found, output)
        return
    lists = ("tags", "kept_because")
    terminal.emit([one | {name: ", ".join(one[name]) for name in lists} for one in found["items"]], output, _LISTED)
    kept = found["retention"]
    terminal.say(f"kept: {kept['keep_days']} days, at least the newest {kept['keep_last']}, and what is used")


def retention(
    *,
    slug: Slug,
    days: Annotated[int | None, typer.Option(min=1, help="Keep snapshots so many days.")] = None,
    last: Annotated[int | None, typer.Option(min=1, help="Keep so many of the newest, however old.")] = None,
    files: Annotated[int | None, typer.Option(min=2, help="Compact the current snapshot beyond so many files.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """Say how long a product's snapshots are kept; what is not named is the default."""
    body = {"keep_days": days, "keep_last": last, "most_files": files}
    with terminal.connect() as client:
        terminal.emit(client.put(f"/products/{slug}/retention", body), output)


def compact(
    slug: Slug,
    files: Annotated[int | None, typer.Option(min=1, help="Compact beyond so many files, for this once.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """Put the files of the current snapshot together; its rows and digest stay the same."""
    with terminal.connect() as client:
        terminal.emit(client.post(f"/products/{slug}/compact", {"most_files": files}), output)


def expire(slug: Slug, output: OutputOption = Output.table) -> None:
    """Give up the snapshots that the retention does not keep and nothing protects."""
    with terminal.connect() as client:
        terminal.emit(client.post(f"/products/{slug}/expire"), output)
