"""No field without a use: which rules, controls and named places use what somebody fills in. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from headway.governance import field_uses, rules
from headway.governance.entities import FactDefinition, Pack
from headway.governance.field_uses import UseKind
from headway.governance.policy import evidence_types, fact_definitions

RISK, USECASE, ATTESTATION = "risk", "usecase", "attestation"
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A place that uses a field: a function or table (``module:name``), or the address of a page."""

    kind: UseKind
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldUses:
    """What uses a field of a form; a field of which both are empty is dead.

    ``asked_by``: tier rules and controls of the packs in force that read it, as ``PACK/ID``.
    """

    form: str
    field: str
    asked_by: tuple[str, ...]
    uses: tuple[Use, ...]


def find_uses(packs: Sequence[Pack]) -> tuple[FieldUses, ...]:
    """Tell for every field of every form of governance what uses it, under these packs."""
    readers = read_by(packs)
    found = [_field(form, name, readers) for form, fields in field_uses.FORMS.items() for name in fields]
    found += [_read(RISK, fact.name, readers.get(("sys", fact.name), ())) for fact in _facts(packs)]
    return (*found, *_attested(packs, readers))


def read_by(packs: Iterable[Pack]) -> Mapping[Path, tuple[str, ...]]:
    """Name the tier rules and controls that read each fact, in the order of the packs."""
    readers: dict[Path, dict[str, None]] = {}
    for pack in packs:
        for owner, expression in _expressions(pack):
            for path in rules.paths(expression):
                readers.setdefault(path, {})[f"{pack.id}/{owner}"] = None
    return {path: tuple(names) for path, names in readers.items()}


def asked_facts(packs: Sequence[Pack]) -> frozenset[str]:
    """The risk facts that some rule or control reads; nobody is asked for others."""
    return frozenset(path[1] for path in read_by(packs) if path[0] == "sys" and len(path) > 1)


def dead(found: Iterable[FieldUses]) -> tuple[FieldUses, ...]:
    """The fields that nothing uses."""
    return tuple(one for one in found if not one.asked_by and not one.uses)


def _expressions(pack: Pack) -> Iterator[tuple[str, str]]:
    yield from ((rule.id, rule.when) for rule in pack.tier_rules)
    for control in pack.controls:
        yield from ((control.id, one) for one in (control.applies_when, control.check) if one)


def _field(form: str, name: str, readers: Mapping[Path, tuple[str, ...]]) -> FieldUses:
    asked_by = readers.get(("use_case", name), ()) if form == USECASE else ()
    return _read(form, name, asked_by, field_uses.FORMS[form][name])


def _facts(packs: Sequence[Pack]) -> Iterator[FactDefinition]:
    asked = asked_facts(packs)
    return (fact for fact in fact_definitions(packs) if fact.name in asked)


def _attested(packs: Sequence[Pack], readers: Mapping[Path, tuple[str, ...]]) -> Iterator[FieldUses]:
    """Facts that people attest: read by checks, and shown as they were attested on the page of evidence."""
    shown = field_uses.ATTESTATION["facts"][1:]
    for kind in evidence_types(packs).values():
        if kind.producer == "human":
            for name in kind.facts:
                yield _read(ATTESTATION, f"{kind.name}.{name}", readers.get(("evidence", kind.name, name), ()), shown)


def _read(form: str, field: str, asked_by: tuple[str, ...], named: field_uses.Named = ()) -> FieldUses:
    uses = tuple(Use(kind=kind, where=where) for kind, where in named)
    return FieldUses(form=form, field=field, asked_by=asked_by, uses=uses)
