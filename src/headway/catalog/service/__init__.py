"""What can be done with data products: register files, check contracts, read snapshots, reports and faults."""

from headway.catalog.service.checking import bad_rows, check_contract, check_file
from headway.catalog.service.contracting import diff_contracts, infer_contract, lint_contract
from headway.catalog.service.history import read_history
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
    snapshot_as_of,
)
from headway.catalog.service.refusing import refusal_of
from headway.catalog.service.registering import BACKGROUND_BYTES, register_product, slug_of
from headway.catalog.service.uploading import (
    find_upload,
    forget_due_uploads,
    forget_upload,
    get_upload,
    keep_upload,
    preview_file,
    read_file,
    use_upload,
)

__all__ = [
    "BACKGROUND_BYTES",
    "bad_rows",
    "check_contract",
    "check_file",
    "contract_of",
    "diff_contracts",
    "export_faults",
    "faults",
    "find_products",
    "find_upload",
    "forget_due_uploads",
    "forget_upload",
    "get_product",
    "get_snapshot",
    "get_upload",
    "infer_contract",
    "keep_upload",
    "lint_contract",
    "list_products",
    "list_snapshots",
    "preview_file",
    "quality_of",
    "read_file",
    "read_history",
    "read_snapshot",
    "refusal_of",
    "register_product",
    "sample",
    "slug_of",
    "snapshot_as_of",
    "use_upload",
]
