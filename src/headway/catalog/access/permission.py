"""What the rules are asked about when rows are read and when requests are followed or answered."""

from __future__ import annotations

from collections.abc import Callable

from headway.catalog.access.entities import DataAccess
from headway.catalog.entities import DataProduct
from headway.kernel.auth import Actor, Authorizer, Resource

MayRead = Callable[[DataProduct, DataAccess | None], bool]
"""Whether who asks may read a product by a grant that counts, or without one."""


def reading_of(actor: Actor, product: DataProduct, held: DataAccess | None) -> Resource:
    """Describe the reading of rows: the owner is who holds a grant, the asker who registered the product."""
    return Resource(
        kind="data",
        id=product.slug,
        department=product.department,
        attributes={
            "owner": actor.ref if held else "",
            "requested_by": product.registered_by,
            "steward": product.steward,
        },
    )


def asking_of(actor: Actor, slug: str) -> Resource:
    """Describe the asking for data: it is done from a department in which the asker holds a role."""
    places = sorted(grant.department or "" for grant in actor.roles)
    return Resource(kind="data", id=slug, department=(places[0] or None) if places else None)


def readable_by(authorizer: Authorizer, actor: Actor) -> MayRead:
    """Tell of products whether an actor may read their rows."""
    return lambda product, held: authorizer.allows(actor, "data:query", reading_of(actor, product, held))


def asked_about(found: DataAccess, product: DataProduct) -> Resource:
    """Describe a request or grant that is read, answered or withdrawn."""
    return Resource(
        kind="data",
        id=found.id,
        department=product.department,
        attributes={"owner": found.grantee, "requested_by": found.requested_by, "steward": product.steward},
    )


def followed(product: DataProduct) -> Resource:
    """Describe the following of a product's requests, grants and readings."""
    return Resource(
        kind="data", id=product.slug, department=product.department, attributes={"steward": product.steward}
    )


def about_product(product: DataProduct) -> Resource:
    """Describe a product that is read or changed; its steward is who looks after it beside the owner."""
    return Resource(
        kind="product", id=product.slug, department=product.department, attributes={"steward": product.steward}
    )
