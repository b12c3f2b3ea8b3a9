"""Every route of the API, as it is described: closed without a token, never broken, and nothing given to the powerless."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Client, Response

from headway import identity
from headway.entrypoints.http import PREFIX, create_app, described
from headway.entrypoints.idempotency import CARRIES_SECRETS
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.asgi import client_of
from tests.factories.identity import join, local_owner

DIGEST = "sha256-" + "0" * 64
OPEN = {("POST", "/setup"), ("POST", "/sessions"), ("POST", "/sessions/join"), ("POST", "/sessions/link")}
# What every signed-in person may see or do: themselves, the tree of departments, why something is refused, their own.
OWN = {
    ("GET", "/whoami"),
    ("GET", "/permissions/explain"),
    ("GET", "/departments"),
    ("GET", "/tokens"),
    ("POST", "/tokens"),
    ("GET", "/sessions"),
    ("DELETE", "/sessions"),
    ("DELETE", "/sessions/current"),
    ("GET", "/activity"),
    ("GET", "/contract-changes"),
    ("GET", "/data-access"),
    ("GET", "/data-access/waiting"),
    ("GET", "/tasks"),
    ("GET", "/views"),
    ("POST", "/views"),
    ("GET", "/watches"),
    ("GET", "/inbox"),
    ("GET", "/inbox/unread"),
    ("POST", "/inbox/read"),
    ("GET", "/calendar"),
    ("POST", "/calendar"),
    ("DELETE", "/calendar"),
    ("GET", "/preferences"),
    ("PATCH", "/preferences"),
    ("GET", "/webhooks"),
    ("POST", "/webhooks"),
}
# Of these, what a token may do whatever its scopes.
OWN_WITHOUT_SCOPE = {
    ("GET", "/whoami"),
    ("GET", "/permissions/explain"),
    ("GET", "/departments"),
    ("DELETE", "/sessions/current"),
}
DOCUMENT: dict[str, Any] = described().openapi()
ROUTES = [
    (method.upper(), path.removeprefix(PREFIX), operation)
    for path, methods in sorted(DOCUMENT["paths"].items())
    for method, operation in methods.items()
]
NAMES = {"slug": "org", "environment": "sandbox", "person_id": "local"}
WORTH = {
    "subject_digest": DIGEST,
    "environment": "sandbox",
    "email": "eve@example.org",
    "principal": "person:local",
    "version": "model:leads@1",
    "subject": "usecase:leads",
    "value_per_success": "5 EUR",
    "page": "/usecases",
    "sharing": "nobody",
    "url": "https://hooks.example.org/",
}


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    """The whole application, with the real rules and real tokens."""
    authorizer = identity.CedarAuthorizer(parts.database)
    return create_app(dataclasses.replace(parts, authorizer=authorizer, authenticate=identity.authenticate))


@pytest.fixture
def powerless(app: FastAPI, parts: Parts) -> Iterator[Client]:
    """A client of a person who holds no role at all."""
    local_owner(parts.database)
    _, secret = join(parts.database, "Eve")
    with client_of(app, secret, PREFIX) as made:
        yield made


@pytest.mark.parametrize("token", [None, "hwy_00000000_" + "0" * 40, "x" * 10_000, "person:local"])
def test_without_a_token_that_counts_the_answer_is_401(app: FastAPI, token: str | None) -> None:
    wrong = []
    with client_of(app, token, PREFIX) as client:
        for method, path, operation in ROUTES:
            answer = ask(client, method, path, operation)
            allowed = (401, 403, 409, 422) if (method, path) in OPEN else (401,)
            if answer.status_code not in allowed:
                wrong.append((method, path, answer.status_code, answer.text[:300]))
    assert wrong == []


def test_a_person_without_roles_gets_nothing_and_breaks_nothing(powerless: Client, parts: Parts) -> None:
    wrong = []
    for method, path, operation in ROUTES:
        if (method, path) == ("DELETE", "/sessions/current"):
            continue  # it would end the token; tried last
        answer = ask(powerless, method, path, operation)
        allowed = {200, 201, 422} if (method, path) in OWN else {403, 404, 422}
        if (method, path) in OPEN:
            allowed = {401, 403, 409, 422}
        if answer.status_code not in allowed:
            wrong.append((method, path, answer.status_code, answer.text[:300]))
    assert wrong == []
    assert powerless.delete("/sessions/current").status_code == 200
    assert powerless.get("/whoami").status_code == 401


def test_a_token_without_any_scope_that_counts_gets_nothing(app: FastAPI, parts: Parts) -> None:
    owner, secret = local_owner(parts.database)
    with parts.database.session() as session:
        made = identity.create_token(session, owner, owner=Ref.parse(owner.ref), name="node", scopes=("decide",))
    with client_of(app, made.secret, PREFIX) as client:
        got = {
            (m, p): ask(client, m, p, o).status_code for m, p, o in ROUTES if (m, p) != ("DELETE", "/sessions/current")
        }
    given = {route for route, status in got.items() if status < 400}
    assert given <= OWN_WITHOUT_SCOPE
    assert not [route for route, status in got.items() if status >= 500]
    with client_of(app, secret, PREFIX) as client:
        assert client.get("/tokens").status_code == 200


def test_names_of_operations_are_unique_and_everything_is_described() -> None:
    names = Counter(operation["operationId"] for _, _, operation in ROUTES)
    assert [name for name, count in names.items() if count > 1] == []
    assert [(m, p) for m, p, operation in ROUTES if not operation.get("summary")] == []
    assert len(ROUTES) > 50


def test_answers_with_a_secret_are_never_stored_for_idempotency() -> None:
    telling = [
        path
        for method, path, operation in ROUTES
        if method != "GET" and {"secret", "token", "code", "password"} & fields_of(operation)
    ]
    assert "/grants" in telling
    assert "/people/{person_id}/invite" in telling
    assert [path for path in telling if not CARRIES_SECRETS.search(PREFIX + path)] == []


def test_the_description_is_served(app: FastAPI) -> None:
    with client_of(app, None, PREFIX) as client:
        assert client.get("/openapi.json").json()["paths"].keys() == DOCUMENT["paths"].keys()


def fields_of(operation: dict[str, Any]) -> set[str]:
    """The names of all fields that a request or its answer may hold at the top."""
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    schemas = [media.get("schema", {}) for body in bodies for media in body.get("content", {}).values()]
    return {name for schema in schemas for name in resolved(schema).get("properties", {})}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema, looked up where it is a reference."""
    found = schema
    if "$ref" in schema:
        found = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


