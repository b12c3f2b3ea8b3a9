"""What can be done with data products: register files, check contracts, read snapshots, reports and faults."""

from headway.catalog.service.checking import check_file
from headway.catalog.service.reading import (
    contract_of,
    export_faults,
    faults,
    find_products,
    get_product,
    get_snapshot,
    list_products,
    list_snapshots,
    quality_of,
    read_snapshot,
    sample,
)
from headway.catalog.service.registering import forget_upload, register_product, slug_of

__all__ = [
    "check_file",
    "contract_of",
    "export_faults",
    "faults",
    "find_products",
    "forget_upload",
    "get_product",
    "get_snapshot",
    "list_products",
    "list_snapshots",
    "quality_of",
    "read_snapshot",
    "register_product",
    "sample",
    "slug_of",
]
