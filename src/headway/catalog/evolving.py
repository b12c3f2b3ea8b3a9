"""What changes from one contract to its successor, seen by those who read the data, and the version that says so.

*breaking*: something the old contract promised is not promised any more; a table that keeps the new one may break the old one.
*compatible*: a new promise, a tighter one, a new column; whoever writes the data may have to change, no reader has to.
*note*: words, tags, people. Versions follow Semantic Versioning 2.0.0: major for breaking, minor for compatible, patch for notes;
before 1.0.0 a minor step is enough for what breaks, and a patch for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from open_data_contract_standard.model import OpenDataContractStandard, SchemaProperty, ServiceLevelAgreementProperty
from pydantic import BaseModel

from headway.catalog import contract as odcs
from headway.catalog.checks import compile_contract
from headway.catalog.errors import InvalidContract
from headway.catalog.links import duration_of
from headway.catalog.promises import Promise, implied, promises_of
from headway.kernel.canonical import canonical_json

Level = Literal["breaking", "compatible", "note"]
Bump = Literal["none", "patch", "minor", "major"]
_BUMPS: Final[tuple[Bump, ...]] = ("none", "patch", "minor", "major")
_BUMP_OF: Final[Mapping[Level, Bump]] = {"breaking": "major", "compatible": "minor", "note": "patch"}
_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:[-+][0-9A-Za-z.+-]*)?")
_ABBREVIATED: Final = {
    "av": "availability", "th": "throughput", "er": "errorrate", "ga": "generalavailability", "es": "endofsupport",
    "el": "endoflife", "re": "retention", "fy": "frequency", "ly": "latency", "freshness": "latency", "td": "timetodetect",
    "tn": "timetonotify", "tr": "timetorepair",
}  # fmt: skip
_MORE_IS_BETTER: Final = ("availability", "throughput", "retention", "endofsupport", "endoflife")
_LESS_IS_BETTER: Final = (
    "errorrate",
    "frequency",
    "latency",
    "timetodetect",
    "timetonotify",
    "timetorepair",
    "generalavailability",
)
_NUMBERS: Final = ("availability", "errorrate", "throughput")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}.*")
_WORDS: Final = {
    "required": "missing values", "unique": "uniqueness", "values": "the closed set of values", "pattern": "the pattern",
    "minimum": "the lower bound", "maximum": "the upper bound", "min_length": "the least length",
    "max_length": "the greatest length", "multiple_of": "the step", "option": "an option", "rows": "the number of rows",
    "reference": "the relationship", "rule": "a rule of quality",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change. ``kind``: ``column_removed``, ``maximum_loosened``, ``values_tightened``, ``description_changed`` ..."""

    kind: str
    column: str | None  # None: of the table or the whole contract
    before: str | None
    after: str | None
    level: Level
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """All changes, what breaks first; ``bump`` is the step of the version they need, ``fault`` says where the version lies."""

    changes: tuple[Change, ...]
    breaking: bool
    bump: Bump
    version_before: str | None
    version_after: str | None
    version_needed: str | None
    fault: str | None


def diff(old: odcs.Contract, new: odcs.Contract) -> Difference:
    """Compare a contract with its successor; raises InvalidContract where either asks for rules that make no sense."""
    for one in (old, new):
        compile_contract(one)
    before, after = odcs.model_of(old), odcs.model_of(new)
    columns = _properties(before), _properties(after)
    both = [name for name in columns[0] if name in columns[1]]
    changes = [
        *_columns(*columns),
        *_promises(promises_of(old), promises_of(new), both, columns),
        *_levels(before, after),
        *_words(before, after),
    ]
    order = ("breaking", "compatible", "note")
    changes.sort(key=lambda one: order.index(one.level))
    bump = _BUMP_OF[changes[0].level] if changes else "none"
    needed = _needed(before.version, bump)
    return Difference(
        changes=tuple(changes),
        breaking=bump == "major",
        bump=bump,
        version_before=before.version,
        version_after=after.version,
        version_needed=needed,
        fault=_fault(before.version, after.version, bump, needed),
    )


def _properties(model: OpenDataContractStandard) -> dict[str, SchemaProperty]:
    return {one.name or "": one for one in (model.schema_ or [])[0].properties or []}


def _columns(old: Mapping[str, SchemaProperty], new: Mapping[str, SchemaProperty]) -> list[Change]:
    """Columns that come and go, their types, their keys and what is said of them."""
    made = [
        Change(
            kind="column_removed", column=name, before=_type(one), after=None, level="breaking",
            why="whoever reads this column finds it no more",
        )
        for name, one in old.items() if name not in new
    ]  # fmt: skip
    for name, one in new.items():
        if name not in old:
            is_required = bool(one.required or one.primaryKey)
            why = "readers may leave it out" + ("; every file must hold it from now on" if is_required else "")
            kind = "required_column_added" if is_required else "column_added"
            made.append(Change(kind=kind, column=name, before=None, after=_type(one), level="compatible", why=why))
        else:
            made += [*_types(name, old[name], one), *_said(name, old[name], one)]
    return made