@pytest.mark.parametrize(
    "path",
    [
        "/models/leads/versions/99999999999999999999",
        "/usecases/a%00b",
        "/deployments/a%00b",
        "/ledger/events?subject=usecase:a%00b",
        "/ledger/events?cursor=a%00b",
        "/tokens?owner=person:a%00b",
        "/deployments/",
        "/usecases/?limit=1",
    ],
)
def test_values_that_no_column_takes_are_told_and_break_nothing(app: FastAPI, parts: Parts, path: str) -> None:
    _, secret = local_owner(parts.database)
    with client_of(app, secret, PREFIX) as client:
        answer = client.get(path)
    assert answer.status_code in (200, 404, 422), answer.text
    assert "application" in answer.headers["content-type"]


def test_text_that_no_column_takes_is_refused(app: FastAPI, parts: Parts) -> None:
    _, secret = local_owner(parts.database)
    with client_of(app, secret, PREFIX) as client:
        body = {"slug": "leads", "title": "a\0b", "department": "org", "purpose": "a\0b"}
        answer = client.post("/usecases", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def ask(client: Client, method: str, path: str, operation: dict[str, Any]) -> Response:
    """Send a request that fits the description as well as can be known from it."""
    query = {}
    for parameter in operation.get("parameters", []):
        name = parameter["name"]
        if parameter["in"] == "path":
            path = path.replace("{" + name + "}", NAMES.get(name, f"no-such-{name.replace('_', '-')}"))
        elif parameter.get("required"):
            query[name] = value_of(name, parameter["schema"])
    sent: dict[str, Any] = {"params": query}
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        sent["json"] = value_of("", content["application/json"]["schema"])
    elif "multipart/form-data" in content:
        form = value_of("", content["multipart/form-data"]["schema"])
        sent["files"] = {"file": ("some.csv", b"a,b\n1,2\n", "text/csv")}
        sent["data"] = {key: value for key, value in form.items() if key != "file"}
    return client.request(method, path, **sent)


def value_of(name: str, schema: dict[str, Any]) -> Any:
    """A value that a schema takes."""
    schema = resolved(schema)
    if name in WORTH:
        return WORTH[name]
    if "anyOf" in schema:
        return value_of(name, schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            needed = schema.get("required", [])
            return {key: value_of(key, part) for key, part in schema.get("properties", {}).items() if key in needed}
        case "array":
            return [value_of(name, schema["items"])]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case _:
            return DIGEST if "sha256" in schema.get("pattern", "") else "leads"
