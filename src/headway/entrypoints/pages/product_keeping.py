"""How snapshots of a product are kept: what the product's page tells of it, and its forms."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import catalog
from headway.catalog import keeping
from headway.catalog.repairs import Data
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
SHOWN = 100
MODES = {
    "replace": N_("whole file"),
    "append": N_("added at the end"),
    "upsert": N_("put over by key"),
    "repair": N_("repairs"),
    "undo": N_("repairs taken back"),
}
KEPT_BECAUSE = {
    "current": N_("current"),
    "tag": N_("a training run"),
    "evidence": N_("evidence"),
    "grant": N_("read through a grant"),
    "version": N_("a version that is read until its last day"),
    "repair": N_("repairs that can be taken back"),
}


@router.post("/products/{slug}/retention")
def set_retention(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say how long snapshots are kept; an empty field is the default."""
    _permit(viewer, tx, slug)
    form = Form.of(data)
    try:
        with tx.begin_nested():
            numbers = {name: _number(viewer, form, name) for name in ("keep_days", "keep_last", "most_files")}
            keeping.set_retention(tx, viewer.actor, slug, **numbers)
    except HeadwayError as error:
        return viewer.go(_back(slug), error.message)
    return viewer.go(_back(slug), viewer.gettext("Kept so from now on"))


@router.post("/products/{slug}/compact")
def compact(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Put the files of the current snapshot together."""
    _permit(viewer, tx, slug)
    done = keeping.compact(_data(viewer, tx), viewer.actor, slug, most_files=1)
    if not done.is_done:
        return viewer.go(_back(slug), viewer.gettext("There is one file already"))
    words = viewer.gettext("%(before)s files became %(after)s", before=done.files_before, after=done.files_after)
    return viewer.go(_back(slug), words)


@router.post("/products/{slug}/expire")
def expire(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Give up what the retention does not keep."""
    _permit(viewer, tx, slug)
    done = keeping.expire(_data(viewer, tx), viewer.actor, slug)
    words = viewer.gettext("%(count)s snapshots given up, %(kept)s kept", count=len(done.expired), kept=done.kept)
    return viewer.go(_back(slug), words)


def of_product(viewer: Viewer, tx: Session, product: catalog.DataProduct) -> dict[str, Any]:
    """What the product's own page tells of its snapshots."""
    found = keeping.list_kept(tx, catalog.lake_of(viewer.parts), product.slug, limit=SHOWN)
    kept = found.retention
    return {
        "kept": found,
        "modes": MODES,
        "kept_because": KEPT_BECAUSE,
        "retention_form": Form.filled(
            {"keep_days": kept.keep_days, "keep_last": kept.keep_last, "most_files": kept.most_files}
        ),
        "may_keep": viewer.may("product:update", _resource(product)),
    }


def _number(viewer: Viewer, form: Form, name: str) -> int | None:
    text = form.text(name)
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(viewer.gettext("Write a whole number"))
    return int(text) if text else None


def _permit(viewer: Viewer, tx: Session, slug: str) -> None:
    viewer.permit("product:update", _resource(catalog.get_product(tx, slug)))


def _resource(product: catalog.DataProduct) -> Resource:
    return Resource(kind="product", id=product.slug, department=product.department)


def _back(slug: str) -> str:
    return f"/products/{slug}?show=snapshots"


def _data(viewer: Viewer, tx: Session) -> Data:
    return Data(tx, viewer.parts.storage, catalog.lake_of(viewer.parts))
