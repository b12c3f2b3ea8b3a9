"""Descriptors of products over HTTP: read, changed, written and read as a document of the Open Data Product Standard."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from headway.catalog import access, versions
from headway.catalog.adapters.lake import lake_of
from headway.catalog.odps import service
from headway.catalog.odps.entities import Descriptor, Said, Targets
from headway.catalog.service import get_product
from headway.kernel.errors import Invalid, TooLarge
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

router = APIRouter(tags=["products"])
MEDIA_TYPE = "application/odps+yaml;version=1.1.0"
_MOST_BYTES = 1_000_000
Line = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=4000)]


class Described(BaseModel):
    """What is said of a product; what is left out is emptied. Service levels: hours, and a share from 0 to 1."""

    model_config = ConfigDict(extra="forbid")

    owner: Line | None = None
    steward: Line | None = None
    domain: Line | None = None
    purpose: Text | None = None
    limitations: Text | None = None
    usage: Text | None = None
    type: Line | None = None
    classification: Line | None = None
    tags: Annotated[list[Line], Field(max_length=100)] = Field(default_factory=list)
    freshness_hours: float | None = None
    completeness: float | None = None
    latency_hours: float | None = None


@router.get("/products/{slug}/descriptor")
def show_descriptor(slug: str, tx: Tx, here: HereParts, permit: Permit, response: Response) -> Descriptor:
    """Describe a product: who answers for it, what for, its ports, versions, and how its service levels stand now."""
    product = get_product(tx, slug)
    permit("product:read", access.about_product(product))
    response.headers.update(versions.warning(tx, product))
    return service.describe(tx, lake_of(here), slug)


@router.get(
    "/products/{slug}/odps",
    response_model=None,
    responses={200: {"content": {"application/odps+yaml": {}}}},
)
def export_odps(slug: str, tx: Tx, here: HereParts, permit: Permit) -> Response:
    """Give a product's descriptor as YAML of the Open Data Product Standard 1.1."""
    permit("product:read", access.about_product(get_product(tx, slug)))
    text = service.export_odps(tx, lake_of(here), slug, here.settings.public_url)
    headers = {"content-disposition": f'attachment; filename="{slug}.odps.yaml"'}
    return Response(text, media_type=MEDIA_TYPE, headers=headers)


@router.put("/products/{slug}/descriptor")
def edit(*, slug: str, body: Described, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> Descriptor:
    """Write what is said of a product."""
    permit("product:update", access.about_product(get_product(tx, slug)))
    service.edit(tx, actor, slug, said_of(tx, slug, body))
    return service.describe(tx, lake_of(here), slug)


@router.post("/products/{slug}/odps")
def import_odps(
    *, slug: str, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit, file: UploadFile
) -> Descriptor:
    """Write what a document of the Open Data Product Standard (YAML or JSON) says of a product; ports are not taken."""
    permit("product:update", access.about_product(get_product(tx, slug)))
    data = file.file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise TooLarge(f"a descriptor has at most {_MOST_BYTES:,} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"the descriptor is not UTF-8 text: byte {error.start}") from error
    service.import_odps(tx, actor, slug, text)
    return service.describe(tx, lake_of(here), slug)


def said_of(tx: Tx, slug: str, body: Described) -> Said:
    """What a body says; support channels and what an imported file held beside it stay."""
    kept = service.said_of(tx, slug)
    return Said(
        owner=_text(body.owner),
        steward=_text(body.steward),
        domain=_text(body.domain),
        purpose=_text(body.purpose),
        limitations=_text(body.limitations),
        usage=_text(body.usage),
        type=_text(body.type),
        classification=_text(body.classification),
        tags=tuple(dict.fromkeys(one.strip() for one in body.tags if one.strip())),
        support=kept.support,
        targets=Targets(
            freshness_hours=body.freshness_hours, completeness=body.completeness, latency_hours=body.latency_hours
        ),
        extra=kept.extra,
    )


def _text(given: str | None) -> str | None:
    return (given or "").strip() or None
