"""Two versions of a pack held beside each other: what came, what went, and what reads differently. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from headway.governance.entities import (
    ControlChange,
    ControlResult,
    FieldChange,
    Pack,
    PackChange,
    PackDiff,
    PackPart,
)

_PARTS: Mapping[PackPart, tuple[str, str]] = {
    "control": ("controls", "id"),
    "tier_rule": ("tier_rules", "id"),
    "fact": ("facts", "name"),
    "evidence_type": ("evidence_types", "name"),
}
_ABOUT = ("title", "note", "as_of")


def diff(old: Pack, new: Pack) -> PackDiff:
    """List what differs, part by part in the order of the new pack; what is gone comes last.

    The order of tier rules decides, so a rule that moved is told too.
    """
    changes = [*_about(old, new)]
    for part, (attribute, key) in _PARTS.items():
        changes += _part(part, getattr(old, attribute), getattr(new, attribute), key)
    return PackDiff(
        old=f"{old.id}@{old.version}",
        new=f"{new.id}@{new.version}",
        old_digest=old.digest,
        new_digest=new.digest,
        changes=tuple(changes),
    )


def _about(old: Pack, new: Pack) -> Iterator[PackChange]:
    changed = tuple(_field(name, getattr(old, name), getattr(new, name)) for name in _ABOUT)
    if found := tuple(one for one in changed if one.before != one.after):
        yield PackChange(part="pack", id=new.id, change="changed", fields=found)


def _part(part: PackPart, old: Sequence[Any], new: Sequence[Any], key: str) -> Iterator[PackChange]:
    before = {getattr(one, key): one for one in old}
    after = {getattr(one, key): one for one in new}
    common = [name for name in before if name in after]
    places = {name: place for place, name in enumerate(name for name in after if name in before)}
    for name, one in after.items():
        if name not in before:
            yield PackChange(part=part, id=name, change="added", fields=())
            continue
        found = [*_fields(before[name], one)]
        if part == "tier_rule" and places[name] != common.index(name):
            found.append(_field("place", common.index(name) + 1, places[name] + 1))
        if found:
            yield PackChange(part=part, id=name, change="changed", fields=tuple(found))
    for name in before:
        if name not in after:
            yield PackChange(part=part, id=name, change="removed", fields=())


def _fields(old: Any, new: Any) -> Iterator[FieldChange]:  # noqa: ANN401  any part of a pack, both of one class
    for one in fields(old):
        before, after = getattr(old, one.name), getattr(new, one.name)
        if before != after:
            yield _field(one.name, before, after)


def _field(name: str, before: object, after: object) -> FieldChange:
    return FieldChange(name=name, before=_said(before), after=_said(after))


def _said(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {kind}" for name, kind in value.items())
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def control_changes(before: Sequence[ControlResult], after: Sequence[ControlResult]) -> tuple[ControlChange, ...]:
    """List the controls that answer differently, are new, or are gone; by their id, whatever version asks them."""
    old, new = ({_name(one): one for one in side} for side in (before, after))
    names = [*new, *(name for name in old if name not in new)]
    found = []
    for name in names:
        was, will = old.get(name), new.get(name)
        if was is not None and will is not None and (was.status, was.enforce) == (will.status, will.enforce):
            continue
        shown = will or was
        if shown is None:
            continue
        found.append(
            ControlChange(
                id=shown.id,
                pack=name[0],
                title=shown.title,
                before=was.status if was else None,
                after=will.status if will else None,
                enforce_before=was.enforce if was else None,
                enforce_after=will.enforce if will else None,
                reason=will.reason if will else "the control is gone",
            )
        )
    return tuple(found)


def _name(control: ControlResult) -> tuple[str, str]:
    return control.pack.rpartition("@")[0], control.id
