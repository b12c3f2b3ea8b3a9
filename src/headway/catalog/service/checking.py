"""Checks of rows against a contract: of a snapshot being registered, or of any file against any contract."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from headway.catalog import contract as odcs
from headway.catalog import reporting
from headway.catalog.adapters import duck, files
from headway.catalog.batches import cells, keeping
from headway.catalog.checks import compile_contract
from headway.catalog.comparing import compare_columns
from headway.catalog.entities import ContractCheck, QualityReport
from headway.kernel import clock
from headway.kernel.ids import new_id


def check_file(source: Path, filename: str, contract_text: str) -> QualityReport:
    """Hold a file to a contract without keeping either.

    Args: contract_text: YAML or JSON.
    Raises: UnreadableFile, InvalidContract; ColumnsDiffer: the file lacks columns, or has others.
    """
    with TemporaryDirectory(prefix="headway-") as folder:
        return _checked(source, filename, contract_text, Path(folder))[0]


def _checked(
    source: Path, filename: str, contract_text: str, work: Path
) -> tuple[QualityReport, Path | None, files.Staged]:
    contract = odcs.parse(contract_text)
    compile_contract(contract)  # what is wrong with it is told before the file is read
    staged = files.stage(source, filename, work, odcs.text_types_of(contract))
    compare_columns(contract, staged.found)
    report, faults = check_staged(staged, contract, work, product=None, snapshot_id=None)
    return report, faults, staged


def check_contract(source: Path, filename: str, contract_text: str) -> ContractCheck:
    """Hold a file to a contract without keeping either, and tell how every rule fared.

    Raises: what ``check_file`` raises.
    """
    begun = time.perf_counter()
    with TemporaryDirectory(prefix="headway-") as folder:
        report, faults, _ = _checked(source, filename, contract_text, Path(folder))
        held = keeping.split(report, faults).bad.len()
    return ContractCheck(
        rows=report.rows,
        failed_rows=report.failed_rows,
        score=report.score,
        rules=reporting.checked_rules(report),
        quarantine=held,
        seconds=round(time.perf_counter() - begun, 3),
        passed=report.passed,
        faults=report.faults,
        fault_count=report.fault_count,
        skipped=report.skipped,
    )


def bad_rows(source: Path, filename: str, contract_text: str) -> pl.DataFrame:
    """The rows of a file that a port would set aside, as text, with ``_row`` and the rules they break in ``_broken``.

    Raises: what ``check_file`` raises.
    """
    with TemporaryDirectory(prefix="headway-") as folder:
        report, faults, staged = _checked(source, filename, contract_text, Path(folder))
        found = keeping.split(report, faults)
        told = keeping.reasons_of(found.faults, report.rules)
        frame = pl.scan_parquet(staged.path).filter(pl.col(files.ROW).is_in(found.bad.implode())).collect()
        rows = cells.rows_of(frame.sort(files.ROW), staged.misfits)
    names = [name for name in frame.columns if name != files.ROW]
    lines = [
        {"_row": row.number, "_broken": "; ".join(one.rule for one in told.get(row.number, ())), **row.values}
        for row in rows
    ]
    schema = {"_row": pl.Int64, "_broken": pl.String, **dict.fromkeys(names, pl.String)}
    return pl.DataFrame(lines, schema=schema)


def check_staged(
    staged: files.Staged,
    contract: odcs.Contract,
    work: Path,
    *,
    product: str | None,
    snapshot_id: str | None,
    tables: Mapping[str, Path] | None = None,
    now: datetime | None = None,
) -> tuple[QualityReport, Path | None]:
    """Hold staged rows to a contract; gives the report and a file of all faults (row, rule's place, value).

    Args: tables: Parquet files of the tables that relationships speak of. now: for freshness. What needs one that is not
        given is named in ``skipped``.
    """
    columns = {name: list(pl.read_parquet_schema(path)) for name, path in (tables or {}).items()}
    plan = compile_contract(contract, tables=columns, now=now)
    found = duck.run(plan, staged.path, staged.misfits, work, tables=tables)
    weights = reporting.weights_of(pl.scan_parquet(found.faults)) if found.faults else {}
    results = reporting.rule_results(plan, found.failures, found.rows, weights)
    shown = pl.scan_parquet(found.faults).head(reporting.SHOWN).collect() if found.faults else pl.DataFrame()
    restricted = reporting.restricted_columns(contract)
    report = QualityReport(
        id=new_id("qlt"),
        product=product,
        snapshot_id=snapshot_id,
        contract_digest=odcs.contract_digest(contract),
        rows=found.rows,
        failed_rows=found.failed_rows,
        score=reporting.score(found.rows, found.failed_rows),
        passed=all(result.passed for result in results),
        rules=results,
        faults=tuple(reporting.faults_of(shown, dict(enumerate(results)), restricted)),
        fault_count=found.fault_count,
        skipped=plan.skipped,
        checked_at=clock.now(),
    )
    return report, found.faults
