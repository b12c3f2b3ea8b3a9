"""What can be done about the snapshots of a product: list them, set how they are kept, compact, give up what is old."""

from headway.catalog.keeping.service.caring import due_products, mark_cared
from headway.catalog.keeping.service.compacting import compact
from headway.catalog.keeping.service.expiring import expire
from headway.catalog.keeping.service.listing import get_retention, list_kept, set_retention

__all__ = [
    "compact",
    "due_products",
    "expire",
    "get_retention",
    "list_kept",
    "mark_cared",
    "set_retention",
]
