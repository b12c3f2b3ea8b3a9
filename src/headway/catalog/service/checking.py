"""Checks of rows against a contract: of a snapshot being registered, or of any file against any contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from headway.catalog import contract as odcs
from headway.catalog import reporting
from headway.catalog.adapters import duck, files
from headway.catalog.checks import compile_contract
from headway.catalog.comparing import compare_columns
from headway.catalog.entities import QualityReport
from headway.kernel import clock
from headway.kernel.ids import new_id


def check_file(source: Path, filename: str, contract_text: str) -> QualityReport:
    """Hold a file to a contract without keeping either.

    Args: contract_text: YAML or JSON.
    Raises: UnreadableFile, InvalidContract; ColumnsDiffer: the file lacks columns, or has others.
    """
    contract = odcs.parse(contract_text)
    compile_contract(contract)  # what is wrong with it is told before the file is read
    with TemporaryDirectory(prefix="headway-") as folder:
        work = Path(folder)
        staged = files.stage(source, filename, work, odcs.text_types_of(contract))
        compare_columns(contract, staged.found)
        made, _ = check_staged(staged, contract, work, product=None, snapshot_id=None)
    return made


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
