"""Pages of contracts: a draft looked at and proposed, answered by its consumer; the product described, deprecated, read on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from fastapi import FastAPI

from headway.identity import Role
from headway.kernel.web import Parts
from tests.factories.pages import Browser, application, signed_in, text_of

LINES = [f"C{n:04},{n % 90},{('north', 'south')[n % 2]}" for n in range(80)]
ROWS = "\n".join(["customer_id,age,region", *LINES]).encode()
PRODUCT = "/products/sales.customers"
WHY = "The age is not asked for any more"
SOON = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()


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
def ben(parts: Parts, app: FastAPI, dana: Browser) -> Iterator[Browser]:
    """An employee of finance who holds a grant."""
    who = signed_in(parts, "Ben Miller", (Role.employee, "finance"), app=app)
    who.get("/data-access/new?product=sales.customers")
    place = who.send("/data-access/new", purpose="See where customers live", service="").url.path
    dana.get(place)
    dana.send(f"{place}/approve", until="")
    yield who


def draft(dana: Browser, version: str) -> str:
    """The contract without the age, as the page's text area gives it."""
    body = yaml.safe_load(dana.get(f"{PRODUCT}/contract.yaml").text)
    table = body["schema"][0]
    table["properties"] = [one for one in table["properties"] if one["name"] != "age"]
    return yaml.safe_dump(body | {"version": version}, sort_keys=False).replace("\n", "\r\n")


def proposal(dana: Browser, **more: str) -> dict[str, str]:
    told = draft(dana, "2.0.0")
    dana.get(f"{PRODUCT}/contract")
    return {"contract": told, "reason": WHY, "answer_by": SOON, "keep_days": "20"} | more


def test_a_breaking_change_goes_from_the_draft_to_its_consumer_and_into_force(dana: Browser, ben: Browser) -> None:
    page = dana.text(f"{PRODUCT}/contract")
    assert "Columns" in page and "customer_id" in page and "Nothing was proposed yet" in page
    looked = text_of(dana.send(f"{PRODUCT}/contract", do="check", **proposal(dana)).text)
    assert "It breaks readers: 1 person is asked first" in looked
    assert "column 'age' is not in the contract" in looked
    proposed = dana.send(f"{PRODUCT}/contract", do="propose", **proposal(dana))
    assert proposed.status_code == 200, text_of(proposed.text)
    place = proposed.url.path
    assert "waits for its consumers" in text_of(proposed.text)
    assert "A change waits for its consumers" in dana.text(f"{PRODUCT}/contract")
    assert "Agree…" not in dana.text(place)
    assert "1 change" not in dana.text("/contract-changes")
    assert "A change of a contract waits for your answer" in ben.text("/data-access")
    assert WHY in ben.text("/contract-changes")
    assert "Agree…" in ben.text(place)
    ben.get(place)
    short = ben.send(f"{place}/object", reason="no", dialog="object")
    assert short.status_code == 422
    ben.get(place)
    assert "in force" in text_of(ben.send(f"{place}/accept", reason="Go on", dialog="accept").text)
    assert "No change waits for you" in ben.text("/contract-changes")
    assert "waits for the next file" in dana.text(f"{PRODUCT}/contract")


def test_faults_of_a_draft_are_told_by_line_and_of_a_proposal_at_its_fields(dana: Browser) -> None:
    wrong = draft(dana, "2.0.0").replace("logicalType: string", "logicalType: uint", 1)
    dana.get(f"{PRODUCT}/contract")
    looked = dana.send(f"{PRODUCT}/contract", do="check", contract=wrong)
    line = 1 + next(n for n, one in enumerate(wrong.split("\r\n")) if "name: customer_id" in one)
    assert re.search(rf'<td class="num">{line}</td><td>schema\.\S+customer_id: columns of logicalType', looked.text)
    refused = dana.send(
        f"{PRODUCT}/contract", do="propose", **proposal(dana, contract="a: [", reason="short", answer_by="soon")
    )
    assert refused.status_code == 422
    assert "2027-12-31" in text_of(refused.text)
    refused = dana.send(f"{PRODUCT}/contract", do="propose", **proposal(dana, contract="a: [", reason="short"))
    assert refused.status_code == 422
    assert "characters why" in text_of(refused.text) and "line 1" in text_of(refused.text)


