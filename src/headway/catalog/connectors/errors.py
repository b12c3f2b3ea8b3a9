"""What can go wrong with input ports. No message here holds a secret."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Invalid, NotFound


class PortUnknown(NotFound):
    """The product has no input port of this name."""

    code = "catalog.port_unknown"


class PortInvalid(Invalid):
    """The settings of an input port are wrong; the faults list all of it."""

    code = "catalog.port_invalid"


class PortTaken(Conflict):
    """The product has an input port of this name already."""

    code = "catalog.port_taken"


class PortBusy(Conflict):
    """The input port is being read."""

    code = "catalog.port_busy"


class PortsFeed(Conflict):
    """The rows of the product come from its input ports, so that an uploaded file would be replaced by the next run."""

    code = "catalog.ports_feed"


class SourceRefused(Invalid):
    """The source lies where input ports may not reach."""

    code = "catalog.source_refused"


class SourceFailed(Invalid):
    """The source could not be read, or holds nothing that can be read; nothing was kept."""

    code = "catalog.source_failed"
