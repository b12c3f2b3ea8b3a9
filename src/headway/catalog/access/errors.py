"""What can go wrong with access to data products. No message here names a file, a hidden column or another product."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Invalid, NotFound, TooLarge


class AccessUnknown(NotFound):
    """There is no request or grant of this id."""

    code = "catalog.access_unknown"


class AccessInvalid(Invalid):
    """A request or an answer does not say what it must; every fault is told."""

    code = "catalog.access_invalid"


class AccessClosed(Conflict):
    """The request was answered, the grant is over, or the same was asked before."""

    code = "catalog.access_closed"


class StatementRefused(Invalid):
    """The SQL is not one SELECT of what is allowed; the faults tell the place."""

    code = "catalog.statement_refused"


class NotReadable(NotFound):
    """A table of the statement is no product that one may read; whether it exists is not told."""

    code = "catalog.not_readable"


class StatementFailed(Invalid):
    """The statement fits the rules and not the data: an unknown column, types that do not go together."""

    code = "catalog.statement_failed"


class StatementTooLarge(TooLarge):
    """The statement took more time or memory than it may."""

    code = "catalog.statement_too_large"


class PolicyBroken(Conflict):
    """What the grant hides cannot be hidden any more as it was written, so nothing is read."""

    code = "catalog.policy_broken"
