"""Versions of data products: what is in force, what ends and when, what may still be read.

A version is that of the contract. It ends on a day that its owner sets; until then readers are warned, afterwards refused.
"""

from headway.catalog.versions.entities import Deprecation, ProductVersion, VersionState
from headway.catalog.versions.errors import DeprecationInvalid, NotDeprecated, VersionRetired, VersionUnknown
from headway.catalog.versions.service import (
    at_version,
    deprecate,
    deprecation_of,
    list_versions,
    need_unretired,
    promised_snapshots,
    reinstate,
    supersede,
    warning,
    was_current_after,
)

__all__ = [
    "Deprecation",
    "DeprecationInvalid",
    "NotDeprecated",
    "ProductVersion",
    "VersionRetired",
    "VersionState",
    "VersionUnknown",
    "at_version",
    "deprecate",
    "deprecation_of",
    "list_versions",
    "need_unretired",
    "promised_snapshots",
    "reinstate",
    "supersede",
    "warning",
    "was_current_after",
]
