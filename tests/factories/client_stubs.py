"""What the OpenAPI document says, as lines to paste into the Python client."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Schema = Mapping[str, Any]
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "object": "dict[str, Any]"}


def is_page(answer: Schema | None) -> bool:
    """Whether an answer is a list in pages."""
    return answer is not None and {"items", "next"} <= set(answer.get("properties", {}))


class Document:
    """An OpenAPI document with its references followed."""

    def __init__(self, raw: Mapping[str, Any], prefix: str) -> None:
        self.raw = raw
        self.operations: dict[tuple[str, str], Mapping[str, Any]] = {
            (method.upper(), path.removeprefix(prefix)): operation
            for path, methods in raw["paths"].items()
            for method, operation in methods.items()
        }

    def follow(self, schema: Schema) -> Schema:
        """The schema itself, a reference followed."""
        while "$ref" in schema:
            schema = self.raw["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def body(self, operation: Mapping[str, Any]) -> tuple[str, Schema] | None:
        """Media type and schema of what an operation is sent."""
        content = operation.get("requestBody", {}).get("content", {})
        for media, about in content.items():
            return media, self.follow(about["schema"])
        return None

    def answer(self, operation: Mapping[str, Any]) -> Schema | None:
        """The schema of the JSON that an operation answers; None when it is free or something else."""
        for status, about in operation["responses"].items():
            content = about.get("content", {}).get("application/json", {})
            if status.startswith("2") and content.get("schema"):
                return self.follow(content["schema"])
        return None

    def raw_answer(self, operation: Mapping[str, Any]) -> Schema | None:
        """The schema of an answer as written, references kept."""
        for status, about in operation["responses"].items():
            schema: Schema | None = about.get("content", {}).get("application/json", {}).get("schema")
            if status.startswith("2") and schema:
                return schema
        return None

    def classes_in(self, schemas: Iterable[Schema]) -> dict[str, Schema]:
        """Every object that schemas refer to, by name; pages are left out, their items are not."""
        found: dict[str, Schema] = {}
        waiting = list(schemas)
        while waiting:
            schema = waiting.pop()
            target = self.follow(schema)
            name = schema.get("$ref", "").rpartition("/")[2].rpartition("__")[2]
            if name in found:
                continue
            inner = target.get("properties", {})
            if name and inner and "next" not in inner and not name.startswith("Page_"):
                found[name] = target
            waiting += [*inner.values(), *target.get("anyOf", [])]
            waiting += [one for key in ("items", "additionalProperties") if isinstance(one := target.get(key), dict)]
        return found

    def type_of(self, schema: Schema) -> str:
        """A schema as a type of the client."""
        if "$ref" in schema:
            target = self.follow(schema)
            if "properties" not in target:
                return self.type_of(target)
            return str(schema["$ref"].rpartition("/")[2].rpartition("__")[2])
        if "anyOf" in schema:
            members = list(dict.fromkeys(self.type_of(one) for one in schema["anyOf"]))
            return " | ".join([one for one in members if one != "None"] + (["None"] if "None" in members else []))
        if schema.get("type") == "array":
            return f"list[{self.type_of(schema.get('items', {}))}]"
        if schema.get("type") == "null":
            return "None"
        if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
            inner = self.type_of(schema["additionalProperties"])
            return f"dict[str, {'Any' if '|' in inner else inner}]"
        formats = {"date-time": "datetime", "date": "date"}
        return formats.get(schema.get("format", ""), _PLAIN.get(schema.get("type", ""), "Any"))

    def fields_of(self, schema: Schema) -> dict[str, str]:
        """The fields of an object with their types."""
        return {name: self.type_of(about) for name, about in schema.get("properties", {}).items()}

    def class_stub(self, name: str, schema: Schema) -> str:
        """An answer class to paste."""
        told = (schema.get("description") or name).split("\n\n")[0].replace("\n", " ")
        lines = [f"class {name}(Answer):", f'    """{told}"""', ""]
        return "\n".join([*lines, *(f"    {field}: {kind}" for field, kind in self.fields_of(schema).items())])

    def method_stub(self, method: str, path: str) -> str:
        """A method to paste."""
        operation = self.operations[method, path]
        answer = self.answer(operation)
        is_list = method == "GET" and is_page(answer)
        parameters = [p for p in operation.get("parameters", []) if p["in"] in ("path", "query")]
        first = [f"{p['name']}: {self._input(p['schema'])}" for p in parameters if p["in"] == "path"]
        named = [(p["name"], p["schema"], p.get("required", False)) for p in parameters if p["in"] == "query"]
        if is_list:
            named = [one for one in named if one[0] not in ("limit", "cursor")]
        body = self.body(operation)
        files = []
        if body:
            needed = body[1].get("required", [])
            named += [(name, about, name in needed) for name, about in body[1].get("properties", {}).items()]
            files = [n for n, about in body[1].get("properties", {}).items() if "contentMediaType" in str(about)]
        rest = [
            f"{name}: {'File' if name in files else self._input(about)}"
            + ("" if needed else f" = {about.get('default')!r}")
            for name, about, needed in named
        ]
        signature = ", ".join(["self", *first, *(["*", *rest] if rest else [])])
        kind = self._answer_type(answer, is_list)
        extra = f", files={tuple(files)!r}" if files else ""
        if is_list and "limit" not in [p["name"] for p in parameters]:
            extra += ", is_paged=False"
        name = operation["operationId"].split("_api_v1_")[0]
        told = (operation.get("description") or "").strip().split("\n\n")[0].replace("\n", " ")
        decorator = "lists" if is_list else method.lower()
        return f'    @{decorator}("{path}"{extra})\n    def {name}({signature}) -> {kind}:\n        """{told}"""'

    def _input(self, schema: Schema) -> str:
        target = self.follow(schema)
        if target.get("enum"):
            return f"Literal[{', '.join(repr(v) for v in target['enum'])}]"
        if "anyOf" in target:
            return " | ".join(dict.fromkeys(self._input(one) for one in target["anyOf"]))
        if target.get("type") == "object" or "properties" in target:
            return "Mapping[str, object]"
        return self.type_of(target).replace("list[", "Sequence[").replace("datetime", "datetime | str")

    def _answer_type(self, answer: Schema | None, is_list: bool) -> str:
        if answer is None:
            return "dict[str, Any]"
        if is_page(answer):
            return f"{'Each' if is_list else 'Page'}[{self.type_of(answer['properties']['items']['items'])}]"
        for name, schema in self.raw["components"]["schemas"].items():
            if schema is answer:
                return str(name.rpartition("__")[2])
        return self.type_of(answer)
