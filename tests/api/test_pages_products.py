"""Pages of data products: registering a file, contract, quality, bad rows, sample with masked values, snapshots."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from httpx import Response

from headway.identity import Role
from headway.kernel.web import Parts
from tests.factories.pages import Browser, application, signed_in, text_of

ROWS = 150
LINES = [f"C{n:04},person{n}@example.org,{n % 90},{'yes' if n % 3 else 'no'}" for n in range(ROWS)]
GOOD = "\n".join(["customer_id,email,age,active", *LINES]).encode()
BAD = "\n".join(
    ["customer_id,email,age,active", *LINES[:-2], "C9998,x@example.org,old,yes", "C9999,y@example.org,7,maybe"]
)


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    return application(parts)


@pytest.fixture
def dana(parts: Parts, app: FastAPI) -> Iterator[Browser]:
    """A data owner of sales."""
    yield signed_in(parts, "Dana Smith", (Role.data_owner, "sales"), app=app)


def register(who: Browser, content: bytes, address: str = "/products/new", **values: str) -> Response:
    who.get(address)
    return who.send("/products/new", files={"file": ("customers.csv", content)}, **values)


def test_a_file_becomes_a_product_with_its_contract(dana: Browser) -> None:
    made = register(dana, GOOD, name="Customers", department="sales")
    assert str(made.url).endswith("/products/sales.customers")
    shown = text_of(made.text)
    for words in ("150", "Open Data Contract Standard", "customer_id", "email", "occurs once"):
        assert words in shown
    yaml = dana.get("/products/sales.customers/contract.yaml")
    assert "apiVersion: v3.1.0" in yaml.text
    assert "customers" in dana.text("/products").lower()
    assert ",sales,150,4," in dana.get("/products?format=csv").text
    assert dana.get("/products?format=xlsx").content.startswith(b"PK")


def test_bad_rows_are_named_filtered_and_taken_away(dana: Browser) -> None:
    register(dana, GOOD, name="Customers", department="sales")
    worse = register(dana, BAD.encode(), "/products/new?product=sales.customers")
    assert "beyond what the contract bears" in text_of(worse.text)
    assert "age.type" in dana.text("/products/sales.customers?show=quality")
    rows = dana.text("/products/sales.customers?show=rows")
    assert "'old'" in rows
    assert "'maybe'" in rows
    narrowed = dana.text("/products/sales.customers?show=rows&column=age")
    assert "'old'" in narrowed
    assert "'maybe'" not in narrowed
    csv = dana.get("/products/sales.customers/bad-rows.csv").text.splitlines()
    assert csv[0] == "row,column,rule,value,message"
    assert len(csv) == 3
    assert dana.text("/products/sales.customers?show=snapshots").count("customers.csv") == 2


def test_personal_data_is_masked_in_the_sample(dana: Browser) -> None:
    register(dana, GOOD, name="Customers", department="sales")
    sample = dana.get("/products/sales.customers?show=sample").text
    assert "example.org" not in sample
    assert "aaaaaa9@aaaaaaa.aaa" in sample


def test_faults_stand_at_their_fields(dana: Browser) -> None:
    refused = register(dana, b"", name="", department="")
    assert refused.status_code == 422
    for field in ("name", "department"):
        assert f'id="e-{field}"' in refused.text
    register(dana, GOOD, name="Customers", department="sales")
    other = register(dana, b"a,b\n1,2\n", "/products/new?product=sales.customers")
    assert other.status_code == 409
    assert "email" in text_of(other.text)


def test_others_see_and_do_what_their_roles_say(dana: Browser, parts: Parts, app: FastAPI) -> None:
    register(dana, GOOD, name="Customers", department="sales")
    head = signed_in(parts, "Hal Head", (Role.department_head, "sales"), app=app)
    assert "Register the next file" not in head.text("/products/sales.customers")
    assert head.get("/products/new").status_code == 403
    stranger = signed_in(parts, "Fay Finance", (Role.data_owner, "finance"), app=app)
    for address in ("", "?show=sample", "?show=rows", "/contract.yaml", "/bad-rows.csv"):
        assert stranger.get(f"/products/sales.customers{address}").status_code == 403
    assert register(stranger, GOOD, name="Customers", department="sales").status_code == 403
    assert "Customers" not in stranger.text("/products")
