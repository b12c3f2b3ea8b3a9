"""Builders for mandates: a sponsor, a programme of a department, a mandate that is signed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from headway import identity
from headway.governance import mandates
from headway.governance.mandates import Mandate
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.crypto import Signer
from tests.factories.governance import ANA

SIGNER = Signer(Ed25519PrivateKey.generate())
SAID: dict[str, Any] = {
    "purpose": "Win more deals with less cold calling",
    "budget_minor": 25_000_000,
    "currency": "EUR",
    "people": 3.5,
}


def person(session: Session, name: str) -> Actor:
    """Somebody with an account and no role."""
    email = f"{name.lower().replace(' ', '.')}@example.org"
    made = identity.add_person(session, ANA, name=name, email=email).person
    return Actor(ref=made.ref, name=made.name)


def programme(session: Session, sponsor: Actor, *departments: str, slug: str = "growth") -> None:
    """A programme of some departments, which are made where they are not there."""
    for place in departments:
        identity.ensure_department(session, ANA, place)
    mandates.open_programme(
        session, ANA, slug=slug, title=slug.title(), sponsor=sponsor.ref, departments=list(departments)
    )


def drafted(session: Session, slug: str = "growth", *, days: int = 200, **changed: Any) -> Mandate:
    """A draft that begins today."""
    today = clock.now().date()
    values = {**SAID, "valid_from": today, "valid_until": today + timedelta(days=days), **changed}
    return mandates.draft_mandate(session, ANA, slug, **values)


def signed(session: Session, sponsor: Actor, slug: str = "growth", *, days: int = 200, **changed: Any) -> Mandate:
    """A mandate in force."""
    found = drafted(session, slug, days=days, **changed)
    return mandates.sign_mandate(session, SIGNER, sponsor, found.id, digest=found.digest)


def day(text: str) -> date:
    """A day."""
    return date.fromisoformat(text)
