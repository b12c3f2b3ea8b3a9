"""Accepting, refusing and taking back: each is one act of a person, kept with its cells for good."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping

import polars as pl

from headway import ledger
from headway.catalog import cleaning
from headway.catalog import store as products
from headway.catalog.entities import ProductSnapshot
from headway.catalog.errors import StaleSuggestion
from headway.catalog.repairs import cells, store
from headway.catalog.repairs.entities import ActKind, Choice, RepairAct, RepairPage
from headway.catalog.repairs.errors import ActUnknown, CannotUndo, NothingChosen, SnapshotMoved
from headway.catalog.repairs.service.finding import (
    Found,
    current,
    labels_here,
    masked_for,
    open_columns,
    read_cells,
)
from headway.catalog.service.reading import get_product, get_snapshot, offset_of
from headway.catalog.service.renewing import Data, Renewal, misfits_of, numbered, renew
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest
from headway.kernel.errors import Denied, Fault, Invalid
from headway.kernel.ids import Ref, new_id
from headway.kernel.paging import Page

LEAST_REASON, MOST_REASON = 3, 2000


def accept(
    data: Data,
    actor: Actor,
    slug: str,
    choice: Choice,
    *,
    reason: str,
    snapshot_id: str | None = None,
) -> RepairAct:
    """Repair the chosen cells in a new snapshot, which becomes current; the one before and the uploaded file stay.

    Args: snapshot_id: the snapshot whose suggestions were seen; when another one is current by now, nothing is done.
    Raises: NothingChosen; SnapshotMoved; NotLookedThrough; StaleSuggestion: a column's type cannot hold a repair; all such
    cells are named.  Denied: a service.
    """
    found = _to_decide(data, actor, slug, reason, snapshot_id)
    chosen = _need(
        cells.chosen(found.findings, choice).filter(pl.col("action").is_not_null()), choice, "a repair for it"
    )
    table = read_cells(data, found.snapshot)
    accepted = list(cleaning.Detection(chosen.select(list(cleaning.FINDINGS))).suggestions())
    repaired, _ = cleaning.apply(table.texts, accepted)
    rows = cells.typed_again(repaired, table.typed.schema)
    _need_types(rows, chosen)
    act_id = new_id("rep")
    _carry_labels(data, actor, found, before=table.texts, after=repaired, chosen=chosen)
    gone = chosen.select(table.numbers.gather(chosen["row"] - 1).cast(pl.Int64).alias("row"), "column")
    wanted = Renewal(
        product=found.product,
        base=found.snapshot,
        mode="repair",
        digest=digest({"mode": "repair", "base": found.snapshot.digest, "act": act_id, "cells": _cells_digest(chosen)}),
        rows=pl.concat([table.numbers.to_frame(), rows], how="horizontal"),
        misfits=table.misfits.join(gone, on=["row", "column"], how="anti", maintain_order="left"),
        replaced=tuple(sorted(set(gone["row"].to_list()))),
        lake_id=None,
        note=f"{chosen.height:,} cells repaired",
    )
    made = renew(data, actor, wanted)
    act = _keep(
        data,
        actor,
        found,
        kind=ActKind.accepted,
        chosen=chosen,
        reason=reason,
        act_id=act_id,
        snapshot=made.snapshot.id,
    )
    failed = {"failed_rows": made.quality.failed_rows}
    _tell(data, actor, "product.repaired", act, _counted(chosen) | failed)
    return act


def refuse(
    data: Data,
    actor: Actor,
    slug: str,
    choice: Choice,
    *,
    reason: str,
    snapshot_id: str | None = None,
) -> RepairAct:
    """Refuse the chosen suggestions: they are not made again for the same value.

    Where a kind doubts a cell because of the rest of its row, the row must be the same too.

    Raises: NothingChosen; SnapshotMoved; NotLookedThrough; Denied: a service.
    """
    found = _to_decide(data, actor, slug, reason, snapshot_id)
    chosen = _need(cells.chosen(found.findings, choice), choice, "a suggestion for it")
    act = _keep(
        data, actor, found, kind=ActKind.refused, chosen=chosen, reason=reason, act_id=new_id("rep"), snapshot=None
    )
    store.add_refusals(data.session, slug, chosen[cells.KEY].to_list(), act.id)
    _tell(data, actor, "product.repairs_refused", act, _counted(chosen))
    return act


def undo(data: Data, actor: Actor, slug: str, act_id: str, *, reason: str) -> RepairAct:
    """Take accepted repairs back: the rows before them become current again, as a new snapshot.

    Only the newest change is taken back; later repairs are taken back first.

    Raises: ActUnknown; CannotUndo; SnapshotExpired; Denied: a service.
    """
    _check(actor, reason)
    products.lock(data.session, slug)
    product = get_product(data.session, slug)
    done, key = _act(data, slug, act_id)
    now = get_snapshot(data.session, product.snapshot_id or "")
    _check_undo(done, _standing_for(data, now))
    before = get_snapshot(data.session, done.base)
    changed = pl.read_parquet(io.BytesIO(data.storage.get(key)))
    wanted = Renewal(
        product=product,
        base=now,
        mode="undo",
        digest=digest({"mode": "undo", "base": now.digest, "act": done.id}),
        rows=numbered(data.lake, before),
        misfits=misfits_of(data.session, data.storage, before),
        replaced=(),
        lake_id=before.iceberg_snapshot_id,
        note=f"{done.cells:,} repaired cells taken back",
    )
    made = renew(data, actor, wanted)
    found = Found(product=product, snapshot=now, labelled=0, findings=changed)
    act = _keep(
        data,
        actor,
        found,
        kind=ActKind.undone,
        chosen=changed,
        reason=reason,
        act_id=new_id("rep"),
        snapshot=made.snapshot.id,
        undoes=done.id,
    )
    _tell(data, actor, "product.repairs_undone", act, {"undoes": done.id})
    return act


def list_acts(data: Data, slug: str, *, limit: int = 50, cursor: str | None = None) -> Page[RepairAct]:
    """What stewards decided about a product's suggestions, the newest first; raises UnknownProduct."""
    get_product(data.session, slug)
    return store.acts(data.session, slug, limit, cursor)


