"""The catalog: data products with their contracts, snapshots in the lake, and quality reports.

A file comes in, a contract is inferred or checked, the rows become an Iceberg snapshot, every bad row is named.
"""

from headway.catalog.adapters.lake import Lake, LakeSnapshot, lake_of
from headway.catalog.adapters.newest import Newest, Term
from headway.catalog.contract import Column, columns_of, contract_digest, roles_of, to_yaml
from headway.catalog.entities import (
    DataProduct,
    FaultPage,
    Kind,
    ProductSnapshot,
    QualityReport,
    Registration,
    Roles,
    RuleResult,
    Sample,
)
from headway.catalog.errors import (
    ColumnsDiffer,
    InvalidContract,
    LakeBusy,
    UnknownColumn,
    UnknownProduct,
    UnknownTable,
    UnreadableFile,
)
from headway.catalog.jobs import REGISTER, register_job
from headway.catalog.service import (
    check_file,
    contract_of,
    export_faults,
    faults,
    find_products,
    forget_upload,
    get_product,
    get_snapshot,
    list_products,
    list_snapshots,
    quality_of,
    read_snapshot,
    register_product,
    sample,
    slug_of,
)

__all__ = [
    "REGISTER",
    "Column",
    "ColumnsDiffer",
    "DataProduct",
    "FaultPage",
    "InvalidContract",
    "Kind",
    "Lake",
    "LakeBusy",
    "LakeSnapshot",
    "Newest",
    "ProductSnapshot",
    "QualityReport",
    "Registration",
    "Roles",
    "RuleResult",
    "Sample",
    "Term",
    "UnknownColumn",
    "UnknownProduct",
    "UnknownTable",
    "UnreadableFile",
    "check_file",
    "columns_of",
    "contract_digest",
    "contract_of",
    "export_faults",
    "faults",
    "find_products",
    "forget_upload",
    "get_product",
    "get_snapshot",
    "lake_of",
    "list_products",
    "list_snapshots",
    "quality_of",
    "read_snapshot",
    "register_job",
    "register_product",
    "roles_of",
    "sample",
    "slug_of",
    "to_yaml",
]
