"""The API page: every operation of the OpenAPI document, with parameters, bodies, answers, and calls ready to copy.

Viewers of others were measured and do not fit: see docs/adr/0008-pages.md. This one is drawn on the server from the same document
that tools read at ``/api/v1/openapi.json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import APIRouter, Request, Response

from headway.entrypoints.pages.viewer import open_page
from headway.kernel.errors import NotFound

router = APIRouter(include_in_schema=False)
DEEPEST = 4
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A parameter, or a field of a body."""

    name: str
    type: str
    is_required: bool
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation as the page shows it."""

    id: str
    tag: str
    method: str
    path: str
    summary: str
    parameters: tuple[Field, ...]
    media: str
    body: tuple[Field, ...]
    answer: str
    curl: str
    python: str


@router.get("/api-reference")
def show_areas(request: Request) -> Response:
    """The areas of the API with their operations by name."""
    groups: dict[str, list[Operation]] = {}
    for operation in operations():
        groups.setdefault(operation.tag, []).append(operation)
    return open_page(request, "apipage/areas.html", title="API", groups=groups)


@router.get("/api-reference/{tag}")
def show_area(tag: str, request: Request) -> Response:
    """The operations of one area, whole."""
    found = [operation for operation in operations() if operation.tag == tag]
    if not found:
        raise NotFound(f"the API has no area {tag}", hint="see /api-reference")
    return open_page(request, "apipage/area.html", title=tag.capitalize(), operations=found)


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation of the document, in its order."""
    from headway.entrypoints.http import described

    document = described().openapi()
    return tuple(
        _operation(document, method.upper(), path, found)
        for path, methods in document["paths"].items()
        for method, found in methods.items()
    )


def _operation(document: Schema, method: str, path: str, found: Schema) -> Operation:
    content = found.get("requestBody", {}).get("content", {})
    media = next(iter(content), "")
    body = _resolved(document, content[media]["schema"]) if media else {}
    example = _example(document, body, 0) if media else None
    return Operation(
        id=found["operationId"],
        tag=found.get("tags", ["other"])[0],
        method=method,
        path=path,
        summary=(found.get("description") or found.get("summary", "")).split("\n\n")[0],
        parameters=tuple(_parameters(document, found)),
        media=media,
        body=tuple(_fields(document, body)),
        answer=_answer(document, found),
        curl=_curl(method, path, media, example),
        python=_python(method, path, media, example),
    )


def _parameters(document: Schema, found: Schema) -> Iterator[Field]:
    for each in found.get("parameters", ()):
        yield Field(
            name=each["name"],
            type=_type(document, each["schema"]),
            is_required=bool(each.get("required")),
            text=each.get("description", ""),
            place=each["in"],
        )


def _fields(document: Schema, schema: Schema) -> Iterator[Field]:
    for name, each in schema.get("properties", {}).items():
        needed = name in schema.get("required", ())
        yield Field(name=name, type=_type(document, each), is_required=needed, text=each.get("description", ""))


def _answer(document: Schema, found: Schema) -> str:
    for status, answer in found["responses"].items():
        content = answer.get("content", {})
        if status.startswith("2") and "application/json" in content:
            schema = content["application/json"].get("schema", {})
            return json.dumps(_example(document, _resolved(document, schema), 0), indent=2)
    return ""


def _resolved(document: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _type(document: Schema, schema: Schema) -> str:
    if "$ref" in schema:
        found = _resolved(document, schema)
        return _type(document, found) if "enum" in found else str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(document, each) for each in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(json.dumps(each) for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(document, schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")


def _example(document: Schema, schema: Schema, depth: int) -> object:
    schema = _resolved(document, schema)
    if "anyOf" in schema:
        return _example(document, schema["anyOf"][0], depth)
    if "enum" in schema:
        return schema["enum"][0]
    if "default" in schema and schema["default"] is not None:
        return schema["default"]
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        fields = schema.get("properties", {}) if depth < DEEPEST else {}
        return {name: _example(document, each, depth + 1) for name, each in fields.items()}
    if kind == "array":
        return [_example(document, schema.get("items", {}), depth + 1)] if depth < DEEPEST else []
    plain: dict[str | None, object] = {"integer": 1, "number": 1.0, "boolean": True, "string": "text", "null": None}
    return "2026-01-31T09:00:00Z" if schema.get("format") == "date-time" else plain.get(kind, {})


def _curl(method: str, path: str, media: str, example: object) -> str:
    lines = [f'curl -X {method} "$HEADWAY_URL{path}"', '  -H "Authorization: Bearer $HEADWAY_TOKEN"']
    if media == "application/json":
        lines += ['  -H "Content-Type: application/json"', f"  -d '{json.dumps(example)}'"]
    elif media and isinstance(example, dict):
        lines += [f"  -F {name}={'@FILE' if name == 'file' else json.dumps(value)}" for name, value in example.items()]
    return " \\\n".join(lines)


def _python(method: str, path: str, media: str, example: object) -> str:
    place = path.removeprefix("/api/v1")
    call = f'client.{method.lower()}("{place}"'
    if media == "application/json":
        call += f", {example!r}"
    return f"from headway_client import Client\n\nwith Client.from_env() as client:\n    answer = {call})"
