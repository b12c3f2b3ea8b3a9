"""The one way in which people and services read rows of products: a statement, over what their grants show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from headway.catalog import contract as odcs
from headway.catalog import service as catalog_service
from headway.catalog import store as products
from headway.catalog import versions
from headway.catalog.access import adapters, policy, rendering, standing, store
from headway.catalog.access.entities import DataAccess, DataUse, Policy, Result, Way
from headway.catalog.access.errors import AccessInvalid, NotReadable, PolicyBroken
from headway.catalog.access.permission import MayRead
from headway.catalog.access.statement import Statement, TableUse, read_statement
from headway.catalog.adapters.lake import Lake
from headway.catalog.entities import DataProduct, ProductSnapshot, Sample
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest
from headway.kernel.errors import Fault, Invalid
from headway.kernel.ids import new_id

_OWN: Final = Policy(hidden=(), masked=(), unmasked=(), row_filter=None)
_PRIVATE: Final = re.compile(r"\b_p(\d+)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Readable:
    use: TableUse
    product: DataProduct
    snapshot: ProductSnapshot
    access: DataAccess | None

    @property
    def policy(self) -> Policy:
        return self.access.policy if self.access else _OWN


def read(
    session: Session,
    actor: Actor,
    lake: Lake,
    sql: str,
    *,
    limit: int,
    may: MayRead,
    way: Way = "sql",
    as_of: str | None = None,
) -> Result:
    """Run one SELECT over products that the actor may read, and keep who read what.

    Rows of the past are shown by the grant and contract of today: a column that is hidden or masked now is so in every snapshot,
    columns that a snapshot did not have yet are missing values, and columns that the contract has no more are not there.

    Args: limit: the most rows that are given. as_of: a time for all products, or a snapshot's id where there is one product.
    Raises: StatementRefused; NotReadable: the same words for a product that does not exist and for one that one may not
    read; VersionRetired, VersionUnknown; UnknownProduct, SnapshotExpired: no snapshot as of then; Invalid: a version and a time;
    StatementFailed; StatementTooLarge; PolicyBroken.
    """
    statement = read_statement(sql)
    found = [_readable(session, actor, use, may, as_of) for use in statement.tables]
    relations = [_relation(lake, statement, one) for one in found]
    table, is_cut = adapters.run(statement, relations, limit=limit)
    for one, relation in zip(found, relations, strict=True):
        _keep(session, actor, one, relation.visible.shown, sql=sql, rows=table.num_rows, way=way)
    slugs = [one.product.slug for one in found]
    names = [
        _PRIVATE.sub(lambda at: slugs[int(at[1])] if int(at[1]) < len(slugs) else at[0], n) for n in table.column_names
    ]
    return Result(
        table=table.rename_columns(names),
        is_cut=is_cut,
        products=tuple(slugs),
        masked={one.product.slug: relation.visible.masked for one, relation in zip(found, relations, strict=True)},
        warning=_warning(session, found),
    )


def read_product(
    session: Session,
    actor: Actor,
    lake: Lake,
    slug: str,
    *,
    limit: int,
    may: MayRead,
    way: Way,
    version: str | None = None,
    as_of: str | None = None,
) -> Result:
    """Read the rows of one product as its grant shows them, now, of another version or of the past; raises what ``read`` raises."""
    name = policy.quoted(f"{slug}@{version}" if version else slug)
    sql = f"SELECT * FROM {name}"  # noqa: S608  quoted
    return read(session, actor, lake, sql, limit=limit, may=may, way=way, as_of=as_of)


def sample(session: Session, actor: Actor, lake: Lake, slug: str, *, limit: int, may: MayRead) -> Sample:
    """The first rows of a product as its reader may see them; without a grant, masked values keep their shape.

    Raises: what ``read`` raises.
    """
    use = TableUse(slug=slug, version=None, written=slug, table="_p0", line=None, column=None)
    found = _readable(session, actor, use, may)
    if found.access is not None:
        result = read_product(session, actor, lake, slug, limit=limit, may=may, way="sample")
        table = rendering.as_table(result)
        names = tuple(column.name for column in table.columns)
        return Sample(
            product=slug,
            snapshot_id=found.product.snapshot_id or "",
            columns=names,
            masked=table.masked[slug],
            rows=tuple(dict(zip(names, row, strict=True)) for row in table.rows),
        )
    made = catalog_service.sample(session, lake, slug, limit=limit)
    _keep(session, actor, found, made.columns, sql=f"sample of {slug}", rows=len(made.rows), way="sample")
    return made


def shown_to(session: Session, actor: Actor, slug: str) -> DataAccess | None:
    """The grant by which somebody reads a product now, or None."""
    held = store.accesses(session, clock.now().date(), product=slug, grantee=actor.ref)
    return standing.counting(held.items)


def _readable(session: Session, actor: Actor, use: TableUse, may: MayRead, as_of: str | None = None) -> _Readable:
    slug, version = use.slug, use.version
    product = products.product(session, slug) if slug is not None else None
    access = shown_to(session, actor, product.slug) if product is not None else None
    if product is None or product.snapshot_id is None or not may(product, access):
        place = f", line {use.line}, column {use.column}" if use.line else ""
        words = f"{use.written!r} is no product that you may read{place}"
        fault = Fault(rule="sql.table", value=use.written, message=words)
        raise NotReadable(words, hint="'headway product access offers' names what can be asked for", faults=[fault])
    if version is not None and as_of is not None:
        raise Invalid(
            f"{product.slug}: a version and a time of the past are not read together", hint="leave out one of them"
        )
    shown = versions.at_version(session, product, version)
    if version is not None and access is not None and shown.contract_digest != product.contract_digest:
        _need_reach(session, product, version, access)
    snapshot = catalog_service.snapshot_as_of(session, shown, as_of)
    return _Readable(use=use, product=shown, snapshot=snapshot, access=access)


def _warning(session: Session, found: Sequence[_Readable]) -> Mapping[str, str]:
    """The warning of what was read that ends first; empty when nothing does."""
    known = [
        (ends, one)
        for one in found
        if (told := versions.deprecation_of(session, one.product, one.product.contract_version))
        and (ends := told.ends_on)
    ]
    if not known:
        return {}
    first = min(known, key=lambda pair: pair[0])[1].product
    return versions.warning(session, first, first.contract_version)


def _need_reach(session: Session, product: DataProduct, version: str, access: DataAccess) -> None:
    """A grant shows what its owner knew when it was given: no version that had another in its place by then."""
    given = clock.iso(access.answered_at) if access.answered_at else None
    if not versions.was_current_after(session, product, version, given):
        raise versions.VersionUnknown(
            f"your access to {product.slug} does not reach back to version {version}",
            hint=f"read version {product.contract_version}",
        )


def _relation(lake: Lake, statement: Statement, one: _Readable) -> adapters.Relation:
    columns, snapshot = odcs.columns_of(one.product.contract), one.snapshot
    try:
        chosen = policy.visible(
            one.use.table, one.policy, columns, names=statement.names, needs_all=statement.needs_all
        )
    except AccessInvalid as error:
        raise PolicyBroken(
            f"the product {one.product.slug} has other columns than when your access to it was granted",
            hint="ask for it anew, so that its owner looks at the row filter",
        ) from error
    rows = adapters.fetch(lake, snapshot, chosen.read, columns)
    return adapters.Relation(table=one.use.table, product=one.product.slug, rows=rows, visible=chosen)


def _keep(
    session: Session, actor: Actor, one: _Readable, columns: tuple[str, ...], *, sql: str, rows: int, way: Way
) -> None:
    store.add_use(
        session,
        DataUse(
            id=new_id("use"),
            product=one.product.slug,
            access=one.access.id if one.access else None,
            reader=actor.ref,
            at=clock.now(),
            way=way,
            columns=columns,
            rows=rows,
            statement_digest=digest({"sql": sql}),
            snapshot=one.snapshot.id,
        ),
    )
