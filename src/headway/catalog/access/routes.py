"""Access to data products over HTTP: ask, answer, withdraw, look at uses; one SELECT over what was granted; downloads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway.catalog.access import rendering, service
from headway.catalog.access.entities import DataAccess, DataUse, Offer, Policy, ResultTable
from headway.catalog.access.permission import asked_about, asking_of, followed, readable_by
from headway.catalog.adapters.lake import lake_of
from headway.catalog.service import get_product
from headway.kernel.auth import Actor, Resource
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx

router = APIRouter(tags=["data access"])
MOST_JSON, MOST_ARROW = 100_000, 10_000_000
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Line = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=2000)]
Names = Annotated[list[Line], Field(max_length=1000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AccessWanted(_Body):
    """What somebody asks for: what the data is for, the last day, and the service account that shall read it, if any."""

    purpose: Text
    until: date
    service: Line | None = None


class AccessGiven(_Body):
    """What the owner grants: an earlier last day, what stays hidden or masked, and restricted columns that are shown."""

    until: date | None = None
    hidden: Names = Field(default_factory=list)
    masked: Names = Field(default_factory=list)
    unmasked: Names = Field(default_factory=list)
    row_filter: Text | None = None
    reason: Text = ""


class Reason(_Body):
    """Why a request is refused, or access withdrawn."""

    reason: Text


class SqlWanted(_Body):
    """One SELECT over granted products, the most rows to give, the form of the answer, and the time or snapshot it is about."""

    sql: Annotated[str, Field(min_length=1, max_length=20_000)]
    limit: Annotated[int, Field(ge=1, le=MOST_ARROW)] = 1000
    format: Literal["json", "arrow"] = "json"
    as_of: Line | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Requests that one may answer, oldest first."""

    items: tuple[DataAccess, ...]


@router.post(
    "/sql",
    response_model=ResultTable,
    responses={200: {"content": {"application/json": {}, rendering.ARROW: {}}}},
)
def run_sql(
    *, body: SqlWanted, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit, response: Response
) -> ResultTable | Response:
    """Run one SELECT over products that one may read; tables are written as ``sales.leads``, or ``"sales.leads@1.2.0"``.

    ``format=arrow`` gives an Arrow IPC stream of up to 10 million rows, JSON up to 100,000. A version that is deprecated answers
    with the headers Deprecation (RFC 9745) and Sunset (RFC 8594).
    """
    permit("data:query", Resource(kind="data", id="sql", attributes={"owner": actor.ref}))
    limit = body.limit if body.format == "arrow" else min(body.limit, MOST_JSON)
    may = readable_by(here.authorizer, actor)
    result = service.read(tx, actor, lake_of(here), body.sql, limit=limit, may=may, as_of=body.as_of)
    if body.format == "json":
        response.headers.update(result.warning)
        return rendering.as_table(result)
    headers = {"headway-is-cut": str(result.is_cut).lower(), "cache-control": "no-store", **result.warning}
    return Response(rendering.as_arrow(result), media_type=rendering.ARROW, headers=headers)


