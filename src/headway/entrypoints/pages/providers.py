"""Identity providers of the organisation: seen, added, tried out, removed."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import identity
from headway.entrypoints.pages.access_words import ROLES
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.identity import GroupRole, ProviderCheck, ProviderConfig, Role
from headway.kernel.auth import Resource
from headway.kernel.errors import Fault, HeadwayError, Invalid
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)


@router.get("/settings/sign-in")
def show_providers(viewer: CurrentViewer, tx: Tx) -> Response:
    """The identity providers that people sign in with."""
    viewer.permit("provider:read", _provider("any"))
    return list_page(viewer, tx)


def list_page(viewer: Viewer, tx: Session, *, tried: str = "", checks: tuple[ProviderCheck, ...] = ()) -> Response:
    """The list of providers; below the one that was tried what came of it."""
    return viewer.page(
        "settings/providers.html",
        title=viewer.gettext("Sign-in of the organisation"),
        crumbs=[(viewer.gettext("Settings"), "/settings")],
        providers=identity.list_providers(tx),
        tried=tried,
        checks=checks,
        callback=f"{viewer.parts.settings.outside_url}/sign-in/oidc/",
        may_manage=viewer.may("provider:manage", _provider("new")),
    )


@router.get("/settings/sign-in/new")
def show_new_provider(viewer: CurrentViewer) -> Response:
    """The form for a provider."""
    viewer.permit("provider:manage", _provider("new"))
    filled = {"scopes": "openid profile email", "groups_claim": "groups", "creates_people": "true"}
    return _new_page(viewer, Form.filled(filled))


@router.post("/settings/sign-in/new")
def add_provider(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Add a provider."""
    form = Form.of(data)
    viewer.permit("provider:manage", _provider(form.text("id") or "new"))
    try:
        with tx.begin_nested():
            made = identity.add_provider(tx, viewer.actor, config_of(form))
    except HeadwayError as error:
        return _new_page(viewer, form.take(error), status=error.status)
    return viewer.go("/settings/sign-in", viewer.gettext("%(name)s is added; try it out now", name=made.label))


@router.post("/settings/sign-in/{provider_id}/test")
def try_provider(provider_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Look at what a sign-in with a provider needs."""
    viewer.permit("provider:manage", _provider(provider_id))
    checks = identity.try_provider(identity.get_provider(tx, provider_id), viewer.parts.settings)
    return list_page(viewer, tx, tried=provider_id, checks=checks)


@router.post("/settings/sign-in/{provider_id}/remove")
def remove_provider(provider_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Remove a provider, the roles it gave and the sessions opened with it."""
    viewer.permit("provider:manage", _provider(provider_id))
    gone = identity.remove_provider(tx, viewer.actor, provider_id)
    return viewer.go("/settings/sign-in", viewer.gettext("%(name)s is removed", name=gone.label))


def config_of(form: Form) -> ProviderConfig:
    """Read a provider from a form; raises Invalid."""
    return ProviderConfig(
        id=form.text("id"),
        label=form.text("label"),
        issuer=form.text("issuer"),
        client_id=form.text("client_id"),
        secret_name=form.maybe("secret_name"),
        scopes=tuple(form.text("scopes").split()),
        groups_claim=form.text("groups_claim"),
        group_roles=tuple(_group_role(line) for line in form.text("group_roles").splitlines() if line.strip()),
        creates_people=form.is_on("creates_people"),
        mail_domains=tuple(form.text("mail_domains").replace(",", " ").lower().split()),
        trusts_mail=form.is_on("trusts_mail"),
    )


def _group_role(line: str) -> GroupRole:
    """Read ``group = role`` or ``group = role in department``."""
    group, _, rest = line.rpartition("=")
    role, _, department = rest.strip().partition(" in ")
    if not group.strip() or role.strip() not in ROLES:
        message = f"{line.strip()!r} is not understood: write group = role, or group = role in department"
        raise Invalid(message, faults=[Fault(rule="provider", column="group_roles", value=line, message=message)])
    return GroupRole(group=group.strip(), role=Role(role.strip()), department=department.strip() or None)


def _provider(provider_id: str) -> Resource:
    return Resource(kind="provider", id=provider_id)


def _new_page(viewer: Viewer, form: Form, status: int = 200) -> Response:
    crumbs = [
        (viewer.gettext("Settings"), "/settings"),
        (viewer.gettext("Sign-in of the organisation"), "/settings/sign-in"),
    ]
    title = viewer.gettext("Add an identity provider")
    callback = f"{viewer.parts.settings.outside_url}/sign-in/oidc/"
    return viewer.page(
        "settings/provider.html", status=status, title=title, crumbs=crumbs, form=form, roles=Role, callback=callback
    )