def get_act(
    data: Data,
    actor: Actor,
    slug: str,
    act_id: str,
    *,
    limit: int = 100,
    cursor: str | None = None,
) -> RepairPage:
    """One act with a page of its cells; raises UnknownProduct, ActUnknown."""
    product = get_product(data.session, slug)
    act, key = _act(data, slug, act_id)
    masked = masked_for(data, actor, product)
    kept, start = pl.read_parquet(io.BytesIO(data.storage.get(key))), offset_of(cursor)
    return RepairPage(
        act=act,
        masked=tuple(name for name in product.columns if name in masked),
        items=cells.suggestions(kept.slice(start, limit), masked),
        next=str(start + limit) if start + limit < kept.height else None,
        total=kept.height,
    )


def _to_decide(data: Data, actor: Actor, slug: str, reason: str, snapshot_id: str | None) -> Found:
    _check(actor, reason)
    products.lock(data.session, slug)
    found = current(data, slug)
    if snapshot_id is not None and snapshot_id != found.snapshot.id:
        raise SnapshotMoved(
            f"{slug} has another snapshot by now, {found.snapshot.id}",
            hint="look at its suggestions and choose again",
            values={"snapshot": found.snapshot.id},
        )
    return found


def _check(actor: Actor, reason: str) -> None:
    if not actor.is_person:
        raise Denied(
            "a person must decide about repairs", hint="sign in and do it yourself", values={"rule": "people-decide"}
        )
    if not LEAST_REASON <= len(reason.strip()) <= MOST_REASON:
        words = f"say in {LEAST_REASON} to {MOST_REASON:,} characters why"
        raise Invalid(words, faults=[Fault(rule="repair.reason", column="reason", message=words)])


def _need(chosen: pl.DataFrame, choice: Choice, what: str) -> pl.DataFrame:
    """Refuse a choice that means nothing, or names cells that are not suggested."""
    named = set(choice.cells)
    lost = sorted(named - set(chosen.select("row", "column").iter_rows())) if named else []
    if lost or chosen.is_empty():
        faults = [
            Fault(
                rule="repair.cell", row=row, column=column, message=f"row {row}, column {column!r}: there is not {what}"
            )
            for row, column in lost
        ]
        words = faults[0].message if faults else "no suggestion fits what was chosen"
        raise NothingChosen(words, hint="'headway product suggest' names the suggestions", faults=faults)
    return chosen


