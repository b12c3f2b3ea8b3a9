"""Descriptors in the words of the Open Data Product Standard (ODPS, Bitol): written as 1.1, read as 0.9, 1.0 and 1.1.

What the standard has no field for stands in custom properties of the vendor ``headway``: ``serviceLevels``, ``classification``, and at
output ports ``state``, ``endsOn``, ``successor``, ``contractDigest``. Source: bitol-io/open-data-product-standard, v1.1.0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

import yaml

from headway.catalog.odps.entities import Descriptor, Plain, Said, Targets
from headway.catalog.odps.errors import DescriptorInvalid
from headway.kernel.errors import Fault

WRITTEN_VERSION: Final = "v1.1.0"
READ_VERSIONS: Final = ("v0.9.0", "v1.0.0", "v1.1.0")
VENDOR: Final = "headway"
_LIMIT: Final = 1_000_000
_STATUSES: Final = ("proposed", "draft", "active", "deprecated", "retired")
_OWN: Final = ("serviceLevels", "classification")
_LEVELS: Final = {
    "freshnessHours": "freshness_hours",
    "completeness": "completeness",
    "latencyHours": "latency_hours",
}
_KEPT: Final = ("tenant", "synonyms", "context", "authoritativeDefinitions", "customProperties")
_TEXTS: Final = (
    "apiVersion",
    "kind",
    "id",
    "name",
    "version",
    "status",
    "domain",
    "type",
    "tenant",
    "productCreatedTs",
)
_LISTS: Final = {
    "inputPorts": ("name",),
    "outputPorts": ("name",),
    "managementPorts": ("name", "content"),
    "support": ("channel", "url"),
    "authoritativeDefinitions": ("type", "url"),
    "customProperties": ("property", "value"),
    "synonyms": ("synonym",),
}
"""Lists of the standard, and what each item must have."""
_PORT: Final = {
    "id",
    "name",
    "deprecated",
    "version",
    "contractId",
    "tags",
    "customProperties",
    "authoritativeDefinitions",
}
_ITEMS: Final[Mapping[str, set[str]]] = {
    "inputPorts": _PORT,
    "outputPorts": _PORT | {"description", "type", "sbom", "inputContracts", "synonyms", "context"},
    "managementPorts": (_PORT - {"version", "contractId"}) | {"content", "type", "url", "channel", "description"},
    "support": {
        "id", "channel", "url", "description", "tool", "scope", "invitationUrl", "tags", "customProperties",
        "authoritativeDefinitions",
    },
    "customProperties": {"id", "property", "value", "description", "vendor"},
}  # fmt: skip
_MEMBER: Final = {
    "id", "username", "name", "description", "role", "dateIn", "dateOut", "replacedByUsername", "tags", "customProperties",
    "authoritativeDefinitions",
}  # fmt: skip
OWNER, STEWARD = "owner", "data steward"
FindPerson = Callable[[str], str | None]
"""The reference of the person that a text means, or None."""


def to_odps(one: Descriptor, *, named: Mapping[str, tuple[str, str]], base_url: str | None) -> dict[str, object]:
    """Write a descriptor in the standard's words and order.

    Args: named: user name and name of the people by reference.  base_url: of the API, for management ports; without it they are left out.
    """
    said, extra, place = one.said, dict(one.said.extra), (base_url or "").rstrip("/")
    levels = {key: value for key, name in _LEVELS.items() if (value := getattr(said.targets, name)) is not None}
    customs = [_custom("serviceLevels", levels)] if levels else []
    customs += [_custom("classification", said.classification)] if said.classification else []
    customs += cast("list[dict[str, object]]", extra.pop("customProperties", []))
    made: dict[str, object] = {
        "apiVersion": WRITTEN_VERSION,
        "kind": "DataProduct",
        "id": one.product,
        "name": one.name,
        "version": one.version,
        "status": one.status,
        "deprecated": True if one.status == "deprecated" else None,
        "domain": said.domain or one.department,
        "type": said.type,
        "description": _filled({"purpose": said.purpose, "limitations": said.limitations, "usage": said.usage}),
        "tags": list(said.tags),
        **extra,
        "inputPorts": [
            _filled({"name": port.name, "version": port.version, "contractId": port.contract_id})
            for port in one.input_ports
        ],
        "outputPorts": _output_ports(one),
        "managementPorts": [
            {
                "name": port.name,
                "content": port.content,
                "type": "rest",
                "url": f"{place}{port.address}",
                "description": port.description,
            }
            for port in (one.management_ports if place else ())
        ],
        "support": [dict(channel) for channel in said.support],
        "team": {"name": one.department, "members": _members(one, named)},
        "customProperties": customs,
        "productCreatedTs": one.created_at.isoformat().replace("+00:00", "Z"),
    }
    return _filled(made)


def to_yaml(document: Plain) -> str:
    """The document as YAML, in its order."""
    return yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=120)


def from_odps(text: str, *, product: str, department: str, find: FindPerson) -> Said:
    """Read what people say of a product from a document of the standard (YAML or JSON).

    Ports and status are known from records; they are looked over and not taken.
    Raises: DescriptorInvalid: not YAML, not ODPS, another product's, or people who are not known; all faults are listed.
    """
    loaded = _loaded(text)
    faults: list[Fault] = []
    _look_over(loaded, faults)
    if isinstance(loaded.get("id"), str) and loaded["id"] != product:
        _fault(faults, "id", f"it describes {loaded['id']}, not {product}")
    people = _people(loaded, faults, find)
    targets, classification, others = _own_of(loaded, faults)
    if faults:
        raise DescriptorInvalid("; ".join(one.message for one in faults), faults=faults)
    description = loaded.get("description") or {}
    domain = _text(loaded.get("domain"))
    extra = {key: loaded[key] for key in _KEPT if loaded.get(key) and key != "customProperties"}
    return Said(
        owner=people.get(OWNER),
        steward=people.get(STEWARD),
        domain=None if domain == department else domain,
        purpose=_text(description.get("purpose")),
        limitations=_text(description.get("limitations")),
        usage=_text(description.get("usage")),
        type=_text(loaded.get("type")),
        classification=classification,
        tags=tuple(loaded.get("tags") or ()),
        support=tuple(loaded.get("support") or ()),
        targets=targets,
        extra=extra | ({"customProperties": others} if others else {}),
    )


def _output_ports(one: Descriptor) -> list[dict[str, object]]:
    return [
        _filled(
            {
                "name": port.name,
                "type": port.kind,
                "version": port.version,
                "contractId": port.contract_id,
                "deprecated": True if port.state in ("deprecated", "retired") else None,
                "customProperties": [
                    _custom(name, value)
                    for name, value in (
                        ("state", port.state),
                        ("endsOn", port.ends_on),
                        ("successor", port.successor),
                        ("contractDigest", port.contract_digest),
                    )
                    if value is not None
                ],
            }
        )
        for port in one.output_ports
    ]


def _members(one: Descriptor, named: Mapping[str, tuple[str, str]]) -> list[dict[str, object]]:
    found = []
    for role, person in ((OWNER, one.owner), (STEWARD, one.said.steward)):
        if person is not None:
            username, name = named.get(person, (person, None))
            found.append(_filled({"username": username, "name": name, "role": role}))
    return found


def _custom(name: str, value: object) -> dict[str, object]:
    return {"property": name, "value": value, "vendor": VENDOR}


def _filled(values: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if value not in (None, [], {}, ())}


def _loaded(text: str) -> dict[str, Any]:
    if len(text) > _LIMIT:
        raise DescriptorInvalid(f"a descriptor has at most {_LIMIT:,} characters")
    try:
        loaded = yaml.load(text, Loader=_Texts)  # noqa: S506  a safe loader that leaves dates as they are written
    except yaml.YAMLError as error:
        raise DescriptorInvalid(f"the descriptor is not YAML: {' '.join(str(error).split())}") from error
    except (ValueError, RecursionError) as error:
        raise DescriptorInvalid(f"the descriptor cannot be read: {error}") from error
    if not isinstance(loaded, dict) or not all(isinstance(key, str) for key in loaded):
        raise DescriptorInvalid("a descriptor is a mapping with apiVersion, kind, id ...")
    return loaded


class _Texts(yaml.SafeLoader):
    """Reads dates as text, as the standard's JSON schema does."""


