"""The documentation inside: every page renders, every link leads somewhere, every operation of the API is shown."""

from __future__ import annotations

import re

import pytest

from headway.entrypoints.http import described
from headway.entrypoints.pages import apipage, help
from headway.kernel.web import Parts
from tests.factories.pages import text_of, visitor


def test_every_kind_of_page_is_there() -> None:
    kinds = {path.partition("/")[0] for path in help.documents()}
    assert kinds == {"tutorials", "how-to", "reference", "explanation", "adr"}


@pytest.mark.parametrize("path", sorted(help.documents()))
def test_a_page_renders_and_its_links_lead_somewhere(path: str) -> None:
    body, _ = help.rendered(path)
    assert "<script" not in body and " style=" not in body
    for address in re.findall(r'(?:href|src)="(/help[^"#]*)', body):
        rest = address.removeprefix("/help").strip("/")
        known = not rest or rest in help.documents() or help.folder().joinpath(*rest.split("/")).is_file()
        assert known, f"{path} leads to {address}, which is not there"


def test_the_help_is_read_without_signing_in(parts: Parts) -> None:
    browser = visitor(parts)
    assert "Glossary" in browser.text("/help")
    assert browser.get("/help/reference/glossary").status_code == 200


@pytest.mark.parametrize(
    "path", ["no/such", "../pyproject.toml", "%2e%2e/pyproject.toml", "reference/../../x.png", ".png"]
)
def test_the_help_gives_nothing_but_its_own_pages(parts: Parts, path: str) -> None:
    assert visitor(parts).get(f"/help/{path}").status_code == 404


def test_the_api_page_shows_every_operation_with_calls_to_copy(parts: Parts) -> None:
    document = described().openapi()
    wanted = {found["operationId"] for methods in document["paths"].values() for found in methods.values()}
    assert {operation.id for operation in apipage.operations()} == wanted
    page = visitor(parts).get("/api-reference/usecases")
    assert 'curl -X POST "$HEADWAY_URL/api/v1/usecases"' in text_of(page.text)
    assert visitor(parts).get("/api-reference/none").status_code == 404
