"""What can be done with input ports: add, test, list, run, remove."""

from headway.catalog.connectors.service.keeping import (
    add_port,
    change_rhythm,
    get_port,
    list_ports,
    list_runs,
    place_of,
    refuse_upload,
    remove_port,
)
from headway.catalog.connectors.service.reading import peek, read_source
from headway.catalog.connectors.service.running import note_failure, run_due, settle_runs, start_run, take_in

__all__ = [
    "add_port",
    "change_rhythm",
    "get_port",
    "list_ports",
    "list_runs",
    "note_failure",
    "peek",
    "place_of",
    "read_source",
    "refuse_upload",
    "remove_port",
    "run_due",
    "settle_runs",
    "start_run",
    "take_in",
]
