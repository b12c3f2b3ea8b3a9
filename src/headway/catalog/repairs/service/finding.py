"""Suggestions for a product's current snapshot: looked for once for each snapshot and its labels, then kept."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import polars as pl

from headway.catalog import access, cleaning, reporting
from headway.catalog import contract as odcs
from headway.catalog.access import standing
from headway.catalog.adapters.files import ROW
from headway.catalog.entities import DataProduct, ProductSnapshot
from headway.catalog.repairs import cells, store
from headway.catalog.repairs.entities import Choice, SuggestionGroup, SuggestionGroups, SuggestionPage
from headway.catalog.repairs.errors import NotLookedThrough
from headway.catalog.service.reading import get_product, get_snapshot, offset_of
from headway.catalog.service.renewing import Data, misfits_of, numbered
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest
from headway.kernel.errors import Invalid, TooLarge

AT_ONCE: Final = 2_000_000
"""Snapshots of more cells are looked through by a job, not while somebody waits."""
MOST_CELLS: Final = 100_000_000
_EXAMPLES: Final = 3
_SEED: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found in a snapshot, refused suggestions left out."""

    product: DataProduct
    snapshot: ProductSnapshot
    labelled: int
    findings: pl.DataFrame  # ``cells.COLUMNS``


def suggest(
    data: Data,
    actor: Actor,
    slug: str,
    choice: Choice,
    *,
    limit: int = 100,
    cursor: str | None = None,
) -> SuggestionPage:
    """A page of doubted cells of a product's current snapshot, by column and row, with the repairs proposed.

    Raises: UnknownProduct; Invalid: no such column or cursor; NotLookedThrough: a large snapshot; TooLarge.
    """
    found = current(data, slug)
    if choice.column is not None and choice.column not in found.product.columns:
        raise Invalid(f"{choice.column!r} is not among the columns: {', '.join(found.product.columns)}")
    masked = masked_for(data, actor, found.product)
    start, wanted = offset_of(cursor), cells.chosen(found.findings, choice)
    return SuggestionPage(
        product=slug,
        snapshot_id=found.snapshot.id,
        masked=tuple(name for name in found.product.columns if name in masked),
        items=cells.suggestions(wanted.slice(start, limit), masked),
        next=str(start + limit) if start + limit < wanted.height else None,
        total=wanted.height,
    )


def groups(data: Data, actor: Actor, slug: str, choice: Choice) -> SuggestionGroups:
    """All suggestions by column and reason, the largest group first; raises what ``suggest`` raises."""
    found = current(data, slug)
    masked = masked_for(data, actor, found.product)
    wanted = cells.chosen(found.findings, choice)
    made = []
    for (column, kind), rows in wanted.group_by("column", "kind", maintain_order=True):
        best = rows.sort(pl.col("repair_confidence").fill_null(0.0), descending=True, maintain_order=True)
        made.append(
            SuggestionGroup(
                column=str(column),
                kind=str(kind),
                cells=rows.height,
                repairs=rows["action"].count(),
                lowest=float(rows["confidence"].min()),  # type: ignore[arg-type]  # a group has rows
                highest=float(rows["confidence"].max()),  # type: ignore[arg-type]
                examples=cells.suggestions(best.unique("key", maintain_order=True).head(_EXAMPLES), masked),
            )
        )
    return SuggestionGroups(
        product=slug,
        snapshot_id=found.snapshot.id,
        masked=tuple(name for name in found.product.columns if name in masked),
        cells=wanted.height,
        repairs=wanted["action"].count(),
        labelled=found.labelled,
        groups=tuple(sorted(made, key=lambda one: (-one.cells, one.column, one.kind))),
    )


def is_looked_through(data: Data, slug: str) -> bool:
    """Whether suggestions for the current snapshot are kept, or are so quickly found that nobody needs to wait."""
    product = get_product(data.session, slug)
    snapshot = get_snapshot(data.session, product.snapshot_id or "")
    if snapshot.rows * len(product.columns) <= AT_ONCE:
        return True
    told = digest(dict(store.labels(data.session, slug)))
    return store.findings_key(data.session, snapshot.id, told) is not None


