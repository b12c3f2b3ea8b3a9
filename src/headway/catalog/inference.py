"""A contract inferred from what a file holds. It must catch what is wrong, and let tomorrow's normal data pass.

The rules, each of which errs towards letting pass:

required   no value is missing in at least 100 rows (then at most 3 in 100 are missing, with 95 % confidence: the rule
           of three), or the column is the label.
unique     all values differ in at least 100 rows, and the column is named like an identifier or is the subject. Of
           these the subject, or else the leftmost, is the primary key.
enum       text of 2 to 50 values of which, by Good and Turing, fewer than 1 row in 1,000 tomorrow would hold a new
           one (values seen once / rows < 0.001), each seen 20 times on average, none first seen in the last fifth
           of the rows. Months and weekdays are closed to all twelve and seven. The label is always closed.
range      only bounds that the meaning gives: ages 0 to 130, shares 0 to 1, per cent 0 to 100, years, months, days,
           hours by name and as long as the data agree; not below 0 for names of counts, durations and sizes, and for
           whole numbers of which at least 1 in 100 lies at the minimum of 0 or 1. What was observed stands in the
           custom property ``observed`` and is no rule: rates can turn negative though they never did.
pattern    codes only: at least 50 different texts of one shape that holds a digit and a letter or sign. Runs may grow;
           a run of digits that begins with 0 keeps its length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from open_data_contract_standard.model import (
    CustomProperty,
    DataQuality,
    Description,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
    Server,
    Team,
)

from headway.catalog import contract as odcs
from headway.catalog import personal
from headway.catalog.entities import Roles
from headway.catalog.parsing import TextType
from headway.catalog.profile import ColumnProfile, Value
from headway.kernel.canonical import SAFE_INTEGER

REQUIRED_ROWS: Final = 100
UNIQUE_ROWS: Final = 100
ENUM_VALUES: Final = 50
ENUM_REPEAT: Final = 20
ENUM_UNSEEN: Final = 0.001
LABEL_VALUES: Final = 20
COUNT_SHARE: Final = 0.01
COUNT_ROWS: Final = 1_000
PATTERN_VALUES: Final = 50
EMAIL_PATTERN: Final = r"^[A-Za-z0-9._%+'-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$"
_POSITIVE: Final = ("yes", "true", "1", "y", "won", "converted", "success", "positive")
_MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CALENDARS: Final = tuple(
    tuple(case(name[:length]) for name in names)
    for names in (_MONTHS, _DAYS)
    for length in (3, 9)
    for case in (str.lower, str.capitalize, str.upper)
)
"""Closed sets whose members a history may miss: no January in a campaign from May to December."""
_IDENTIFIER: Final = re.compile(r"\b(id|key|uuid|guid|nr|number|no|code|ref|reference|index)$|^(id|uuid|guid)\b|id$")
_COUNTED: Final = re.compile(
    r"\b(count|counts|quantity|qty|number|duration|seconds|minutes|hours|days|weeks|months|years|length|size|weight|height|"
    r"distance|visits|clicks|age|num|tenure|price)\b"
)
_NAMED_RANGES: Final[tuple[tuple[re.Pattern[str], float, float], ...]] = (
    (re.compile(r"\bage\b"), 0, 130),
    (re.compile(r"\byear\b"), 1900, 2200),
    (re.compile(r"^month$|\bmonth (no|number)$"), 1, 12),
    (re.compile(r"\bday of month\b"), 1, 31),
    (re.compile(r"\bhour\b"), 0, 24),
    (re.compile(r"\b(percent|percentage|pct)\b"), 0, 100),
    (re.compile(r"\b(probability|share|fraction|ratio)\b"), 0, 1),
    (re.compile(r"\b(latitude|lat)\b"), -90, 90),
    (re.compile(r"\b(longitude|lon|lng)\b"), -180, 180),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a contract comes from: names the contract carries."""

    slug: str
    name: str
    department: str
    filename: str
    location: str


def infer(
    profiles: Sequence[ColumnProfile], roles: Roles, origin: Origin, read_as: Mapping[str, TextType] | None = None
) -> dict[str, object]:
    """Infer a contract; the same profiles, roles and origin give the same contract.

    Args: read_as: how columns of text were read, so that the next file is read in the same way.
    """
    keys = _keys(profiles, roles)
    table = SchemaObject(
        name=origin.name,
        physicalName=origin.slug,
        physicalType="table",
        logicalType="object",
        properties=[_property(one, roles, keys, (read_as or {}).get(one.name)) for one in profiles],
    )
    model = OpenDataContractStandard(
        apiVersion=odcs.WRITTEN_VERSION,
        kind="DataContract",
        id=origin.slug,
        name=origin.name,
        version="1.0.0",
        status="active",
        domain=origin.department,
        dataProduct=origin.slug,
        description=Description(purpose=f"Inferred from {origin.filename}; rules err towards letting data pass."),
        servers=[Server(server="lake", type="custom", location=origin.location, format="iceberg")],
        schema=[table],
        team=Team(name=origin.department),
    )
    return odcs.as_json(model)


