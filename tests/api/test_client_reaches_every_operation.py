"""Every operation of the OpenAPI document has a method of the Python client, and what each method sends fits it.

Each method is really called, against a transport that records. When this fails because a route was added or changed,
the text of the failure holds the lines to paste.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from typing import Any, Literal, NamedTuple, get_args, get_origin

import httpx
import pytest

from headway.entrypoints.http import PREFIX, described
from headway.entrypoints.idempotency import CARRIES_SECRETS
from headway_client import Answer, AsyncClient, Client, Page, retries
from headway_client.answer import readers
from headway_client.calls import File
from headway_client.operations import ListOperation, Namespace, Operation
from tests.factories.client_stubs import Document

DOCUMENT = Document(described().openapi(), PREFIX)
NAMESPACES = {
    name: space
    for name, space in vars(Client("http://x", transport=httpx.MockTransport(lambda _: httpx.Response(500)))).items()
    if isinstance(space, Namespace)
}


class Method(NamedTuple):
    """A method of the client, by the names one writes: ``client.usecases.show``."""

    space: str
    name: str
    declared: Any  # an Operation or ListOperation, whose __get__ a type checker would take for this class's

    @property
    def key(self) -> tuple[str, str]:
        """HTTP method and path."""
        return self.declared.method, self.declared.path

    def __str__(self) -> str:
        return f"client.{self.space}.{self.name}"


def methods() -> Iterator[Method]:
    for space, namespace in NAMESPACES.items():
        for name, declared in vars(type(namespace)).items():
            if isinstance(declared, Operation | ListOperation):
                yield Method(space, name, declared)


METHODS = list(methods())


# ------------------------------------------------------------------------------------------------ values for every call
def example(schema: Mapping[str, Any], name: str) -> Any:
    """A value that fits a schema."""
    schema = DOCUMENT.follow(schema)
    if "anyOf" in schema:
        return example(next(one for one in schema["anyOf"] if one.get("type") != "null"), name)
    if schema.get("enum"):
        return schema["enum"][0]
    match schema.get("type"):
        case "array":
            return [example(schema.get("items", {}), name)]
        case "integer":
            return max(2, schema.get("minimum", 2))
        case "number":
            return 0.5
        case "boolean":
            return True
        case "object":
            needed = schema.get("required", [])
            return {n: example(about, n) for n, about in schema.get("properties", {}).items() if n in needed}
        case _:
            formats = {"date-time": "2026-03-02T12:00:00Z", "date": "2026-03-02"}
            return formats.get(schema.get("format", ""), f"some/{name}"[: schema.get("maxLength", 200)])


def schemas_of(operation: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What each name in path, query and body may hold."""
    found = {p["name"]: p["schema"] for p in operation.get("parameters", []) if p["in"] in ("path", "query")}
    body = DOCUMENT.body(operation)
    return {**found, **(body[1].get("properties", {}) if body else {})}


def arguments(method: Method, *, whole: bool) -> dict[str, Any]:
    """What to call a method with: everything that it takes, or only what it needs."""
    known = schemas_of(DOCUMENT.operations[method.key])
    wanted = [p for p in method.declared.parameters if whole or p.default is inspect.Parameter.empty]
    unknown = [p.name for p in wanted if p.name not in known]
    assert not unknown, f"{method} takes {unknown}, which {' '.join(method.key)} does not know; it knows {list(known)}"
    files = set(method.declared.files)
    return {p.name: ("a.csv", b"a,b\n1,2\n") if p.name in files else example(known[p.name], p.name) for p in wanted}