def look(data: Data, actor: Actor, slug: str) -> int:
    """Look a product's current snapshot through and keep what is found; returns the number of doubted cells.

    Raises: UnknownProduct; TooLarge: over ``MOST_CELLS`` cells.
    """
    product = get_product(data.session, slug)
    snapshot = get_snapshot(data.session, product.snapshot_id or "")
    if snapshot.rows * len(product.columns) > MOST_CELLS:
        raise TooLarge(f"a snapshot of {snapshot.rows:,} rows is not looked through; {MOST_CELLS:,} cells are the most")
    told = digest(dict(store.labels(data.session, slug)))
    key = store.findings_key(data.session, snapshot.id, told)
    if key is not None:
        return pl.read_parquet(io.BytesIO(data.storage.get(key))).height
    findings, _ = _find(data, product, snapshot)
    key = f"cleaning/{snapshot.id}/{told.removeprefix('sha256-')[:32]}.parquet"
    with io.BytesIO() as sink:
        findings.write_parquet(sink)
        data.storage.ensure(key, sink.getvalue())
    store.keep_run(
        data.session,
        product=slug,
        snapshot=snapshot.id,
        labels=told,
        key=key,
        cells=findings.height,
        by=actor.ref,
        at=clock.now(),
    )
    return findings.height


def current(data: Data, slug: str) -> Found:
    """What is suggested now; raises UnknownProduct, NotLookedThrough, SnapshotExpired."""
    product = get_product(data.session, slug)
    snapshot = get_snapshot(data.session, product.snapshot_id or "")
    labels = store.labels(data.session, slug)
    key = store.findings_key(data.session, snapshot.id, digest(dict(labels)))
    if key is not None:
        findings = pl.read_parquet(io.BytesIO(data.storage.get(key)))
        labelled = _labelled_rows(data, product, snapshot) if labels else {}
        return _found(data, product, snapshot, findings, len(labelled))
    if snapshot.rows * len(product.columns) > AT_ONCE:
        raise NotLookedThrough(
            f"the {snapshot.rows:,} rows of {slug} were not looked through yet",
            hint=f"begin it: headway product suggest {slug} --look",
        )
    findings, labelled = _find(data, product, snapshot)
    return _found(data, product, snapshot, findings, len(labelled))


