"""Errors of incidents."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Denied, Invalid, NotFound


class UnknownIncident(NotFound):
    """No incident has this id."""

    code = "incidents.unknown"


class IncidentInvalid(Invalid):
    """What is told of an incident cannot be so; every fault is named."""

    code = "incidents.invalid"


class WrongState(Conflict):
    """Where the incident stands does not allow this now."""

    code = "incidents.state"


class SamePerson(Denied):
    """Who opened an incident does not close it."""

    code = "incidents.same_person"


class UnknownClock(NotFound):
    """The incident has no such clock."""

    code = "incidents.clock_unknown"


class ClocksInvalid(Invalid):
    """The file of clocks is not understood; every fault is named."""

    code = "incidents.clocks_invalid"


class ClocksPublished(Conflict):
    """This version was published with another content; a change needs another version."""

    code = "incidents.clocks_published"
