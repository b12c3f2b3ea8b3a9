"""What a product is for others: who answers for it, what for, ports, versions with their end, service levels, consumers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import catalog
from headway.catalog import access, changes, odps, versions
from headway.catalog.odps import Said, Targets
from headway.entrypoints.pages.contract_words import LEVEL_NAMES, LEVEL_STATES, STATES
from headway.entrypoints.pages.data_access import day_of
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel import clock
from headway.kernel.errors import Fault, HeadwayError, Invalid
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
TEXTS = ("owner", "steward", "domain", "purpose", "limitations", "usage", "type", "classification")
NUMBERS = ("freshness_hours", "completeness", "latency_hours")
DOCUMENT_BYTES = 1_000_000
USUAL = timedelta(days=90)


@router.get("/products/{slug}/odps.yaml")
def download(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The descriptor in the Open Data Product Standard."""
    product = catalog.get_product(tx, slug)
    viewer.permit("product:read", access.about_product(product))
    lake = catalog.lake_of(viewer.parts)
    text = odps.export_odps(tx, lake, product.slug, viewer.parts.settings.public_url)
    headers = {"content-disposition": f'attachment; filename="{product.slug}.odps.yaml"', "cache-control": "no-store"}
    return Response(text, media_type="application/yaml", headers=headers)


@router.get("/products/{slug}/describe")
def show_describe(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The form for what is said of a product."""
    product = _editable(viewer, tx, slug)
    said = odps.said_of(tx, product.slug)
    people = names(tx, [said.owner, said.steward])
    values: dict[str, object] = {name: getattr(said, name) for name in TEXTS}
    values |= {name: people[getattr(said, name)] for name in ("owner", "steward") if getattr(said, name)}
    values |= {"tags": ", ".join(said.tags)}
    values |= {name: _plain(getattr(said.targets, name)) for name in NUMBERS}
    return _form_page(viewer, product, Form.filled(values))


@router.post("/products/{slug}/describe")
def describe(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Write it, from the fields or from a file of the Open Data Product Standard."""
    product, form = _editable(viewer, tx, slug), Form.of(data)
    sent = upload(data, "file")
    try:
        with tx.begin_nested():
            if sent is not None:
                odps.import_odps(tx, viewer.actor, product.slug, _text_of(viewer, sent.file.read(DOCUMENT_BYTES + 1)))
            else:
                odps.edit(tx, viewer.actor, product.slug, _said(viewer, form, odps.said_of(tx, product.slug)))
    except HeadwayError as error:
        if sent is not None:
            form.faults |= {f"file-{at}": fault.message for at, fault in enumerate(error.faults[:20])}
        return _form_page(viewer, product, form.take(error), status=error.status)
    return viewer.go(f"/products/{product.slug}?show=about", viewer.gettext("Written"))


@router.post("/products/{slug}/deprecate")
def deprecate(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Give a version, or the product, a last day."""
    product, form = _editable(viewer, tx, slug), Form.of(data)
    with tx.begin_nested():
        changes.end_version(
            tx,
            viewer.actor,
            viewer.parts.subjects,
            product.slug,
            ends_on=day_of(viewer, form.text("ends_on"), "ends_on"),
            reason=form.text("reason"),
            version=form.maybe("version"),
            successor=form.maybe("successor"),
        )
    return viewer.go(f"/products/{product.slug}?show=about", viewer.gettext("Its readers are warned from now on"))


@router.post("/products/{slug}/reinstate")
def reinstate(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take a deprecation back."""
    product, form = _editable(viewer, tx, slug), Form.of(data)
    with tx.begin_nested():
        versions.reinstate(tx, viewer.actor, product.slug, reason=form.text("reason"), version=form.maybe("version"))
    return viewer.go(f"/products/{product.slug}?show=about", viewer.gettext("It goes on"))


def of_product(viewer: Viewer, session: Session, product: catalog.DataProduct) -> dict[str, Any]:
    """What the product's own page tells of it."""
    found = odps.describe(session, catalog.lake_of(viewer.parts), product.slug)
    follows = viewer.may("data:follow", access.followed(product))
    consumers = changes.consumers_of(session, viewer.parts.subjects, product.slug) if follows else ()
    known = versions.list_versions(session, product.slug)
    people = [found.owner, found.said.steward, *(who for one in consumers for who in one.people)]
    return {
        "descriptor": found,
        "versions": known,
        "is_whole_ended": _is_whole(session, product),
        "consumers": consumers,
        "follows": follows,
        "may_change": viewer.may("product:update", access.about_product(product)),
        "states": STATES,
        "level_states": LEVEL_STATES,
        "level_names": LEVEL_NAMES,
        "about_people": names(session, people),
        "usual_end": (clock.now().date() + USUAL).isoformat(),
        "today": clock.now().date(),
    }


def _is_whole(session: Session, product: catalog.DataProduct) -> bool:
    """Whether it is the product, not one version, that ends."""
    found = versions.deprecation_of(session, product)
    return found is not None and not found.version


def _editable(viewer: Viewer, session: Session, slug: str) -> catalog.DataProduct:
    product = catalog.get_product(session, slug)
    viewer.permit("product:update", access.about_product(product))
    return product


def _form_page(viewer: Viewer, product: catalog.DataProduct, form: Form, status: int = 200) -> Response:
    return viewer.page(
        "products/describe.html",
        status=status,
        title=viewer.gettext("Describe %(product)s", product=product.name),
        crumbs=[(viewer.gettext("Data products"), "/products"), (product.name, f"/products/{product.slug}?show=about")],
        product=product,
        form=form,
        classifications=[(one, one) for one in changes.CLASSIFICATIONS],
        types=[(one, one) for one in ("sourceAligned", "aggregate", "consumerAligned")],
    )


def _said(viewer: Viewer, form: Form, known: Said) -> Said:
    """What the fields say; support channels and what an imported file held beside it stay."""
    tags = tuple(dict.fromkeys(one.strip() for one in form.text("tags").split(",") if one.strip()))
    numbers = {name: _number(viewer, form, name) for name in NUMBERS}
    return replace(
        known,
        owner=form.maybe("owner"),
        steward=form.maybe("steward"),
        domain=form.maybe("domain"),
        purpose=form.maybe("purpose"),
        limitations=form.maybe("limitations"),
        usage=form.maybe("usage"),
        type=form.maybe("type"),
        classification=form.maybe("classification"),
        tags=tags,
        targets=Targets(**numbers),
    )


def _number(viewer: Viewer, form: Form, name: str) -> float | None:
    text = form.maybe(name)
    try:
        return float(text.replace(",", ".")) if text else None
    except ValueError as error:
        message = viewer.gettext("Write a number")
        raise Invalid(message, faults=[Fault(rule="odps.level", column=name, value=text, message=message)]) from error


def _plain(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"


def _text_of(viewer: Viewer, data: bytes) -> str:
    if len(data) > DOCUMENT_BYTES:
        raise Invalid(viewer.gettext("A descriptor has at most 1 MB"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(viewer.gettext("A descriptor is a text in UTF-8")) from error
