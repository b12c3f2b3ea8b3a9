"""What can go wrong with rows that were set aside."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Invalid, NotFound


class BatchUnknown(NotFound):
    """There is no batch of this id in the product's quarantine."""

    code = "catalog.batch_unknown"


class BatchSuperseded(Conflict):
    """Another file has become the product's table since; rows of this batch would be mixed with those of another."""

    code = "catalog.batch_superseded"


class StillBroken(Conflict):
    """A batch that was refused as a whole enters as a whole: no row of it may break the contract."""

    code = "catalog.still_broken"


class MendInvalid(Invalid):
    """What is to be changed, dismissed or set cannot be; every fault is told."""

    code = "catalog.mend_invalid"
