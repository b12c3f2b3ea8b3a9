"""Pages about one's own: access and why, tokens shown once, settings; and the identity providers of the organisation."""

from __future__ import annotations

import re

import pytest

from headway import identity
from headway.entrypoints.pages.navigation import AREAS
from headway.entrypoints.pages.words import catalog
from headway.identity import Role
from headway.kernel.errors import Unauthenticated
from headway.kernel.web import Parts
from tests.factories.pages import PASSWORD, application, signed_in, text_of, visitor

OFFICE = (Role.ai_office, None)


def test_a_refusal_leads_to_its_reason(parts: Parts) -> None:
    sam = signed_in(parts, "Sam", (Role.employee, "sales"))
    refused = sam.get("/people/new")
    assert refused.status_code == 403
    link = re.search(r'href="(/access\?[^"]+)"', refused.text)
    assert link is not None
    told = sam.text(link.group(1).replace("&amp;", "&"))
    assert "Sam may not do this" in told
    assert "How to get access" in told
    assert "granted by them" in told
    assert "Sam may do this" in sam.text("/access?action=usecase:open&department=sales")
    assert "What you may do" in sam.text("/access")


def test_who_may_see_roles_may_ask_for_others(parts: Parts) -> None:
    app = application(parts)
    office, eve = signed_in(parts, "Ada", OFFICE, app=app), signed_in(parts, "Eve", app=app)
    signed_in(parts, "Sam", (Role.data_scientist, "sales"), app=app)
    assert "Sam may not do this" in office.text("/access?action=release:approve&department=sales&person=Sam")
    allowed = "/access?action=release:approve&department=sales&environment=sandbox&person=sam@example.org"
    assert "data-scientists-use-the-sandbox" in office.text(allowed)
    grace = signed_in(parts, "Grace", (Role.council, None), app=app)
    assert "Grace may do this" in grace.text("/access?action=release:approve&department=sales")
    assert "Nobody active has this name" in office.text("/access?action=usecase:open&person=nobody")
    assert eve.get("/access?action=usecase:open&person=Sam").status_code == 403
    assert eve.get("/access").status_code == 200


def test_a_token_is_made_shown_once_used_and_revoked(parts: Parts) -> None:
    sam = signed_in(parts, "Sam", (Role.employee, "sales"))
    assert "No tokens yet" in sam.text("/tokens")
    sam.get("/tokens/new")
    assert sam.send("/tokens/new", name=" ").status_code == 422
    shown = sam.send("/tokens/new", name="notebook", scopes="usecase:read", days="30").text
    secret = re.search(r'data-copy="export HEADWAY_TOKEN=(hwy_[^"]+)"', shown)
    assert secret is not None
    with parts.database.session() as session:
        actor = identity.authenticate(session, secret.group(1))
        token = identity.find_token(session, secret.group(1))
    assert actor.scopes == {"usecase:read"}
    assert token.expires_at is not None
    listed = sam.get("/tokens").text
    assert secret.group(1) not in listed
    assert "notebook" in listed
    sam.send(f"/tokens/{token.id}/revoke")
    with parts.database.session() as session, pytest.raises(Unauthenticated):
        identity.authenticate(session, secret.group(1))
    assert "revoked" in sam.text("/tokens")


def test_tokens_of_services_are_for_those_who_hand_them_out(parts: Parts) -> None:
    app = application(parts)
    sam = signed_in(parts, "Sam", (Role.employee, "sales"), app=app)
    assert sam.get("/tokens?service=crm").status_code == 403
    sam.get("/tokens/new")
    assert sam.send("/tokens/new", name="crm", service="crm").status_code == 403
    office = signed_in(parts, "Ada", OFFICE, app=app)
    office.get("/tokens/new")
    assert "for service:crm" in office.send("/tokens/new", name="CRM", service="crm", scopes="decide").text
    assert "CRM" in office.text("/tokens?service=crm")


