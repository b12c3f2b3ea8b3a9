"""Descriptors of data products after the Open Data Product Standard (ODPS, Bitol): who, what for, ports, service levels."""

from headway.catalog.odps.entities import (
    Descriptor,
    InputPort,
    ManagementPort,
    OutputPort,
    Said,
    ServiceLevel,
    Targets,
)
from headway.catalog.odps.errors import DescriptorInvalid
from headway.catalog.odps.service import describe, edit, export_odps, import_odps, said_of

__all__ = [
    "Descriptor",
    "DescriptorInvalid",
    "InputPort",
    "ManagementPort",
    "OutputPort",
    "Said",
    "ServiceLevel",
    "Targets",
    "describe",
    "edit",
    "export_odps",
    "import_odps",
    "said_of",
]