@router.get(
    "/products/{slug}/rows",
    response_model=None,
    responses={200: {"content": {rendering.CSV: {}, rendering.PARQUET: {}, rendering.ARROW: {}}}},
)
def download_rows(
    *,
    slug: str,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    format: Literal["csv", "parquet", "arrow"] = "parquet",
    limit: Annotated[int, Query(ge=1, le=MOST_ARROW)] = MOST_ARROW,
    version: Annotated[str | None, Query(max_length=64)] = None,
    as_of: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Give the rows of a product as one's grant shows them, as Parquet, CSV or an Arrow stream.

    ``version`` reads another version than the current one, as long as it is readable. ``as_of``: a snapshot's id, or a time at
    which it was current; today's grant decides what of it is shown. Not both.
    """
    permit("data:query", Resource(kind="data", id="sql", attributes={"owner": actor.ref}))
    may = readable_by(here.authorizer, actor)
    lake = lake_of(here)
    result = service.read_product(
        tx, actor, lake, slug, limit=limit, may=may, way="download", version=version, as_of=as_of
    )
    name = result.products[0]
    forms = {
        "csv": (rendering.as_csv, rendering.CSV, f"{name}.csv"),
        "parquet": (rendering.as_parquet, rendering.PARQUET, f"{name}.parquet"),
        "arrow": (rendering.as_arrow, rendering.ARROW, f"{name}.arrows"),
    }
    write, kind, filename = forms[format]
    headers = {
        "content-disposition": f'attachment; filename="{filename}"',
        "headway-is-cut": str(result.is_cut).lower(),
        "cache-control": "no-store",
        **result.warning,
    }
    return Response(write(result), media_type=kind, headers=headers)


@router.post("/products/{slug}/access", status_code=status.HTTP_201_CREATED)
def request_access(slug: str, body: AccessWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> DataAccess:
    """Ask for access to a product, for oneself or for a service account whose tokens one may make."""
    permit("data:request", asking_of(actor, slug))
    if body.service:
        owner = f"service:{body.service}"
        permit("token:create", Resource(kind="token", id=owner, attributes={"owner": owner}))
    return service.request_access(tx, actor, slug, purpose=body.purpose, until=body.until, service=body.service)


@router.get("/products/{slug}/access")
def list_accesses(
    *, slug: str, tx: Tx, permit: Permit, limit: Limit = 50, cursor: str | None = None
) -> Page[DataAccess]:
    """List requests and grants of a product, newest first, for those who answer for it or audit it."""
    permit("data:follow", followed(get_product(tx, slug)))
    return service.list_accesses(tx, slug, limit=limit, cursor=cursor)


@router.get("/products/{slug}/uses")
def list_uses(*, slug: str, tx: Tx, permit: Permit, limit: Limit = 50, cursor: str | None = None) -> Page[DataUse]:
    """List who read a product, when, which columns and how many rows, newest first."""
    permit("data:follow", followed(get_product(tx, slug)))
    return service.list_uses(tx, slug, limit=limit, cursor=cursor)


@router.get("/data-access")
def own_accesses(
    *, tx: Tx, actor: CurrentActor, permit: Permit, limit: Limit = 50, cursor: str | None = None
) -> Page[DataAccess]:
    """List what one asked for or holds, newest first."""
    permit("data:follow", Resource(kind="data", id="own", attributes={"owner": actor.ref}))
    return service.own_accesses(tx, actor.ref, limit=limit, cursor=cursor)


@router.get("/data-access/waiting")
def list_waiting(tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> Waiting:
    """List the requests that one may answer, oldest first."""
    permit("data:follow", Resource(kind="data", id="own", attributes={"owner": actor.ref}))
    return Waiting(items=answerable(tx, here, actor))


@router.get("/data-access/offers")
def list_offers(
    *, tx: Tx, actor: CurrentActor, permit: Permit, limit: Limit = 50, cursor: str | None = None
) -> Page[Offer]:
    """List the products that can be asked for, by name, with how far one's own access to each is."""
    permit("data:request", asking_of(actor, "all"))
    return service.list_offers(tx, actor.ref, limit=limit, cursor=cursor)


@router.get("/data-access/{access_id}")
def show_access(access_id: str, tx: Tx, permit: Permit) -> DataAccess:
    """Show a request or grant to those who asked, hold or answer it."""
    found = service.get_access(tx, access_id)
    permit("data:follow", about(tx, found))
    return found


@router.post("/data-access/{access_id}/approve")
def approve(access_id: str, body: AccessGiven, tx: Tx, actor: CurrentActor, permit: Permit) -> DataAccess:
    """Grant what was asked for, as the owner of the product and never as who asked."""
    permit("data:grant", about(tx, service.get_access(tx, access_id)))
    given = Policy(
        hidden=tuple(body.hidden),
        masked=tuple(body.masked),
        unmasked=tuple(body.unmasked),
        row_filter=body.row_filter or None,
    )
    return service.approve(tx, actor, access_id, given=given, until=body.until, reason=body.reason)


@router.post("/data-access/{access_id}/reject")
def reject(access_id: str, body: Reason, tx: Tx, actor: CurrentActor, permit: Permit) -> DataAccess:
    """Refuse what was asked for, with a reason."""
    permit("data:grant", about(tx, service.get_access(tx, access_id)))
    return service.reject(tx, actor, access_id, body.reason)


@router.post("/data-access/{access_id}/withdraw")
def withdraw(access_id: str, body: Reason, tx: Tx, actor: CurrentActor, permit: Permit) -> DataAccess:
    """End a grant at once as the owner, or give back what one asked for or holds."""
    found = service.get_access(tx, access_id)
    is_own = actor.ref in (found.requested_by, found.grantee)
    permit("data:follow" if is_own else "data:grant", about(tx, found))
    return service.withdraw(tx, actor, access_id, body.reason)


def about(session: Session, found: DataAccess) -> Resource:
    """What is asked about when a request or grant is read, answered or withdrawn."""
    return asked_about(found, get_product(session, found.product))


def answerable(session: Session, here: Parts, actor: Actor) -> tuple[DataAccess, ...]:
    """The waiting requests that an actor may answer."""
    waiting = service.list_waiting(session)
    return tuple(one for one in waiting if here.authorizer.allows(actor, "data:grant", about(session, one)))
