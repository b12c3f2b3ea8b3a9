"""Tells an item from ledger entries alone: who said what, in which order, and what came of it. Knows no table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the ledger about an item."""

    type: str
    actor: str
    payload: Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Told:
    """An item as the ledger tells it. ``dissent``: votes against what was decided, with their reasons."""

    item: str
    body: str
    lane: str
    usecase: str
    requested_by: str
    opened_at: str
    closes_at: str
    state: str
    rules: Mapping[str, Any]
    approval: str | None = None
    recusals: dict[str, str] = field(default_factory=dict)
    reviews: dict[str, tuple[str, bool, str]] = field(default_factory=dict)
    votes: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)
    conditions: dict[str, dict[str, Any]] = field(default_factory=dict)
    decided_at: str | None = None
    decided_by: str | None = None
    meeting: str | None = None
    why: tuple[str, ...] = ()
    dissent: tuple[tuple[str, str], ...] = ()
    lines: list[str] = field(default_factory=list)


ENDS = ("council.approved", "council.rejected", "council.lapsed")
BEGINS = ("council.opened", "council.decided_by_rules")


def retell(entries: Iterable[Entry]) -> Told | None:
    """Retell an item. Args: entries: all about it, oldest first. Returns: None when none of them begins it."""
    told: Told | None = None
    for entry in entries:
        if entry.type in BEGINS:
            told = _begun(entry)
        elif told is not None and entry.type in _STEPS:
            _STEPS[entry.type](told, entry)
        elif told is not None and entry.type in ENDS:
            _ended(told, entry)
    return told


def _begun(entry: Entry) -> Told:
    said = entry.payload
    told = Told(
        item=said["item"],
        body=said["body"],
        lane=said["lane"],
        usecase=said["usecase"],
        requested_by=said["requested_by"],
        opened_at=said["opened_at"],
        closes_at=said["closes_at"],
        state=said["state"],
        rules=said["rules"],
        approval=said["approval"],
        recusals=dict(said.get("recused", {})),
        decided_at=said["decided_at"],
        decided_by=said["decided_by"],
        why=tuple(said["why"]),
    )
    told.lines.append(f"{told.opened_at} {told.requested_by} asked; {'; '.join(told.why)}")
    return told


def _recused(told: Told, entry: Entry) -> None:
    told.recusals[entry.payload["person"]] = entry.payload["reason"]
    told.lines.append(f"{entry.payload['at']} {entry.payload['person']} takes no part: {entry.payload['reason']}")


def _reviewed(told: Told, entry: Entry) -> None:
    said = entry.payload
    told.reviews[said["part"]] = (entry.actor, said["supports"], said["reason"])
    what = "supports it" if said["supports"] else "does not support it"
    told.lines.append(f"{said['at']} {entry.actor} reviewed as {said['part']} and {what}: {said['reason']}")


def _voted(told: Told, entry: Entry) -> None:
    said = entry.payload
    told.votes[said["seat"]] = (entry.actor, said["capacity"], said["choice"], said["reason"])
    where = f" in {said['meeting']}" if said.get("meeting") else ""
    line = f"{entry.actor} voted {said['choice']} for {said['seat']} as {said['capacity']}{where}: {said['reason']}"
    told.lines.append(f"{said['at']} {line}")


def _proposed(told: Told, entry: Entry) -> None:
    said = entry.payload
    kept = {"text": said["text"], "owner": said["owner"], "days": said["days"]}
    told.conditions[said["condition"]] = kept | {"due_at": None, "met_by": None, "accepted_by": None}
    told.lines.append(f"{said['at']} {entry.actor} proposed a condition: {said['text']}")


def _met(told: Told, entry: Entry) -> None:
    told.conditions[entry.payload["condition"]]["met_by"] = entry.actor
    told.lines.append(f"{entry.payload['at']} {entry.actor} says {entry.payload['condition']} is met")


def _accepted(told: Told, entry: Entry) -> None:
    told.conditions[entry.payload["condition"]]["accepted_by"] = entry.actor
    told.lines.append(f"{entry.payload['at']} {entry.actor} accepted {entry.payload['condition']} as met")


def _returned(told: Told, entry: Entry) -> None:
    told.conditions[entry.payload["condition"]]["met_by"] = None
    told.lines.append(f"{entry.payload['at']} {entry.actor} did not accept {entry.payload['condition']}")


def _given(told: Told, entry: Entry) -> None:
    said = entry.payload
    told.conditions[said["condition"]]["owner"] = said["owner"]
    line = f"{entry.actor} gave {said['condition']} from {said['before']} to {said['owner']}: {said['reason']}"
    told.lines.append(f"{said['at']} {line}")


def _escalated(told: Told, entry: Entry) -> None:
    told.state, told.why = "escalated", tuple(entry.payload["why"])
    told.lines.append(f"{told.closes_at} escalated: {'; '.join(told.why)}")


def _extended(told: Told, entry: Entry) -> None:
    told.state, told.closes_at = "open", entry.payload["closes_at"]
    told.why = (entry.payload["reason"],)
    told.lines.append(f"{entry.actor} gave it time until {told.closes_at}: {entry.payload['reason']}")


def _ended(told: Told, entry: Entry) -> None:
    said = entry.payload
    told.state, told.decided_at, told.decided_by = said["state"], said["decided_at"], said["decided_by"]
    told.why, told.meeting = tuple(said["why"]), said.get("meeting")
    for name, due in said["due"].items():
        told.conditions[name]["due_at"] = due
    against = {"approved": "no", "rejected": "yes"}.get(told.state)
    told.dissent = tuple((person, why) for person, _, choice, why in told.votes.values() if choice == against)
    told.lines.append(f"{told.decided_at} {told.state}: {'; '.join(told.why)}")


_STEPS = {
    "council.recused": _recused,
    "council.reviewed": _reviewed,
    "council.voted": _voted,
    "council.condition_proposed": _proposed,
    "council.condition_met": _met,
    "council.condition_accepted": _accepted,
    "council.condition_returned": _returned,
    "council.condition_given": _given,
    "council.escalated": _escalated,
    "council.extended": _extended,
}