_Texts.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _look_over(loaded: Mapping[str, Any], faults: list[Fault]) -> None:
    """Hold the document to the standard: keys, types, what each item must have."""
    known = {*_TEXTS, *_LISTS, "deprecated", "context", "description", "tags", "team"}
    for key in sorted(set(loaded) - known):
        _fault(faults, key, "the standard has no such field")
    for key in _TEXTS:
        if loaded.get(key) is not None and not isinstance(loaded[key], str):
            _fault(faults, key, "must be a text")
    if loaded.get("apiVersion") not in READ_VERSIONS:
        _fault(faults, "apiVersion", f"must be one of {', '.join(READ_VERSIONS)}, not {loaded.get('apiVersion')!r}")
    if loaded.get("kind") != "DataProduct":
        _fault(faults, "kind", "must be DataProduct")
    if not loaded.get("id"):
        _fault(faults, "id", "is needed")
    if loaded.get("status") is not None and loaded["status"] not in _STATUSES:
        _fault(faults, "status", f"must be one of {', '.join(_STATUSES)}, not {loaded['status']!r}")
    if not _is_texts(loaded.get("tags")):
        _fault(faults, "tags", "must be a list of texts")
    description = loaded.get("description")
    if description is not None and not isinstance(description, dict):
        _fault(faults, "description", "must be a mapping with purpose, limitations, usage")
    for key, needed in _LISTS.items():
        _look_at_list(loaded.get(key), key, needed, faults)


