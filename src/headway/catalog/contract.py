"""Contracts in the words of the Open Data Contract Standard (ODCS) 3: read, write, compare, ask.

A contract travels as plain JSON values; ``Column`` is what the rest of the catalog asks it for. Versions 3.0, 3.1 and
3.2 of the standard are read, 3.1 is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast

import yaml
from open_data_contract_standard.model import CustomProperty, OpenDataContractStandard, SchemaObject, SchemaProperty
from pydantic import ValidationError

from headway.catalog.entities import Kind, Role, Roles
from headway.catalog.errors import InvalidContract
from headway.catalog.parsing import TextType, is_format
from headway.kernel.canonical import digest
from headway.kernel.errors import Fault

WRITTEN_VERSION: Final = "v3.1.0"
Contract = Mapping[str, object]
_KINDS: Final[Mapping[str, Kind]] = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "time": "string",
}
_ROLES: Final = ("label", "time", "subject", "feature", "excluded")
_TEXT_LIMIT: Final = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a contract says of one column, apart from its rules."""

    name: str
    kind: Kind
    required: bool
    role: Role
    positive: str | None
    classification: str | None
    tags: tuple[str, ...]

    @property
    def is_restricted(self) -> bool:
        """Whether values of this column are shown masked."""
        return self.classification == "restricted"


def parse(text: str) -> dict[str, object]:
    """Read a contract from YAML or JSON.

    Raises: InvalidContract: not YAML, not ODCS 3, or nothing this platform can hold a table to; all faults are listed.
    """
    if len(text) > _TEXT_LIMIT:
        raise InvalidContract(f"a contract has at most {_TEXT_LIMIT:,} characters")
    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidContract(f"the contract is not YAML: {' '.join(str(error).split())}") from error
    except (ValueError, RecursionError) as error:  # impossible dates and numbers, endless nesting
        raise InvalidContract(f"the contract cannot be read: {error}") from error
    return checked(loaded)


def checked(value: object) -> dict[str, object]:
    """Hold plain values to the standard and give them in its order; raises InvalidContract with all faults."""
    if not isinstance(value, Mapping):
        raise InvalidContract("a contract is a mapping with apiVersion, kind, schema ...")
    try:
        plain = json.loads(json.dumps(value, default=str))  # dates that YAML made of text become text again
        model = OpenDataContractStandard.model_validate(plain)
    except ValidationError as error:
        faults = [
            Fault(
                rule="odcs",
                column=".".join(map(str, one["loc"])),
                message=f"{'.'.join(map(str, one['loc']))}: {one['msg']}",
            )
            for one in error.errors()
        ]
        raise InvalidContract(f"the contract does not follow ODCS: {faults[0].message}", faults=faults) from error
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidContract(f"the contract cannot be read: {error}") from error
    faults = _faults(model)
    if faults:
        raise InvalidContract(f"the contract cannot be used: {faults[0].message}", faults=faults)
    return as_json(model)


def as_json(model: OpenDataContractStandard) -> dict[str, object]:
    """The contract as plain JSON values without empty fields."""
    return cast("dict[str, object]", model.model_dump(mode="json", by_alias=True, exclude_none=True))


def to_yaml(contract: Contract) -> str:
    """The contract as YAML, in the order of the standard."""
    return yaml.safe_dump(as_json(model_of(contract)), sort_keys=False, allow_unicode=True, width=120)


def contract_digest(contract: Contract) -> str:
    """Digest of the contract's canonical JSON."""
    return digest(dict(contract))


def model_of(contract: Contract) -> OpenDataContractStandard:
    """The contract as the standard's classes."""
    return OpenDataContractStandard.model_validate(dict(contract))


def table_of(contract: Contract) -> SchemaObject:
    """The one table the contract speaks of."""
    return (model_of(contract).schema_ or [])[0]


def columns_of(contract: Contract) -> tuple[Column, ...]:
    """What the contract says of each column, in its order."""
    return tuple(_column(one) for one in table_of(contract).properties or [])