def _types(name: str, old: SchemaProperty, new: SchemaProperty) -> Iterable[Change]:
    before, after = _type(old), _type(new)
    if before != after:
        pair = before, after
        widened, narrowed = pair == ("integer", "number"), pair == ("number", "integer")
        kind = "type_widened" if widened else "type_narrowed" if narrowed else "type_changed"
        why = (
            "every whole number is a number"
            if narrowed
            else "programs that read the old type may fail or read other values"
        )
        level: Level = "compatible" if narrowed else "breaking"
        yield Change(kind=kind, column=name, before=before, after=after, level=level, why=why)
    if bool(old.primaryKey) != bool(new.primaryKey):
        told = ["key" if one.primaryKey else "no key" for one in (old, new)]
        why = "whether its values may repeat or miss is told apart from this"
        yield Change(kind="key_changed", column=name, before=told[0], after=told[1], level="note", why=why)


def _type(one: SchemaProperty) -> str:
    """The type as readers meet it; times with a zone are another type than those without."""
    kind = odcs.kinds_of_property(one)
    zoned = kind == "timestamp" and (one.logicalTypeOptions or {}).get("timezone") is True
    return f"{kind} with a zone" if zoned else kind


def _said(name: str, old: SchemaProperty, new: SchemaProperty) -> Iterable[Change]:
    if old.classification != new.classification:
        hides = new.classification == "restricted"
        why = "values are shown masked from now on" if hides else "who may see the values is decided by it"
        level: Level = "breaking" if hides else "note"
        yield _plain("classification_changed", name, (old.classification, new.classification), level, why)
    why = "no rule about values"
    for field in ("description", "businessName", "physicalType", "tags", "semanticType", "deprecated"):
        yield from _noted(field, name, getattr(old, field), getattr(new, field), why)
    customs = [{p.property: p.value for p in one.customProperties or []} for one in (old, new)]
    for field in sorted({str(key) for one in customs for key in one} - {"observed"}):
        if field == "unit" and customs[0].get(field) is not None and customs[0].get(field) != customs[1].get(field):
            told = "the same numbers mean something else"
            yield _plain("unit_changed", name, (customs[0][field], customs[1].get(field)), "breaking", told)
        else:
            yield from _noted(field, name, customs[0].get(field), customs[1].get(field), why)


def _promises(
    old: Sequence[Promise],
    new: Sequence[Promise],
    both: Sequence[str],
    columns: tuple[Mapping[str, SchemaProperty], Mapping[str, SchemaProperty]],
) -> Iterable[Change]:
    """Promises about columns that both have and about the table, by column and what they are about.

    A column that has gone is one change, and so is a new one; a promise that also speaks of other columns is told by itself.
    """
    kept = [one for one in old if one.column is None or one.column in both]
    come = [one for one in new if one.column is None or one.column in both]
    places = dict.fromkeys((one.column, one.facet) for one in [*kept, *come])
    for column, facet in places:
        before = [one for one in kept if (one.column, one.facet) == (column, facet)]
        after = [one for one in come if (one.column, one.facet) == (column, facet)]
        loosened = [one for one in before if not implied(one, new)]
        tightened = [one for one in after if not implied(one, old)]
        if loosened or tightened:
            yield _step(facet, column, before, after, is_looser=bool(loosened), is_tighter=bool(tightened))


def _step(
    facet: str, column: str | None, before: list[Promise], after: list[Promise], *, is_looser: bool, is_tighter: bool
) -> Change:
    verb = "added" if not before else "tightened"
    if is_looser:
        verb = "removed" if not after else "changed" if is_tighter else "loosened"
    what = _WORDS[facet]
    why = (
        f"{what}: rows that readers were never given may come"
        if is_looser
        else f"{what}: whoever writes must keep more"
    )
    level: Level = "breaking" if is_looser else "compatible"
    return _plain(f"{facet}_{verb}", column, (_joined(before), _joined(after)), level, why)


def _joined(promises: Sequence[Promise]) -> str | None:
    return "; ".join(one.words for one in promises) or None


def _levels(old: OpenDataContractStandard, new: OpenDataContractStandard) -> Iterable[Change]:
    """Service levels, by property and element."""
    before, after = _by_level(old), _by_level(new)
    for place in dict.fromkeys([*before, *after]):
        one, other = before.get(place), after.get(place)
        words = tuple(None if level is None else f"{level.value} {level.unit or ''}".strip() for level in (one, other))
        name, element = place
        verb = _weighed(name, one, other)
        if verb == "same":
            continue
        level: Level = "compatible" if verb in ("added", "tightened") else "breaking"
        why = f"service level {name}: {'less' if level == 'breaking' else 'more'} is promised than before"
        yield _plain(f"service_level_{verb}", element.rpartition(".")[2] or None, (words[0], words[1]), level, why)


