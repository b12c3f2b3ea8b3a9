"""Pages about use cases: what each role sees and may do, forms with faults and without, cards that move or do not."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl

from headway import governance, identity, portfolio
from headway.governance import Tier
from headway.identity import Role
from headway.kernel.canonical import sha256
from headway.kernel.web import Parts
from tests.factories import inventory
from tests.factories.governance import ANA, SUBJECT_DIGEST, bring_evidence, open_usecase
from tests.factories.pages import Browser, application, form_of, signed_in, visitor
from tests.factories.serving import deployed, prepare_keys, released

OFFICE = (Role.ai_office, None)


def opened(parts: Parts, slug: str = "lead-scoring", **told: object) -> None:
    with parts.database.session() as session:
        identity.ensure_department(session, ANA, str(told.get("department", "sales")))
        open_usecase(session, slug=slug, **told)  # type: ignore[arg-type]


def test_the_list_is_searched_and_narrowed_by_its_address(parts: Parts) -> None:
    with parts.database.session() as session:
        inventory.fill(session, 60)
    office = signed_in(parts, "Ada", OFFICE)
    everything = office.text("/usecases")
    assert "1 to 50 of 60" in everything
    assert "What blocks it" in everything
    narrowed = office.get("/usecases?department=hr&tier=high&sort=-title").text
    assert "Churn forecast" in narrowed
    assert "Lead scoring 0" not in narrowed
    assert "Nothing matches" in office.text("/usecases?q=nowhere-to-be-found")
    assert office.get("/usecases?sort=colour").status_code == 422
    board = office.get("/usecases?view=board&department=hr").text
    assert "sortable.min.js" in board
    assert "Lead scoring" not in board
    assert board.count('class="lane-card"') == 10


def test_a_list_is_taken_away_with_all_its_rows_and_its_filters(parts: Parts) -> None:
    with parts.database.session() as session:
        inventory.fill(session, 1001)
    office = signed_in(parts, "Ada", OFFICE)
    book = openpyxl.load_workbook(BytesIO(office.get("/usecases?format=xlsx&department=hr").content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[0][:4] == ("Title", "Department", "Stage", "Tier")
    assert {row[1] for row in rows[1:]} == {"Hr"}
    assert any("Hr" in str(cell.value) for line in book.worksheets[1] for cell in line)  # the filter is noted
    everything = office.get("/usecases?format=csv").text.splitlines()
    assert len(everything) == 1002


def test_departments_see_their_own_and_strangers_nothing(parts: Parts) -> None:
    opened(parts)
    opened(parts, "pay", title="Pay bands", department="hr")
    app = application(parts)
    hers = signed_in(parts, "Helen", (Role.department_head, "hr"), app=app)
    page = hers.text("/usecases")
    assert "Pay bands" in page
    assert "Lead scoring" not in page
    assert hers.get("/usecases/lead-scoring").status_code == 403
    assert signed_in(parts, "Eve", app=app).get("/usecases").status_code == 403
    assert visitor(parts).get("/usecases").url.path == "/sign-in"


def test_a_use_case_is_proposed_with_its_faults_told_at_their_fields(parts: Parts) -> None:
    with parts.database.session() as session:
        open_usecase(session)
    ada = signed_in(parts, "Ada", (Role.employee, "sales"))
    ada.get("/usecases/new")
    refused = ada.send("/usecases/new", title=" ", purpose="Keep this text")
    assert refused.status_code == 422
    assert "title cannot be empty" in refused.text
    assert "Keep this text" in refused.text
    twin = ada.send("/usecases/new", title="Lead scoring", purpose="Call the likeliest leads first")
    assert twin.status_code == 409 and "join it, or say in one line why yours is different" in twin.text
    assert 'href="/usecases/lead-scoring/join' in twin.text and "Call the likeliest leads first" in twin.text
    made = ada.send("/usecases/new", different="For the partners, who have leads of their own")
    assert made.url.path == "/usecases/lead-scoring-sales"  # the name was taken, so the department goes with it
    assert "Name the sponsor" in made.text
    assert "Name the accountable owner" not in made.text
    with parts.database.session() as session:
        assert governance.get_usecase(session, "lead-scoring-sales").owner == ada.actor.ref  # type: ignore[union-attr]


def test_a_proposal_asks_for_the_means_that_it_takes(parts: Parts) -> None:
    with parts.database.session() as session:
        open_usecase(session)
    head = signed_in(parts, "Ada", (Role.department_head, "sales"))
    assert "Means it asks for" in head.text("/usecases/new")
    told = {
        "title": "Price offers",
        "purpose": "Suggest a price",
        "people": "1,5",
        "compute_hours": "20",
        "months": "6",
    }
    wrong = head.send("/usecases/new", **told, budget="a lot", reason="an engineer")
    assert wrong.status_code == 422 and "is not an amount of money" in wrong.text
    with parts.database.session() as session:
        assert governance.usecase_titles(session, ["price-offers"]) == {}, "nothing is kept of a proposal with a fault"
    made = head.send("/usecases/new", budget="80000 EUR", value="200000 EUR")
    assert made.url.path == "/usecases/price-offers"
    with parts.database.session() as session:
        [asked] = portfolio.list_requests(session, "price-offers")
    assert (asked.budget, asked.people, asked.compute_hours, asked.months) == (8_000_000, 150, 20, 6)
    head.get("/usecases/new")
    plain = head.send("/usecases/new", title="Sort spare parts", purpose="Name a part by its picture")
    assert plain.url.path == "/usecases/sort-spare-parts"
    with parts.database.session() as session:
        assert portfolio.list_requests(session, "sort-spare-parts") == ()


def test_proposing_into_a_department_of_others_is_denied(parts: Parts) -> None:
    opened(parts, "pay", title="Pay bands", department="hr")
    ada = signed_in(parts, "Ada", (Role.employee, "sales"))
    ada.get("/usecases/new")
    assert ada.send("/usecases/new", title="Spy", department="hr").status_code == 403


def test_a_field_is_checked_when_it_is_left(parts: Parts) -> None:
    opened(parts)
    ada = signed_in(parts, "Ada", OFFICE)
    csrf = form_of(ada.get("/usecases/new").text, "/usecases/new")["csrf"]
    headers = {"hx-request": "true", "hx-trigger-name": "title"}

    def check(**told: str) -> tuple[int, str]:
        answer = ada.http.post("/usecases/check", data={"csrf": csrf, **told}, headers=headers)
        return answer.status_code, answer.text

    status, text = check(title="")
    assert (status, "title cannot be empty" in text, "<html" in text) == (200, True, False)
    status, text = check(title="Pay bands")
    assert (status, 'aria-invalid="true"' in text, 'value="Pay bands"' in text) == (200, False, True)
    headers["hx-trigger-name"] = "colour"
    assert check(title="x")[0] == 422


def test_use_cases_with_a_like_title_are_shown_while_typing(parts: Parts) -> None:
    opened(parts)
    opened(parts, "pay", title="Pay bands", department="hr")
    ada = signed_in(parts, "Ada", (Role.employee, "sales"))
    assert "Lead scoring" in ada.text("/usecases/similar?title=scoring+of+leads")
    assert ada.text("/usecases/similar?title=of") == ""
    assert "both say: scoring, leads" in ada.text("/usecases/similar?title=scoring+of+leads")
    assert "Pay bands" not in ada.text("/usecases/similar?title=pay+for+parking")
    elsewhere = ada.get("/usecases/similar?title=pay+bands").text
    assert (
        "Pay bands" in elsewhere and 'href="/usecases/pay"' not in elsewhere
    )  # a twin is told, and opens to nobody else


def test_pitfalls_are_looked_for_once_the_page_stands(parts: Parts) -> None:
    prepare_keys(parts)
    deployed(parts, released(parts))
    office = signed_in(parts, "Ada", OFFICE)
    assert 'hx-get="/usecases/lead-scoring/pitfalls"' in office.get("/usecases/lead-scoring").text
    shown = office.text("/usecases/lead-scoring/pitfalls")
    assert "Its sponsor Sam Sponsor has no account here" in shown and "Invite the sponsor" in shown
    opened(parts, "only-proposed")
    assert "None in sight" in office.text("/usecases/only-proposed/pitfalls")
    stranger = signed_in(parts, "Sven", (Role.department_head, "hr"))
    assert stranger.get("/usecases/lead-scoring/pitfalls").status_code == 403


def test_what_is_missing_links_to_where_it_is_done(parts: Parts) -> None:
    opened(parts, complete=False, risk={})
    office = signed_in(parts, "Ada", OFFICE)
    page = office.get("/usecases/lead-scoring").text
    assert "/usecases/lead-scoring/edit#f-purpose" in page
    assert 'href="/usecases/lead-scoring/risk"' in page
    assert "/pilots/new?usecase=lead-scoring" in page
    reader = signed_in(parts, "Rita", (Role.auditor, None), app=application(parts))
    seen = reader.get("/usecases/lead-scoring").text
    assert "/usecases/lead-scoring/retire" not in seen
    assert reader.get("/usecases/lead-scoring/edit").status_code == 403


def test_answers_decide_the_tier_and_say_by_which_rule(parts: Parts) -> None:
    opened(parts, risk={})
    office = signed_in(parts, "Ada", OFFICE)
    assert "Not decided for the use case" in office.text("/usecases/lead-scoring/risk")
    answers = {"prohibited_hits": "none-of-these", "annex_iii": ["4a", "4b"], "annex_i": "no", "profiling": "yes"}
    page = office.send("/usecases/lead-scoring/risk", then="decide", departments="hr, finance", **answers)
    assert "high risk" in page.text
    assert "CL-3" in page.text
    with parts.database.session() as session:
        risk = governance.get_usecase(session, "lead-scoring").risk
    assert risk["annex_iii"] == ["4a", "4b"]
    assert risk["prohibited_hits"] == []
    assert risk["departments"] == ["hr", "finance"]
    assert "deepfake" not in risk  # left open: unknown, not no
    assert form_of(page.text, "/usecases/lead-scoring/risk")["prohibited_hits"] == "none-of-these"


def test_a_tier_decided_in_person_needs_reasons_and_a_seat(parts: Parts) -> None:
    opened(parts)
    app = application(parts)
    cora = signed_in(parts, "Cora", (Role.council, "sales"), app=app)
    cora.get("/usecases/lead-scoring/risk")
    assert cora.send("/usecases/lead-scoring/tier", tier="", reasons="because").status_code == 422
    short = cora.send("/usecases/lead-scoring/tier", tier="high", reasons="because")
    assert short.status_code == 422
    assert "give reasons of at least 10" in short.text
    done = cora.send("/usecases/lead-scoring/tier", tier="high", reasons="It ranks people who apply for credit")
    assert "It ranks people who apply for credit" in done.text
    with parts.database.session() as session:
        assert governance.get_usecase(session, "lead-scoring").tier is Tier.high
    head = signed_in(parts, "Helen", (Role.department_head, "sales"), app=app)
    assert "Decide in person" not in head.text("/usecases/lead-scoring/risk")


def test_changing_what_the_tier_rests_on_opens_it_again(parts: Parts) -> None:
    opened(parts)
    office = signed_in(parts, "Ada", OFFICE)
    office.get("/usecases/lead-scoring/risk")
    office.send("/usecases/lead-scoring/tier", tier="minimal", reasons="Nothing speaks against it")
    office.get("/usecases/lead-scoring/edit")
    moved = office.send("/usecases/lead-scoring/edit", purpose="Decide who gets credit")
    assert moved.url.path == "/usecases/lead-scoring/risk"
    assert "not decided" in moved.text
    office.get("/usecases/lead-scoring/edit")
    assert office.send("/usecases/lead-scoring/edit", title="").status_code == 422


def test_retiring_asks_for_a_reason_and_can_be_taken_back(parts: Parts) -> None:
    opened(parts)
    office = signed_in(parts, "Ada", OFFICE)
    office.get("/usecases/lead-scoring/retire")
    assert office.send("/usecases/lead-scoring/retire", reason=" ").status_code == 422
    gone = office.send("/usecases/lead-scoring/retire", reason="No benefit after a year")
    assert "No benefit after a year" in gone.text
    assert "Retired" in office.text("/usecases/lead-scoring")
    office.get("/usecases/lead-scoring/reopen")
    back = office.send("/usecases/lead-scoring/reopen", reason="New data")
    assert "No benefit after a year" not in back.text


def test_what_is_still_at_work_cannot_be_retired(parts: Parts) -> None:
    with parts.database.session() as session:
        inventory.fill(session, 12)
    office = signed_in(parts, "Ada", OFFICE)
    live = next(slug for slug in slugs(parts) if "It is still at work" in office.text(f"/usecases/{slug}/retire"))
    refused = office.send(f"/usecases/{live}/retire", reason="enough")
    assert refused.status_code == 409
    assert "retire them first" in refused.text


def slugs(parts: Parts) -> list[str]:
    with parts.database.session() as session:
        return sorted(governance.usecase_departments(session))


def move(browser: Browser, card: str, to: str, *, script: bool = True) -> tuple[int, Any]:
    csrf = form_of(browser.get("/usecases?view=board").text, "/usecases/board")["csrf"]
    accept = {"accept": "application/json"} if script else {}
    answer = browser.http.post("/usecases/board", data={"csrf": csrf, "card": card, "to": to}, headers=accept)
    return answer.status_code, answer.json() if script else str(answer.url.path)


def test_a_card_moves_by_a_real_act_or_says_why_not(parts: Parts) -> None:
    opened(parts)
    office = signed_in(parts, "Ada", OFFICE)
    assert move(office, "lead-scoring", "pilot") == (200, {"go": "/pilots/new?usecase=lead-scoring"})
    assert move(office, "lead-scoring", "retired") == (200, {"go": "/usecases/lead-scoring/retire"})
    status, told = move(office, "lead-scoring", "live")
    assert (status, "go" in told) == (200, False), "the board asked and was answered; nothing went wrong"
    assert "A pilot comes first" in told["detail"]
    assert move(office, "lead-scoring", "nowhere")[0] == 422
    employee = signed_in(parts, "Emil", (Role.employee, "sales"), app=application(parts))
    assert move(employee, "lead-scoring", "retired")[0] == 403
    assert move(office, "lead-scoring", "retired", script=False) == (200, "/usecases/lead-scoring/retire")
    office.get("/usecases?view=board")
    stays = office.send("/usecases/board", card="lead-scoring", to="live")
    assert "A pilot comes first" in stays.text  # without script the reason is said on the board


def test_the_evidence_page_shows_the_gate_in_each_environment(parts: Parts) -> None:
    with parts.database.session() as session:
        open_usecase(session)
        bring_evidence(session)
        inventory.add_version(session, "lead-scoring", SUBJECT_DIGEST)
    office = signed_in(parts, "Ada", OFFICE)
    page = office.text("/usecases/lead-scoring/evidence")
    assert "The gate does not let it in" in page
    assert "The legal tier is decided for the use case as it stands" in page
    assert "How good a model is on rows it has not seen" in page
    assert "controls do not apply" in page
    assert "The gate lets it in, with warnings" in office.text("/usecases/lead-scoring/evidence?environment=sandbox")
    work = office.text("/usecases/lead-scoring/work")
    assert "lead-scoring 1" in work
    reader = signed_in(parts, "Emil", (Role.employee, "sales"), app=application(parts))
    assert reader.get("/usecases/lead-scoring/evidence").status_code == 403
    assert "Evidence and gates" not in reader.text("/usecases/lead-scoring")


def test_what_people_attest_is_kept_in_their_name(parts: Parts) -> None:
    opened(parts)
    app = application(parts)
    dana = signed_in(parts, "Dana", (Role.data_scientist, "sales"), app=app)
    dana.get("/usecases/lead-scoring/attest")
    assert dana.send("/usecases/lead-scoring/attest", type="").status_code == 422
    assert dana.send("/usecases/lead-scoring/attest", type="eval_report").status_code == 403  # jobs write that
    early = dana.send("/usecases/lead-scoring/attest", type="fria")
    assert early.status_code == 409
    assert "there is none yet" in early.text
    document = {"document": ("assessment.pdf", b"%PDF the assessment", "application/pdf")}
    page = dana.send("/usecases/lead-scoring/attest", type="risk_assessment", files=document)
    assert "Risk assessment" in page.text
    with parts.database.session() as session:
        kept = governance.list_evidence(session, type="risk_assessment").items[0]
    assert (kept.producer, kept.payload_digest) == (dana.actor.ref, sha256(b"%PDF the assessment"))  # type: ignore[union-attr]
    head = signed_in(parts, "Helen", (Role.department_head, "sales"), app=app)
    assert head.get("/usecases/lead-scoring/attest").status_code == 403
