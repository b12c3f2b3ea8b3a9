"""The simulator: a company of any size from a spec and a seed, streamed to files, with everything true of it kept beside.

It knows no database, no service and no network; nobody but the entry points imports it.
"""

from headway.demo.adapters import Company, Format, Written, generate, northwind, northwind_text, read_file, spec_of
from headway.demo.errors import FolderTaken, FolderUnwritable, SpecInvalid
from headway.demo.reading import read_spec
from headway.demo.spec import Department, Event, EventKind, LeadModel, RecordModel, Region, Spec, Spoiling

__all__ = [
    "Company",
    "Department",
    "Event",
    "EventKind",
    "FolderTaken",
    "FolderUnwritable",
    "Format",
    "LeadModel",
    "RecordModel",
    "Region",
    "Spec",
    "SpecInvalid",
    "Spoiling",
    "Written",
    "generate",
    "northwind",
    "northwind_text",
    "read_file",
    "read_spec",
    "spec_of",
]
