"""The inbox, and how one likes to be told: by inbox, mail or webhook, at once or once a day, and when not."""

from __future__ import annotations

from zoneinfo import available_timezones

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from headway import collaboration
from headway.collaboration import Channels, Notification, Pace, Preferences, Topic
from headway.entrypoints.pages import links, words
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
SHOWN = 50
BOXES = ("unread", "all", "archived")
TOPICS = {
    Topic.mention: N_("Somebody mentions you"),
    Topic.comment: N_("Somebody comments on what you watch"),
    Topic.approval: N_("You are asked to approve"),
    Topic.answer: N_("What you asked for is approved or refused"),
    Topic.job: N_("A job of yours ends"),
    Topic.task: N_("A task of yours is given, due or late"),
    Topic.change: N_("Something you watch or answer for changes"),
}
PACES = {Pace.now: N_("at once"), Pace.digest: N_("once a day"), Pace.never: N_("never")}


@router.get("/inbox")
def show_inbox(viewer: CurrentViewer, tx: Tx, box: str = "unread", cursor: str | None = None) -> Response:
    """What one was told, newest first."""
    viewer.permit("inbox:read", _own(viewer))
    box = box if box in BOXES else "unread"
    found = collaboration.list_inbox(
        tx, viewer.actor, unread=box == "unread", archived=box == "archived", limit=SHOWN, cursor=cursor
    )
    return viewer.page(
        "inbox/list.html",
        title=viewer.gettext("Inbox"),
        box=box,
        rows=[(one, _told(viewer, one), _place(one)) for one in found.items],
        following=found.next,
        unread=collaboration.count_unread(tx, viewer.actor),
    )


@router.get("/inbox/count")
def show_count(viewer: CurrentViewer, tx: Tx) -> Response:
    """How much is unread, for the navigation; empty when nothing is."""
    unread = collaboration.count_unread(tx, viewer.actor)
    label = viewer.gettext("%(count)s unread", count=unread)
    body = f'{unread}<span class="visually-hidden"> {label}</span>' if unread else ""
    return HTMLResponse(body, headers={"cache-control": "no-store"})


@router.post("/inbox/read")
def mark_all_read(viewer: CurrentViewer, tx: Tx) -> Response:
    """Mark everything as read."""
    viewer.permit("inbox:update", _own(viewer))
    collaboration.mark_all_read(tx, viewer.actor)
    return viewer.go("/inbox", viewer.gettext("Everything is marked as read"))


@router.post("/inbox/{notification_id}/{act}")
def mark(notification_id: str, act: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Open what one was told about, or put it away."""
    viewer.permit("inbox:update", _own(viewer))
    changes = {
        "open": {"read": True},
        "unread": {"read": False},
        "archive": {"read": True, "archived": True},
        "restore": {"archived": False},
    }
    if act not in changes:
        raise Invalid(f"nothing is known of {act!r}", hint=", ".join(changes))
    found = collaboration.mark_notification(tx, viewer.actor, notification_id, **changes[act])
    return viewer.go(_place(found) if act == "open" else f"/inbox?box={Form.of(data).text('box') or 'unread'}")


@router.get("/settings/notifications")
def show_preferences(viewer: CurrentViewer, tx: Tx) -> Response:
    """How one likes to be told."""
    viewer.permit("inbox:read", _own(viewer))
    return _preferences_page(viewer, tx, _filled(collaboration.get_preferences(tx, viewer.actor)))


@router.post("/settings/notifications")
def change_preferences(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Change how one likes to be told."""
    viewer.permit("inbox:update", _own(viewer))
    form = Form.of(data)
    try:
        with tx.begin_nested():
            collaboration.change_preferences(
                tx,
                viewer.actor,
                changes={
                    "time_zone": form.text("time_zone"),
                    "quiet_from": form.maybe("quiet_from"),
                    "quiet_until": form.maybe("quiet_until"),
                    "digest_at": form.text("digest_at"),
                    "language": form.text("language"),
                },
                channels={topic: _wanted(form, topic) for topic in Topic},
            )
    except HeadwayError as error:
        return _preferences_page(viewer, tx, form.take(error), status=error.status)
    return viewer.go("/settings/notifications", viewer.gettext("Saved"))


@router.post("/settings/notifications/webhooks")
def add_webhook(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Add an address that notifications are posted to; its secret is shown this once."""
    viewer.permit("inbox:update", _own(viewer))
    form = Form.of(data)
    here = viewer.parts
    filled = _filled(collaboration.get_preferences(tx, viewer.actor))
    try:
        with tx.begin_nested():
            made = collaboration.add_webhook(
                tx,
                here.signer,
                viewer.actor,
                url=form.text("url"),
                owner=viewer.actor.ref,
                allowed=here.settings.webhook_hosts,
            )
    except HeadwayError as error:
        told = Form({**filled.values, "url": [form.text("url")]})
        return _preferences_page(viewer, tx, told.take(error), status=error.status)
    return _preferences_page(viewer, tx, filled, secret=made.secret)


@router.post("/settings/notifications/webhooks/{webhook_id}/remove")
def remove_webhook(webhook_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Post to an address no more."""
    found = collaboration.get_webhook(tx, webhook_id)
    viewer.permit("inbox:update", Resource(kind="webhook", id=found.id, attributes={"owner": found.owner}))
    collaboration.remove_webhook(tx, viewer.actor, webhook_id)
    return viewer.go("/settings/notifications", viewer.gettext("Removed"))


def _wanted(form: Form, topic: Topic) -> Channels:
    def pace(channel: str) -> Pace:
        text = form.text(f"{topic}_{channel}")
        return Pace(text) if text in set(Pace) else Pace.never

    return Channels(inbox=form.is_on(f"{topic}_inbox"), email=pace("email"), webhook=pace("webhook"))


def _filled(known: Preferences) -> Form:
    values: dict[str, object] = {
        "time_zone": known.time_zone,
        "quiet_from": known.quiet_from,
        "quiet_until": known.quiet_until,
        "digest_at": known.digest_at,
        "language": known.language,
    }
    for topic, channels in known.channels.items():
        values[f"{topic}_inbox"] = "true" if channels.inbox else None
        values[f"{topic}_email"], values[f"{topic}_webhook"] = channels.email.value, channels.webhook.value
    return Form.filled(values)


def _preferences_page(viewer: Viewer, tx: Session, form: Form, *, status: int = 200, secret: str = "") -> Response:
    return viewer.page(
        "inbox/preferences.html",
        title=viewer.gettext("Notifications"),
        status=status,
        crumbs=[(viewer.gettext("Settings"), "/settings")],
        form=form,
        topics=TOPICS,
        paces=PACES,
        zones=sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC"),
        has_mail=collaboration.has_mail(viewer.parts.settings),
        webhooks=collaboration.list_webhooks(tx, viewer.actor.ref),
        secret=secret,
    )


def _own(viewer: Viewer) -> Resource:
    return Resource(kind="inbox", id="mine", attributes={"owner": viewer.actor.ref})


def _told(viewer: Viewer, one: Notification) -> str:
    with words.speaking(viewer.looks.language):
        return collaboration.fill(one.message, one.values, words.gettext)


def _place(one: Notification) -> str:
    return links.href(one.subject) or "/inbox"