def properties_of(contract: Contract) -> tuple[SchemaProperty, ...]:
    """What the contract says of each column, as the standard's classes."""
    return tuple(table_of(contract).properties or [])


def kinds_of(contract: Contract) -> dict[str, Kind]:
    """The kind of each column."""
    return {column.name: column.kind for column in columns_of(contract)}


def kinds_of_property(one: SchemaProperty) -> Kind:
    """The kind of one property; text when the contract says nothing."""
    return _KINDS.get(one.logicalType or "string", "string")


def text_types_of(contract: Contract) -> dict[str, TextType]:
    """How each column is read where a file holds text."""
    return {one.name or "": _text_type(one) for one in table_of(contract).properties or []}


def roles_of(contract: Contract) -> Roles:
    """Which columns play which part."""
    columns = columns_of(contract)
    first = {role: next((c for c in columns if c.role == role), None) for role in ("label", "time", "subject")}
    label, time, subject = first["label"], first["time"], first["subject"]
    return Roles(
        label=label.name if label else None,
        positive=label.positive if label else None,
        time=time.name if time else None,
        subject=subject.name if subject else None,
        exclude=tuple(c.name for c in columns if c.role == "excluded"),
    )


def custom(properties: Iterable[CustomProperty] | None, name: str) -> object:
    """The value of a custom property, or None."""
    return next((one.value for one in properties or () if one.property == name), None)


def text_of(value: object) -> str:
    """A value as people write it in a form: ``true``, not ``True``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def raised(version: str | None) -> str:
    """The next minor version: ``1.0.0`` gives ``1.1.0``."""
    parts = (version or "").split(".")
    if len(parts) == 3 and all(part.isdigit() for part in parts):
        return f"{parts[0]}.{int(parts[1]) + 1}.0"
    return "1.0.0"


def _text_type(one: SchemaProperty) -> TextType:
    formats = custom(one.customProperties, "dateFormats") or ()
    comma = custom(one.customProperties, "decimalComma") is True
    known = tuple(str(form) for form in formats if is_format(str(form))) if isinstance(formats, list) else ()
    return TextType(kind=kinds_of_property(one), formats=known, decimal_comma=comma)


def _column(one: SchemaProperty) -> Column:
    role = custom(one.customProperties, "role")
    positive = custom(one.customProperties, "positive")
    return Column(
        name=one.name or "",
        kind=kinds_of_property(one),
        required=bool(one.required) or bool(one.primaryKey),
        role=role if role in _ROLES else "feature",
        positive=None if positive is None else text_of(positive),
        classification=one.classification,
        tags=tuple(one.tags or ()),
    )


def _faults(model: OpenDataContractStandard) -> list[Fault]:
    faults: list[Fault] = []

    def fault(where: str, words: str) -> None:
        faults.append(Fault(rule="odcs", column=where, message=f"{where}: {words}"))

    if model.kind != "DataContract":
        fault("kind", "must be DataContract")
    if not (model.apiVersion or "").startswith("v3."):
        fault("apiVersion", f"must be v3.x, not {model.apiVersion!r}")
    if len(model.schema_ or []) != 1:
        fault("schema", f"must hold exactly one table, not {len(model.schema_ or [])}")
        return faults
    table, seen = (model.schema_ or [])[0], set[str]()
    for number, one in enumerate(table.properties or [], start=1):
        where = f"schema.{table.name}.{one.name or number}"
        if not one.name:
            fault(where, "a property needs a name")
        elif one.name.casefold() in seen:
            fault(where, "the name stands twice")
        seen.add((one.name or "").casefold())
        if one.logicalType is not None and one.logicalType not in _KINDS:
            fault(where, f"columns of logicalType {one.logicalType!r} cannot be checked; use {', '.join(_KINDS)}")
    if not seen:
        fault("schema", "the table has no properties")
    return faults
