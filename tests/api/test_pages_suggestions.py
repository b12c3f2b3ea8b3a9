"""Pages of suggestions: seen in groups, accepted, refused, taken back, taught by labels; and how snapshots are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from httpx import Response

from headway.identity import Role
from headway.kernel.web import Parts
from tests.factories.pages import Browser, application, signed_in, text_of

TOWNS = ("Hamburg", "Berlin", "Munich")
LINES = [f"S-{n:04d},person{n}@example.org,{TOWNS[n % 3]},{n % 50}" for n in range(150)]
LINES[9], LINES[10] = LINES[9].replace("Hamburg", "Hambrug"), LINES[10].replace("Berlin", "Berlim")
FILE = "\n".join(["shop,email,town,price", *LINES]).encode()
PAGE = "/products/sales.shops/suggestions"


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    return application(parts)


@pytest.fixture
def dana(parts: Parts, app: FastAPI) -> Iterator[Browser]:
    """A data owner of sales, with a product."""
    made = signed_in(parts, "Dana Smith", (Role.data_owner, "sales"), app=app)
    made.get("/products/new")
    made.send("/products/new", files={"file": ("shops.csv", FILE)}, name="Shops", department="sales")
    yield made


def current(page: Response) -> str:
    return str(re.findall(r'name="snapshot" value="(snp_[^"]+)"', page.text)[0])


def test_suggestions_are_seen_decided_and_taken_back(dana: Browser, parts: Parts, app: FastAPI) -> None:
    page = dana.get(PAGE)
    shown = text_of(page.text)
    for words in ("Hambrug", "Berlim", "almost a frequent value", "Doubted cells", "Nothing was decided"):
        assert words in shown
    assert "example.org" not in page.text
    assert "Suggestions" in dana.text("/products/sales.shops")
    assert dana.get(f"{PAGE}?format=xlsx").content.startswith(b"PK")
    assert "Hambrug,Hamburg," in dana.get(f"{PAGE}?format=csv").text
    assert "No row fits" in dana.text(f"{PAGE}?column=price")
    dana.get(PAGE)
    alone = {"bulk": "", "column": "", "kind": ""}  # the first form of the page is that of a group
    refused = dana.send(f"{PAGE}/accept", reason="seen", **alone)
    assert refused.status_code == 422 and "Tick the cells" in text_of(refused.text)
    dana.get(PAGE)
    done = dana.send(f"{PAGE}/refuse", cell="11:town", reason="it is a place", **alone)
    assert "1 suggestions refused" in text_of(done.text)
    again = dana.get(PAGE)
    assert "Berlim" not in text_of(again.text) and "Hambrug" in text_of(again.text)
    done = dana.send(f"{PAGE}/accept", reason="asked the shop")
    assert "1 cells repaired" in text_of(done.text) and "asked the shop" in text_of(done.text)
    act = re.findall(r"/products/sales\.shops/repairs/(rep_\w+)", done.text)[0]
    decided = dana.text(f"/products/sales.shops/repairs/{act}")
    assert "Hambrug" in decided and "asked the shop" in decided
    dana.get(f"/products/sales.shops/repairs/{act}")
    back = dana.send(f"/products/sales.shops/repairs/{act}/undo", reason="it was right")
    assert "the rows before are current again" in text_of(back.text)
    snapshots = dana.text("/products/sales.shops?show=snapshots")
    for words in ("whole file", "repairs", "repairs taken back", "1 cells repaired"):
        assert words in snapshots
    eve = signed_in(parts, "Eve Jones", (Role.employee, "finance"), app=app)
    assert eve.get(PAGE).status_code == 403


def test_rows_are_labelled(dana: Browser) -> None:
    page = dana.get("/products/sales.shops/labels")
    rows = re.findall(r'name="row" value="(\d+)"', page.text)
    assert len(rows) == 5 and "are not asked about" in text_of(page.text)
    snapshot = current(page)
    fields = {f"column-{rows[0]}": ["shop", "town", "price"], f"right-{rows[0]}-1": "Bremen", "row": rows[0]}
    done = dana.send("/products/sales.shops/labels", snapshot=snapshot, **fields)  # type: ignore[arg-type]
    assert "1 rows are labelled" in text_of(done.text)
    assert "a steward named the right value" in dana.text(f"{PAGE}?kind=labels")


def test_how_snapshots_are_kept_is_said_at_the_product(dana: Browser) -> None:
    place = "/products/sales.shops?show=snapshots"
    assert "How they are kept" in dana.text(place)
    dana.get(place)
    done = dana.send("/products/sales.shops/retention", keep_days="30", keep_last="", most_files="x")
    assert "Write a whole number" in text_of(done.text)
    done = dana.send("/products/sales.shops/retention", keep_days="30", keep_last="2", most_files="")
    assert "Kept so from now on" in text_of(done.text) and 'value="30"' in done.text
    assert "There is one file already" in text_of(dana.send("/products/sales.shops/compact").text)
    assert "0 snapshots given up, 1 kept" in text_of(dana.send("/products/sales.shops/expire").text)


def test_the_next_file_may_be_added(dana: Browser) -> None:
    dana.get("/products/new?product=sales.shops")
    more = b"shop,email,town,price\nS-9001,x@example.org,Berlin,7\n"
    values = {"product": "sales.shops", "name": "Shops", "department": "sales", "mode": "append"}
    made = dana.send("/products/new", files={"file": ("more.csv", more)}, **values)
    assert "Registered: 151 rows" in text_of(made.text)