def _look_at_list(value: object, key: str, needed: Sequence[str], faults: list[Fault]) -> None:
    if value is None:
        return
    if not isinstance(value, list):
        _fault(faults, key, "must be a list")
        return
    for at, item in enumerate(value):
        where = f"{key}.{at}"
        if not isinstance(item, dict):
            _fault(faults, where, "must be a mapping")
            continue
        for name in needed:
            if name not in item:
                _fault(faults, f"{where}.{name}", "is needed")
        for name in sorted(set(item) - _ITEMS.get(key, set(item))):
            _fault(faults, f"{where}.{name}", "the standard has no such field")


def _people(loaded: Mapping[str, Any], faults: list[Fault], find: FindPerson) -> dict[str, str]:
    """Owner and steward among the members of the team."""
    team = loaded.get("team") or {}
    if not isinstance(team, dict) or not isinstance(team.get("members") or [], list):
        _fault(faults, "team", "must be a mapping with name and members")
        return {}
    found: dict[str, str] = {}
    for at, member in enumerate(team.get("members") or []):
        where = f"team.members.{at}"
        if not isinstance(member, dict) or not isinstance(member.get("username"), str):
            _fault(faults, where, "must be a mapping with a username")
            continue
        for name in sorted(set(member) - _MEMBER):
            _fault(faults, f"{where}.{name}", "the standard has no such field")
        role = str(member.get("role") or "").strip().lower()
        role = STEWARD if role in (STEWARD, "steward") else role
        if role not in (OWNER, STEWARD) or member.get("dateOut"):
            continue
        person = find(member["username"])
        if person is None:
            _fault(faults, f"{where}.username", f"nobody is known as {member['username']!r}")
        elif role in found:
            _fault(faults, where, f"there is one {role}")
        else:
            found[role] = person
    return found


def _own_of(loaded: Mapping[str, Any], faults: list[Fault]) -> tuple[Targets, str | None, list[object]]:
    """Service levels and classification among the custom properties, and the custom properties beside them."""
    customs = loaded.get("customProperties")
    items = [one for one in customs if isinstance(one, dict)] if isinstance(customs, list) else []
    own = {one.get("property"): one.get("value") for one in items if one.get("property") in _OWN}
    levels = own.get("serviceLevels") or {}
    if not isinstance(levels, dict):
        _fault(faults, "customProperties.serviceLevels", f"must be a mapping with {', '.join(_LEVELS)}")
        levels = {}
    for name in sorted(set(map(str, levels)) - set(_LEVELS)):
        _fault(faults, f"customProperties.serviceLevels.{name}", f"levels are {', '.join(_LEVELS)}")
    values: dict[str, float | None] = {}
    for key, name in _LEVELS.items():
        value = levels.get(key)
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if value is not None and not is_number:
            _fault(faults, f"customProperties.serviceLevels.{key}", "must be a number")
        values[name] = float(value) if is_number and value is not None else None
    classification = own.get("classification")
    if classification is not None and not isinstance(classification, str):
        _fault(faults, "customProperties.classification", "must be a text")
    others: list[object] = [one for one in items if one.get("property") not in _OWN]
    return Targets(**values), classification if isinstance(classification, str) else None, others


def _is_texts(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _text(value: object) -> str | None:
    return str(value).strip() or None if value is not None else None


def _fault(faults: list[Fault], where: str, words: str) -> None:
    faults.append(Fault(rule="odps", column=where, message=f"{where}: {words}"))
