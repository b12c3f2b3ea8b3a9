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
    """Who opened an incident does not close it; who stopped a deployment does not lift that."""

    code = "incidents.same_person"


class ActionsOpen(Conflict):
    """Corrective actions of the incident are not ended, so that its containment is not lifted."""

    code = "incidents.actions_open"


class UnknownNotice(NotFound):
    """The incident has no such draft of a notification."""

    code = "incidents.notice_unknown"


class NoticeSent(Conflict):
    """It was noted as sent already, and stays so."""

    code = "incidents.notice_sent"


class NothingToTell(Conflict):
    """The clock asks for something to be done, and for nobody to be told."""

    code = "incidents.nothing_to_tell"


class UnknownClock(NotFound):
    """The incident has no such clock."""

    code = "incidents.clock_unknown"


class ClocksInvalid(Invalid):
    """The file of clocks is not understood; every fault is named."""

    code = "incidents.clocks_invalid"


class ClocksPublished(Conflict):
    """This version was published with another content; a change needs another version."""

    code = "incidents.clocks_published"
