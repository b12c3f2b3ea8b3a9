"""What a person says of columns and values, as written at the terminal or in a form. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from headway.kernel.errors import Fault, Invalid
from headway.scaling.entities import ColumnSaid, ValueSaid

NONE = "-"


def said_columns(texts: Iterable[str]) -> tuple[ColumnSaid, ...]:
    """Read ``THEIRS=OURS``, ``THEIRS=OURS*FACTOR`` or ``-=OURS`` (there is none); raises Invalid with all faults.

    >>> said_columns(["umsatz=revenue*1000"])
    (ColumnSaid(ours='revenue', theirs='umsatz', factor=1000.0),)
    """
    made, faults = [], []
    for text in texts:
        theirs, equal, rest = text.rpartition("=")
        ours, times, factor = rest.partition("*")
        number = _number(factor) if times else 1.0
        if not equal or not theirs.strip() or not ours.strip() or number is None or number == 0:
            faults.append(Fault(rule="map", column="map", value=text, message=f"{text!r} is not THEIRS=OURS"))
            continue
        name = theirs.strip()
        made.append(ColumnSaid(ours=ours.strip(), theirs=None if name == NONE else name, factor=number))
    _raise(faults, "write their column, an equals sign, ours; *1000 behind it turns their unit into ours")
    return tuple(made)


def said_values(texts: Iterable[str]) -> tuple[ValueSaid, ...]:
    """Read ``OUR_COLUMN:THEIR_VALUE=OUR_VALUE``; raises Invalid with all faults."""
    made, faults = [], []
    for text in texts:
        ours, colon, rest = text.partition(":")
        theirs, equal, value = rest.rpartition("=")
        if not (colon and equal and ours.strip() and theirs.strip() and value.strip()):
            faults.append(
                Fault(rule="value", column="value", value=text, message=f"{text!r} is not COLUMN:THEIRS=OURS")
            )
            continue
        made.append(ValueSaid(ours=ours.strip(), theirs=theirs.strip(), value=value.strip()))
    _raise(faults, "write our column, a colon, their value, an equals sign, our value")
    return tuple(made)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _raise(faults: list[Fault], hint: str) -> None:
    if faults:
        raise Invalid("; ".join(fault.message for fault in faults), faults=faults, hint=hint)
