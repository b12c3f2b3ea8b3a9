"""What every data product of the organisation must reach at least, by how critical it is; contracts may only tighten it."""

from headway.catalog.minima.entities import Criticality, MinimaVersion, Minimum, ProductMinimum, Shortfall
from headway.catalog.minima.errors import MinimaInvalid
from headway.catalog.minima.service import (
    lacking,
    list_minima,
    need_no_loosening,
    of_product,
    set_criticality,
    set_minima,
)

__all__ = [
    "Criticality",
    "MinimaInvalid",
    "MinimaVersion",
    "Minimum",
    "ProductMinimum",
    "Shortfall",
    "lacking",
    "list_minima",
    "need_no_loosening",
    "of_product",
    "set_criticality",
    "set_minima",
]
