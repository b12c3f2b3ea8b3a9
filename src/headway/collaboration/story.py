"""From events to a story: which sentence, and field by field what an event changed.

Events say what became true, not always what was true before. The value before is what the latest earlier event of the
same family said about the field; without one nobody knows, and the story says so instead of guessing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headway.collaboration.entities import FieldChange
from headway.collaboration.words import ERASED, TELLINGS, UNKNOWN, Telling, fill, shown

Payload = Mapping[str, object]
_IN_SENTENCE = 120
_NOWHERE = "org"


@dataclass(frozen=True, slots=True)
class Told:
    """An event in words: the message, its values, the reason given and the fields changed."""

    message: str
    values: dict[str, str]
    why: str | None
    changes: tuple[FieldChange, ...]

    @property
    def sentence(self) -> str:
        """The message in English, filled."""
        return fill(self.message, self.values)


def telling_of(type_: str) -> Telling:
    """The words of a type; those of types nobody gave words say the type's name."""
    return TELLINGS.get(type_, Telling(UNKNOWN))


def tell(
    type_: str,
    payload: Payload | None,
    *,
    actor: str,
    subject: str,
    earlier: Sequence[Payload | None] = (),
    extra: Mapping[str, str] | None = None,
) -> Told:
    """Turn one event into words.

    Args: payload: None when it was erased; actor, subject: as people know them; earlier: payloads of the family,
    newest first, None where one was erased; extra: further values for the message.
    """
    telling = telling_of(type_)
    values = {"type": type_, "actor": actor, "subject": subject}
    if payload is None:
        return Told(ERASED, values, None, ())
    for name, value in payload.items():
        if name not in ("actor", "subject"):
            values[name] = _short(shown(value))
    if payload.get("department", "") is None:
        values["department"] = _NOWHERE
    why = payload.get(telling.why) if telling.why else None
    changes = changes_of(telling, payload, earlier)
    return Told(telling.message, {**values, **(extra or {})}, str(why) if why else None, changes)


def changes_of(telling: Telling, payload: Payload, earlier: Sequence[Payload | None]) -> tuple[FieldChange, ...]:
    """Tell field by field what an event changed; fields that stayed as they were are left out."""
    named = dict(telling.was)
    after = flat(payload)
    wanted = [name for name in after if _is_wanted(telling, name)]
    history = [None if one is None else flat(one) for one in earlier]
    changes = []
    for name in wanted:
        if name in named:
            before, is_known = payload.get(named[name]), True
        else:
            before, is_known = _before(name, history)
        if not is_known or before != after[name]:
            changes.append(FieldChange(field=name, before=before, after=after[name], is_before_known=is_known))
    return tuple(changes)


def flat(payload: Payload) -> dict[str, object]:
    """Spread objects inside a payload one level: ``{"risk": {"a": 1}}`` becomes ``{"risk.a": 1}``."""
    out: dict[str, object] = {}
    for name, value in payload.items():
        if isinstance(value, Mapping):
            out.update({f"{name}.{inner}": held for inner, held in value.items()})
        else:
            out[name] = value
    return out


def _is_wanted(telling: Telling, name: str) -> bool:
    if name == telling.why:
        return False
    return telling.fields is None or name in telling.fields or name.partition(".")[0] in telling.fields


def _before(name: str, history: Sequence[dict[str, object] | None]) -> tuple[object, bool]:
    """What was last said about a field; a field inside an object that no event ever named was unknown then: None."""
    for one in history:
        if one is None:
            return None, False
        if name in one:
            return one[name], True
    return None, "." in name and bool(history)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _IN_SENTENCE else line[: _IN_SENTENCE - 1].rstrip() + "…"
