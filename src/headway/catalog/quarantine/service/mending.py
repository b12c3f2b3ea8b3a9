"""Rows that were set aside: looked at, mended by hand or by a corrected file, given up, and let in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from headway import ledger
from headway.catalog import contract as odcs
from headway.catalog import reporting
from headway.catalog.adapters import files
from headway.catalog.batches import cells, store
from headway.catalog.batches.entities import WAITING, Batch, QuarantinedRow, RowState
from headway.catalog.entities import DataProduct
from headway.catalog.personal import mask
from headway.catalog.quarantine import sheets
from headway.catalog.quarantine.entities import Dismissed, Edit, Mended, QuarantinePage
from headway.catalog.quarantine.errors import BatchUnknown, MendInvalid
from headway.catalog.quarantine.service.ground import Ground, Places, ground_of, judge
from headway.catalog.service import get_product
from headway.catalog.service.reading import offset_of
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref
from headway.kernel.paging import Page

SHOWN: Final = 100
MOST_EDITS: Final = 100_000
"""Rows that are changed at once."""
_REASON: Final = 2_000


class _Change(NamedTuple):
    """Edits of rows of one batch, and why they are made."""

    batch: Batch
    rows: tuple[QuarantinedRow, ...]
    edits: Mapping[int, Mapping[str, str | None]]
    reason: str


def list_rows(
    session: Session,
    slug: str,
    *,
    state: RowState | None = None,
    rule: str | None = None,
    column: str | None = None,
    batch: str | None = None,
    unmasked: Collection[str] = (),
    limit: int = 100,
    cursor: str | None = None,
) -> QuarantinePage:
    """A page of rows that were set aside, the newest batch first; without a state those that wait.

    Args: rule: its id or its kind. column: that a broken rule is about. unmasked: restricted columns that the reader may see.
    Raises: UnknownProduct; Invalid: no such cursor.
    """
    product, start = get_product(session, slug), offset_of(cursor)
    states = WAITING if state is None else (state,)
    rows = store.rows_of(
        session, slug, batch_id=batch, states=states, rule=rule, column=column, limit=limit, offset=start
    )
    total = store.count_rows(session, slug, batch_id=batch, states=states, rule=rule, column=column)
    masked = hidden_columns(product, unmasked)
    return QuarantinePage(
        items=tuple(masked_row(one, masked) for one in rows),
        next=str(start + limit) if start + limit < total else None,
        total=total,
        columns=product.columns,
        masked=tuple(name for name in product.columns if name in masked),
    )


def get_row(
    session: Session, slug: str, batch: str, row: int, *, unmasked: Collection[str] = ()
) -> QuarantinedRow | None:
    """One row that was set aside, as a reader may see it; None where there is none. Raises UnknownProduct."""
    product = get_product(session, slug)
    found = store.rows_of(session, slug, batch_id=batch, numbers=[row])
    return masked_row(found[0], hidden_columns(product, unmasked)) if found else None


def list_batches(session: Session, slug: str, *, limit: int = 50, cursor: str | None = None) -> Page[Batch]:
    """Batches some of whose rows did not enter, newest first; raises UnknownProduct."""
    return store.batches(session, get_product(session, slug).slug, limit, cursor)


def counts_by_rule(session: Session, slug: str) -> Mapping[str, int]:
    """Rows that wait, by the rules they break; raises UnknownProduct."""
    return store.counts_by_rule(session, get_product(session, slug).slug)


def fix(session: Session, actor: Actor, places: Places, slug: str, *, edits: Sequence[Edit], reason: str) -> Mended:
    """Change values of rows that wait, and hold them to the contract at once.

    A row that passes is *fixed* and waits for a replay; one that does not stays open with its new values and new reasons.
    Raises: UnknownProduct, BatchUnknown; MendInvalid: with every fault, nothing is changed then.
    """
    product = get_product(session, slug)
    by_batch: dict[str, dict[int, Mapping[str, str | None]]] = {}
    for edit in edits:
        by_batch.setdefault(edit.batch, {})[edit.row] = edit.values
    faults = _reason_faults(reason) + ([] if edits else [_fault("edits", "nothing is changed")])
    if len(edits) > MOST_EDITS:
        faults.append(_fault("edits", f"{len(edits):,} rows are more than the {MOST_EDITS:,} that are changed at once"))
    found: dict[str, tuple[Batch, tuple[QuarantinedRow, ...]]] = {}
    for batch_id, wanted in by_batch.items():
        batch = need_batch(session, slug, batch_id)
        rows = store.rows_of(session, slug, batch_id=batch_id, numbers=wanted, lock=True)
        faults += _edit_faults(product, batch_id, rows, wanted)
        found[batch_id] = batch, rows
    _refuse(faults)
    changed: list[QuarantinedRow] = []
    for batch_id, (batch, rows) in found.items():
        changed += _mend(session, actor, places, product, _Change(batch, rows, by_batch[batch_id], reason.strip()))
    return _told(product, changed)


def fix_by_file(
    session: Session,
    actor: Actor,
    places: Places,
    slug: str,
    source: tuple[Path, str],
    *,
    reason: str,
    batch: str | None = None,
    unmasked: Collection[str] = (),
) -> Mended:
    """Take a corrected file back: the rows of an export, with other values in some cells.

    Cells that stand as they were exported, masked ones included, are not changed, nor are rows that have left the quarantine as
    they stand in the file.

    Args: source: the file and its name. batch: of the rows, where the file does not say.
    Raises: UnreadableFile; what ``fix`` raises.
    """
    product = get_product(session, slug)
    with TemporaryDirectory(prefix="headway-") as folder:
        opened = files.open_source(source[0], source[1], Path(folder))
        frame = opened.frame.collect()
    wanted = sheets.rows_from(frame, product.columns, batch)
    masked = hidden_columns(product, unmasked)
    known = {
        (one.batch, one.row): one
        for batch_id in sorted({edit.batch for edit in wanted})
        for one in store.rows_of(
            session, slug, batch_id=batch_id, numbers=[e.row for e in wanted if e.batch == batch_id]
        )
    }
    edits = []
    for edit in wanted:
        row = known.get((edit.batch, edit.row))
        values = edit.values if row is None else sheets.changed(edit.values, masked_row(row, masked).values)
        if values or row is None:
            edits.append(replace(edit, values=values))
    return fix(session, actor, places, slug, edits=edits, reason=reason)


def dismiss(session: Session, actor: Actor, slug: str, rows: Mapping[str, Collection[int]], reason: str) -> Dismissed:
    """Give up rows that wait, with a reason: they never enter.

    Args: rows: numbers of rows by their batch. Raises: UnknownProduct, BatchUnknown; MendInvalid: with every fault.
    """
    get_product(session, slug)
    faults = _reason_faults(reason) + ([] if any(rows.values()) else [_fault("rows", "no row is named")])
    found: list[QuarantinedRow] = []
    for batch_id, numbers in rows.items():
        need_batch(session, slug, batch_id)
        some = store.rows_of(session, slug, batch_id=batch_id, numbers=numbers, lock=True)
        faults += _state_faults(batch_id, some, numbers)
        found += some
    _refuse(faults)
    done = [
        replace(
            one, state=RowState.dismissed, settled_by=actor.ref, settled_at=clock.now(), settled_because=reason.strip()
        )
        for one in found
    ]
    store.change_rows(session, done)
    for batch_id, numbers in rows.items():
        _tell(session, actor, "batch.dismissed", (slug, batch_id), {**_of(numbers), "reason": reason.strip()})
    return Dismissed(rows=len(done))


def need_batch(session: Session, slug: str, batch_id: str) -> Batch:
    """A batch of a product; raises BatchUnknown."""
    found = store.batch(session, batch_id)
    if found is None or found.product != slug:
        raise BatchUnknown(f"the quarantine of {slug} has no batch {batch_id!r}", values={"batch": batch_id})
    return found


def hidden_columns(product: DataProduct, unmasked: Collection[str]) -> frozenset[str]:
    """Restricted columns that a reader sees masked."""
    return reporting.restricted_columns(product.contract) - frozenset(unmasked)


def masked_row(one: QuarantinedRow, masked: frozenset[str]) -> QuarantinedRow:
    """A row as a reader may see it: values of masked columns keep their shape alone."""

    def hide(values: Mapping[str, str | None]) -> dict[str, str | None]:
        return {name: mask(text) if text is not None and name in masked else text for name, text in values.items()}

    reasons = tuple(
        replace(reason, value=mask(reason.value)) if reason.value is not None and reason.column in masked else reason
        for reason in one.reasons
    )
    return replace(one, original=hide(one.original), values=hide(one.values), reasons=reasons)


def _tell(session: Session, actor: Actor, event: str, of: tuple[str, str], more: Mapping[str, object]) -> None:
    """Record what was done with rows of a batch of a product; values of rows stay out of the ledger."""
    slug, batch_id = of
    payload = {"batch": batch_id, **more}
    ledger.record(session, actor=actor, type=event, subject=Ref("product", slug), payload=payload)


def _mend(
    session: Session, actor: Actor, places: Places, product: DataProduct, wanted: _Change
) -> list[QuarantinedRow]:
    batch, rows, edits, reason = wanted
    edited = [_edited(one, edits[one.row]) for one in rows]
    with TemporaryDirectory(prefix="headway-") as folder:
        work = Path(folder)
        ground: Ground = ground_of(session, places, product, batch, work, whole=False)
        judged = judge(ground, edited, work)
    at, changed = clock.now(), []
    for one in rows:
        read = judged.rows[one.row]
        changed.append(
            replace(
                one,
                state=RowState.fixed if one.row in judged.passing else RowState.open,
                values=read.values,
                unread=tuple(sorted(read.unread)),
                reasons=judged.reasons.get(one.row, ()),
                mended_by=actor.ref,
                mended_at=at,
                mended_because=reason,
            )
        )
    store.change_rows(session, changed)
    columns = sorted({name for values in edits.values() for name in values})
    fixed = sum(one.state is RowState.fixed for one in changed)
    more = {**_of(edits), "columns": columns, "fixed": fixed, "open": len(changed) - fixed, "reason": reason}
    _tell(session, actor, "batch.mended", (product.slug, batch.id), more)
    return changed


def _edited(one: QuarantinedRow, values: Mapping[str, str | None]) -> cells.Row:
    kept = {name: text if text else None for name, text in values.items()}
    unread = (set(one.unread) | {name for name, text in kept.items() if text is not None}) - {
        name for name, text in kept.items() if text is None
    }
    return cells.Row(number=one.row, values={**one.values, **kept}, unread=frozenset(unread))


def _told(product: DataProduct, changed: Sequence[QuarantinedRow]) -> Mended:
    masked = hidden_columns(product, ())
    fixed = sum(one.state is RowState.fixed for one in changed)
    shown = tuple(masked_row(one, masked) for one in changed[:SHOWN])
    return Mended(changed=len(changed), fixed=fixed, open=len(changed) - fixed, items=shown)


def _edit_faults(
    product: DataProduct,
    batch_id: str,
    rows: Sequence[QuarantinedRow],
    wanted: Mapping[int, Mapping[str, str | None]],
) -> list[Fault]:
    faults = _state_faults(batch_id, rows, wanted)
    known = set(odcs.kinds_of(product.contract))
    names = sorted({name for values in wanted.values() for name in values} - known)
    faults += [_fault(name, f"the product has no column {name!r}") for name in names]
    faults += [_fault("edits", "no value is changed", row) for row, values in wanted.items() if not values]
    return faults


def _state_faults(batch_id: str, rows: Sequence[QuarantinedRow], wanted: Collection[int]) -> list[Fault]:
    there = {one.row: one for one in rows}
    faults = [_fault("row", f"row {row} of {batch_id} was never set aside", row) for row in wanted if row not in there]
    return faults + [
        _fault("row", f"row {one.row} of {batch_id} is {one.state.value}: what is settled stays", one.row)
        for one in rows
        if one.state not in WAITING
    ]


def _reason_faults(reason: str) -> list[Fault]:
    text = reason.strip()
    if not text:
        return [_fault("reason", "say why: a reason is needed")]
    return [_fault("reason", f"a reason has at most {_REASON} characters")] if len(text) > _REASON else []


def _fault(column: str, words: str, row: int | None = None) -> Fault:
    return Fault(rule=f"quarantine.{column}", column=column, row=row, message=words)


def _refuse(faults: list[Fault]) -> None:
    if faults:
        more = f" (and {len(faults) - 1:,} more faults)" if len(faults) > 1 else ""
        raise MendInvalid(faults[0].message + more, hint="nothing was changed", faults=faults[:SHOWN])


def _of(numbers: Collection[int]) -> dict[str, object]:
    """Which rows, for the ledger: all of some, else how many and the first hundred."""
    return {"rows": len(numbers), "numbers": sorted(numbers)[:SHOWN]}
