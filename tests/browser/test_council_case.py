"""One case of high risk through the council, by several people in real windows: from intake to live, blocked again and mended.

The control plane runs in this process under a held clock, so that days can pass; people sit at a real Chromium.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import docx
import pytest
from playwright.sync_api import Browser, Page, expect

from headway import catalog, governance, identity, registry, serving
from headway.entrypoints.pages.viewer import SESSION_COOKIE
from headway.entrypoints.stack import listening
from headway.entrypoints.subjects import EverySubject
from headway.governance import council
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.browser import Watched, watched
from tests.factories.council import HIGH_RISK
from tests.factories.pages import PASSWORD
from tests.factories.registered import registered
from tests.factories.serving import prepare_keys

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
CASE = "lead-scoring"
SEATS = {"legal": "Leo", "privacy": "Pia", "risk": "Rita", "security": "Sven", "validator": "Vera"}
MOST_ACTIONS = 25
OFFICE = Actor(ref="person:local", name="Local owner")
Open = Callable[..., Watched]


@dataclass
class House:
    """A control plane that people reach over a socket, and who they are."""

    parts: Parts
    url: str
    people: dict[str, Actor] = field(default_factory=dict)

    def add(self, name: str, *roles: tuple[Role, str | None]) -> None:
        with self.parts.database.session() as session:
            made = identity.add_person(session, OFFICE, name=name, email=f"{name.lower()}@example.org")
            identity.join(session, code=made.code, password=PASSWORD)
            for role, department in roles:
                ref = Ref.parse(made.person.ref)
                identity.grant_role(session, OFFICE, principal=ref, role=role, department=department)
            self.people[name] = identity.get_actor(session, made.person.ref)

    def gate(self) -> governance.GateResult:
        """What the gate of production says of the version now."""
        with self.parts.database.session() as session:
            version = registry.get_version(session, Ref("model", CASE, "1"))
            return governance.evaluate_gate(
                session, environment="production", subject=Ref("model", CASE, "1"), subject_digest=version.digest,
                usecase=CASE,
            )  # fmt: skip

    def look(self) -> None:
        """What the platform does by itself every few minutes, as far as it is about this case."""
        with self.parts.database.session() as session:
            council.plan_due(session)
            council.settle_council(session)
            council.remind_due(session)
            registry.follow_approvals(session, self.parts.storage, self.parts.signer)
            serving.operate(session, SYSTEM)

    def state(self) -> str:
        with self.parts.database.session() as session:
            return serving.get_deployment(session, "leads", "production").state.value


@pytest.fixture
def today() -> Iterator[clock.FixedClock]:
    with clock.fixed(datetime.now(UTC) - timedelta(days=30)) as held:
        yield held


@pytest.fixture
def house(parts: Parts, today: clock.FixedClock) -> Iterator[House]:
    authorizer = identity.CedarAuthorizer(parts.database)
    subjects = EverySubject(authorizer, parts.jobs, lambda: catalog.lake_of(made))
    made = replace(parts, authorizer=authorizer, authenticate=identity.authenticate, subjects=subjects)
    prepare_keys(made)
    with listening(made) as url:
        here = House(made, url)
        with made.database.session() as session:
            identity.setup_home(session)
            identity.ensure_department(session, OFFICE, "sales")
        here.add("Ada", (Role.ai_office, None))
        here.add("Dora", (Role.data_scientist, "sales"))
        here.add("Olga", (Role.department_head, "sales"))
        here.add("Sam", (Role.sponsor, None))
        here.add("Olaf", (Role.operator, "sales"))
        for name in (*SEATS.values(), "Finn"):
            here.add(name, (Role.council, None))
        yield here


@pytest.fixture
def window(browser: Browser, house: House) -> Iterator[Open]:
    """Opens a window in which somebody is signed in; all are closed at the end."""
    with ExitStack() as stack:

        def opened(name: str, *, size: str = "wide", is_signed_in: bool = True, **options: object) -> Watched:
            made = stack.enter_context(watched(browser, house.url, size=size, **options))
            if is_signed_in:
                with house.parts.database.session() as session:
                    person = identity.find_person(session, house.people[name].ref)
                    assert person is not None
                    secret = identity.open_session(session, person).secret
                made.page.context.add_cookies([{"name": SESSION_COOKIE, "value": secret, "url": house.url}])
            return made

        yield opened


def fill_in(page: Page, dialog: str, *, send: bool = True, **fields: str) -> None:
    """Open a dialog of the page and fill it in; send it unless others are to be first."""
    page.click(f"button[data-open='{dialog}']")
    for name, value in fields.items():
        place = page.locator(f"dialog#{dialog} [name={name}]")
        if place.evaluate("one => one.tagName") == "SELECT":
            place.select_option(value)
        else:
            place.fill(value)
    if send:
        submit(page, dialog)


def submit(page: Page, dialog: str) -> None:
    with page.expect_navigation():
        page.click(f"dialog#{dialog} .btn-primary, dialog#{dialog} .btn-danger")


def press(page: Page, action: str) -> None:
    """Press the button of a form, and say yes where the page asks again."""
    form = page.locator(f"form[action='{action}']").first
    asks = form.get_attribute("data-confirm") is not None
    with page.expect_navigation():
        form.locator("button").click()
        if asks:
            page.click("#confirm button[value=yes]")


@dataclass
class Hand:
    """Somebody at a phone: each tap and each field that is filled counts."""

    page: Page
    actions: int = 0

    def tap(self, place: str) -> None:
        self.actions += 1
        self.page.locator(place).first.tap()
        self.page.wait_for_load_state()

    def send(self, dialog: str) -> None:
        """Tap the button that sends a dialog, and wait for what comes of it."""
        self.actions += 1
        with self.page.expect_navigation():
            self.page.locator(f"dialog#{dialog} .btn-primary").tap()

    def fill(self, place: str, text: str) -> None:
        self.actions += 1
        self.page.locator(place).first.fill(text)

    def choose(self, place: str, value: str) -> None:
        self.actions += 1
        self.page.locator(place).first.select_option(value)


def taken_in(house: House, window: Open) -> None:
    """Dora proposes the case on its page; the AI office says what it does, who answers for it, and lets rules find the tier."""
    dora = window("Dora")
    dora.open("/usecases/new")
    dora.page.fill("#f-title", "Lead scoring")
    dora.page.click("#new-usecase .form-foot .btn-primary")
    dora.page.wait_for_url(f"**/usecases/{CASE}*")
    with house.parts.database.session() as session:
        told = {
            "purpose": "Rank people who apply",
            "people_affected": "applicants",
            "success_measure": "days to an interview",
        }
        told |= {"owner": house.people["Olga"].ref, "sponsor": house.people["Sam"].ref}
        governance.update_usecase(session, house.people["Ada"], CASE, changes=told, risk=HIGH_RISK)
        assert governance.classify(session, house.people["Ada"], CASE).tier is governance.Tier.high
        registered(session, house.parts.storage, CASE, house.people["Dora"])


def set_up(house: House, window: Open) -> None:
    """The AI office sets the council up, fills its seats and names a deputy."""
    ada = window("Ada")
    ada.open("/councils/new")
    page = ada.page
    page.fill("#f-title", "AI council")
    for box in page.locator("[name=seats], [name=required], [name=reviews]").all():
        wanted = {"seats": SEATS, "required": ("legal", "risk", "validator"), "reviews": (*SEATS, "owner")}
        box.set_checked(box.get_attribute("value") in wanted[str(box.get_attribute("name"))])
    page.fill("#f-quorum", "4")
    page.select_option("#f-chair", "legal")
    page.click("form .form-foot .btn-primary")
    page.wait_for_url("**/councils/ai-council")
    for seat, name in (*SEATS.items(), ("security", "Finn")):
        fill_in(page, "seat", seat=seat, person=name, kind="deputy" if name == "Finn" else "holder")
    assert ada.complaints() == []


def asked(house: House, window: Open) -> str:
    """Dora asks for the release; it comes before the council by itself. Gives the address of the item."""
    dora = window("Dora")
    dora.open(f"/usecases/{CASE}/promote")
    dora.page.check("[name=environment][value=production]")
    dora.rest()
    with dora.page.expect_navigation(url="**/releases/*"):
        dora.page.click("main form .btn-primary")
    with house.parts.database.session() as session:
        [item] = council.list_items(session).items
    return f"/council/{item.id}"


def reviewed(window: Open, base: str, place: str) -> Hand:
    """Five seats and the owner review at the same time; Sven steps back, and Finn speaks for his seat; Pia is at her phone."""
    sven = window("Sven")
    sven.open(place)
    fill_in(sven.page, "recuse", reason="my sister leads the vendor")
    people = {seat: name for seat, name in SEATS.items() if name != "Pia"} | {"security": "Finn", "owner": "Olga"}
    open_at_once = {seat: window(name).page for seat, name in people.items()}
    for seat, page in open_at_once.items():
        page.goto(base + place)
        fill_in(page, "review", send=False, supports="no" if seat == "validator" else "yes", text=f"{seat} has read it")
    pia = _by_phone(window, place)
    for page in open_at_once.values():
        submit(page, "review")
    expect(open_at_once["owner"].locator("main")).to_contain_text("validator has read it")
    return pia


def _by_phone(window: Open, place: str) -> Hand:
    """Pia signs in at her phone, goes to what waits for her, proposes a condition and reviews."""
    here = window("Pia", size="phone", is_signed_in=False, has_touch=True)
    here.open("/sign-in")
    hand = Hand(here.page)
    hand.fill("#f-email", "pia@example.org")
    hand.fill("#f-password", PASSWORD)
    hand.tap("main button.btn-primary")
    here.page.wait_for_url(lambda url: "/sign-in" not in url)
    hand.tap(".menu-button")
    hand.tap("#side a[href='/council']")
    hand.tap(f"main a[href='{place}']")
    hand.tap("button[data-open='condition']")
    hand.fill("#text-condition", "tell applicants that a model ranks them")
    hand.fill("#owner-condition", "Olga")
    hand.fill("#days-condition", "3")
    hand.send("condition")
    hand.tap("button[data-open='review']")
    hand.fill("#text-review", "lawful with the condition")
    hand.send("review")
    here.rest()
    assert here.complaints() == []
    return hand


def met(house: House, window: Open, place: str, pia: Hand) -> str:
    """They meet: the chair opens, people are noted, two say no and three yes, the chair closes. Gives the meeting's address."""
    leo = window("Leo")
    leo.open("/councils/ai-council")
    starts = clock.now() + timedelta(hours=1)
    fill_in(leo.page, "meeting", day=f"{starts:%Y-%m-%d}", time=f"{starts:%H:%M}", place="Room 3")
    leo.page.wait_for_url("**/meetings/cmt_*")
    spot = urlsplit(leo.page.url).path
    press(leo.page, f"{spot}/open")
    for name in ("Rita", "Finn", "Pia"):
        fill_in(leo.page, "attend", person=name)
    expect(leo.page.locator("main")).to_contain_text("The quorum is here")
    votes = {"Rita": "no", "Vera": "no", "Finn": "yes", "Leo": "yes"}
    for name, choice in votes.items():
        page = leo.page if name == "Leo" else window(name).page
        page.goto(house.url + place)
        fill_in(page, "vote", choice=choice, reason=f"{name} says {choice} after reading it")
    pia.page.reload()
    pia.tap("button[data-open='vote']")
    pia.choose("#choice-vote", "yes")
    pia.fill("#why-vote", "with the condition")
    pia.send("vote")
    expect(pia.page.locator("main")).to_contain_text("The council said yes")
    return spot


