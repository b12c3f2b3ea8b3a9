"""Why somebody may, or may not, do something: asked of the rules themselves, with what would help."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import identity
from headway.entrypoints.pages import access_words, govern
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.viewer import CurrentViewer, Viewer
from headway.identity import CedarAuthorizer, Explanation
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Scalar
from headway.kernel.subjects import Subject
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
SOMEBODY_ELSE = "person:somebody-else"
ENVIRONMENTS = ("sandbox", "pilot", "production")


@router.get("/access")
def show_access(
    *,
    viewer: CurrentViewer,
    tx: Tx,
    action: str = "",
    resource: str = "",
    department: str = "",
    environment: str = "",
    person: str = "",
) -> Response:
    """Answer one question about access, and show what one may do at all."""
    asked = {"action": action, "resource": resource, "department": department, "environment": environment}
    form = Form.filled({**asked, "person": "" if person == viewer.actor.ref else person})
    whom = _whom(viewer, tx, person, form)
    own = {"owner": whom}
    tree = identity.list_departments(tx)
    answer = None
    if action and not form.faults:
        answer = _explain(viewer, tx, whom, form)
    may_all = viewer.may("access:read", Resource(kind="person", id=whom.partition(":")[2], attributes=own))
    access = identity.effective_access(tx, whom) if may_all else None
    return viewer.page(
        "access/access.html",
        title=viewer.gettext("Access"),
        form=form,
        answer=answer,
        access=access_words.told(access, tree) if access else None,
        name=access.name if access else viewer.actor.name,
        is_own=whom == viewer.actor.ref,
        groups=access_words.GROUPS,
        words=access_words.WORDS,
        roles=access_words.ROLES,
        departments=[(one.slug, one.name) for one in tree if one.slug != identity.ROOT],
        environments=[(name, viewer.gettext(govern.ENVIRONMENTS[name])) for name in ENVIRONMENTS],
        may_ask_for_others=viewer.may("role:read", Resource(kind="person", id="any")),
    )


def _whom(viewer: Viewer, tx: Session, text: str, form: Form) -> str:
    """The person asked about: by reference, mail address or name; oneself when nobody is named."""
    if not text.strip() or text.strip() == viewer.actor.ref:
        return viewer.actor.ref
    viewer.permit("role:read", Resource(kind="person", id=text))
    found = identity.find_person(tx, text)
    if found is None:
        form.faults["person"] = viewer.gettext("Nobody active has this name or mail address alone")
        return viewer.actor.ref
    return found.ref


def _explain(viewer: Viewer, tx: Session, whom: str, form: Form) -> Explanation:
    """Ask about the very thing when it is named and known, else about any, such as somebody else asked for."""
    kind, _, id_ = form.text("resource").partition(":")
    attributes: dict[str, Scalar] = {"environment": form.maybe("environment"), "requested_by": SOMEBODY_ELSE}
    known = _known(viewer, tx, form.text("resource"))
    thing = Resource(
        kind=kind or form.text("action").partition(":")[0],
        id=id_ or "any",
        department=form.maybe("department") or (known.department if known else None),
        attributes=known.resource.attributes if known else attributes,
    )
    actor = viewer.actor if whom == viewer.actor.ref else identity.get_actor(tx, whom)
    return CedarAuthorizer(viewer.parts.database).explain(actor, form.text("action"), thing)


def _known(viewer: Viewer, tx: Session, resource: str) -> Subject | None:
    """The thing that a reference names; None when it names none."""
    if ":" not in resource:
        return None
    try:
        return viewer.parts.subjects.describe(tx, resource)
    except HeadwayError:
        return None
