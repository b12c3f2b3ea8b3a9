"""All SQL on ports, batches and quarantined rows: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any, Final, cast

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session, aliased

from headway.catalog.batches.entities import (
    WAITING,
    Batch,
    Enforcement,
    Mode,
    Outcome,
    QuarantinedRow,
    Reason,
    RowState,
)
from headway.catalog.batches.tables import BatchRow, EnforcementRow, QuarantineRow
from headway.catalog.tables import ProductRow
from headway.kernel.paging import Page

_AT_ONCE: Final = 2_000
_PLAIN: Final = ("id", "product", "port", "filename", "file_key", "file_digest", "content", "contract_digest", "rows",
                 "entered", "snapshot_id", "created_by", "created_at")  # fmt: skip
"""What a batch and its row say in the same words."""


def enforcement(session: Session, product: str, port: str) -> Enforcement | None:
    """What somebody chose for a port, or None."""
    row = session.get(EnforcementRow, (product, port), populate_existing=True)
    return _enforcement(row) if row is not None else None


def mode_of(session: Session, product: str, port: str) -> Mode:
    """What a port does with bad rows; where nobody chose, all rows enter and the report tells."""
    chosen = enforcement(session, product, port)
    return chosen.mode if chosen is not None else Mode.warn


def enforcements(session: Session, product: str) -> tuple[Enforcement, ...]:
    """What was chosen for the ports of a product, by name."""
    asked = select(EnforcementRow).where(EnforcementRow.product == product).order_by(EnforcementRow.port)
    return tuple(_enforcement(row) for row in session.scalars(asked.execution_options(populate_existing=True)))


def save_enforcement(session: Session, made: Enforcement) -> None:
    """Write what was chosen for a port."""
    values = asdict(made) | {"mode": made.mode.value}
    changed = {name: values[name] for name in ("mode", "reason", "set_by", "set_at")}
    session.execute(
        upsert(EnforcementRow).values(**values).on_conflict_do_update(index_elements=["product", "port"], set_=changed)
    )


def add_batch(session: Session, made: Batch) -> None:
    """Write a batch."""
    kept = set(BatchRow.__mapper__.columns.keys())
    values = {name: getattr(made, name) for name in Batch.__dataclass_fields__ if name in kept}
    session.add(
        BatchRow(**{**values, "mode": made.mode.value, "outcome": made.outcome.value, "binding": list(made.binding)})
    )
    session.flush()


def move_batch(session: Session, batch: Batch, snapshot_id: str) -> None:
    """Note the newest snapshot that was made of a batch; with the first, its good rows have entered."""
    entered = batch.rows - sum(batch.counts.values())
    values = {"snapshot_id": snapshot_id, "outcome": Outcome.quarantined.value, "entered": entered}
    session.execute(update(BatchRow).where(BatchRow.id == batch.id).values(**values))


def follow(session: Session, product: str, before: str, after: str) -> None:
    """Note that the rows of a snapshot stand in a newer one, row for row: what waits of their batches may still enter."""
    asked = update(BatchRow).where(BatchRow.product == product, BatchRow.snapshot_id == before)
    session.execute(asked.where(BatchRow.outcome == Outcome.quarantined.value).values(snapshot_id=after))


def batch(session: Session, batch_id: str) -> Batch | None:
    """A batch by its id."""
    row = session.get(BatchRow, batch_id, populate_existing=True)
    return _batches(session, [row])[0] if row is not None else None


def batch_of(session: Session, product: str, content: str, contract_digest: str) -> Batch | None:
    """The newest batch of a product with this content under this contract."""
    asked = select(BatchRow).where(
        BatchRow.product == product, BatchRow.content == content, BatchRow.contract_digest == contract_digest
    )
    row = session.scalars(asked.order_by(BatchRow.id.desc()).limit(1)).one_or_none()
    return _batches(session, [row])[0] if row is not None else None


def batches(session: Session, product: str, limit: int, cursor: str | None) -> Page[Batch]:
    """Batches of a product, newest first."""
    asked = select(BatchRow).where(BatchRow.product == product).order_by(BatchRow.id.desc()).limit(limit + 1)
    if cursor is not None:
        asked = asked.where(BatchRow.id < cursor)
    rows = list(session.scalars(asked.execution_options(populate_existing=True)))
    made = tuple(_batches(session, rows[:limit]))
    return Page(items=made, next=made[-1].id if len(rows) > limit else None)


def add_rows(session: Session, product: str, rows: Iterable[QuarantinedRow]) -> None:
    """Write rows that were set aside, some thousands at a time."""
    for some in _some(rows):
        session.execute(insert(QuarantineRow), [_plain(one) | {"product": product} for one in some])


def rows_of(
    session: Session,
    product: str,
    *,
    batch_id: str | None = None,
    states: Collection[RowState] | None = None,
    rule: str | None = None,
    column: str | None = None,
    numbers: Collection[int] | None = None,
    limit: int | None = None,
    offset: int = 0,
    lock: bool = False,
) -> tuple[QuarantinedRow, ...]:
    """Rows that were set aside, the newest batch first, in the order of the file."""
    asked = _asked(product, batch_id, states, rule, column).order_by(QuarantineRow.batch.desc(), QuarantineRow.row)
    if numbers is not None:
        asked = asked.where(QuarantineRow.row.in_(sorted(numbers)))
    asked = asked.offset(offset) if offset else asked
    asked = asked.limit(limit) if limit is not None else asked
    asked = asked.with_for_update() if lock else asked
    return tuple(_row(row) for row in session.scalars(asked.execution_options(populate_existing=True)))


def decided_before(session: Session, product: str, batch_id: str) -> Mapping[int, QuarantinedRow]:
    """What people made of rows that come again in a batch: by the row's number, the newest equal row mended or given up."""
    now, then = aliased(QuarantineRow), aliased(QuarantineRow)
    decided = (then.state == RowState.dismissed.value) | (
        then.state.in_([RowState.fixed.value, RowState.replayed.value]) & (then.values != then.original)
    )
    asked = (
        select(now.row, then)
        .join(then, (then.product == product) & (then.batch < batch_id) & (then.original == now.original) & decided)
        .where(now.product == product, now.batch == batch_id, now.state == RowState.open.value)
        .order_by(then.batch, then.row)
    )
    return {int(number): _row(before) for number, before in session.execute(asked)}


