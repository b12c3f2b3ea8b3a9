"""``headway product`` and ``headway contract``: data products at the terminal."""

from __future__ import annotations

import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from headway.catalog.access.cli import access_app, download, query
from headway.catalog.changes.cli import enter as enter_changes
from headway.catalog.connectors.cli import port_app
from headway.catalog.keeping.cli import compact, expire, retention, snapshots
from headway.catalog.minima.cli import minima_app, set_criticality
from headway.catalog.odps.cli import enter as enter_descriptors
from headway.catalog.quarantine.cli import enforcement_app, quarantine_app
from headway.catalog.repairs.cli import accept, label_app, refuse, repairs, suggest, undo
from headway.kernel import terminal
from headway.kernel.terminal import Output, OutputOption

if TYPE_CHECKING:
    from headway_client import Client
    from headway_client.answers.jobs import Job

product_app = typer.Typer(help="Add and inspect data products.", no_args_is_help=True)
contract_app = typer.Typer(help="Infer, show, lint, compare and check data contracts.", no_args_is_help=True)
product_app.add_typer(access_app, name="access")
product_app.add_typer(port_app, name="port")
product_app.add_typer(enforcement_app, name="enforcement")
product_app.add_typer(minima_app, name="minima")
product_app.add_typer(quarantine_app, name="quarantine")
product_app.command("criticality")(set_criticality)
product_app.command("query")(query)
product_app.command("download")(download)
enter_changes(contract_app, product_app)
enter_descriptors(product_app)

product_app.add_typer(label_app, name="label")
for own in (suggest, accept, refuse, repairs, undo, snapshots, retention, compact, expire):
    product_app.command()(own)


class Mode(Enum):
    """How a file is put to the rows there are."""

    replace = "replace"
    append = "append"
    upsert = "upsert"


BROKEN = 5
"""Exit code where rows break the contract."""
REFUSED = 1
"""Exit code where a contract departs from the protocol or breaks its readers."""
Slug = Annotated[
    str, typer.Argument(metavar="PRODUCT", help="Name of the product, department.name.", show_default=False)
]
File = Annotated[
    Path,
    typer.Argument(help="A CSV, Parquet, JSON lines or Excel file.", exists=True, dir_okay=False, show_default=False),
]
Contract = Annotated[
    str,
    typer.Argument(help="A contract (ODCS, YAML or JSON), or a product for its current one.", show_default=False),
]
_LISTED = ("slug", "department", "rows", "contract_version", "updated_at")


@product_app.command("add")
def add_product(
    *,
    file: File,
    department: Annotated[str, typer.Option(help="Department whose data this is.")],
    name: Annotated[str | None, typer.Option(help="Name of the product; default is the file's.")] = None,
    label: Annotated[str | None, typer.Option(help="Column with the outcome.")] = None,
    positive: Annotated[str | None, typer.Option(help="Value of the label that means success.")] = None,
    time: Annotated[str | None, typer.Option(help="Column with the time of a row.")] = None,
    subject: Annotated[str | None, typer.Option(help="Column that names the person or thing a row is about.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Column that no model shall use; repeat it.")] = None,
    contract: Annotated[
        Path | None, typer.Option(help="A contract (ODCS, YAML or JSON) to hold the file to.", exists=True)
    ] = None,
    mode: Annotated[
        Mode,
        typer.Option(help="The file is the whole table, comes after the rows there are, or over those with its keys."),
    ] = Mode.replace,
    output: OutputOption = Output.table,
) -> None:
    """Register a file as a data product, or as the next snapshot of one."""
    form: dict[str, object] = {
        "department": department,
        "name": name or file.stem,
        "label": label,
        "positive": positive,
        "time": time,
        "subject": subject,
        "exclude": exclude or None,
        "mode": mode.value,
    }
    files = {"file": file} | ({"contract": contract} if contract else {})
    with terminal.connect() as client:
        made = client.post("/products", files=files, data=form)
        if "job" in made:
            done = client.wait(made["job"], _tell)
            made = {
                "product": client.get(f"/products/{done['product']}"),
                "quality": client.get(f"/products/{done['product']}/quality"),
                "snapshot": client.get(f"/products/{done['product']}/snapshots", limit=1)["items"][0],
                "created": done["created"],
            }
    if output is Output.json:
        terminal.emit(made, output)
        return
    product, quality, snapshot = made["product"], made["quality"], made["snapshot"]
    terminal.emit(
        {
            "product": product["slug"],
            "rows": snapshot["rows"],
            "columns": len(product["columns"]),
            "contract": f"{product['contract_version']} ({product['contract_digest'][:19]}...)",
            "quality": f"{quality['score']:.4f}",
            "rows with faults": quality["failed_rows"],
            "snapshot": snapshot["id"] if made["created"] else f"{snapshot['id']} (the same as before)",
        },
        output,
    )
    for note in snapshot["notes"]:
        terminal.say(note)
    for fault in made.get("lacks") or []:
        terminal.say(f"below the minimum: {fault['message']}")