def _need_types(rows: pl.DataFrame, chosen: pl.DataFrame) -> None:
    """Refuse repairs that the type of their column cannot hold."""
    faults = [
        Fault(
            rule="type", row=row, column=column, value=new, message=f"row {row}, column {column!r} cannot hold {new!r}"
        )
        for row, column, new in chosen.filter(pl.col("action") == "replace")
        .select("row", "column", "proposed")
        .iter_rows()
        if rows[column][row - 1] is None
    ]
    if faults:
        hint = "leave these cells out, or name the right value in a label"
        raise StaleSuggestion("repairs do not fit the types of their columns", hint=hint, faults=faults)


def _carry_labels(
    data: Data, actor: Actor, found: Found, *, before: pl.DataFrame, after: pl.DataFrame, chosen: pl.DataFrame
) -> None:
    """Let labels of repaired rows stay true: what was repaired is right now."""
    labels = labels_here(data, found.product, before)
    repaired: dict[int, set[str]] = {}
    for row, column in chosen.select("row", "column").iter_rows():
        repaired.setdefault(row, set()).add(column)
    touched = sorted(set(labels) & set(repaired))
    names = open_columns(found.product)
    digests = cells.row_digests(after.select(names), touched)
    for row in touched:
        wrong = {name: right for name, right in labels[row].items() if name not in repaired[row]}
        store.save_label(
            data.session,
            found.product.slug,
            row=row,
            row_digest=digests[row],
            wrong=wrong,
            by=actor.ref,
            at=clock.now(),
        )


def _standing_for(data: Data, now: ProductSnapshot) -> str:
    """The snapshot whose rows are current: where repairs were taken back, the one before them."""
    seen = now
    while seen.mode == "undo":
        act = store.act_that_made(data.session, seen.id)
        undone = store.act(data.session, act.undoes or "") if act is not None else None
        if undone is None:
            raise AssertionError("a snapshot that takes repairs back names them")
        seen = get_snapshot(data.session, undone[0].base)
    return seen.id


def _check_undo(done: RepairAct, standing_for: str) -> None:
    why = None
    if done.kind is not ActKind.accepted:
        why = "it repaired nothing"
    elif done.undone_by is not None:
        why = f"{done.undone_by} took it back already"
    elif done.snapshot != standing_for:
        why = "the product has changed since"
    if why is not None:
        hint = "take later repairs back first; after a new file, repair its cells instead"
        raise CannotUndo(f"{done.id} cannot be taken back: {why}", hint=hint, values={"act": done.id})


def _act(data: Data, slug: str, act_id: str) -> tuple[RepairAct, str]:
    found = store.act(data.session, act_id)
    if found is None or found[0].product != slug:
        raise ActUnknown(f"{slug} has no act on repairs {act_id!r}", values={"act": act_id})
    return found


def _keep(
    data: Data,
    actor: Actor,
    found: Found,
    *,
    kind: ActKind,
    chosen: pl.DataFrame,
    reason: str,
    act_id: str,
    snapshot: str | None,
    undoes: str | None = None,
) -> RepairAct:
    key = f"repairs/{act_id}/cells.parquet"
    with io.BytesIO() as sink:
        chosen.write_parquet(sink)
        written = sink.getvalue()
    data.storage.create(key, written)
    made = RepairAct(
        id=act_id,
        product=found.product.slug,
        kind=kind,
        base=found.snapshot.id,
        snapshot=snapshot,
        undoes=undoes,
        undone_by=None,
        cells=chosen.height,
        cells_digest="sha256-" + hashlib.sha256(written).hexdigest(),
        reason=reason.strip(),
        made_by=actor.ref,
        made_at=clock.now(),
    )
    store.add_act(data.session, made, key)
    return made


def _cells_digest(chosen: pl.DataFrame) -> str:
    return digest({"cells": chosen[cells.KEY].to_list(), "rows": chosen["row"].to_list()})


def _counted(chosen: pl.DataFrame) -> dict[str, object]:
    """Cells by column and reason, without values."""
    counts = chosen.group_by("column", "kind").len().sort("column", "kind")
    return {"by_reason": [{"column": column, "kind": kind, "cells": n} for column, kind, n in counts.iter_rows()]}


def _tell(data: Data, actor: Actor, event: str, act: RepairAct, more: Mapping[str, object]) -> None:
    payload = {
        "act": act.id,
        "base": act.base,
        "snapshot": act.snapshot,
        "cells": act.cells,
        "cells_digest": act.cells_digest,
        "reason": act.reason,
        **more,
    }
    ledger.record(data.session, actor=actor, type=event, subject=Ref("product", act.product), payload=payload)
