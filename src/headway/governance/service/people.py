"""What only a person may do, since a service could hide who does it."""

from __future__ import annotations

from headway.kernel.auth import Actor
from headway.kernel.errors import Denied


def need_person(actor: Actor, what: str) -> None:
    """Raise Denied when no person acts; ``what`` completes "only a person can"."""
    if not actor.is_person:
        raise Denied(
            f"only a person can {what}; {actor.ref} is none",
            hint="sign in as a person",
            values={"rule": "governance.people_only"},
        )
