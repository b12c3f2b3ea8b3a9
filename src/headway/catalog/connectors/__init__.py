"""Input ports: where the rows of a data product come from, and how they are read again.

A run reads a source into a file, all ports' rows become the product's next snapshot through the one registering service,
and where nothing is new nothing is changed. Hosts are those the operator listed, files those of the department's folder.
"""

from headway.catalog.connectors.entities import (
    KINDS,
    InputPort,
    Part,
    Peek,
    PortKind,
    PortRun,
    RefusedFile,
    RunState,
    StartedRun,
)
from headway.catalog.connectors.errors import (
    PortBusy,
    PortInvalid,
    PortsFeed,
    PortTaken,
    PortUnknown,
    SourceFailed,
    SourceRefused,
)
from headway.catalog.connectors.jobs import port_job
from headway.catalog.connectors.service import (
    add_port,
    change_rhythm,
    get_port,
    list_ports,
    list_runs,
    peek,
    place_of,
    refuse_upload,
    remove_port,
    run_due,
    settle_runs,
    start_run,
)
from headway.catalog.connectors.service.running import READ
from headway.catalog.connectors.specs import FIELDS

__all__ = [
    "FIELDS",
    "KINDS",
    "READ",
    "InputPort",
    "Part",
    "Peek",
    "PortBusy",
    "PortInvalid",
    "PortKind",
    "PortRun",
    "PortTaken",
    "PortUnknown",
    "PortsFeed",
    "RefusedFile",
    "RunState",
    "SourceFailed",
    "SourceRefused",
    "StartedRun",
    "add_port",
    "change_rhythm",
    "get_port",
    "list_ports",
    "list_runs",
    "peek",
    "place_of",
    "port_job",
    "refuse_upload",
    "remove_port",
    "run_due",
    "settle_runs",
    "start_run",
]
