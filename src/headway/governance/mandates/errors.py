"""Errors about programmes, mandates, risk appetite and decision rights."""

from __future__ import annotations

from headway.governance.errors import GateRefused
from headway.kernel.errors import Conflict, Denied, Invalid, NotFound


class ProgrammeUnknown(NotFound):
    """No programme has this name."""

    code = "governance.programme_unknown"


class ProgrammeTaken(Conflict):
    """A programme of this name exists, or another one names the department."""

    code = "governance.programme_taken"


class MandateUnknown(NotFound):
    """No mandate has this id."""

    code = "governance.mandate_unknown"


class MandateInvalid(Invalid):
    """A programme or mandate does not say enough, or not what it must."""

    code = "governance.mandate_invalid"


class MandateClosed(Conflict):
    """The mandate was signed, withdrawn, is over, or no longer says what its programme is."""

    code = "governance.mandate_closed"


class NotTheSponsor(Denied):
    """A mandate is signed by the sponsor whom it names, and by nobody else."""

    code = "governance.not_the_sponsor"


class IntakeClosed(GateRefused):
    """The department belongs to a programme without a mandate in force: nothing new is taken in there."""

    code = "governance.intake_closed"


class AppetiteUnknown(NotFound):
    """There is no such version of the risk appetite."""

    code = "governance.appetite_unknown"


class AppetiteInvalid(Invalid):
    """A limit, or an estimate of what is at stake, is not what it must be."""

    code = "governance.appetite_invalid"


class AppetiteClosed(Conflict):
    """The version was confirmed before, or a later one was."""

    code = "governance.appetite_closed"


class RightsUnknown(NotFound):
    """There is no such version of the decision-rights matrix."""

    code = "governance.rights_unknown"


class RightsInvalid(Invalid):
    """A row of the decision-rights matrix is not what it must be; every fault is told."""

    code = "governance.rights_invalid"


class RightsClosed(Conflict):
    """The version was confirmed before, or a later one was."""

    code = "governance.rights_closed"


class StepUnheld(GateRefused):
    """The decision-rights matrix gives a step to nobody who is here, so what would wait for it is not begun."""

    code = "governance.step_unheld"