def _weighed(name: str, one: ServiceLevelAgreementProperty | None, other: ServiceLevelAgreementProperty | None) -> str:
    """What happened to a service level; ``changed`` where its values cannot be compared."""
    if one is None or other is None:
        return "added" if one is None else "removed"
    (unit, size), (other_unit, other_size) = _size(one), _size(other)
    if (unit, size) == (other_unit, other_size):
        return "same"
    if unit != other_unit or size is None or other_size is None or name not in _MORE_IS_BETTER + _LESS_IS_BETTER:
        return "changed"
    return "tightened" if (other_size > size) is (name in _MORE_IS_BETTER) else "loosened"


def _size(level: ServiceLevelAgreementProperty) -> tuple[str, float | None]:
    """A service level as a number with a unit: days, seconds, or the unit it names; without a number, its text alone."""
    unit, text, name = (level.unit or "").strip().lower(), str(level.value).strip(), (level.property or "").lower()
    try:
        if _DAY.fullmatch(text):
            return "day", datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
        if unit in ("%", "percent") or _ABBREVIATED.get(name, name) in _NUMBERS:
            return unit.replace("percent", "%"), float(text.removesuffix("%"))
        return "seconds", duration_of(level.value, unit, name).total_seconds()
    except (ValueError, InvalidContract):
        return f"{text} {unit}", None


def _by_level(model: OpenDataContractStandard) -> dict[tuple[str, str], ServiceLevelAgreementProperty]:
    made: dict[tuple[str, str], ServiceLevelAgreementProperty] = {}
    for level in model.slaProperties or []:
        name = (level.property or "").strip().lower()
        made[_ABBREVIATED.get(name, name), level.element or model.slaDefaultElement or ""] = level
    return made


def _words(old: OpenDataContractStandard, new: OpenDataContractStandard) -> Iterable[Change]:
    """What is said of the contract and the table as a whole."""
    tables = [(one.schema_ or [])[0] for one in (old, new)]
    if tables[0].name != tables[1].name:
        why = "statements and relationships name the table"
        yield _plain("table_renamed", None, (tables[0].name, tables[1].name), "breaking", why)
    why = "no rule about rows"
    for field in ("description", "tags", "businessName", "physicalName"):
        yield from _noted(f"table_{field}", None, getattr(tables[0], field), getattr(tables[1], field), why)
    for field in ("id", "name", "status", "domain", "description", "tags", "team", "support", "price", "servers"):
        yield from _noted(field, None, getattr(old, field), getattr(new, field), why)


def _noted(field: str, column: str | None, before: object, after: object, why: str) -> Iterable[Change]:
    told = [_text(one) for one in (before, after)]
    if told[0] != told[1]:
        snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", field).lower()
        yield _plain(f"{snake}_changed", column, (told[0], told[1]), "note", why)


def _text(value: object) -> str | None:
    if value is None or value == []:
        return None
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    if isinstance(value, (list, dict, BaseModel)):
        plain = [one.model_dump(mode="json", exclude_none=True) if isinstance(one, BaseModel) else one
                 for one in (value if isinstance(value, list) else [value])]  # fmt: skip
        return canonical_json(plain).decode()
    return odcs.text_of(value)


def _plain(kind: str, column: str | None, values: tuple[object, object], level: Level, why: str) -> Change:
    return Change(kind=kind, column=column, before=_text(values[0]), after=_text(values[1]), level=level, why=why)


def _parts(version: str | None) -> tuple[int, int, int] | None:
    found = _VERSION.fullmatch(version or "")
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _needed(version: str | None, bump: Bump) -> str | None:
    """The least version that says so; None where the old one is no semantic version."""
    parts = _parts(version)
    if parts is None:
        return None
    major, minor, patch = parts
    step = bump if major else _BUMPS[max(1, _BUMPS.index(bump) - 1)] if bump != "none" else bump
    made = {
        "major": (major + 1, 0, 0),
        "minor": (major, minor + 1, 0),
        "patch": (major, minor, patch + 1),
        "none": parts,
    }[step]
    return ".".join(map(str, made))


def _fault(before: str | None, after: str | None, bump: Bump, needed: str | None) -> str | None:
    told, least = _parts(after), _parts(needed)
    if bump == "none" and before == after:
        return None
    for version in (before, after):
        if _parts(version) is None:
            return f"the version {version!r} is no semantic version; write three numbers such as 1.4.0"
    if least is not None and told is not None and told < least:
        return f"the version is {after}, but these changes ({bump}) after {before} need at least {needed}"
    return None
