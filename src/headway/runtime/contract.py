"""The compiled contract: a request's body becomes typed records in one pass, or a full list of what is wrong.

Fast path: a ``msgspec.Struct`` made once from the contract's rules decodes and checks in C. Only when it refuses does
the slow path look again and name every fault of every record.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import Annotated, Any, Literal

import msgspec

from headway.kernel.errors import Fault, TooLarge
from headway.runtime.contract_faults import MAX_FAULTS, check_bounds, is_multiple, parse, record_faults, suggester
from headway.runtime.contract_rules import ContractDocument, FieldRule, contract_properties, read_rules, whole
from headway.runtime.errors import ContractBroken
from headway.runtime.features import category_text

__all__ = ["Batch", "CompiledContract", "ContractDocument", "compile_contract"]

_SUBJECT_TEXT = 500
_PLAIN: dict[str, type] = {"boolean": bool, "date": date, "timestamp": datetime}


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that keep the contract. ``many`` tells whether the body was a list, so that the answer is one too."""

    rows: Sequence[msgspec.Struct]
    many: bool
    alternates: tuple[Sequence[msgspec.Struct], ...] = ()  # the same records as further contracts read them

    def __len__(self) -> int:
        return len(self.rows)

    def input_json(self, i: int) -> bytes:
        """The i-th record as it was decided on, in JSON; fields that are null are left out."""
        return msgspec.json.encode(self.rows[i])


class CompiledContract:
    """What records of one deployment must be. Immutable, so that threads may share it."""

    def __init__(
        self,
        rules: Sequence[FieldRule],
        *,
        known: Collection[str],
        spare: Collection[str],
        records: int,
        subject_at: int | None,
        digest: str,
    ) -> None:
        self.digest = digest
        self.subject_at = subject_at
        """Place of the subject among a record's values."""
        self.columns = tuple(rule.column for rule in rules)
        """Columns in the order of a record's values; the ones asked for, then the subject's."""
        self.plain = frozenset(rule.column for rule in rules if rule.type in ("number", "integer", "boolean"))
        """Columns whose values are numbers, true, false or missing."""
        self._rules, self._known, self._spare, self._records = tuple(rules), frozenset(known), tuple(spare), records
        self._checks = {rule.column: field_type(rule) for rule in rules}
        self._row = _row_type(rules, self._checks, self._spare)
        self._decoder = msgspec.json.Decoder(self._row | list[self._row])  # type: ignore[name-defined]  # made at run time
        self._late = tuple((i, check) for i, rule in enumerate(rules) for check in _late_checks(rule))

    def decode(self, body: bytes) -> Batch:
        """Read one record or a list of records.

        Raises: ContractBroken: with every fault of every record. TooLarge: more records than one request may hold.
        """
        try:
            decoded = self._decoder.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self._explain(body, str(error)) from None
        many = isinstance(decoded, list)
        rows = decoded if many else [decoded]
        if not rows:
            raise ContractBroken("no record was sent", faults=[Fault(rule="shape", message="the list is empty")])
        if len(rows) > self._records:
            raise _too_many(len(rows), self._records)
        if self._late and not all(map(self._keeps_late, rows)):
            raise self._explain(body, "a record breaks the contract")
        return Batch(rows, many)

    def _keeps_late(self, row: msgspec.Struct) -> bool:
        values = msgspec.structs.astuple(row)
        return all(values[i] is None or check(values[i]) for i, check in self._late)

    def _explain(self, body: bytes, first: str) -> ContractBroken | TooLarge:
        try:
            document = parse(body)
        except ValueError as error:
            return ContractBroken(str(error), faults=[Fault(rule="json", message=str(error))])
        records = document if isinstance(document, list) else [document]
        if len(records) > self._records:
            return _too_many(len(records), self._records)
        found = self._faults(records)
        faults = list(islice(found, MAX_FAULTS))
        more = sum(1 for _ in found)
        if more:
            faults.append(Fault(rule="more", message=f"and {more} more faults that are not listed"))
        if not faults:
            faults = [Fault(rule="record", message=first)]
        count, rows = len(faults) - bool(more) + more, len({fault.row for fault in faults} - {None}) or 1
        return ContractBroken(f"{count} fault(s) in {rows} record(s)", faults=faults)

    def _faults(self, records: Sequence[object]) -> Iterator[Fault]:
        suggest = suggester(self.columns)
        for row, record in enumerate(records, start=1):
            yield from record_faults(
                record,
                row,
                self._rules,
                checks=self._checks,
                known=self._known,
                spare=self._spare,
                suggest=suggest,
            )


