"""What can go wrong in serving, each with a stable code."""

from __future__ import annotations

from headway.governance import GateRefused
from headway.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class NoVerdict(GateRefused):
    """The release has no valid verdict for the environment."""

    code = "serving.no_verdict"


class NameTaken(Conflict):
    """Another use case uses this deployment name in the environment."""

    code = "serving.name_taken"


class WrongState(Conflict):
    """The deployment's state does not allow this."""

    code = "serving.wrong_state"


class UnknownDeployment(NotFound):
    """No deployment of this name lives in the environment."""

    code = "serving.unknown_deployment"


class UnknownGrant(NotFound):
    """No such grant."""

    code = "serving.unknown_grant"


class UnknownDecision(NotFound):
    """No decision of this id was taken in or waits in a sealed segment."""

    code = "serving.unknown_decision"


class OutcomesInvalid(Invalid):
    """A file of outcomes has rows that cannot be taken in; none was."""

    code = "serving.outcomes_invalid"


class KeptStopped(Conflict):
    """Something above serving, as an incident, keeps the deployment stopped; only who lifts that resumes it."""

    code = "serving.kept_stopped"


class RecordRefused(Invalid):
    """A node refused the record: it breaks the contract; ``faults`` name the fields."""

    code = "serving.record_refused"


class NodeRefused(Conflict):
    """A node was asked and does not decide; its words say why."""

    code = "serving.node_refused"


class NodeUnreachable(Unavailable):
    """No node of the environment answers, or none is known."""

    code = "serving.node_unreachable"
