"""Pages of access to data: asked for, answered by the owner, read under Query data, seen by the owner, withdrawn."""

from __future__ import annotations

import io
from collections.abc import Iterator

import openpyxl
import pytest
from fastapi import FastAPI

from headway.identity import Role
from headway.kernel.web import Parts
from tests.factories.pages import Browser, application, signed_in, text_of

LINES = [f"C{n:04},person{n}@example.org,{n % 90},{('north', 'south')[n % 2]}" for n in range(80)]
ROWS = "\n".join(["customer_id,email,age,region", *LINES]).encode()
NEW = "/data-access/new?product=sales.customers"


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    return application(parts)


@pytest.fixture
def dana(parts: Parts, app: FastAPI) -> Iterator[Browser]:
    """A data owner of sales, with a product."""
    who = signed_in(parts, "Dana Smith", (Role.data_owner, "sales"), app=app)
    who.get("/products/new")
    who.send("/products/new", files={"file": ("customers.csv", ROWS)}, name="Customers", department="sales")
    yield who


@pytest.fixture
def ben(parts: Parts, app: FastAPI) -> Iterator[Browser]:
    """An employee of finance."""
    yield signed_in(parts, "Ben Miller", (Role.employee, "finance"), app=app)


def ask(ben: Browser) -> str:
    """Ask for the product; the address of the request."""
    ben.get(NEW)
    asked = ben.send("/data-access/new", purpose="See where customers live", service="")
    assert asked.status_code == 200, text_of(asked.text)
    return asked.url.path


def test_the_whole_way_in_a_browser(dana: Browser, ben: Browser) -> None:
    assert "You have not asked for any data yet" in ben.text("/data-access")
    place = ask(ben)
    assert "waits for the owner" in ben.text(place)
    assert "See where customers live" in dana.text("/data-access")
    dana.get(place)
    refused = dana.send(f"{place}/approve", row_filter="region = ", until="")
    assert refused.status_code == 422
    assert "no SQL expression" in refused.text
    dana.get(place)
    granted = dana.send(f"{place}/approve", row_filter="region = 'north'", hidden="age", until="", reason="Go on")
    assert "granted" in text_of(granted.text)

    assert "sales.customers" in ben.text("/queries")
    found = ben.send("/queries", sql="SELECT * FROM sales.customers ORDER BY customer_id", form="page")
    shown = text_of(found.text)
    assert "40 rows" in shown
    assert "C0000" in shown
    assert "C0001" not in shown
    assert "Values of email are masked" in shown
    book = ben.send("/queries", sql="SELECT * FROM sales.customers", form="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]
    assert {"***", "north"} <= {cell.value for row in sheet.iter_rows() for cell in row}
    wrong = ben.send("/queries", sql="SELECT age FROM sales.customers", form="page") if ben.get("/queries") else None
    assert wrong is not None
    assert "there is no column" in text_of(wrong.text)

    page = dana.text("/products/sales.customers?show=access")
    assert "Ben Miller" in page
    assert "customer_id, email, region" in page
    dana.get(place)
    dana.send(f"{place}/withdraw", reason="The study is over")
    ben.get("/queries")
    over = ben.send("/queries", sql="SELECT * FROM sales.customers", form="page")
    assert over.status_code == 404
    assert "is no product that you may read" in text_of(over.text)
    assert "The study is over" in ben.text(place)


def test_who_asked_takes_it_back_and_who_is_refused_reads_why(dana: Browser, ben: Browser) -> None:
    place = ask(ben)
    ben.get(place)
    assert "Withdrawn" in text_of(ben.send(f"{place}/withdraw", reason="It is not needed any more").text)
    again = ask(ben)
    dana.get(again)
    dana.send(f"{again}/reject", reason="Take the totals instead")
    assert "Take the totals instead" in ben.text(again)


def test_nobody_else_sees_a_request_or_answers_their_own(
    parts: Parts, app: FastAPI, dana: Browser, ben: Browser
) -> None:
    place = ask(ben)
    mia = signed_in(parts, "Mia Jones", (Role.data_owner, "finance"), app=app)
    assert mia.get(place).status_code == 403
    assert "Grant…" not in ben.text(place)
    assert "Grant…" in dana.text(place)
    assert ben.get("/products/sales.customers?show=access").status_code == 403


def test_who_reads_a_product_without_rows_is_led_to_ask(parts: Parts, app: FastAPI, dana: Browser) -> None:
    vera = signed_in(parts, "Vera Stone", (Role.auditor, "sales"), app=app)
    assert dana.get("/products/sales.customers?show=sample").status_code == 200
    for tab in ("rows", "sample"):
        assert "Rows are seen with a grant" in vera.text(f"/products/sales.customers?show={tab}")
    assert vera.get("/products/sales.customers/bad-rows.csv").status_code == 403
    assert "Who reads it" in vera.text("/products/sales.customers?show=access")
