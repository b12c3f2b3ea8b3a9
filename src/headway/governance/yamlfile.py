"""The inventory as YAML: entries with the lines they stand on, read as rows of the same table that spreadsheets fill in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NoReturn, cast

import yaml

from headway.documents import CellFault, ReadRow, ReadTable, SheetUnreadable, Value
from headway.governance.adapters import PlainLoader
from headway.governance.entities import FactDefinition, UseCase
from headway.governance.importing import FIELDS, MOST_ROWS, RISK, TABLE, TOLD_ONLY, write_list
from headway.kernel.errors import Fault

MOST_BYTES = 2_000_000
HEAD = "usecases"
_NAMES = ("slug", *FIELDS)


def is_yaml(filename: str) -> bool:
    """Whether a file is read as YAML, by the ending of its name."""
    return filename.lower().endswith((".yaml", ".yml"))


def write(cases: Iterable[UseCase]) -> str:
    """Write entries; what nobody said is left out."""
    told = []
    for case in cases:
        one: dict[str, object] = {name: value for name in _NAMES if (value := getattr(case, name)) is not None}
        risk = {name: value for name, value in sorted(case.risk.items()) if value is not None}
        told.append({**one, "risk": risk} if risk else one)
    return str(yaml.safe_dump({HEAD: told}, allow_unicode=True, sort_keys=False, width=120))


def read(data: bytes, definitions: Sequence[FactDefinition]) -> ReadTable:
    """Read entries as rows; every fault with its line.

    Raises: documents.SheetUnreadable: it is no YAML, or holds no list of use cases.
    """
    if len(data) > MOST_BYTES:
        _refuse(f"a YAML file has at most {MOST_BYTES:,} bytes; send it in parts")
    try:
        root = yaml.compose(data.decode("utf-8-sig"), Loader=cast("Any", PlainLoader))
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        _refuse(f"not YAML: {' '.join(str(error).split())[:300]}")
    entries = _entries(root)
    if len(entries) > MOST_ROWS:
        _refuse(f"a file has at most {MOST_ROWS} use cases; send it in parts")
    kinds = {one.name: one for one in definitions}
    read_ = [_row(node, kinds) for node in entries]
    present = {name for row, _, _ in read_ for name in row.values}
    return ReadTable(
        sheet=HEAD,
        rows=tuple(row for row, _, _ in read_),
        present=tuple(name for name in (*_NAMES, *(RISK + name for name in kinds)) if name in present),
        faults=tuple(fault for _, faults, _ in read_ for fault in faults),
        unknown=tuple(name for _, _, unknown in read_ for name in unknown),
        notes=(),
    )


def _entries(root: yaml.Node | None) -> list[yaml.Node]:
    """The list of entries: the whole file, or below ``usecases``."""
    node = root
    if isinstance(root, yaml.MappingNode):
        node = next((value for key, value in root.value if key.value == HEAD), None)
    if not isinstance(node, yaml.SequenceNode):
        _refuse(f"the file holds no list of use cases; write one below {HEAD}:")
    return list(node.value)


def _row(node: yaml.Node, kinds: Mapping[str, FactDefinition]) -> tuple[ReadRow, list[CellFault], list[str]]:
    values: dict[str, Value] = {}
    cells: dict[str, str] = {}
    faults: list[CellFault] = []
    unknown: list[str] = []
    if not isinstance(node, yaml.MappingNode):
        faults.append(_fault(node, None, "an entry names its fields, such as title: and department:"))
        return ReadRow(number=_line(node), values={}, cells={}), faults, unknown
    for name, value, told in _fields(node, faults):
        column = (
            name if name in _NAMES else name if name.removeprefix(RISK) in kinds and name.startswith(RISK) else None
        )
        if column is None:
            if name not in TOLD_ONLY:
                unknown.append(f"line {_line(value)} {name[:80]!r}")
            continue
        cells[column] = f"line {_line(value)}"
        fault = _wrong(told, kinds.get(column.removeprefix(RISK)) if column.startswith(RISK) else None)
        if fault:
            faults.append(_fault(value, column, fault))
        else:
            values[column] = _value(told, is_text=column in _NAMES)
    return ReadRow(number=_line(node), values=values, cells=cells), faults, unknown


def _fields(node: yaml.MappingNode, faults: list[CellFault]) -> Iterable[tuple[str, yaml.Node, object]]:
    """Fields and risk facts by the names of columns, with what they say; keys that appear twice become faults."""
    seen: set[str] = set()
    for key, value in node.value:
        name = str(key.value)
        if name == "risk" and isinstance(value, yaml.MappingNode):
            for fact, told in value.value:
                yield from _once(RISK + str(fact.value), told, seen, faults)
        elif name == "risk" and not _is_null(value):
            faults.append(_fault(value, "risk", "write risk facts as name: value"))
        elif name != "risk":
            yield from _once(name, value, seen, faults)


def _once(
    name: str, value: yaml.Node, seen: set[str], faults: list[CellFault]
) -> Iterable[tuple[str, yaml.Node, object]]:
    if name in seen:
        faults.append(_fault(value, name, f"{name.removeprefix(RISK)} is there twice; keep one of them"))
        return
    seen.add(name)
    try:
        yield name, value, _plain(value)
    except yaml.YAMLError as error:
        faults.append(_fault(value, name, f"this cannot be read: {' '.join(str(error).split())[:200]}"))


def _plain(node: yaml.Node) -> object:
    loader = PlainLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _wrong(told: object, kind: FactDefinition | None) -> str | None:
    """What is wrong with a value for a field, or for a fact of a kind; None when it fits."""
    if told is None:
        return None
    if kind is None or kind.kind == "text":
        return None if isinstance(told, str | int | float | bool | date) else "write one text"
    if kind.kind == "list":
        fits = isinstance(told, list) and all(isinstance(one, str | int) and not isinstance(one, bool) for one in told)
        return None if fits else "write a list, such as [4a, 5b] or []"
    if kind.kind == "boolean":
        return None if isinstance(told, bool) else "write true or false, or leave it out"
    return None if isinstance(told, int | float) and not isinstance(told, bool) else "write a number"


def _value(told: object, *, is_text: bool) -> Value:
    if isinstance(told, list):
        return write_list([str(one) for one in told])
    if is_text and told is not None:
        return {True: "true", False: "false"}[told] if isinstance(told, bool) else str(told)
    return cast("Value", told)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _fault(node: yaml.Node, column: str | None, message: str) -> CellFault:
    value = node.value if isinstance(node, yaml.ScalarNode) else ""
    return CellFault(cell=f"line {_line(node)}", column=column, value=str(value)[:200], message=message)


def _refuse(message: str) -> NoReturn:
    fault = Fault(rule=f"{TABLE}.yaml", message=message)
    raise SheetUnreadable(message, hint="headway usecase export --to FILE.yaml shows the form", faults=[fault])
