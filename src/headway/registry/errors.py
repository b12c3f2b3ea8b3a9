"""What can go wrong while training, registering and releasing."""

from __future__ import annotations

from headway.kernel.errors import Conflict, HeadwayError, Invalid, NotFound


class BadLabel(Invalid):
    """The label column cannot be learnt from."""

    code = "registry.bad_label"


class NothingToLearn(Invalid):
    """No usable feature, or a slice of the data without both answers."""

    code = "registry.nothing_to_learn"


class BadPolicy(Invalid):
    """The decision policy of a training spec makes no sense."""

    code = "registry.bad_policy"


class ParityFailed(HeadwayError):
    """Headway's engine and the library that trained the model disagree; the model cannot be packed."""

    code = "registry.parity_failed"


class UnknownModel(NotFound):
    """No model or version of that name."""

    code = "registry.unknown_model"


class UnknownRun(NotFound):
    """No training run of that id."""

    code = "registry.unknown_run"


class UnknownRelease(NotFound):
    """No release of that id."""

    code = "registry.unknown_release"


class ReleaseState(Conflict):
    """The release is not in the state that this step needs."""

    code = "registry.release_state"