def test_language_and_theme_are_kept_for_the_browser(parts: Parts) -> None:
    sam = signed_in(parts, "Sam", (Role.employee, "sales"))
    sam.get("/settings")
    shown = sam.send("/settings/looks", language="de", theme="dark").text
    assert '<html lang="de"' in shown
    assert 'data-theme-choice="dark"' in shown


def test_every_page_of_the_navigation_speaks_german(parts: Parts) -> None:
    office = signed_in(parts, "Ada", OFFICE)
    office.get("/settings")
    office.send("/settings/looks", language="de")
    for area in AREAS:
        for entry in area.entries:
            answer = office.get(entry.path)
            assert answer.status_code == 200, entry.path
            shown = text_of(answer.text)
            assert "Was ist das, und wie geht es weiter?" in shown, entry.path
            assert "What is this, and what happens next?" not in shown, entry.path
            assert catalog("de").gettext(entry.name) in shown, entry.path
    assert "KI-Büro" in text_of(office.text("/tasks"))
    assert "Hilfe · Headway" in text_of(office.text("/help"))
    assert "Hier ist nichts · Headway" in text_of(office.get("/usecases/none").text)


def test_a_password_is_changed_and_other_sessions_end(parts: Parts) -> None:
    app = application(parts)
    sam = signed_in(parts, "Sam", (Role.employee, "sales"), app=app)
    other = visitor(parts)
    other.get("/sign-in")
    other.send("/sign-in", email="sam@example.org", password=PASSWORD)
    assert sam.text("/settings").count("this one") == 1
    new = "four unrelated words here"
    typed = {"old_password": "not it at all", "new_password": new, "again": new}
    assert "The two passwords differ" in sam.send("/settings/password", **{**typed, "again": "x"}).text
    assert "this is not your password" in sam.send("/settings/password", **typed).text
    done = sam.send("/settings/password", **{**typed, "old_password": PASSWORD})
    assert done.url.path == "/settings"
    assert other.get("/settings").url.path == "/sign-in"
    other.send("/sign-in", email="sam@example.org", password=new)
    assert other.get("/settings").status_code == 200
    sam.get("/settings")
    assert sam.actor is not None
    sam.send(f"/people/{sam.actor.ref.removeprefix('person:')}/sessions/end")
    assert other.get("/settings").url.path == "/sign-in"
    assert sam.get("/settings").status_code == 200


def test_identity_providers_are_added_and_removed_by_the_ai_office(parts: Parts) -> None:
    app = application(parts)
    office = signed_in(parts, "Ada", OFFICE, app=app)
    assert "No identity provider yet" in office.text("/settings/sign-in")
    office.get("/settings/sign-in/new")
    typed = {"id": "work", "label": "Work account", "issuer": "http://example.org", "client_id": "headway"}
    wrong = office.send("/settings/sign-in/new", **typed, group_roles="admins is ai_office")
    assert wrong.status_code == 422
    assert "is not understood" in wrong.text
    wrong = office.send("/settings/sign-in/new", **typed, group_roles="")
    assert "issuer is an https address" in wrong.text
    right = {**typed, "issuer": "https://example.org", "group_roles": "admins = ai_office\nsales staff = employee"}
    added = office.send("/settings/sign-in/new", **right)
    assert "/sign-in/oidc/work/back" in added.text
    with parts.database.session() as session:
        assert len(identity.get_provider(session, "work").group_roles) == 2
    assert "Sign in with Work account" in visitor(parts).text("/sign-in")
    office.get("/settings/sign-in")
    office.send("/settings/sign-in/work/remove")
    assert "No identity provider yet" in office.text("/settings/sign-in")
    sam = signed_in(parts, "Sam", (Role.employee, "sales"), app=app)
    assert sam.get("/settings/sign-in").status_code == 403
    assert "Sign-in of the organisation" not in sam.text("/settings")
