"""All SQL on input ports and their runs: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from headway.catalog.connectors import growing
from headway.catalog.connectors.entities import InputPort, Part, PortKind, PortRun, RefusedFile, RunState
from headway.catalog.connectors.tables import PortRow, RunRow
from headway.kernel.paging import Page


def add_port(session: Session, made: InputPort) -> None:
    """Write a port."""
    kept = set(PortRow.__mapper__.columns.keys()) & set(InputPort.__dataclass_fields__)
    values = {name: getattr(made, name) for name in kept} | {"settings": dict(made.settings), "seen": {}}
    session.add(PortRow(**{**values, "part": _part_json(made.part)}))
    session.flush()


def port(session: Session, product: str, name: str, *, lock: bool = False) -> InputPort | None:
    """A port of a product by its name; ``lock`` makes others that would change it wait."""
    asked = select(PortRow).where(PortRow.product == product, PortRow.name == name)
    row = session.scalar(_asked(asked, lock))
    return _port(row) if row else None


def port_of_id(session: Session, port_id: str, *, lock: bool = False) -> InputPort | None:
    """A port by its id."""
    row = session.scalar(_asked(select(PortRow).where(PortRow.id == port_id), lock))
    return _port(row) if row else None


def ports(session: Session, product: str) -> tuple[InputPort, ...]:
    """The ports of a product in the order in which they were made, which is that of its rows."""
    asked = select(PortRow).where(PortRow.product == product).order_by(PortRow.id)
    return tuple(_port(row) for row in session.scalars(_asked(asked, lock=False)))


def seen(session: Session, port_id: str) -> dict[str, str]:
    """What files a port has taken or refused, by name."""
    return dict(session.scalar(select(PortRow.seen).where(PortRow.id == port_id)) or {})


def change_port(session: Session, port_id: str, values: Mapping[str, object]) -> None:
    """Write what changed of a port."""
    written = {name: _part_json(one) if isinstance(one, Part) else one for name, one in values.items()}
    session.execute(update(PortRow).where(PortRow.id == port_id).values(**written))


def remove_port(session: Session, port_id: str) -> None:
    """Take a port away; its runs stay."""
    row = session.get(PortRow, port_id)
    if row is not None:
        session.delete(row)
        session.flush()


def due(session: Session, now: datetime) -> list[str]:
    """Ids of the ports whose time has come; nobody else takes them before the transaction ends."""
    asked = select(PortRow.id).where(PortRow.next_at <= now).order_by(PortRow.next_at)
    return list(session.scalars(asked.with_for_update(skip_locked=True)))


def add_run(session: Session, made: PortRun) -> None:
    """Write a run."""
    values = {name: getattr(made, name) for name in PortRun.__dataclass_fields__}
    session.add(RunRow(**{**values, "refused": [], "notes": list(made.notes)}))
    session.flush()


def run(session: Session, run_id: str) -> PortRun | None:
    """A run by its id."""
    row = session.get(RunRow, run_id, populate_existing=True)
    return _run(row) if row else None


def change_run(session: Session, run_id: str, values: Mapping[str, object]) -> None:
    """Write how a run ended."""
    session.execute(update(RunRow).where(RunRow.id == run_id).values(**values))


def open_runs(session: Session) -> tuple[PortRun, ...]:
    """The runs that have not ended."""
    asked = select(RunRow).where(RunRow.state == "running").order_by(RunRow.id)
    return tuple(_run(row) for row in session.scalars(asked.execution_options(populate_existing=True)))


def runs(session: Session, product: str, port: str | None, *, limit: int, cursor: str | None) -> Page[PortRun]:
    """The runs of a product, or of one of its ports, newest first."""
    asked = select(RunRow).where(RunRow.product == product).order_by(RunRow.id.desc())
    if port is not None:
        asked = asked.where(RunRow.port_name == port)
    if cursor is not None:
        asked = asked.where(RunRow.id < cursor)
    rows = list(session.scalars(asked.limit(limit + 1).execution_options(populate_existing=True)))
    shown = tuple(_run(row) for row in rows[:limit])
    return Page(items=shown, next=shown[-1].id if len(rows) > limit else None)


def _asked(query: Any, lock: bool) -> Any:  # noqa: ANN401  a select of any shape
    query = query.execution_options(populate_existing=True)
    return query.with_for_update() if lock else query


def _part_json(part: Part | None) -> dict[str, object] | None:
    return None if part is None else {name: getattr(part, name) for name in Part.__dataclass_fields__}


def _port(row: PortRow) -> InputPort:
    part = cast("dict[str, Any] | None", row.part)
    return InputPort(
        id=row.id,
        product=row.product,
        department=row.department,
        product_name=row.product_name,
        name=row.name,
        kind=cast(PortKind, row.kind),
        settings=dict(row.settings),
        every_minutes=row.every_minutes,
        next_at=row.next_at,
        cursor=row.cursor and growing.shown(row.cursor),
        taken=sum(not text.endswith(" refused") for text in row.seen.values()),
        part=Part(**part) if part else None,
        last_run=row.last_run,
        created_by=row.created_by,
        created_at=row.created_at,
    )


def cursor(session: Session, port_id: str) -> str | None:
    """The greatest value a port has read, with its kind."""
    return session.scalar(select(PortRow.cursor).where(PortRow.id == port_id))


def _run(row: RunRow) -> PortRun:
    values = {name: getattr(row, name) for name in PortRun.__dataclass_fields__}
    values |= {"refused": tuple(RefusedFile(**one) for one in row.refused), "notes": tuple(row.notes)}
    return PortRun(**{**values, "state": cast(RunState, row.state)})
