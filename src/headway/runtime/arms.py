"""Arms: which share of the subjects gets which release, the same subject always the same one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from headway.runtime.entities import Arm
from headway.runtime.errors import DeploymentMalformed

BUCKETS = 10_000


def bucket(salt: str, subject: str) -> int:
    """Deal a subject to one of 10,000 buckets: keyed BLAKE2b, uniform and independent from salt to salt."""
    hashed = hashlib.blake2b(subject.encode("utf-8", "surrogatepass"), key=salt.encode(), digest_size=8).digest()
    return int.from_bytes(hashed, "big") % BUCKETS


def bounds(arms: Sequence[Arm]) -> tuple[int, ...]:
    """The first bucket after each arm, in the order of the arms; raises DeploymentMalformed naming what is wrong."""
    if not arms:
        raise DeploymentMalformed("a deployment needs an arm")
    if len({arm.name for arm in arms}) != len(arms):
        raise DeploymentMalformed("two arms have the same name")
    ends, end = [], 0
    for arm in arms:
        size = round(arm.share * BUCKETS) if 0.0 <= arm.share <= 1.0 else -1
        if size < 0 or abs(size - arm.share * BUCKETS) > 1e-6:
            raise DeploymentMalformed(f"the share {arm.share} of arm {arm.name} is no multiple of 0.0001 from 0 to 1")
        end += size
        ends.append(end)
    if end != BUCKETS:
        raise DeploymentMalformed(f"the shares of the arms sum to {end / BUCKETS}, not to 1")
    return tuple(ends)


def choose_arm(salt: str, subject: str, arms: Sequence[Arm]) -> str:
    """Name the arm of a subject. Moving a share between neighbours leaves everyone else where they are."""
    place = bucket(salt, subject)
    return next(arm.name for arm, end in zip(arms, bounds(arms), strict=True) if place < end)


def check_salt(salt: str) -> None:
    """Raise DeploymentMalformed unless the salt has 1 to 64 bytes, which is what BLAKE2b takes as a key."""
    if not 1 <= len(salt.encode()) <= hashlib.blake2b.MAX_KEY_SIZE:
        raise DeploymentMalformed("the salt must have 1 to 64 bytes")
