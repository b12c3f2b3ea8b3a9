"""Registering a file as a data product, or as the next snapshot of one."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile

from headway import catalog
from headway.catalog import connectors
from headway.entrypoints.pages import words
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.pilot_start import department_choices, size_in_words
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel import ids
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.receiving import received, sent_name
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
CONTRACT_BYTES = 4_000_000
MODES = {
    "replace": N_("It is the whole table"),
    "append": N_("Its rows come after those there are"),
    "upsert": N_("Its rows go over those with the same key, new keys come after"),
}
"""How the next file is put to the rows of a product."""


@router.get("/products/new")
def show_new(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The form: for a new product, or for the next snapshot of one."""
    if not viewer.may_somewhere("product:register"):
        viewer.permit("product:register", Resource(kind="product", id="new"))
    slug = request.query_params.get("product")
    if not slug:
        return _page(viewer, tx, Form())
    product = catalog.get_product(tx, slug)
    return _page(
        viewer,
        tx,
        Form.filled(
            {"product": product.slug, "name": product.name, "department": product.department, "mode": "replace"}
        ),
    )


@router.post("/products/new")
def register(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Register the file; a large one by a job."""
    form, sent = Form.of(data), upload(data, "file")
    form.require(("name", "department"), viewer.gettext("This is needed"))
    if sent is None:
        form.faults["file"] = viewer.gettext("Choose a file")
    contract = _contract(viewer, form, upload(data, "contract"))
    if sent is None or form.faults:
        return _page(viewer, tx, form, status=422)
    try:
        department = ids.slug(form.text("department"))
        slug = catalog.slug_of(department, form.text("name"))
    except Invalid:
        form.faults["name"] = viewer.gettext("Use letters and digits")
        return _page(viewer, tx, form, status=422)
    viewer.permit("product:register", Resource(kind="product", id=slug, department=department))
    mode = form.text("mode") if form.text("mode") in MODES else "replace"
    options = {"department": department, "name": form.text("name"), "contract_text": contract, "mode": mode}
    try:
        connectors.refuse_upload(tx, slug)
        with received(sent.file, viewer.parts.settings.max_upload_bytes) as source, tx.begin_nested():
            return _register(viewer, tx, source, sent_name(sent.filename), options)
    except HeadwayError as error:
        form.faults["file"] = error.message
        form.faults |= {f"file-{at}": fault.message for at, fault in enumerate(error.faults[1:12])}
        form.hint = error.hint
        return _page(viewer, tx, form, status=error.status)


def _register(
    viewer: Viewer, session: Session, source: Path, filename: str, options: dict[str, str | None]
) -> Response:
    parts = viewer.parts
    if source.stat().st_size > catalog.BACKGROUND_BYTES:
        upload = catalog.keep_upload(
            session,
            viewer.actor,
            parts.storage,
            source=source,
            filename=filename,
            department=str(options["department"]),
        )
        payload = {"key": upload.file_key, "filename": filename, "options": options}
        job = parts.jobs.enqueue(session, catalog.REGISTER, payload, actor=viewer.actor)
        return viewer.go(f"/jobs/{job}", viewer.gettext("The file is large: a job registers it"))
    made = catalog.register_product(
        session,
        viewer.actor,
        parts.storage,
        catalog.lake_of(parts),
        source=source,
        filename=filename,
        department=str(options["department"]),
        name=str(options["name"]),
        contract_text=options["contract_text"],
        mode=cast(catalog.FileMode, options["mode"]),
    )
    if catalog.refusal_of(made):
        told = viewer.gettext("Refused: rows break the contract, and the port lets no bad rows in. They are kept here")
        return viewer.go(f"/products/{made.product.slug}/quarantine", told)
    if not made.created:
        return viewer.go(f"/products/{made.product.slug}", viewer.gettext("This very file was registered before"))
    with words.speaking(viewer.looks.language):
        rows = words.number(made.snapshot.rows)
    return viewer.go(f"/products/{made.product.slug}", viewer.gettext("Registered: %(rows)s rows", rows=rows))


def _contract(viewer: Viewer, form: Form, sent: UploadFile | None) -> str | None:
    if sent is None:
        return None
    content = sent.file.read(CONTRACT_BYTES + 1)
    if len(content) > CONTRACT_BYTES:
        form.faults["contract"] = viewer.gettext("A contract has at most 4 MB")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        form.faults["contract"] = viewer.gettext("A contract is a text in UTF-8")
        return None


def _page(viewer: Viewer, session: Session, form: Form, *, status: int = 200) -> Response:
    return viewer.page(
        "products/new.html",
        status=status,
        title=viewer.gettext("Register a file"),
        crumbs=[(viewer.gettext("Data products"), "/products")],
        form=form,
        departments=department_choices(viewer, session, "product:register"),
        modes=[(mode, viewer.gettext(word)) for mode, word in MODES.items()],
        largest=size_in_words(viewer.parts.settings.max_upload_bytes),
    )