def test_a_case_goes_from_intake_to_live_through_the_council(
    house: House, window: Open, today: clock.FixedClock
) -> None:
    taken_in(house, window)
    set_up(house, window)
    place = asked(house, window)
    pia = reviewed(window, house.url, place)
    today.advance(timedelta(minutes=5))
    spot = met(house, window, place, pia)
    assert pia.actions <= MOST_ACTIONS, pia.actions
    print(f"her part on a phone took {pia.actions} actions")
    _minutes(house, window, spot)
    with house.parts.database.session() as session:
        [release] = registry.list_releases(session).items
    assert release.status == "released", "the last vote released it"
    _put_to_work(window)
    house.look()
    assert house.state() == "active"
    _missed_and_mended(house, window, place, today)


def _put_to_work(window: Open) -> None:
    """Olaf, who runs what is live, deploys what was released."""
    olaf = window("Olaf")
    olaf.open("/deployments/new")
    olaf.page.select_option("#f-release", f"production model:{CASE}@1")
    for name, value in (("name", "leads"), ("holdout_percent", "10"), ("subject_field", "visits")):
        olaf.page.fill(f"#f-{name}", value)
    with olaf.page.expect_navigation(url="**/deployments/leads*"):
        olaf.page.click("main .form-foot button.btn-primary")