def with_roles(contract: odcs.Contract, roles: Roles) -> dict[str, object]:
    """The same contract with other roles and a raised version; itself when the roles are the same."""
    if odcs.roles_of(contract) == roles:
        return dict(contract)
    model = odcs.model_of(contract)
    for one in (model.schema_ or [])[0].properties or []:
        kept = [p for p in one.customProperties or [] if p.property not in ("role", "positive")]
        one.customProperties = [*_role_properties(one.name or "", roles), *kept]
    model.version = odcs.raised(model.version)
    return odcs.as_json(model)


def positive_of(label: ColumnProfile) -> str | None:
    """The value of a label of two values that plainly means success, or None."""
    values = {odcs.text_of(value) for value in label.values}
    found = [value for value in values if value.lower() in _POSITIVE]
    return found[0] if len(values) == 2 and len(found) == 1 else None


def names_rows(one: ColumnProfile) -> bool:
    """Whether a column is named like an identifier and no two rows share its value."""
    is_countable = one.rows >= UNIQUE_ROWS and one.distinct == one.rows and one.kind in ("string", "integer")
    return is_countable and _IDENTIFIER.search(personal.words_of(one.name)) is not None


def _keys(profiles: Sequence[ColumnProfile], roles: Roles) -> list[str]:
    """Columns that identify a row, the best first."""
    found = [one for one in profiles if _is_unique(one, roles)]
    return [one.name for one in sorted(found, key=lambda one: one.name != roles.subject)]


def _is_unique(one: ColumnProfile, roles: Roles) -> bool:
    if one.rows < UNIQUE_ROWS or one.distinct < one.rows or one.kind not in ("string", "integer"):
        return False
    return one.name == roles.subject or names_rows(one)


def _property(one: ColumnProfile, roles: Roles, keys: list[str], read_as: TextType | None) -> SchemaProperty:
    found = personal.detect(one.name, one.values, is_text=one.kind == "string")
    is_label = one.name == roles.label
    options = _options(one, found)
    values = _enum(one, is_label=is_label)
    return SchemaProperty(
        name=one.name,
        physicalName=one.name,
        physicalType=_physical(one),
        logicalType=one.kind,
        logicalTypeOptions=options or None,
        required=True if is_label or (one.missing == 0 and one.rows >= REQUIRED_ROWS) else None,
        unique=True if one.name in keys else None,
        primaryKey=True if [one.name] == keys[:1] else None,
        classification=found.classification if found else "internal",
        tags=_tags(found),
        quality=[_closed(values)] if values else None,
        customProperties=[
            *_role_properties(one.name, roles),
            *_reading_properties(read_as),
            CustomProperty(property="observed", value=_observed(one, found)),
        ],
    )


def _reading_properties(read_as: TextType | None) -> list[CustomProperty]:
    made = []
    if read_as is not None and read_as.formats:
        made.append(CustomProperty(property="dateFormats", value=list(read_as.formats)))
    if read_as is not None and read_as.decimal_comma:
        made.append(CustomProperty(property="decimalComma", value=True))
    return made


def _role_properties(name: str, roles: Roles) -> list[CustomProperty]:
    role = next((r for r in ("label", "time", "subject") if getattr(roles, r) == name), None)
    if role is None:
        role = "excluded" if name in roles.exclude else "feature"
    made = [CustomProperty(property="role", value=role)]
    if role == "label" and roles.positive is not None:
        made.append(CustomProperty(property="positive", value=roles.positive))
    return made


def _tags(found: personal.PersonalData | None) -> list[str] | None:
    if found is None:
        return None
    return ["personal-data", f"personal-data:{found.kind}", *(["special-category"] if found.special else [])]


def _closed(values: list[Any]) -> DataQuality:
    rule = {"type": "library", "metric": "invalidValues", "dimension": "conformity", "mustBe": 0}
    return DataQuality.model_validate(rule | {"arguments": {"validValues": values}})


