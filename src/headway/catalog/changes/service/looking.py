"""What a contract would be as the next one of a product: its faults by line, the protocol, the difference, the score."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy.orm import Session

from headway.catalog import contract as odcs
from headway.catalog import evolving, minima, standards, store
from headway.catalog.adapters import files
from headway.catalog.changes import editing, standing
from headway.catalog.changes import store as changes_store
from headway.catalog.changes.entities import ColumnEdit, ContractCheck, LineFault, Score
from headway.catalog.changes.places import line_faults
from headway.catalog.changes.service.consumers import consumers_of
from headway.catalog.changes.service.means import Means
from headway.catalog.checks import compile_contract
from headway.catalog.comparing import compare_columns
from headway.catalog.entities import DataProduct
from headway.catalog.errors import ColumnsDiffer, InvalidContract, UnreadableFile
from headway.catalog.service import get_product
from headway.catalog.service.checking import check_staged
from headway.kernel.auth import Actor
from headway.kernel.storage import Storage

MOST_BYTES: Final = 64 * 1_048_576
"""Files above this are not held to a proposal while somebody waits."""
_BROKEN: Final = 20


def base_of(session: Session, product: DataProduct) -> dict[str, object]:
    """The contract in force: the one that the next file is held to, else the product's current one."""
    return store.contract_to_keep(session, product.slug) or dict(product.contract)


def draft_of(session: Session, slug: str, text: str | None, edits: Sequence[ColumnEdit]) -> str:
    """The YAML of a draft: the text given or the contract in force, with edits of columns written in.

    Raises: UnknownProduct, InvalidContract, UnknownColumn.
    """
    if text is not None and not edits:
        return text
    base = odcs.parse(text) if text is not None else base_of(session, get_product(session, slug))
    return odcs.to_yaml(editing.edited(base, edits))


def check_proposal(session: Session, actor: Actor, means: Means, slug: str, text: str) -> ContractCheck:
    """Look at a contract as the next one of a product; nothing is kept. Faults are told, not raised.

    Raises: UnknownProduct.
    """
    product = get_product(session, slug)
    try:
        contract = read(text)
        base = base_of(session, product)
        difference = evolving.diff(base, contract)
        minima.need_no_loosening(session, product.slug, contract)
    except InvalidContract as error:
        return _useless(product, text, line_faults(text, error))
    asked = standing.asked_people(consumers_of(session, means.subjects, product.slug), actor.ref)
    is_new = difference.bump != "none"
    return ContractCheck(
        product=product.slug,
        yaml=text,
        faults=(),
        findings=standards.lint(contract).findings,
        difference=difference,
        score=score_of(session, means.storage, product, contract),
        consumers=len(asked),
        may_be_proposed=is_new and difference.fault is None and not changes_store.open_changes(session, product.slug),
    )


def read(text: str) -> dict[str, object]:
    """Read a contract and compile it; raises InvalidContract."""
    contract = odcs.parse(text)
    compile_contract(contract)
    return contract


def score_of(session: Session, storage: Storage, product: DataProduct, contract: odcs.Contract) -> Score:
    """Hold the file of the current snapshot to a contract without keeping anything."""
    snapshot = store.snapshot(session, product.snapshot_id) if product.snapshot_id else None
    if snapshot is None:
        return _not_scored("the product has no rows yet")
    with TemporaryDirectory(prefix="headway-") as folder:
        source = Path(folder) / "file"
        storage.fetch(snapshot.file_key, source)
        if source.stat().st_size > MOST_BYTES:
            return _not_scored("the file is large: hold it to the contract with 'headway contract check'")
        try:
            staged = files.stage(source, snapshot.filename, Path(folder), odcs.text_types_of(contract))
            compare_columns(contract, staged.found)
        except (ColumnsDiffer, UnreadableFile) as error:
            return _not_scored("; ".join(fault.message for fault in error.faults) or error.message)
        report, _ = check_staged(staged, contract, Path(folder), product=None, snapshot_id=None)
    broken = sorted((one for one in report.rules if one.failed_rows), key=lambda one: -one.failed_rows)
    return Score(
        rows=report.rows,
        failed_rows=report.failed_rows,
        score=report.score,
        passed=report.passed,
        broken=tuple(f"{one.id}: {one.failed_rows:,}" for one in broken[:_BROKEN]),
        why_not=None,
    )


def _not_scored(why: str) -> Score:
    return Score(rows=None, failed_rows=None, score=None, passed=None, broken=(), why_not=why)


def _useless(product: DataProduct, text: str, faults: tuple[LineFault, ...]) -> ContractCheck:
    return ContractCheck(
        product=product.slug,
        yaml=text,
        faults=faults,
        findings=(),
        difference=None,
        score=None,
        consumers=0,
        may_be_proposed=False,
    )
