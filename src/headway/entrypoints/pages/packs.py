"""Packs brought and switched: an own pack is published, a pack is switched on or off, each after its impact could be seen."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import governance
from headway.entrypoints.pages import impact
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import PackInvalid, PublishedPack
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
DSSE = "application/vnd.dsse.envelope.v1+json"


def may_manage(viewer: Viewer) -> bool:
    """Whether somebody publishes and switches packs."""
    return viewer.may("policy:manage", _resource())


@router.get("/policies/new")
def ask_for_pack(viewer: CurrentViewer) -> Response:
    """The form for an own pack."""
    viewer.permit("policy:manage", _resource())
    return _new(viewer, Form.filled({}))


@router.post("/policies/new")
def publish_pack(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Publish an own pack."""
    viewer.permit("policy:manage", _resource())
    form, sent = Form.of(data), upload(data, "pack")
    if sent is None:
        form.faults["pack"] = viewer.gettext("Choose a file")
        return _new(viewer, form, 422)
    try:
        made = governance.publish_pack(tx, viewer.parts.signer, viewer.actor, impact.text_of(sent))
    except HeadwayError as error:
        told = "; ".join(fault.message for fault in error.faults) if isinstance(error, PackInvalid) else ""
        form.faults["pack"] = told or error.message
        return _new(viewer, form, error.status)
    return viewer.go(
        f"/policies/{made.id}/switch", viewer.gettext("Published and signed. It is off until you switch it on")
    )


def _new(viewer: Viewer, form: Form, status: int = 200) -> Response:
    return viewer.page(
        "policies/new.html",
        status=status,
        title=viewer.gettext("Publish a pack"),
        crumbs=[(viewer.gettext("Policies"), "/policies")],
        form=form,
    )


@router.get("/policies/{pack_id}/switch")
def ask_to_switch(pack_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The versions of a pack, which one is on, and the form to change that."""
    viewer.permit("policy:manage", _resource(pack_id))
    return _switch(viewer, tx, pack_id, Form.filled({}))


@router.post("/policies/{pack_id}/switch")
def switch_pack(pack_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Switch a pack on with a version, or off."""
    viewer.permit("policy:manage", _resource(pack_id))
    form = Form.of(data)
    version = form.text("version")
    is_on = version != "off"
    try:
        governance.switch_pack(
            tx,
            viewer.parts.signer,
            viewer.actor,
            pack_id,
            is_on=is_on,
            reason=form.text("reason"),
            version=version if is_on and version else None,
        )
    except HeadwayError as error:
        return _switch(viewer, tx, pack_id, form.take(error), error.status)
    return viewer.go("/policies", viewer.gettext("The pack is on") if is_on else viewer.gettext("The pack is off"))


@router.get("/policies/{pack_id}/envelope")
def give_envelope(pack_id: str, viewer: CurrentViewer, tx: Tx, digest: str | None = None) -> Response:
    """The signed envelope of a pack as a file, to check elsewhere."""
    viewer.permit("policy:read", _resource(pack_id))
    data = governance.pack_envelope(tx, viewer.parts.signer, pack_id, digest)
    headers = {"content-disposition": f'attachment; filename="{pack_id}.dsse.json"', "cache-control": "no-store"}
    return Response(data, media_type=DSSE, headers=headers)


def _switch(viewer: Viewer, tx: Session, pack_id: str, form: Form, status: int = 200) -> Response:
    versions = [one for one in governance.published_packs(tx) if one.id == pack_id]
    pack = governance.get_pack(tx, pack_id)
    on = next((one for one in versions if one.is_on), None)
    return viewer.page(
        "policies/switch.html",
        status=status,
        title=viewer.gettext("Switch %(title)s", title=pack.title),
        crumbs=[(viewer.gettext("Policies"), "/policies"), (pack.title, f"/policies/{pack_id}")],
        pack=pack,
        versions=versions,
        on=on,
        choices=_choices(viewer, versions, on),
        may_ask_impact=impact.may_ask(viewer),
        people=names(tx, [one.switched.by for one in versions if one.switched]),
        form=form,
    )


def _choices(viewer: Viewer, versions: list[PublishedPack], on: PublishedPack | None) -> list[tuple[str, str]]:
    found = [
        (one.version, viewer.gettext("on with version %(version)s", version=one.version))
        for one in versions
        if not one.is_on
    ]
    return [*found, ("off", viewer.gettext("off"))] if on is not None else found


def _resource(pack_id: str = "all") -> Resource:
    return Resource(kind="policy", id=pack_id)