def _found(data: Data, product: DataProduct, snapshot: ProductSnapshot, findings: pl.DataFrame, labelled: int) -> Found:
    refused = store.refused(data.session, product.slug)
    kept = findings.filter(~pl.col(cells.KEY).is_in(sorted(refused))) if refused else findings
    return Found(product=product, snapshot=snapshot, labelled=labelled, findings=kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The rows of a snapshot. Suggestions count rows from 1 in this order; ``numbers`` are those that the table keeps for them,
    which have gaps where rows were set aside. ``misfits`` (row, column, value) have the table's numbers."""

    texts: pl.DataFrame  # what fits no type stands here as it came
    typed: pl.DataFrame
    misfits: pl.DataFrame
    numbers: pl.Series


def read_cells(data: Data, snapshot: ProductSnapshot) -> Cells:
    """Read the rows of a snapshot; raises SnapshotExpired."""
    rows = numbered(data.lake, snapshot)
    misfits, numbers, typed = misfits_of(data.session, data.storage, snapshot), rows[ROW], rows.drop(ROW)
    places = pl.DataFrame({"row": numbers.cast(pl.Int64), "place": pl.int_range(1, rows.height + 1, eager=True)})
    placed = misfits.join(places, on="row", how="inner", maintain_order="left")
    texts = cells.with_misfits(typed, placed.select(pl.col("place").alias("row"), "column", "value"))
    return Cells(texts=texts, typed=typed, misfits=misfits, numbers=numbers)


def open_columns(product: DataProduct) -> list[str]:
    """The columns whose values are shown to everybody who may see rows."""
    restricted = reporting.restricted_columns(product.contract)
    return [name for name in product.columns if name not in restricted]


def masked_for(data: Data, actor: Actor, product: DataProduct) -> frozenset[str]:
    """The columns whose values an actor sees masked: restricted ones, unless a grant of theirs shows them."""
    held = access.shown_to(data.session, actor, product.slug)
    if held is None:
        return reporting.restricted_columns(product.contract)
    masked = standing.masked_of(held.policy, odcs.columns_of(product.contract))
    return frozenset((*masked, *held.policy.hidden))


def labels_here(data: Data, product: DataProduct, rows: pl.DataFrame) -> dict[int, dict[str, list[str | None]]]:
    """The labels that fit rows as they are now, by row number."""
    known = store.labels(data.session, product.slug)
    if not known:
        return {}
    numbers = {row for row in store.label_numbers(data.session, product.slug) if row <= rows.height}
    digests = cells.row_digests(rows.select(open_columns(product)), numbers)
    return {row: dict(known[told]) for row, told in digests.items() if told in known}


def _labelled_rows(
    data: Data, product: DataProduct, snapshot: ProductSnapshot
) -> dict[int, dict[str, list[str | None]]]:
    return labels_here(data, product, read_cells(data, snapshot).texts)


def _find(
    data: Data, product: DataProduct, snapshot: ProductSnapshot
) -> tuple[pl.DataFrame, dict[int, dict[str, list[str | None]]]]:
    """Look through the open columns by themselves, so that no reason quotes a restricted value; restricted ones among all."""
    rows = read_cells(data, snapshot).texts
    names = [name for name in product.columns if name in rows.columns]
    shown = [name for name in names if name in set(open_columns(product))]
    labels = labels_here(data, product, rows)
    parts = []
    if shown:
        whole = cleaning.study(rows.select(shown), product.contract)
        said = {row: frozenset(wrong) for row, wrong in labels.items()}
        found = cleaning.detect_with(whole, said, seed=_SEED) if said else cleaning.detect_in(whole)
        parts.append(_corrected(found.frame, labels))
    if len(shown) < len(names):
        hidden = cleaning.detect(rows.select(names), product.contract).frame
        parts.append(hidden.filter(~pl.col("column").is_in(shown)))
    findings = pl.concat(parts) if parts else pl.DataFrame(schema=cleaning.FINDINGS)
    order = pl.col("column").replace_strict({name: at for at, name in enumerate(names)}, return_dtype=pl.Int64)
    return cells.keyed(findings.sort(order, "row"), rows.select(names)), labels


def _corrected(findings: pl.DataFrame, labels: dict[int, dict[str, list[str | None]]]) -> pl.DataFrame:
    """Put the right values that a steward named in place of what was proposed."""
    told = [(row, column, right[0]) for row, wrong in labels.items() for column, right in wrong.items() if right]
    if not told:
        return findings
    named = pl.DataFrame(told, schema={"row": pl.Int64, "column": pl.String, "right": pl.String}, orient="row")
    joined = findings.join(
        named.with_columns(said=pl.lit(True)), on=["row", "column"], how="left", maintain_order="left"
    )
    is_said = pl.col("said").fill_null(False)
    empties = pl.when(pl.col("right").is_null()).then(pl.lit("empty")).otherwise(pl.lit("replace"))
    return joined.with_columns(
        kind=pl.when(is_said).then(pl.lit("labels")).otherwise("kind"),
        evidence=pl.when(is_said).then(pl.lit("a steward named the right value")).otherwise("evidence"),
        action=pl.when(is_said).then(empties).otherwise("action"),
        proposed=pl.when(is_said).then("right").otherwise("proposed"),
        repair_confidence=pl.when(is_said).then(1.0).otherwise("repair_confidence"),
    ).select(findings.columns)
