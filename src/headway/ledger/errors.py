"""What can go wrong with the ledger."""

from __future__ import annotations

from headway.kernel.errors import Conflict, NotFound


class EventNotFound(NotFound):
    """No event has this id."""

    code = "ledger.event_not_found"


class CheckpointNotFound(NotFound):
    """The log has no such checkpoint, or none at all yet."""

    code = "ledger.checkpoint_not_found"


class NotYetSequenced(Conflict):
    """The event is recorded and waits for the next checkpoint."""

    code = "ledger.not_yet_sequenced"


class NotErasable(Conflict):
    """The payload was not recorded as personal data."""

    code = "ledger.not_erasable"


class LedgerBroken(Conflict):
    """What is stored is not what was signed; nothing more is signed until a person has looked."""

    code = "ledger.broken"