def test_the_fields_of_one_column_are_written_into_the_draft(dana: Browser) -> None:
    told = dana.get(f"{PRODUCT}/contract.yaml").text
    dana.get(f"{PRODUCT}/contract")
    sent = {"contract": told, "column": "age", "description": "In years"}
    done = dana.send(
        f"{PRODUCT}/contract",
        do="column",
        **sent,
        required="no",
        unique="",
        classification="internal",
        missing_percent="2,5",
    )
    assert "mustBeLessOrEqualTo: 2.5" in done.text and "In years" in done.text
    dana.get(f"{PRODUCT}/contract")
    assert dana.send(f"{PRODUCT}/contract", do="column", **sent, missing_percent="many").status_code == 422
    dana.get(f"{PRODUCT}/contract")
    assert dana.send(f"{PRODUCT}/contract", do="column", **sent, classification="secret").status_code == 422


def test_a_product_is_described_deprecated_and_kept(parts: Parts, app: FastAPI, dana: Browser, ben: Browser) -> None:
    signed_in(parts, "Stella Stone", (Role.employee, "sales"), app=app)
    assert "Nobody has said yet" in dana.text(f"{PRODUCT}?show=about")
    said = {
        "purpose": "Know our customers",
        "steward": "Stella Stone",
        "freshness_hours": "24",
        "completeness": "0,9",
        "tags": "crm, crm",
    }
    dana.get(f"{PRODUCT}/describe")
    assert "Know our customers" in text_of(dana.send(f"{PRODUCT}/describe", **said).text)
    page = dana.text(f"{PRODUCT}?show=about")
    assert "Stella Stone" in page and "kept" in page and "See where customers live" in page
    dana.get(f"{PRODUCT}/describe")
    assert dana.send(f"{PRODUCT}/describe", completeness="much").status_code == 422
    dana.get(f"{PRODUCT}/describe")
    assert "nobody is known" in text_of(dana.send(f"{PRODUCT}/describe", owner="Zoe").text)
    text = dana.get(f"{PRODUCT}/odps.yaml").text
    dana.get(f"{PRODUCT}/describe")
    file = ("x.odps.yaml", text.replace("Know our customers", "Call our customers").encode())
    assert "Call our customers" in text_of(dana.send(f"{PRODUCT}/describe", files={"file": file}).text)
    dana.get(f"{PRODUCT}/describe")
    broken = dana.send(f"{PRODUCT}/describe", files={"file": ("x.yaml", b"kind: Product\nid: sales.customers\n")})
    assert broken.status_code == 422 and "kind: must be DataProduct" in text_of(broken.text)
    dana.get(f"{PRODUCT}?show=about")
    dana.send(f"{PRODUCT}/deprecate", version="1.0.0", ends_on=SOON, reason="The shop is closed", successor="")
    assert "This version is read until" in dana.text(PRODUCT)
    dana.get(f"{PRODUCT}?show=about")
    dana.send(f"{PRODUCT}/reinstate", version="1.0.0", reason="The shop stays open")
    assert "This version is read until" not in dana.text(PRODUCT)
    assert ben.get(f"{PRODUCT}?show=about").status_code == 403


def test_who_only_reads_sees_the_contract_and_changes_nothing(parts: Parts, app: FastAPI, dana: Browser) -> None:
    vera = signed_in(parts, "Vera Stone", (Role.auditor, "sales"), app=app)
    page = vera.text(f"{PRODUCT}/contract")
    assert "As YAML" in page and "Propose it" not in page
    assert vera.get(f"{PRODUCT}/describe").status_code == 403
    about = vera.text(f"{PRODUCT}?show=about")
    assert "Consumers" in about and "Describe it" not in about