def _minutes(house: House, window: Open, spot: str) -> None:
    """The chair closes the meeting, writes the minutes and approves them; they say what was decided and who was against."""
    leo = window("Leo")
    leo.open(spot)
    for action in ("close", "minutes", "minutes/1/approve"):
        press(leo.page, f"{spot}/{action}")
    expect(leo.page.locator("main")).to_contain_text("approved by Leo")
    assert leo.complaints() == []
    with leo.page.expect_download() as waiting:
        leo.page.click("a[href$='minutes.docx']")
    file = docx.Document(io.BytesIO(waiting.value.path().read_bytes()))
    said = "\n".join(
        [*(one.text for one in file.paragraphs), *(c.text for t in file.tables for r in t.rows for c in r.cells)]
    )
    for part in (
        "3 yes, 2 no",
        "Decided in this meeting",
        "Sven stepped back",
        "Vera says no",
        "tell applicants",
        "in writing",
    ):
        assert part in said, part


def _missed_and_mended(house: House, window: Open, place: str, today: clock.FixedClock) -> None:
    """Nobody tells the applicants: it is blocked again, then stopped; told at last, and accepted, it goes on."""
    today.advance(timedelta(days=4))
    house.look()
    assert house.gate().result == "block", "nothing new goes out"
    ada = window("Ada")
    ada.open("/council")
    expect(ada.page.locator("main")).to_contain_text("1 missed")
    today.advance(timedelta(days=8))
    house.look()
    assert house.state() == "suspended", "after the days of grace it stops"
    olga = window("Olga")
    olga.open("/council")
    olga.page.click(f"main a[href='{place}']")
    olga.page.wait_for_url(f"**{place}")
    olga.page.click("button[data-open^='met-']")
    olga.page.fill("dialog[id^='met-'] textarea", "the notice is on both pages since this morning")
    with olga.page.expect_navigation():
        olga.page.click("dialog[id^='met-'] .btn-primary")
    rita = window("Rita")
    rita.open(place)
    rita.page.click("button[data-open^='accept-']")
    rita.page.fill("dialog[id^='accept-'] textarea", "seen on both pages")
    with rita.page.expect_navigation():
        rita.page.click("dialog[id^='accept-'] .btn-primary")
    expect(rita.page.locator("button[data-open^='accept-']")).to_have_count(0)
    house.look()
    assert house.state() == "active" and house.gate().result != "block"
    assert rita.complaints() == []
