"""A browser without a screen: the whole application, somebody signed in, forms filled in as they stand on the page."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx
from fastapi import FastAPI

from headway import catalog, identity
from headway.entrypoints.http import create_app
from headway.entrypoints.pages.viewer import SESSION_COOKIE
from headway.entrypoints.subjects import EverySubject
from headway.identity import Role
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.asgi import AppTransport

PASSWORD = "correct horse battery"
HOST = "http://headway.test"


def application(parts: Parts) -> FastAPI:
    """The whole application with the real rules and real sign-in."""
    authorizer = identity.CedarAuthorizer(parts.database)
    subjects = EverySubject(authorizer, parts.jobs, lambda: catalog.lake_of(parts))
    return create_app(replace(parts, authorizer=authorizer, authenticate=identity.authenticate, subjects=subjects))


class Browser:
    """Somebody at a browser. ``get`` follows redirects; ``send`` fills in a form of the page shown last."""

    def __init__(self, app: FastAPI, *, language: str = "en") -> None:
        headers = {"accept": "text/html", "accept-language": language, "sec-fetch-site": "same-origin"}
        self.http = httpx.Client(transport=AppTransport(app), base_url=HOST, headers=headers, follow_redirects=True)
        self.shown: httpx.Response | None = None
        self.actor: Actor | None = None

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        self.shown = self.http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        return self.shown

    def text(self, path: str) -> str:
        """The text of a page as people read it."""
        return text_of(self.get(path).text)

    def send(self, action: str, *, files: Any = None, **values: Any) -> httpx.Response:
        """Send the form of the page shown last that goes to ``action``: its fields as they are, but for ``values``."""
        assert self.shown is not None, "open a page first"
        fields = form_of(self.shown.text, action)
        fields.update({name: value for name, value in values.items() if value is not None})
        headers = {"referer": str(self.shown.url), "origin": HOST}
        self.shown = self.http.post(action, data=fields, files=files, headers=headers)
        return self.shown


def visitor(parts: Parts, *, language: str = "en") -> Browser:
    """Somebody who is not signed in."""
    return Browser(application(parts), language=language)


def signed_in(
    parts: Parts, name: str, *roles: tuple[Role, str | None], app: FastAPI | None = None, language: str = "en"
) -> Browser:
    """A person who has joined with these roles, with their session in the browser; the password is PASSWORD."""
    email = f"{name.lower().replace(' ', '.')}@example.org"
    with parts.database.session() as session:
        identity.setup_home(session)
        owner = Actor(ref="person:local", name="Local owner")
        invitation = identity.add_person(session, owner, name=name, email=email)
        secret = identity.join(session, code=invitation.code, password=PASSWORD).secret
        for role, department in roles:
            if department is not None:
                identity.ensure_department(session, owner, department)
            identity.grant_role(
                session, owner, principal=Ref.parse(invitation.person.ref), role=role, department=department
            )
        actor = identity.get_actor(session, invitation.person.ref)
    browser = Browser(app or application(parts), language=language)
    browser.http.cookies.set(SESSION_COOKIE, secret, domain="headway.test")
    browser.actor = actor
    return browser


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, Any]]] = []
        self.methods: list[str] = []
        self._select: str | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        name = known.get("name") or ""
        if tag == "form":
            self.forms.append((known.get("action") or "", {}))
            self.methods.append((known.get("method") or "get").lower())
        if not self.forms:
            return
        fields = self.forms[-1][1]
        if tag == "input" and name and known.get("type") not in ("file", "submit"):
            if known.get("type") not in ("checkbox", "radio") or "checked" in known:
                fields[name] = known.get("value") or ""
        elif tag == "select":
            self._select = name if "multiple" not in known else None
        elif tag == "option" and self._select:
            # As a browser does: the first option counts when none is selected.
            if "selected" in known or self._select not in fields:
                fields[self._select] = known.get("value") or ""
        elif tag == "textarea":
            self._area, fields[name] = name, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1][1][self._area] += data


def form_of(page: str, action: str) -> dict[str, Any]:
    """The fields of the first form of a page that goes to ``action``."""
    reader = _Forms()
    reader.feed(page)
    for target, fields in reader.forms:
        if target == action:
            return dict(fields)
    raise AssertionError(f"no form goes to {action}; there are {[target for target, _ in reader.forms]}")


def changes_of(page: str) -> dict[str, dict[str, Any]]:
    """The forms of a page that change something: where each goes, with the fields of the first that goes there."""
    reader = _Forms()
    reader.feed(page)
    found: dict[str, dict[str, Any]] = {}
    for (target, fields), method in zip(reader.forms, reader.methods, strict=True):
        if method == "post":
            found.setdefault(target, fields)
    return found


def text_of(page: str) -> str:
    """The words of a page in one line, without markup."""
    body = re.sub(r"<(script|style|dialog)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
