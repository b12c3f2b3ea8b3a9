"""The frame: who gets in, what may be sent, what is kept, what every answer carries."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from headway import identity
from headway.entrypoints.pages.signin import local
from headway.entrypoints.pages.viewer import check_csrf, make_csrf
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.web import Parts
from tests.factories.pages import PASSWORD, signed_in, text_of, visitor


def test_who_is_not_signed_in_is_sent_to_the_sign_in_and_comes_back(parts: Parts) -> None:
    signed_in(parts, "Ada")
    browser = visitor(parts)
    page = browser.get("/style?q=x")
    assert page.url.path == "/sign-in" and "next=/style%3Fq%3Dx" in str(page.url)
    back = browser.send("/sign-in", email="ada@example.org", password=PASSWORD)
    assert back.status_code == 200 and str(back.url).endswith("/style?q=x")


def test_a_wrong_password_is_told_and_the_address_stays_typed(parts: Parts) -> None:
    signed_in(parts, "Ada")
    browser = visitor(parts)
    browser.get("/sign-in")
    page = browser.send("/sign-in", email="ada@example.org", password="wrong")
    assert page.status_code == 401
    assert "do not belong together" in text_of(page.text)
    assert 'value="ada@example.org"' in page.text and "wrong" not in page.text


def test_signing_out_ends_the_session_on_the_server(parts: Parts) -> None:
    browser = signed_in(parts, "Ada")
    kept = dict(browser.http.cookies)
    browser.get("/")
    browser.send("/sign-out")
    again = visitor(parts)
    again.http.cookies.update(kept)
    assert again.get("/").url.path == "/sign-in"


def test_a_part_of_a_page_asked_for_without_session_leads_the_whole_page_away(parts: Parts) -> None:
    answer = visitor(parts).get("/search?q=a", hx_request="true")
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"].startswith("/sign-in")


def test_the_api_answers_401_with_a_problem_and_never_a_page(parts: Parts) -> None:
    answer = visitor(parts).get("/api/v1/usecases")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_session_cookie_opens_no_door_of_the_api(parts: Parts) -> None:
    assert signed_in(parts, "Ada", (Role.ai_office, None)).get("/api/v1/usecases").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none", "origin": "https://evil.example"},
    ],
)
def test_a_change_begun_on_another_site_is_refused(parts: Parts, headers: dict[str, str]) -> None:
    browser = signed_in(parts, "Ada")
    token = re.search(r'name="csrf" content="([^"]+)"', browser.get("/").text)
    assert token is not None
    answer = browser.http.post("/sign-out", data={"csrf": token[1]}, headers=headers)
    assert answer.status_code == 403
    assert browser.get("/").url.path == "/"


@pytest.mark.parametrize("token", ["", "a.b", "0" * 16 + "." + "0" * 32])
def test_a_form_without_the_token_of_its_session_is_refused(parts: Parts, token: str) -> None:
    browser = signed_in(parts, "Ada")
    assert browser.http.post("/sign-out", data={"csrf": token}).status_code == 403
    assert browser.get("/").url.path == "/"


def test_a_token_holds_for_its_session_alone_and_differs_each_time() -> None:
    one, two = make_csrf("secret"), make_csrf("secret")
    assert one != two
    assert check_csrf("secret", one) and check_csrf("secret", two)
    assert not check_csrf("other", one) and not check_csrf("", make_csrf("secret"))


def test_what_was_filled_in_when_the_session_ended_is_kept_for_its_owner_alone(parts: Parts) -> None:
    with clock.fixed(clock.now()) as now:
        browser, other = signed_in(parts, "Ada"), signed_in(parts, "Eve")
        browser.get("/style")
        now.advance(timedelta(hours=9))
        page = browser.send("/sign-out", note="half a page of thoughts")
        assert page.url.path == "/sign-in"
        address = str(page.url.params["next"])
        assert address.startswith("/resume/")
        other.get("/sign-in")
        other.send("/sign-in", email="eve@example.org", password=PASSWORD)
        assert other.get(address).status_code == 404
        kept = browser.send("/sign-in", email="ada@example.org", password=PASSWORD)
        assert kept.url.path == address
        assert "half a page of thoughts" in text_of(kept.text)
        assert browser.send("/sign-out").url.path == "/sign-in"
        assert browser.get("/").url.path == "/sign-in"


def test_a_stranger_cannot_fill_the_table_of_kept_forms(parts: Parts) -> None:
    browser = visitor(parts)
    page = browser.http.post("/language-x", data={"a": "b"})
    assert page.status_code == 404
    page = browser.http.post("/sign-out", data={"a": "b"})
    assert page.url.path == "/sign-in" and "resume" not in str(page.url)


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("/usecases?q=1", "/usecases?q=1"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\nb", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_sent_off_this_host(address: str, where: str) -> None:
    assert local(address) == where


def test_every_page_carries_a_strict_policy_and_no_inline_style_or_script(parts: Parts) -> None:
    browser = signed_in(parts, "Ada", (Role.ai_office, None))
    for path in ("/", "/style", "/nothing-here", "/sign-in"):
        page = browser.get(path)
        policy = page.headers["content-security-policy"]
        assert "unsafe" not in policy and "default-src 'none'" in policy
        assert " style=" not in page.text and "<style" not in page.text
        assert re.findall(r"<script(?![^>]*\bsrc=)", page.text) == []
        assert not re.findall(r"""(?:src|href)=["']https?://""", page.text)
        assert page.headers["cache-control"] == "no-store"


