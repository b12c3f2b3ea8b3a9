"""Set-up from an empty home: the address that ``headway up`` tells, the first person, six steps, a home page that shows what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from headway.solutions.sales import lead_scoring
from tests.browser.excel import TEMPLATE, apply, differences, inventory_round, send, type_rows, wrong_cells
from tests.browser.hands import KINDS, Hands, kinds
from tests.factories import oidc
from tests.factories.browser import watched
from tests.factories.running import Home, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
PASSWORD = "three unrelated words in a row"
NEXT = "main .narrow-page > .form-foot a:last-child"
BACK = "[data-setup] a"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Home]:
    """A platform on a home in which nobody has been."""
    home = Home(tmp_path / "home")
    try:
        home.up("--no-node")
        yield home
    finally:
        home.remove()


@pytest.mark.parametrize("kind", kinds("phone"))
def test_an_empty_home_is_set_up_by_its_first_visitor(browser: Browser, empty: Home, tmp_path: Path, kind: str) -> None:
    make, options = KINDS[kind]
    address = _told(empty)
    with oidc.running() as provider, watched(browser, address.partition("/setup")[0], **options) as here:
        hands = make(here)
        _become_the_first_person(hands, address)
        _name_departments(hands)
        _let_others_in(hands, provider.issuer)
        _give_a_seat(hands)
        _read_a_policy(hands)
        _bring_the_inventory_and_people(hands, tmp_path)
        _register_first_data(hands, tmp_path)
        _see_what_is_there(hands)


def _told(home: Home) -> str:
    """The address for the first sign-in, as ``headway up`` prints it."""
    log = home.path.parent / "up.log"
    found = eventually(lambda: re.search(r"first sign-in: (http://\S+/setup#\S+)", log.read_text()))
    return str(found[1])


def _become_the_first_person(hands: Hands, address: str) -> None:
    page, path = hands.page, address.removeprefix(hands.here.base)
    hands.open(path)
    assert page.url == f"{hands.here.base}/setup", "the code is kept out of the address, where others could see it"
    expect(page.locator("#f-code")).to_have_value(path.partition("#")[2])
    hands.fill("#f-name", "Ada First")
    hands.fill("#f-email", "ada@northwind.example")
    hands.fill("#f-password", PASSWORD)
    hands.fill("#f-again", "something else than that")
    hands.here.expected = ["422 (Unprocessable"]
    hands.go("form .btn-primary", "**/setup")
    hands.here.expected = []
    expect(page.get_by_role("alert")).to_contain_text("The two passwords differ")
    hands.fill("#f-password", PASSWORD)
    hands.fill("#f-again", PASSWORD)
    hands.go("form .btn-primary", "**/setup/organisation")


def _name_departments(hands: Hands) -> None:
    _is_at(hands, "Departments", done=False)
    hands.fill("#f-lines", "Sales\nHuman resources")
    hands.go("form[action='/setup/organisation'] .btn-primary", "**/setup/organisation")
    expect(hands.page.get_by_role("link", name="Human resources")).to_be_visible()
    _is_at(hands, "Departments", done=True)
    hands.go(NEXT, "**/setup/sign-in")


def _let_others_in(hands: Hands, issuer: str) -> None:
    """Invite a second person, and add the identity provider of the organisation."""
    page = hands.page
    _is_at(hands, "Sign-in", done=False)
    hands.go("main a[href='/people/new']", "**/people/new")
    hands.fill("#f-name", "Grace Second")
    hands.fill("#f-email", "grace@northwind.example")
    hands.go("form[action='/people/new'] .btn-primary", "**/people/new")
    expect(page.locator("main pre")).to_contain_text(f"{hands.here.base}/join#")
    hands.go(BACK, "**/setup/sign-in")
    _is_at(hands, "Sign-in", done=True)
    hands.go("main a[href='/settings/sign-in']", "**/settings/sign-in")
    hands.go("main a[href='/settings/sign-in/new']", "**/settings/sign-in/new")
    hands.fill("#f-id", "mock")
    hands.fill("#f-label", "Northwind accounts")
    hands.fill("#f-issuer", issuer)
    hands.fill("#f-client_id", "headway")
    hands.fill("#f-group_roles", "sales-heads = department_head in sales")
    hands.go("form[action='/settings/sign-in/new'] .btn-primary", "**/settings/sign-in")
    hands.go("form[action='/settings/sign-in/mock/test'] button", "**/settings/sign-in/mock/test")
    expect(page.locator("#provider-mock").get_by_text("good", exact=True).first).to_be_visible()
    expect(page.locator("#provider-mock").get_by_text("not good", exact=True)).to_have_count(0)
    hands.go(BACK, "**/setup/sign-in")
    expect(page.get_by_text("Northwind accounts")).to_be_visible()
    hands.go(NEXT, "**/setup/council")


def _give_a_seat(hands: Hands) -> None:
    _is_at(hands, "Council", done=False)
    expect(hands.page.get_by_text("One person alone cannot bring anything above the sandbox")).to_be_visible()
    hands.choose("form[action='/setup/council'] [name=person]", "Grace")
    hands.go("form[action='/setup/council'] .btn-primary", "**/setup/council")
    expect(hands.page.get_by_text("Two people above the sandbox")).to_be_visible()
    _is_at(hands, "Council", done=True)
    hands.go(NEXT, "**/setup/policies")


def _read_a_policy(hands: Hands) -> None:
    page = hands.page
    _is_at(hands, "Policies", done=True)
    hands.press("main details.fold summary")
    expect(page.locator("main details.fold[open] li").first).to_be_visible()
    hands.look()
    hands.go("main a[href^='/policies/']", "**/policies/*")
    expect(page.get_by_role("heading", name="About this pack")).to_be_visible()
    hands.go(BACK, "**/setup/policies")
    hands.go(NEXT, "**/setup/inventory")


def _bring_the_inventory_and_people(hands: Hands, folder: Path) -> None:
    _is_at(hands, "Inventory", done=False)
    hands.go("main a[href='/usecases/import']", "**/usecases/import")
    wrong, right = ({"Title": "Room plans", "Department": where} for where in ("atlantis", "human-resources"))
    inventory_round(hands, folder, title="Pay fairness", wrong=wrong, right=right)
    hands.go(BACK, "**/setup/inventory")
    _is_at(hands, "Inventory", done=True)
    hands.go("main a[href='/people/import']", "**/people/import")
    _bring_people(hands, folder / "people.xlsx")
    hands.go(BACK, "**/setup/inventory")
    hands.go(NEXT, "**/setup/product")


def _bring_people(hands: Hands, path: Path) -> None:
    hands.fetch(TEMPLATE, path)
    sven = {"Name": "Sven Sponsor", "Mail address": "sven@northwind.example", "Roles": "king@sales"}
    type_rows(path, [sven])
    send(hands, path)
    expect(wrong_cells(hands.page)).to_contain_text("king")
    type_rows(path, [{**sven, "Roles": "sponsor@sales"}])
    send(hands, path)
    expect(differences(hands.page)).to_contain_text("sven@northwind.example")
    apply(hands)


def _register_first_data(hands: Hands, folder: Path) -> None:
    _is_at(hands, "First data", done=False)
    path = folder / "leads.csv"
    lead_scoring.write_example(path, rows=500, seed=5)
    hands.go("main a[href='/products/new']", "**/products/new")
    hands.give("#f-file", path)
    hands.fill("#f-name", "Leads of last year")
    hands.choose("#f-department", "Sales")
    hands.go("form[action='/products/new'] .btn-primary", "**/products/*leads-of-last-year")
    expect(hands.page.get_by_text("Registered: 500 rows")).to_be_visible()
    hands.go(BACK, "**/setup/product")
    _is_at(hands, "First data", done=True)
    expect(hands.page.locator(".stepper li:not(.done)")).to_have_count(1)  # all are done, and one is looked at
    hands.go(NEXT, f"{hands.here.base}/")


def _see_what_is_there(hands: Hands) -> None:
    page = hands.page
    expect(page.locator("article.kpi", has_text="Live use cases")).to_contain_text("0 of 2")
    steps = page.locator("#home-first li")
    expect(page.locator("#home-first li.done")).to_have_count(3)
    expect(steps.last).to_have_class("now")
    expect(steps.last).to_contain_text("Start a first pilot")
    expect(page.locator("#home-newest")).to_contain_text("leads-of-last-year")
    expect(page.locator("#home-newest")).to_contain_text("Pay fairness")
    expect(page.locator(BACK)).to_be_hidden()


def _is_at(hands: Hands, step: str, *, done: bool) -> None:
    """A step is the one that is looked at, and what it asks for is there or not."""
    expect(hands.page.locator(".stepper [aria-current=step]")).to_contain_text(step)
    expect(hands.page.locator(NEXT)).to_have_text(
        re.compile("Finish|Next step" if done else "Finish|Skip for now"), use_inner_text=True
    )
