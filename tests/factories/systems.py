"""Builders for vendors and systems."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from headway import governance
from headway.governance import System, Vendor
from tests.factories.governance import ANA


def open_vendor(session: Session, slug: str = "acme", **changes: object) -> Vendor:
    """Write down a vendor."""
    told: dict[str, object] = {"name": slug.title(), "supplies": "scores", "contact": "Kim", "exit_plan": "by hand"}
    return governance.open_vendor(session, ANA, slug=slug, **(told | changes))  # type: ignore[arg-type]  # built from words


def open_system(
    session: Session,
    slug: str = "scorer",
    *,
    kind: str = "vendor_supplied",
    vendor: str | None = "acme",
    usecases: Sequence[str] = (),
) -> System:
    """Write down a system; from the vendor acme, unless said otherwise."""
    return governance.open_system(
        session, ANA, slug=slug, title=slug.title(), kind=kind, vendor=vendor, usecases=usecases
    )