def compile_contract(
    contract: ContractDocument,
    columns: Sequence[str],
    *,
    subject_field: str | None = None,
    spare: Collection[str] = (),
    records: int = 1000,
    digest: str = "",
) -> CompiledContract:
    """Compile the rules of some columns of an ODCS contract; every other field of a record is refused by name.

    Args: columns: the model's inputs; subject_field: field that says whom a record is about, optional in a record, and
        of its own rules when the contract has it; spare: fields that may be there unread; records: most in one request.
    Raises: Invalid: the contract cannot be used, with every reason.
    """
    rules = list(read_rules(contract, columns))
    known = contract_properties(contract).keys()
    if subject_field is not None and subject_field not in columns:
        rules.append(_subject_rule(contract, subject_field, subject_field in known))
    taken = {rule.column for rule in rules}
    subject_at = next((i for i, rule in enumerate(rules) if rule.column == subject_field), None)
    unread = [column for column in dict.fromkeys(spare) if column not in taken]
    return CompiledContract(rules, known=known, spare=unread, records=records, subject_at=subject_at, digest=digest)


def _too_many(records: int, most: int) -> TooLarge:
    return TooLarge(f"{records} records in one request, at most {most} are allowed", hint="send several requests")


def field_type(rule: FieldRule) -> Any:  # noqa: ANN401  a type form, which has no type of its own
    """Make the type that msgspec checks a field with, null excluded; what it cannot check is left to late checks."""
    if rule.type == "key":
        return Annotated[str, msgspec.Meta(max_length=rule.max_length)] | int
    if rule.type in _PLAIN:
        return _PLAIN[rule.type]
    if rule.type == "string":
        if rule.values is not None:
            return Literal[tuple(rule.values)]
        every = "".join(f"(?={whole(pattern)})" for _, pattern in rule.patterns) or None
        length = msgspec.Meta(min_length=rule.min_length, max_length=rule.max_length, pattern=every)
        return Annotated[str, length]
    step = 1.0 if rule.type == "integer" else None  # JSON writes 3 and 3.0 for the same number; both are whole
    numbers = {"ge": rule.minimum, "le": rule.maximum} | {"gt": rule.above, "lt": rule.below}
    return Annotated[float, msgspec.Meta(multiple_of=step, **_one_bound_a_side(numbers))]


def _one_bound_a_side(bounds: dict[str, Any]) -> dict[str, Any]:
    """msgspec takes one bound a side; the stricter of an inclusive and an exclusive one is what counts."""
    given = {name: float(bound) for name, bound in bounds.items() if bound is not None}
    if "ge" in given and "gt" in given:
        given.pop("ge" if given["gt"] >= given["ge"] else "gt")
    if "le" in given and "lt" in given:
        given.pop("le" if given["lt"] <= given["le"] else "lt")
    return given


def _row_type(rules: Sequence[FieldRule], checks: dict[str, type], spare: Sequence[str]) -> type[msgspec.Struct]:
    """Make the record's Struct; its fields are c0, c1, ... so that any column name works."""
    names = {f"c{i}": column for i, column in enumerate([*(rule.column for rule in rules), *spare])}
    fields: list[Any] = [
        (f"c{i}", checks[rule.column]) if rule.required else (f"c{i}", checks[rule.column] | None, None)
        for i, rule in enumerate(rules)
    ]
    fields += [(f"c{len(rules) + i}", Any, None) for i in range(len(spare))]
    return msgspec.defstruct(
        "Record",
        fields,
        rename=names,
        kw_only=True,
        frozen=True,
        gc=False,
        forbid_unknown_fields=True,
        omit_defaults=True,
    )


def _late_checks(rule: FieldRule) -> Iterator[Callable[[Any], bool]]:
    """Checks that msgspec has no constraint for."""
    if rule.type in ("date", "timestamp") and (rule.minimum, rule.maximum, rule.above, rule.below) != (None,) * 4:
        yield lambda value: check_bounds(rule, value) is None
    if rule.multiple_of is not None:
        yield lambda value: is_multiple(rule, value)
    if rule.missing:
        yield lambda value: category_text(value) not in rule.missing
    if rule.values is not None and rule.type != "string":
        values = frozenset(date.fromisoformat(str(v)) if rule.type == "date" else v for v in rule.values)
        yield lambda value: value in values


def _subject_rule(contract: ContractDocument, subject_field: str, in_contract: bool) -> FieldRule:
    if in_contract:
        return replace(read_rules(contract, [subject_field])[0], required=False)
    return FieldRule(column=subject_field, type="key", max_length=_SUBJECT_TEXT)
