"""Looking after products on schedule: once a day each, where there is something to do."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from headway.catalog.keeping import store
from headway.kernel import clock

EVERY: Final = timedelta(days=1)


def due_products(session: Session) -> list[str]:
    """Products that nobody looked after for a day and whose lake may have grown."""
    return store.to_care_for(session, clock.now() - EVERY)


def mark_cared(session: Session, products: Collection[str]) -> None:
    """Note that products are looked after now."""
    store.mark_cared(session, products, clock.now())
