"""What can go wrong with repairs."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Invalid, NotFound


class NothingChosen(Invalid):
    """No suggestion fits what was chosen, or cells were named that are not suggested."""

    code = "catalog.nothing_chosen"


class LabelInvalid(Invalid):
    """Labels name rows or columns that are not there; the faults list all."""

    code = "catalog.label_invalid"


class ActUnknown(NotFound):
    """There is no such act on repairs."""

    code = "catalog.act_unknown"


class CannotUndo(Conflict):
    """An act cannot be taken back: it changed nothing, was taken back, or the product has changed since."""

    code = "catalog.cannot_undo"


class SnapshotMoved(Conflict):
    """Suggestions were chosen of a snapshot that is not the current one any more."""

    code = "catalog.snapshot_moved"


class NotLookedThrough(Conflict):
    """A large snapshot was not looked through for errors yet."""

    code = "catalog.not_looked_through"