@product_app.command("preview")
def preview_file(
    *,
    file: File,
    department: Annotated[str, typer.Option(help="Department whose data this is.")],
    output: OutputOption = Output.table,
) -> None:
    """Show what the columns of a file hold and which roles they may play; the file waits a week for a pilot."""
    with terminal.connect() as client:
        kept = client.post("/uploads", files={"file": file}, data={"department": department})
    if output is Output.json:
        terminal.emit(kept, output)
        return
    seen = kept["preview"]
    rows = [
        {
            **{name: one[name] for name in ("name", "kind", "missing", "distinct")},
            "examples": ", ".join(one["examples"]),
            "personal data": one["personal"] or "",
        }
        for one in seen["columns"]
    ]
    terminal.emit(rows, output)
    guess = {role: value for role, value in seen["guess"].items() if value}
    terminal.say(f"{seen['rows']:,} rows; a guess at the roles: {guess or 'none'}; upload {kept['id']}")


@product_app.command("list")
def list_products(
    *,
    department: Annotated[str | None, typer.Option(help="Only of this department.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """List data products by name."""
    with terminal.connect() as client:
        page = client.get("/products", department=department, limit=limit, cursor=cursor)
    terminal.emit(page, output, _LISTED)


@product_app.command("show")
def show_product(
    slug: Slug,
    sample: Annotated[int, typer.Option(min=0, max=200, help="Also show so many rows.")] = 0,
    output: OutputOption = Output.table,
) -> None:
    """Show a data product: its columns, and its first rows if asked."""
    with terminal.connect() as client:
        product = client.get(f"/products/{slug}")
        shown = client.get(f"/products/{slug}/sample", limit=sample) if sample else None
    if output is Output.json:
        terminal.emit(product | ({"sample": shown} if shown else {}), output)
        return
    keys = ("slug", "department", "rows", "contract_version", "contract_digest", "snapshot_id", "updated_at")
    terminal.emit({key: product[key] for key in keys}, output)
    terminal.emit([_column(one) for one in product["contract"]["schema"][0]["properties"]], output)
    if shown:
        terminal.emit(list(shown["rows"]), output, shown["columns"])


@product_app.command("quality")
def show_quality(
    slug: Slug,
    snapshot: Annotated[str | None, typer.Option(help="Of an older snapshot.")] = None,
    history: Annotated[
        bool, typer.Option("--history", help="Show all snapshots instead, with what was unusual about each.")
    ] = False,
    parts: Annotated[bool, typer.Option("--parts", help="Show the snapshot's parts instead.")] = False,
    output: OutputOption = Output.table,
) -> None:
    """Show how the rows fared against the contract, rule by rule."""
    with terminal.connect() as client:
        if history or parts:
            _emit_history(client.get(f"/products/{slug}/quality/history", limit=100), snapshot, output, parts=parts)
            return
        report = client.get(f"/products/{slug}/quality", snapshot=snapshot)
    _emit_report(report, output)


@product_app.command("faults")
def list_faults(
    *,
    slug: Slug,
    snapshot: Annotated[str | None, typer.Option(help="Of an older snapshot.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only of this rule.")] = None,
    column: Annotated[str | None, typer.Option(help="Only of this column.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print all faults as CSV.")] = False,
    output: OutputOption = Output.table,
) -> None:
    """List the bad rows with row, column, rule and value."""
    path = f"/products/{slug}/quality/faults"
    with terminal.connect() as client:
        if csv:
            sys.stdout.write(client.get_bytes(path, snapshot=snapshot, format="csv").decode())
            return
        page = client.get(path, snapshot=snapshot, rule=rule, column=column, limit=limit, cursor=cursor)
    terminal.emit(page, output, ("row", "column", "rule", "value"))
    if page.get("next") and output is Output.table:
        terminal.say(f"{page['total']:,} faults in all; go on with --cursor {page['next']}, or take all with --csv")


@contract_app.command("show")
def show_contract(
    slug: Slug,
    digest: Annotated[str | None, typer.Option(help="An older version, by its digest.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """Print a product's contract (ODCS): YAML, or JSON with --output json."""
    path = f"/products/{slug}/contract"
    with terminal.connect() as client:
        if output is Output.json:
            terminal.emit(client.get(path, digest=digest), output)
        else:
            sys.stdout.write(client.get_bytes(path, format="yaml", digest=digest).decode())


@contract_app.command("check")
def check_contract(
    file: File,
    contract: Annotated[Path, typer.Argument(help="A contract (ODCS, YAML or JSON).", exists=True, show_default=False)],
    quarantine: Annotated[
        Path | None,
        typer.Option(
            help="Write the bad rows, whole and with their reasons, to this .csv or .parquet file.", dir_okay=False
        ),
    ] = None,
    output: OutputOption = Output.table,
) -> None:
    """Hold a file to a contract; exits with 5 when rows break it."""
    sent = {"file": file, "contract": contract}
    with terminal.connect() as client:
        report = client.post("/contracts/check", files=sent)
        if quarantine is not None:
            form: Literal["csv", "parquet"] = "parquet" if quarantine.suffix.lower() in (".parquet", ".pq") else "csv"
            quarantine.write_bytes(client.contracts.bad_rows(file, contract=contract, format=form))
    _emit_check(report, quarantine, output)
    if not report["passed"]:
        raise typer.Exit(BROKEN)


@contract_app.command("infer")
def infer_contract(
    *,
    file: File,
    name: Annotated[str | None, typer.Option(help="Name of the table; default is the file's.")] = None,
    department: Annotated[str | None, typer.Option(help="Department whose data this is.")] = None,
    to: Annotated[Path | None, typer.Option(help="Write the YAML to this file.", dir_okay=False)] = None,
    output: OutputOption = Output.table,
) -> None:
    """Infer a contract (ODCS) from a file: YAML, or JSON with --output json; nothing is kept."""
    with terminal.connect() as client:
        made = client.post("/contracts/infer", files={"file": file}, data={"name": name, "department": department})
    if to is not None:
        to.write_text(made["yaml"], encoding="utf-8")
    if output is Output.json:
        terminal.emit(made["contract"], output)
    elif to is None:
        sys.stdout.write(made["yaml"])
    for note in made["notes"]:
        terminal.say(note)


@contract_app.command("lint")
def lint_contract(
    contract: Contract,
    dictionary: Annotated[
        Path | None, typer.Option(help="A dictionary of terms (YAML).", exists=True, dir_okay=False)
    ] = None,
    output: OutputOption = Output.table,
) -> None:
    """Hold a contract to the standardisation protocol; exits with 1 on errors."""
    with terminal.connect() as client:
        files: dict[str, Any] = {"contract": _contract(client, contract)}
        files |= {"dictionary": dictionary} if dictionary else {}
        report = client.post("/contracts/lint", files=files)
    if output is Output.json:
        terminal.emit(report, output)
    else:
        if report["findings"]:
            terminal.emit(report["findings"], output, ("level", "rule", "message", "mend"))
        terminal.say(f"{report['errors']} errors, {report['warnings']} warnings")
    if not report["passed"]:
        raise typer.Exit(REFUSED)


@contract_app.command("diff")
def diff_contracts(old: Contract, new: Contract, output: OutputOption = Output.table) -> None:
    """Compare a contract with its successor, as its readers see it; exits with 1 where something breaks."""
    with terminal.connect() as client:
        found = client.post("/contracts/diff", files={"old": _contract(client, old), "new": _contract(client, new)})
    if output is Output.json:
        terminal.emit(found, output)
    else:
        if found["changes"]:
            terminal.emit(found["changes"], output, ("level", "kind", "column", "before", "after", "why"))
        needed = f"; the version must be at least {found['version_needed']}" if found["version_needed"] else ""
        terminal.say(f"{len(found['changes'])} changes; step of the version: {found['bump']}{needed}")
        if found["fault"]:
            terminal.say(found["fault"])
    if found["breaking"]:
        raise typer.Exit(REFUSED)


def _contract(client: Client, named: str) -> tuple[str, bytes]:
    """A contract that is named by its file or, where there is no such file, by its product."""
    path = Path(named)
    if path.is_file():
        return path.name, path.read_bytes()
    if path.suffix in (".yaml", ".yml", ".json") or "/" in named:
        raise typer.BadParameter(f"there is no file {named}")
    return "contract.yaml", client.get_bytes(f"/products/{named}/contract", format="yaml")


def _emit_check(report: dict[str, Any], quarantine: Path | None, output: Output) -> None:
    """Print a check: as JSON, the fields that other tools read, and no others."""
    if output is Output.json:
        keys = ("id", "column", "kind", "failed", "checked", "threshold", "passed")
        rules = [{key: rule[key] for key in keys} for rule in report["rules"]]
        kept = {key: report[key] for key in ("rows", "failed_rows", "score", "seconds")}
        terminal.emit(kept | {"rules": rules, "quarantine": str(quarantine) if quarantine else None}, output)
        return
    facts = ("rows", "failed_rows", "score", "passed", "quarantine", "seconds")
    terminal.emit({key: report[key] for key in facts}, output)
    broken = [rule for rule in report["rules"] if rule["failed"] or not rule["passed"]]
    if broken:
        broken.sort(key=lambda rule: -rule["cost"])
        lines = [rule | {"cost": f"{rule['cost']:.4f}"} for rule in broken]
        terminal.emit(lines, output, ("id", "failed", "threshold", "passed", "cost"))
        terminal.emit(report["faults"][:10], output, ("row", "column", "rule", "value"))
    for line in report["skipped"]:
        terminal.say(f"not checked: {line}")


def _emit_history(page: dict[str, Any], snapshot: str | None, output: Output, *, parts: bool) -> None:
    points = [one for one in page["items"] if snapshot in (None, one["snapshot_id"])]
    if parts:
        terminal.emit(points[0]["parts"] if points else [], output, ("part", "rows", "failed_rows", "rules"))
        return
    if output is Output.json:
        terminal.emit(page, output)
        return
    lines = [
        {
            **{key: one[key] for key in ("snapshot_id", "at", "rows", "failed_rows", "score", "passed")},
            "unusual": "; ".join(
                f"{found['figure']} {found['column'] or ''} {found['value']:.4g} not in {found['low']:.4g} to {found['high']:.4g}"
                for found in one["deviations"]
            ),
        }
        for one in points
    ]
    terminal.emit(lines, output, ("snapshot_id", "at", "rows", "failed_rows", "score", "passed", "unusual"))


def _emit_report(report: dict[str, Any], output: Output) -> None:
    if output is Output.json:
        terminal.emit(report, output)
        return
    keys = ("rows", "failed_rows", "score", "passed", "fault_count", "contract_digest", "checked_at")
    terminal.emit({key: report[key] for key in keys}, output)
    broken = [rule for rule in report["rules"] if rule["failed_rows"] or not rule["passed"]]
    if broken:
        terminal.emit(broken, output, ("id", "failed_rows", "passed", "description"))
        terminal.emit(report["faults"][:10], output, ("row", "column", "rule", "value"))
    for line in report["skipped"]:
        terminal.say(f"not checked: {line}")


def _column(one: dict[str, Any]) -> dict[str, Any]:
    """A line of the table of columns."""
    own = {p["property"]: p.get("value") for p in one.get("customProperties", [])}
    closed = [q["arguments"]["validValues"] for q in one.get("quality", []) if q.get("metric") == "invalidValues"]
    rules = [f"one of {len(closed[0])}"] if closed else []
    rules += [f"{key} {value}" for key, value in (one.get("logicalTypeOptions") or {}).items() if key != "timezone"]
    return {
        "column": one["name"],
        "type": one.get("logicalType", "string"),
        "required": "yes" if one.get("required") else "",
        "unique": "yes" if one.get("unique") else "",
        "role": own.get("role", ""),
        "personal": ", ".join(tag.split(":", 1)[1] for tag in one.get("tags", []) if ":" in tag),
        "rules": ", ".join(rules),
    }


def _tell(job: Job) -> None:
    if sys.stderr.isatty() and job.message:
        terminal.say(job.message)
