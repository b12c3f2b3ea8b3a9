"""Which way a case goes: by rules alone, by one other person, or before the council. Category by tier, never a score."""

from __future__ import annotations

from typing import Final

from headway.governance.council.entities import OWNER, SEAT_ROLES, Lane
from headway.governance.entities import Tier
from headway.kernel.errors import Fault

MOST_SEATS = len(SEAT_ROLES)
HIGH_RISK_SEATS: Final = ("risk", "legal", "validator")
"""Nothing of high risk should be decided without their votes; an organisation may loosen it, and everybody sees that it did."""
MIN_TEXT, MAX_TEXT = 3, 2_000


def lane_of(tier: Tier, *, on_pattern: bool) -> tuple[Lane, tuple[str, ...]]:
    """Choose the lane, and say why.

    Args: on_pattern: it falls under an umbrella that a second person approved and that is in force.
    """
    if tier is Tier.minimal and on_pattern:
        return Lane.automatic, (
            "the tier is minimal",
            "it falls under an approved pattern that is in force",
            "so rules decide, and nobody has to be asked",
        )
    if tier in (Tier.minimal, Tier.transparency):
        return Lane.reviewer, (f"the tier is {tier.value}", "so one other person reviews and approves it")
    if tier is Tier.undecided:
        return Lane.council, ("the tier is undecided, which counts as high", "so the council decides")
    return Lane.council, (f"the tier is {tier.value}", "so the council decides")


def high_risk_lacks(*, required: tuple[str, ...], reviews: tuple[str, ...]) -> tuple[str, ...]:
    """Name whose part cases of high risk need and a body's rules do not ask for: votes of seats, the review of the owner."""
    return tuple([seat for seat in HIGH_RISK_SEATS if seat not in required] + ([] if OWNER in reviews else [OWNER]))


def body_faults(
    *,
    seats: tuple[str, ...],
    quorum: int,
    required: tuple[str, ...],
    reviews: tuple[str, ...],
    chair: str | None,
    days: int,
) -> list[Fault]:
    """Find everything that is wrong with the rules of a body."""
    found = []

    def fault(column: str, value: object, message: str) -> None:
        found.append(Fault(rule=f"council.{column}", column=column, value=str(value), message=message))

    for seat in seats:
        if seat not in SEAT_ROLES:
            fault("seats", seat, f"seats are {', '.join(SEAT_ROLES)}")
    if len(set(seats)) != len(seats) or not seats:
        fault("seats", seats, "name each seat once, and at least one")
    if not 2 <= quorum <= max(len(seats), 2):
        fault("quorum", quorum, f"the quorum is between 2 and the {len(seats)} seats")
    for seat in required:
        if seat not in seats:
            fault("required", seat, f"{seat} is required and is no seat of this council")
    for part in reviews:
        if part != OWNER and part not in seats:
            fault("reviews", part, f"{part} is to review and is no seat of this council")
    if chair is not None and chair not in seats:
        fault("chair", chair, f"the chair's seat {chair} is no seat of this council")
    if not 1 <= days <= 60:
        fault("days", days, "the time to vote is 1 to 60 days")
    return found


def text_fault(column: str, text: str) -> list[Fault]:
    """Find a text that says too little or too much."""
    if MIN_TEXT <= len(text.strip()) <= MAX_TEXT:
        return []
    message = f"{column.replace('_', ' ')}: write {MIN_TEXT} to {MAX_TEXT} characters"
    return [Fault(rule=f"council.{column}", column=column, message=message)]