class Recorder:
    """Answers every request alike and keeps it."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        return httpx.Response(200, json={"items": [], "next": None})


RECORDER = Recorder()
CLIENT = Client("http://x", "token", transport=httpx.MockTransport(RECORDER))


def send(method: Method, *, whole: bool) -> httpx.Request:
    """The request that a call of the method makes."""
    made = getattr(getattr(CLIENT, method.space), method.name)(**arguments(method, whole=whole))
    if isinstance(method.declared, ListOperation):
        made.page(limit=2, cursor="c")
    return RECORDER.requests.pop()


# ------------------------------------------------------------------------------------------------ is it what the document says
def faults(schema: Mapping[str, Any], value: Any, where: str) -> list[str]:
    """What of a JSON value breaks a schema."""
    schema = DOCUMENT.follow(schema)
    if "anyOf" in schema:
        tried = [faults(one, value, where) for one in schema["anyOf"]]
        return [] if any(not one for one in tried) else min(tried, key=len)
    kinds: dict[str, type | tuple[type, ...]] = {
        "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict, "null": type(None),
    }  # fmt: skip
    kind = schema.get("type")
    if kind and not isinstance(value, kinds[kind]):
        return [f"{where}: {value!r} is not a {kind}"]
    if schema.get("enum") and value not in schema["enum"]:
        return [f"{where}: {value!r} is not one of {schema['enum']}"]
    if kind == "array":
        return [fault for i, one in enumerate(value) for fault in faults(schema.get("items", {}), one, f"{where}[{i}]")]
    if kind == "object" and "properties" in schema:
        known = schema["properties"]
        found = [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
        found += [f"{where}: {name} is not known" for name in value if name not in known]
        return found + [fault for n in value if n in known for fault in faults(known[n], value[n], f"{where}.{n}")]
    return []


def form_of(request: httpx.Request) -> dict[str, list[str]]:
    """The fields of a multipart body."""
    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
    found: dict[str, list[str]] = {}
    for part in message_from_bytes(head + request.content).get_payload():
        assert not isinstance(part, str)
        name = part.get_param("name", header="content-disposition")
        found.setdefault(str(name), []).append(str(part.get_payload()))
    return found


def check(request: httpx.Request, method: Method) -> list[str]:
    """What of a request breaks the operation it is meant for."""
    operation = DOCUMENT.operations[method.key]
    parameters = {p["name"]: p for p in operation.get("parameters", []) if p["in"] == "query"}
    found = [f"query {name} is not known" for name in request.url.params if name not in parameters]
    found += [
        f"query {name} is missing"
        for name, p in parameters.items()
        if p.get("required") and name not in request.url.params
    ]
    body = DOCUMENT.body(operation)
    if body is None:
        return found + ([f"a body is sent: {request.content!r}"] if request.content else [])
    media, schema = body
    assert request.headers.get("content-type", "").startswith(media), (media, request.headers)
    if media == "application/json":
        return found + faults(schema, json.loads(request.content), "body")
    sent = form_of(request)
    found += [f"field {name} is not known" for name in sent if name not in schema["properties"]]
    return found + [f"field {name} is missing" for name in schema.get("required", []) if name not in sent]


@pytest.mark.parametrize("whole", [True, False], ids=["everything", "only what is needed"])
@pytest.mark.parametrize("method", METHODS, ids=str)
def test_what_a_method_sends_fits_the_document(method: Method, whole: bool) -> None:
    assert method.key in DOCUMENT.operations, f"{method} asks for {' '.join(method.key)}, which the API does not have"
    request = send(method, whole=whole)
    template = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(PREFIX + method.declared.path))
    assert request.method == method.declared.method
    assert re.fullmatch(template, request.url.raw_path.decode().partition("?")[0]), request.url
    assert check(request, method) == []


# ------------------------------------------------------------------------------------------------ is everything reached
def test_every_operation_is_reached() -> None:
    reached = {method.key for method in METHODS}
    missing = [key for key in DOCUMENT.operations if key not in reached]
    stubs = "\n\n".join([DOCUMENT.method_stub(*key) for key in missing] + new_classes(missing))
    assert not missing, (
        f"the Python client does not reach {len(missing)} operation(s): {missing}.\n"
        "Paste these into the namespace they belong to, in client/src/headway_client/namespaces/ (choose a short name;\n"
        f"a new namespace is also a line in namespaces/__init__.py), and the classes, if any, into answers/.\n\n{stubs}\n"
    )


def new_classes(keys: list[tuple[str, str]]) -> list[str]:
    """Answer classes of operations that the client does not have yet, with those inside them."""
    known = {kind.__name__ for _, kind, _ in PAIRS}
    found = DOCUMENT.classes_in(answer for key in keys if (answer := DOCUMENT.raw_answer(DOCUMENT.operations[key])))
    return [DOCUMENT.class_stub(name, schema) for name, schema in found.items() if name not in known]


def test_every_parameter_is_reached() -> None:
    missing = []
    for key, operation in DOCUMENT.operations.items():
        serving = [method for method in METHODS if method.key == key]
        taken = {p.name for method in serving for p in method.declared.parameters}
        taken |= {name for method in serving for name in method.declared.fixed}
        if any(isinstance(method.declared, ListOperation) and method.declared.is_paged for method in serving):
            taken |= {"limit", "cursor"}
        missing += [f"{' '.join(key)}: {name}" for name in schemas_of(operation) if serving and name not in taken]
    assert missing == [], "give the methods of the Python client these parameters"


def test_defaults_and_closed_sets_are_those_of_the_server() -> None:
    wrong = []
    for method in METHODS:
        known = schemas_of(DOCUMENT.operations[method.key])
        for parameter in method.declared.parameters:
            schema = DOCUMENT.follow(known[parameter.name])
            if parameter.default not in (inspect.Parameter.empty, None, schema.get("default"), ()):
                wrong.append(
                    f"{method}({parameter.name}={parameter.default!r}): the server has {schema.get('default')!r}"
                )
            members = [DOCUMENT.follow(one) for one in schema.get("anyOf", [schema])]
            allowed = next((set(one["enum"]) for one in members if one.get("enum")), None)
            written = literals(method.declared.hints[parameter.name])
            if allowed is not None and written != allowed:
                wrong.append(f"{method}({parameter.name}: {written}): the server takes {allowed}")
    assert wrong == []


def literals(hint: Any) -> set[Any]:
    """The values of the Literal in a type."""
    if get_origin(hint) is Literal:
        return set(get_args(hint))
    return {value for inner in get_args(hint) for value in literals(inner)}


def test_files_are_declared_as_files() -> None:
    for method in METHODS:
        body = DOCUMENT.body(DOCUMENT.operations[method.key])
        properties = body[1].get("properties", {}) if body else {}
        binary = {name for name, about in properties.items() if "contentMediaType" in str(about)}
        taken = {p.name for p in method.declared.parameters}
        assert set(method.declared.files) == binary & taken, f"{method}: files={sorted(binary)}"
        assert all(File in {method.declared.hints[n], *get_args(method.declared.hints[n])} or
                   set(get_args(File)) <= set(get_args(method.declared.hints[n])) for n in binary & taken), str(method)  # fmt: skip


# ------------------------------------------------------------------------------------------------ what comes back
def answer_pairs() -> Iterator[tuple[str, type[Answer], Mapping[str, Any]]]:
    """Each answer class with the schema that it is read from, nested ones included."""
    waiting: list[tuple[str, Any, Mapping[str, Any]]] = []
    for method in METHODS:
        answer = DOCUMENT.answer(DOCUMENT.operations[method.key])
        if isinstance(method.declared, ListOperation):
            if answer and "properties" in answer:
                waiting.append((str(method), method.declared.kind, answer["properties"]["items"]["items"]))
        elif answer:
            hint = method.declared.hints["return"]
            if get_origin(hint) is Page:
                hint, answer = get_args(hint)[0], answer["properties"]["items"]["items"]
            waiting.append((str(method), hint, answer))
    seen: set[tuple[type, str]] = set()
    while waiting:
        said, hint, schema = waiting.pop()
        for kind, about in matched(hint, schema):
            mark = (kind, str(sorted(about.get("properties", {}))))
            if mark in seen:
                continue
            seen.add(mark)
            yield said, kind, about
            hints = inspect.get_annotations(kind, eval_str=True)
            waiting += [
                (f"{kind.__name__}.{name}", hints[name], inner)
                for name, inner in about.get("properties", {}).items()
                if name in hints
            ]


def matched(hint: Any, schema: Mapping[str, Any]) -> Iterator[tuple[type[Answer], Mapping[str, Any]]]:
    """The answer classes in a type, beside the schemas of the same name or place."""
    schema = DOCUMENT.follow(schema)
    objects = [one for one in map(DOCUMENT.follow, schema.get("anyOf", [schema])) if "properties" in one]
    if isinstance(hint, type) and issubclass(hint, Answer):
        if objects:
            yield hint, max(objects, key=lambda one: len(set(one["properties"]) & set(readers(hint))))
        return
    if get_origin(hint) is list and schema.get("items"):
        yield from matched(get_args(hint)[0], schema["items"])
        return
    for inner in get_args(hint):
        members = schema.get("anyOf", [schema])
        arrays = [one for one in members if DOCUMENT.follow(one).get("items")]
        yield from matched(inner, arrays[0] if get_origin(inner) is list and arrays else schema)


PAIRS = list(answer_pairs())


@pytest.mark.parametrize(("said", "kind", "schema"), PAIRS, ids=[f"{k.__name__} of {s}" for s, k, _ in PAIRS])
def test_answer_classes_have_the_fields_that_the_server_tells(
    said: str, kind: type[Answer], schema: Mapping[str, Any]
) -> None:
    told, known = DOCUMENT.fields_of(schema), set(readers(kind))
    place = inspect.getsourcefile(kind)
    missing = [f"    {name}: {written}" for name, written in told.items() if name not in known]
    assert not missing, f"{kind.__name__} in {place} needs these lines:\n" + "\n".join(missing)
    assert known - set(told) == set(), f"{kind.__name__} in {place} has fields that the server does not tell"


def test_objects_are_answered_as_classes() -> None:
    plain = []
    for method in METHODS:
        answer = DOCUMENT.answer(DOCUMENT.operations[method.key])
        hint = method.declared.kind if isinstance(method.declared, ListOperation) else method.declared.hints["return"]
        schema = answer["properties"]["items"]["items"] if answer and "next" in answer.get("properties", {}) else answer
        if schema and "properties" in DOCUMENT.follow(schema) and hint in (dict[str, Any], Any):
            plain.append(f"{method}:\n{DOCUMENT.class_stub('NAME', DOCUMENT.follow(schema))}")
    assert not plain, "give these methods an answer class, in client/src/headway_client/answers/:\n\n" + "\n\n".join(
        plain
    )


def test_no_field_hides_behind_a_method() -> None:
    reserved = {name for name in dir(Answer) if not name.startswith("_")}
    hidden = [f"{kind.__name__}.{name}" for _, kind, _ in PAIRS for name in readers(kind) if name in reserved]
    assert hidden == [], 'a field of this name is reached by answer["name"] only; rename the method of Answer'


# ------------------------------------------------------------------------------------------------ both clients alike
def test_the_async_client_sends_the_same() -> None:
    async def all_of_them() -> list[tuple[str, str, bytes]]:
        recorder = Recorder()
        sent = []
        async with AsyncClient("http://x", "token", transport=httpx.MockTransport(recorder)) as client:
            for method in METHODS:
                if method.declared.files:
                    continue  # the boundary differs from one form to the next
                made = getattr(getattr(client, method.space), method.name)(**arguments(method, whole=True))
                await (made.page(2, "c") if isinstance(method.declared, ListOperation) else made)
                request = recorder.requests[-1]
                sent.append((request.method, str(request.url), request.content))
        return sent

    expected = [send(method, whole=True) for method in METHODS if not method.declared.files]
    assert asyncio.run(all_of_them()) == [(r.method, str(r.url), r.content) for r in expected]


def test_client_and_server_agree_on_what_carries_secrets() -> None:
    assert retries.CARRIES_SECRETS.pattern == CARRIES_SECRETS.pattern


SECRET_NAMES = re.compile(r"password|secret|^code$|^token$|passphrase|api_key")


def test_what_holds_a_secret_lies_where_no_answers_are_kept() -> None:
    """The server remembers answers, and digests of requests, by Idempotency-Key, but not on these addresses."""
    open_to_it = []
    for (method, path), operation in DOCUMENT.operations.items():
        sent, told = DOCUMENT.body(operation), DOCUMENT.answer(operation)
        names = {*(sent[1] if sent else {}).get("properties", {}), *(told or {}).get("properties", {})}
        holds = sorted(name for name in names if SECRET_NAMES.search(name))
        if method != "GET" and holds and not CARRIES_SECRETS.search(PREFIX + path):
            open_to_it.append(f"{method} {path}: {holds}")
    assert open_to_it == [], (
        "add the address to CARRIES_SECRETS in src/headway/entrypoints/idempotency.py and in the client's retries.py"
    )


def test_the_missing_lines_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    without = [method for method in METHODS if method.key != ("GET", "/usecases/{slug}")]
    monkeypatch.setitem(globals(), "METHODS", without)
    with pytest.raises(AssertionError, match=r'@get\("/usecases/\{slug\}"\)\n +def show_usecase\(self, slug: str\)'):
        test_every_operation_is_reached()
