"""Who depends on a product: those who hold grants, models that learned from it, and where these are at work."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway.catalog import access
from headway.catalog.access import AccessState
from headway.catalog.changes.entities import Consumer, ConsumerKind
from headway.kernel.ids import Ref
from headway.kernel.subjects import Subjects

_MOST = 1000
_KINDS: dict[str, ConsumerKind] = {"model": "model", "deployment": "deployment"}


def consumers_of(session: Session, subjects: Subjects, product: str) -> tuple[Consumer, ...]:
    """Grants in force, then models and deployments; raises UnknownProduct.

    For a service that holds a grant the person answers who asked for it.
    """
    grants = tuple(
        Consumer(
            kind="grant",
            ref=f"data-access:{one.id}",
            title=one.purpose,
            usecase=None,
            people=(one.grantee if one.grantee.startswith("person:") else one.requested_by,),
        )
        for one in access.list_accesses(session, product, limit=_MOST).items
        if one.state is AccessState.granted
    )
    made = tuple(
        Consumer(
            kind=_KINDS[one.ref.partition(":")[0]], ref=one.ref, title=one.title, usecase=one.usecase, people=one.people
        )
        for one in subjects.readers(session, Ref("product", product))
    )
    return grants + made
