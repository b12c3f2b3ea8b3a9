"""What can go wrong with changes of contracts."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Denied, Invalid, NotFound


class ChangeUnknown(NotFound):
    """There is no change of a contract of this id."""

    code = "catalog.change_unknown"


class ChangeInvalid(Invalid):
    """A proposal or an answer does not say what it must; every fault is told."""

    code = "catalog.change_invalid"


class ChangeClosed(Conflict):
    """The change took effect, was withdrawn or answered, or another one of the product is open."""

    code = "catalog.change_closed"


class NotYourAnswer(Denied):
    """The answer is somebody else's."""

    code = "catalog.not_your_answer"