def numbers_of(session: Session, batch_id: str) -> list[int]:
    """The numbers of all rows of a batch that were set aside, whatever became of them."""
    return list(session.scalars(select(QuarantineRow.row).where(QuarantineRow.batch == batch_id)))


def count_rows(
    session: Session,
    product: str,
    *,
    batch_id: str | None = None,
    states: Collection[RowState] | None = None,
    rule: str | None = None,
    column: str | None = None,
) -> int:
    """How many rows were set aside."""
    found = _asked(product, batch_id, states, rule, column).subquery()
    return int(session.scalar(select(func.count()).select_from(found)) or 0)


def counts_by_rule(session: Session, product: str) -> Mapping[str, int]:
    """Rows that wait, by the rules they break."""
    rule = func.jsonb_array_elements(QuarantineRow.reasons).op("->>")("rule").label("rule")
    waiting = [state.value for state in WAITING]
    found = select(rule).where(QuarantineRow.product == product, QuarantineRow.state.in_(waiting)).subquery()
    asked = select(found.c.rule, func.count()).group_by(found.c.rule).order_by(func.count().desc(), found.c.rule)
    return {str(name): int(count) for name, count in session.execute(asked)}


def change_rows(session: Session, rows: Sequence[QuarantinedRow]) -> None:
    """Write rows as they are after they were mended, replayed or dismissed."""
    table = QuarantineRow.__table__
    changed = ("state", "values", "unread", "reasons", "mended_by", "mended_at", "mended_because", "settled_by",
               "settled_at", "settled_because", "snapshot_id")  # fmt: skip
    statement = (
        update(QuarantineRow)
        .where(table.c.batch == bindparam("of_batch"), table.c.row == bindparam("of_row"))
        .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in changed})
    )
    for some in _some(rows):
        told = [
            {"of_batch": one.batch, "of_row": one.row} | {f"new_{name}": _plain(one)[name] for name in changed}
            for one in some
        ]
        session.connection().execute(statement, told)


def _some(rows: Iterable[QuarantinedRow]) -> Iterator[list[QuarantinedRow]]:
    left = iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        yield some


def _asked(
    product: str, batch_id: str | None, states: Collection[RowState] | None, rule: str | None, column: str | None
) -> Any:  # noqa: ANN401  a statement that is built further
    asked = select(QuarantineRow).where(QuarantineRow.product == product)
    if batch_id is not None:
        asked = asked.where(QuarantineRow.batch == batch_id)
    if states is not None:
        asked = asked.where(QuarantineRow.state.in_([state.value for state in states]))
    if rule is not None:
        named = QuarantineRow.reasons.contains([{"rule": rule}]) | QuarantineRow.reasons.contains([{"kind": rule}])
        asked = asked.where(named)
    if column is not None:
        asked = asked.where(QuarantineRow.reasons.contains([{"column": column}]))
    return asked


def _plain(one: QuarantinedRow) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in QuarantinedRow.__dataclass_fields__}
    return {
        **values,
        "state": one.state.value,
        "original": dict(one.original),
        "values": dict(one.values),
        "unread": list(one.unread),
        "reasons": [asdict(reason) for reason in one.reasons],
    }


def _row(row: QuarantineRow) -> QuarantinedRow:
    values = {name: getattr(row, name) for name in QuarantinedRow.__dataclass_fields__}
    reasons = tuple(Reason(**cast(dict[str, Any], one)) for one in row.reasons)
    return QuarantinedRow(**{**values, "state": RowState(row.state), "unread": tuple(row.unread), "reasons": reasons})


def _batches(session: Session, rows: Sequence[BatchRow]) -> list[Batch]:
    ids = [row.id for row in rows]
    counted: dict[str, dict[str, int]] = {one: dict.fromkeys((state.value for state in RowState), 0) for one in ids}
    asked = (
        select(QuarantineRow.batch, QuarantineRow.state, func.count())
        .where(QuarantineRow.batch.in_(ids))
        .group_by(QuarantineRow.batch, QuarantineRow.state)
    )
    for of, state, count in session.execute(asked):
        counted[of][state] = int(count)
    products = {row.product for row in rows}
    now = select(ProductRow.slug, ProductRow.snapshot_id).where(ProductRow.slug.in_(products))
    current: dict[str, str | None] = {str(slug): snapshot for slug, snapshot in session.execute(now)}
    return [
        Batch(
            **{name: getattr(row, name) for name in _PLAIN},
            mode=Mode(row.mode),
            outcome=Outcome(row.outcome),
            counts=counted[row.id],
            is_current=current.get(row.product) == row.snapshot_id,
            binding=tuple(row.binding),
        )
        for row in rows
    ]


def _enforcement(row: EnforcementRow) -> Enforcement:
    at: datetime = row.set_at
    return Enforcement(
        product=row.product, port=row.port, mode=Mode(row.mode), reason=row.reason, set_by=row.set_by, set_at=at
    )