def test_static_files_are_kept_for_ever_under_an_address_that_changes_with_them(parts: Parts) -> None:
    browser = visitor(parts)
    page = browser.get("/sign-in")
    sheets = re.findall(r'href="(/static/[^"]+\.css)"', page.text)
    assert len(sheets) >= 2
    for sheet in sheets:
        answer = browser.get(sheet)
        assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
        assert "http://" not in re.sub(r"http://www\.w3\.org/[\w/]+", "", answer.text)
    assert browser.get("/static/0/../../secret").status_code == 404


def test_a_page_that_is_not_there_is_told_inside_the_frame(parts: Parts) -> None:
    page = signed_in(parts, "Ada").get("/no/such/page")
    assert page.status_code == 404
    assert "There is nothing here" in text_of(page.text) and 'id="palette"' in page.text


def test_navigation_shows_what_one_may_see(parts: Parts) -> None:
    office = signed_in(parts, "Ada", (Role.ai_office, None)).text("/")
    nobody = signed_in(parts, "Eve").text("/")
    assert "Use cases" in office and "Ledger" in office
    assert "Ledger" not in nobody and "Use cases" not in nobody


def test_an_area_with_many_pages_has_named_parts_and_none_that_is_empty(parts: Parts) -> None:
    office = signed_in(parts, "Ada", (Role.ai_office, None)).get("/").text
    assert '<h3 id="area-2-1">Inventory</h3><ul aria-labelledby="area-2 area-2-1">' in office
    assert all(f">{name}</h3>" in office for name in ("Direction and means", "Deciding", "Rules and proof"))
    assert office.count('href="/usecases"') >= 1 and '<ul aria-labelledby="area-2">' not in office
    nobody = signed_in(parts, "Eve").get("/").text
    nav = nobody.partition('<nav aria-label="Main">')[2].partition("</nav>")[0]
    assert "Assessments" not in nav and "<h3" not in nav and 'id="area-1"' in nav


def test_the_first_person_sets_the_home_up_on_a_page(parts: Parts) -> None:
    with parts.database.session() as session:
        code = identity.setup_home(session).setup_code
    browser = visitor(parts)
    browser.get("/setup")
    mine = {"name": "Ada", "email": "ada@example.org"}
    page = browser.send("/setup", code="wrong", password=PASSWORD, again=PASSWORD, **mine)
    assert page.status_code == 403 and 'value="ada@example.org"' in page.text
    page = browser.send("/setup", code=code, password=PASSWORD, again="other", **mine)
    assert page.status_code == 422 and "The two passwords differ" in text_of(page.text)
    browser.send("/setup", code=code, password=PASSWORD, again=PASSWORD, **mine)
    assert "Use cases" in browser.text("/")


def test_the_language_follows_the_browser_until_one_is_chosen(parts: Parts) -> None:
    assert 'lang="de"' in visitor(parts, language="de-AT,de;q=0.9,en;q=0.5").get("/sign-in").text
    assert 'lang="en"' in visitor(parts, language="fr").get("/sign-in").text


def test_a_page_left_open_keeps_no_session_alive(parts: Parts) -> None:
    with clock.fixed(clock.now()) as now:
        browser = signed_in(parts, "Ada")
        for _ in range(5):
            now.advance(timedelta(hours=2))
            answer = browser.http.get("/jobs/tray", headers={"hx-request": "true"}, follow_redirects=False)
        assert answer.status_code == 401