def _enum(one: ColumnProfile, *, is_label: bool) -> list[Any]:
    """The closed set of values, sorted, or nothing."""
    if is_label and one.kind in ("string", "integer") and 0 < one.distinct <= LABEL_VALUES:
        return list(one.values)
    if one.kind != "string" or not 1 < one.distinct <= ENUM_VALUES or one.present < ENUM_REPEAT * one.distinct:
        return []
    values = [str(value) for value in one.values]
    for calendar in _CALENDARS:
        if set(values) <= set(calendar):
            return list(calendar)
    if one.seen_once / one.present >= ENUM_UNSEEN or one.late:
        return []
    return values


def _options(one: ColumnProfile, found: personal.PersonalData | None) -> dict[str, Any]:
    if one.kind == "timestamp":
        return {"timezone": one.zoned}
    if one.kind in ("integer", "number"):
        return _range(one)
    if one.kind == "string" and found is not None and found.kind == "email" and found.told_by == "values":
        return {"pattern": EMAIL_PATTERN} if _all_match(EMAIL_PATTERN, one) else {}
    if one.shapes == 1 and one.distinct >= PATTERN_VALUES and (pattern := _pattern(one)):
        return {"pattern": pattern}
    return {}


def _range(one: ColumnProfile) -> dict[str, Any]:
    """Bounds that the meaning of the column gives."""
    least, most = one.minimum, one.maximum
    if not isinstance(least, (int, float)) or not isinstance(most, (int, float)):
        return {}
    words = personal.words_of(one.name)
    for pattern, low, high in _NAMED_RANGES:
        if pattern.search(words) and low <= least and most <= high:
            return {"minimum": low, "maximum": high}
    if least < 0:
        return {}
    piled = one.present >= COUNT_ROWS and least in (0, 1) and one.at_minimum >= COUNT_SHARE * one.present
    if _COUNTED.search(words) or (one.kind == "integer" and piled):
        return {"minimum": 0}
    return {}


def _pattern(one: ColumnProfile) -> str | None:
    """A pattern for codes that all values kept in the profile share, or None."""
    texts = [str(value) for value in one.values]
    shapes = {_shape(text) for text in texts}
    if len(shapes) != 1:
        return None
    shape = shapes.pop()
    if len(shape) > 12 or "9" not in shape or len(set(shape)) < 2 or " " in shape:
        return None
    runs = [_runs(text) for text in texts]
    parts = [_part(sign, [run[at] for run in runs]) for at, sign in enumerate(shape)]
    pattern = "^" + "".join(parts) + "$"
    return pattern if _all_match(pattern, one) else None


def _shape(text: str) -> str:
    return "".join(run[0] if not run[0].isalnum() else _sign(run[0]) for run in _runs(text))


def _sign(char: str) -> str:
    if char in "0123456789":
        return "9"
    return "A" if "A" <= char <= "Z" else "a" if "a" <= char <= "z" else "x"


def _runs(text: str) -> list[str]:
    return re.findall(r"[0-9]+|[A-Z]+|[a-z]+|.", text, flags=re.DOTALL)


def _part(sign: str, found: Sequence[str]) -> str:
    if sign == "9":
        lengths = {len(run) for run in found}
        grows = len(lengths) > 1 or not any(run.startswith("0") for run in found)
        return "[0-9]+" if grows else f"[0-9]{{{lengths.pop()}}}"
    if len(set(found)) == 1:
        return re.escape(found[0])
    return {"A": "[A-Z]+", "a": "[a-z]+"}.get(sign, ".")


def _all_match(pattern: str, one: ColumnProfile) -> bool:
    return all(re.fullmatch(pattern, str(value)) for value in one.values)


def _physical(one: ColumnProfile) -> str:
    """The type in the lake, in Iceberg's words."""
    if one.kind == "timestamp":
        return "timestamptz" if one.zoned else "timestamp"
    return {"string": "string", "integer": "long", "number": "double", "boolean": "boolean", "date": "date"}[one.kind]


def _observed(one: ColumnProfile, found: personal.PersonalData | None) -> dict[str, Any]:
    """What was seen, for people and later comparisons; extremes of restricted columns are left out."""
    facts: dict[str, Any] = {"rows": one.rows, "missing": one.missing, "distinct": one.distinct}
    if one.minimum is not None and (found is None or found.classification != "restricted"):
        facts |= {"minimum": _plain(one.minimum), "maximum": _plain(one.maximum)}
        if one.mean is not None:
            facts["mean"] = one.mean
    return facts


def _plain(value: Value | None) -> str | int | float | bool | None:
    """A value as JSON holds it without loss."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > SAFE_INTEGER:
        return str(value)
    return value
