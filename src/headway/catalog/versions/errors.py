"""What can go wrong with versions."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Invalid, NotFound


class VersionRetired(NotFound):
    """The version was read until its last day, which is over; the hint names what takes its place."""

    code, status = "catalog.version_retired", 410


class VersionUnknown(NotFound):
    """The product has no such version, or no rows were registered under it, or a grant does not reach back to it."""

    code = "catalog.version_unknown"


class DeprecationInvalid(Invalid):
    """A deprecation does not say what it must; every fault is told."""

    code = "catalog.deprecation_invalid"


class NotDeprecated(Conflict):
    """There is no deprecation to take back."""

    code = "catalog.not_deprecated"
