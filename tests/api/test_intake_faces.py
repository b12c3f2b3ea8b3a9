"""Intake through the API, at the terminal, in the client and on pages: twins, joins, umbrellas, YAML, shadow AI."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from typer.testing import CliRunner

from headway import governance, identity
from headway.entrypoints.pages.usecase_new import TYPED
from headway.governance import UmbrellaState, cli
from headway.identity import Role
from headway.kernel import clock, terminal
from headway.kernel.web import Parts
from headway_client import Client, Conflict, Denied, Invalid
from tests.factories.asgi import AppTransport
from tests.factories.governance import ANA, MINIMAL_RISK, open_usecase
from tests.factories.pages import Browser, application, form_of, signed_in, text_of

LIKE = {
    "slug": "prospects",
    "title": "Scoring of leads",
    "department": "sales",
    "purpose": "Rank leads to call the likeliest first",
}
UNTIL = (clock.now().date() + timedelta(days=200)).isoformat()


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    with parts.database.session() as session:
        for slug in ("sales", "hr"):
            identity.ensure_department(session, ANA, slug)
        open_usecase(session)
        governance.classify(session, ANA, "lead-scoring")
    return application(parts)


def as_(app: FastAPI, parts: Parts, name: str, *roles: tuple[Role, str | None]) -> Client:
    """Somebody's client of the whole application, with the real rules."""
    browser = signed_in(parts, name, *roles, app=app)
    secret = next(iter(browser.http.cookies.values()))
    return Client("http://headway.test", secret, transport=AppTransport(app))


@pytest.fixture
def office(app: FastAPI, parts: Parts) -> Client:
    return as_(app, parts, "Ada", (Role.ai_office, None))


@pytest.fixture
def run(office: Client) -> CliRunner:
    @contextmanager
    def connect() -> Iterator[Client]:
        yield office

    terminal.set_connector(connect)
    return CliRunner()


def told(run: CliRunner, app: Any, *arguments: str) -> Any:
    done = run.invoke(app, [*arguments, "--output", "json"])
    assert done.exit_code == 0, (done.output, done.exception)
    return json.loads(done.stdout)


# --- twins -------------------------------------------------------------------------------------------------------


def test_a_twin_is_told_refused_joined_or_told_apart_through_api_and_client(
    app: FastAPI, parts: Parts, office: Client
) -> None:
    found = office.usecases.similar(title=LIKE["title"], purpose=LIKE["purpose"])
    assert [(one.slug, one.is_twin) for one in found] == [("lead-scoring", True)]
    assert {"scoring", "leads"} <= set(found[0].words)
    with pytest.raises(Conflict) as refused:
        office.usecases.open(**LIKE)
    assert refused.value.code == "governance.twin_suspected"
    assert refused.value.faults[0]["value"] == "lead-scoring"
    with as_(app, parts, "Emil", (Role.employee, "hr")) as emil:
        assert [one.slug for one in emil.usecases.similar(title=LIKE["title"], purpose=LIKE["purpose"])] == [
            "lead-scoring"
        ]
        joined = emil.usecases.join("lead-scoring", department="hr", what_for="referrals")
        with pytest.raises(Denied):
            emil.usecases.join("lead-scoring", department="sales", what_for="referrals")
        with pytest.raises(Denied):
            emil.usecases.relations("lead-scoring")
    assert [one.id for one in office.usecases.relations("lead-scoring").joins] == [joined.id]
    office.usecases.open(**LIKE, different="For partners, who have their own leads")
    assert [one.other for one in office.usecases.relations("prospects").distinctions] == ["lead-scoring"]
    assert office.usecases.similar(usecase="prospects")[0].slug == "lead-scoring"


def test_a_twin_is_refused_at_the_terminal_too(run: CliRunner) -> None:
    open_ = ["open", "prospects", "--title", LIKE["title"], "--department", "sales", "--purpose", LIKE["purpose"]]
    assert isinstance(run.invoke(cli.usecase_app, open_).exception, Conflict)
    shown = run.invoke(cli.usecase_app, ["similar", "--title", LIKE["title"], "--purpose", LIKE["purpose"]])
    assert "twin" in shown.stdout and "lead-scoring" in shown.stdout
    told(run, cli.usecase_app, "join", "lead-scoring", "--department", "hr", "--for", "referrals")
    told(run, cli.usecase_app, *open_, "--different", "For partners, who have their own leads")
    assert "referrals" in run.invoke(cli.usecase_app, ["relations", "lead-scoring"]).stdout
    known = told(run, cli.usecase_app, "known", "--solution", "sales.lead-scoring")["items"]
    assert {"owner", "purpose", "risk.profiling"} <= {one["field"] for one in known}
    filled = told(
        run, cli.usecase_app, "open", "scored", "--title", "Leads", "--department", "hr", "--solution", "sales.lead-scoring",
        "--fill", "--different", "Applicants who were told of the job by staff",
    )  # fmt: skip
    assert filled["purpose"].startswith("Rank open leads") and filled["risk"]["profiling"] is True


# --- the page ----------------------------------------------------------------------------------------------------


def typed(page: str) -> set[str]:
    """What the form of a page leaves to type or choose: visible fields, also those that stand elsewhere and belong to it.

    What lies folded away behind a line of its own (the means, for whoever knows them already) is none of them.
    """
    form = re.search(r'<form[^>]*id="new-usecase".*?</form>', page, re.S)
    assert form is not None
    places = re.sub(r"<details>.*?</details>", "", form.group(0), flags=re.S) + "".join(
        re.findall(r'<[^>]*form="new-usecase"[^>]*>', page)
    )
    found = re.findall(r"<(input|select|textarea)([^>]*)>", places)
    names = [re.search(r'name="([^"]+)"', about) for _, about in found if 'type="hidden"' not in about]
    return {name.group(1) for name in names if name}


def test_at_most_eight_fields_are_typed_and_the_rest_is_known_with_its_source(app: FastAPI, parts: Parts) -> None:
    office = signed_in(parts, "Ada", (Role.ai_office, None), app=app)
    office.get("/usecases/new")
    refused = office.send("/usecases/new", title=LIKE["title"], purpose=LIKE["purpose"], department="sales")
    assert typed(refused.text) == set(TYPED) and len(TYPED) <= 8, "all there can be, with the question about a twin"
    emil = signed_in(parts, "Emil", (Role.employee, "hr"), app=app)
    page = emil.get("/usecases/new").text
    assert typed(page) == set(TYPED) - {"department", "different"}, "the role says where"
    assert form_of(page, "/usecases/new")["department"] == "hr"
    assert "<details><summary>Means it asks for" in refused.text and "Means it asks for" not in page, (
        "Emil cannot ask for any"
    )
    shown = text_of(page)
    assert "Emil you, since you propose it" in shown and "Hr from your role" in shown
    known = emil.text("/usecases/known?solution=sales.lead-scoring")
    assert "profiling ✓ from the solution" in known and "Rank open leads" in known
    emil.get("/usecases/new")
    twin = emil.send("/usecases/new", title="Applicants told of by staff", solution="sales.lead-scoring")
    assert twin.status_code == 409 and "both rest on: solution:sales.lead-scoring" in text_of(twin.text)
    made = emil.send("/usecases/new", different="Applicants whom staff know, not buyers")
    slug = made.url.path.rpartition("/")[2]
    with parts.database.session() as session:
        case = governance.get_usecase(session, slug)
    assert emil.actor is not None and case.owner == emil.actor.ref and case.department == "hr"
    assert case.purpose is not None and case.purpose.startswith("Rank open leads")
    assert case.risk["profiling"] is True and case.success_measure == "Leads that buy"


def test_somebody_joins_on_the_page_instead(app: FastAPI, parts: Parts) -> None:
    sales = signed_in(parts, "Sam", (Role.employee, "sales"), app=app)
    assert "Join it instead" in sales.text("/usecases/similar?title=Scoring+of+leads")
    sales.get("/usecases/lead-scoring/join?for=fairs")
    assert "say what you want it for" in sales.send("/usecases/lead-scoring/join", what_for=" ").text
    done = sales.send("/usecases/lead-scoring/join", what_for="fairs")
    assert done.url.path == "/usecases/lead-scoring" and "Joined by" in done.text and "fairs" in done.text


# --- YAML --------------------------------------------------------------------------------------------------------

CASES = """usecases:
  - title: Scoring of leads
    department: sales
    purpose: Rank leads to call the likeliest first
    risk: {profiling: true, annex_iii: [4a], roles: []}
  - slug: lead-scoring
    owner: null
    sponsor: Ben
"""


def test_yaml_goes_round_with_its_differences_and_twins_shown_first(
    run: CliRunner, office: Client, tmp_path: Path
) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text(CASES)
    preview = told(run, cli.usecase_app, "import", str(file))
    assert [(one["change"], one["key"], one["row"]) for one in preview["changes"]] == [
        ("added", "scoring-of-leads", 2), ("changed", "lead-scoring", 6),
    ]  # fmt: skip
    assert (
        preview["notes"] == [preview["notes"][0]] and "very like 'Lead scoring' (lead-scoring)" in preview["notes"][0]
    )
    assert told(run, cli.usecase_app, "import", str(file), "--apply")["applied"] == {
        "added": 1,
        "changed": 1,
        "unchanged": 0,
    }
    made = office.usecases.show("scoring-of-leads")
    assert made.risk == {"profiling": True, "annex_iii": ["4a"], "roles": []} and made.tier == "undecided"
    assert (office.usecases.show("lead-scoring").owner, office.usecases.show("lead-scoring").sponsor) == (None, "Ben")
    out = tmp_path / "out.yaml"
    assert run.invoke(cli.usecase_app, ["export", "--to", str(out)]).exit_code == 0
    again = told(run, cli.usecase_app, "import", str(out))
    assert (again["changes"], again["unchanged"], again["faults"]) == ([], 2, [])
    kept = {one["slug"]: one for one in yaml.safe_load(out.read_text())["usecases"]}
    assert kept["scoring-of-leads"]["risk"] == made.risk and "owner" not in kept["lead-scoring"]
    assert office.usecases.export_yaml(department="hr") == b"usecases: []\n"


def test_every_fault_of_a_yaml_file_is_told_with_its_line(run: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "cases.yml"
    file.write_text(
        "- title: A\n  department: nowhere\n  risk:\n    profiling: maybe\n    annex_iii: 4a\n"
        "- department: sales\n  colour: red\n  title: [x]\n- just text\n- title: B\n  title: C\n  department: sales\n"
    )
    done = run.invoke(cli.usecase_app, ["import", str(file), "--output", "json"])
    assert done.exit_code == 2
    preview = json.loads(done.stdout)
    cells = [(one["cell"], one["column"]) for one in preview["faults"]]
    assert {
        ("line 2", "department"),
        ("line 4", "risk.profiling"),
        ("line 5", "risk.annex_iii"),
        ("line 8", "title"),
    } <= set(cells)
    assert ("line 9", None) in cells and ("line 11", "title") in cells
    assert preview["unknown_columns"] == ["line 7 'colour'"]


@pytest.mark.parametrize(
    "text", ["a: &x [1]\nusecases: *x\n", "usecases: {", "plain", "usecases: 3", "!!python/object:os.system x", ""]
)
def test_what_is_no_list_of_use_cases_is_refused(office: Client, text: str) -> None:
    with pytest.raises(Invalid):
        office.usecases.stage_import(("x.yaml", text.encode()))


# --- umbrellas ---------------------------------------------------------------------------------------------------


def test_an_umbrella_goes_through_client_and_terminal(
    app: FastAPI, parts: Parts, run: CliRunner, office: Client
) -> None:
    asked = told(run, cli.umbrella_app, "ask", "lead-scoring", "--conditions", "No names", "--until", UNTIL)
    assert asked["state"] == "asked"
    assert isinstance(run.invoke(cli.umbrella_app, ["approve", asked["id"]]).exception, Denied), "never who asked"
    with as_(app, parts, "Cora", (Role.council, None)) as council:
        assert council.umbrellas.approve(asked["id"]).state == "in_force"
    with as_(app, parts, "Emil", (Role.employee, "hr")) as emil:
        emil.umbrellas.register(asked["id"], department="hr", what_for="letters")
        assert [one.title for one in emil.umbrellas.list()] == ["Lead scoring"]
        with pytest.raises(Denied):
            emil.umbrellas.approve(asked["id"])
        with pytest.raises(Denied):
            emil.umbrellas.end(asked["id"], reason="mine")
    told(run, cli.umbrella_app, "register", asked["id"], "--department", "sales", "--for", "offers")
    listed = told(run, cli.umbrella_app, "registrations", asked["id"])["items"]
    assert [(one["department"], one["is_lapsed"]) for one in listed] == [("hr", False), ("sales", False)]
    with as_(app, parts, "Sam", (Role.employee, "sales")) as sam:
        assert [one.what_for for one in sam.umbrellas.registrations(asked["id"])] == ["offers"]
    assert told(run, cli.umbrella_app, "end", asked["id"], "--reason", "over")["state"] == "ended"
    assert told(run, cli.umbrella_app, "list")["items"][0]["registrations"] == 2
    assert isinstance(
        run.invoke(cli.umbrella_app, ["register", asked["id"], "--department", "hr", "--for", "x"]).exception, Conflict
    )


def test_an_umbrella_is_asked_for_approved_and_registered_under_on_pages(app: FastAPI, parts: Parts) -> None:
    head = signed_in(parts, "Hanna", (Role.department_head, "sales"), app=app)
    assert "No umbrella yet" in head.text("/umbrellas")
    assert "Make it an umbrella" in head.text("/usecases/lead-scoring")
    head.get("/usecases/lead-scoring/umbrella")
    refused = head.send("/usecases/lead-scoring/umbrella", conditions="Leads only", valid_until="2099-01-01")
    assert refused.status_code == 422 and "365 days at most" in text_of(refused.text)
    shown = head.send("/usecases/lead-scoring/umbrella", valid_until=UNTIL)
    place = shown.url.path
    assert "waits for a second person" in shown.text and f"{place}/approve" not in shown.text
    council = signed_in(parts, "Cora", (Role.council, None), app=app)
    council.get(place)
    assert "in force" in council.send(f"{place}/approve").text
    emil = signed_in(parts, "Emil", (Role.employee, "hr"), app=app)
    assert "Leads only" in emil.text("/usecases/similar?title=Lead+scoring")
    emil.get(f"{place}?for=letters")
    done = emil.send(f"{place}/register")
    assert "Registered; keep to the conditions" in text_of(done.text) and "letters" in done.text
    assert "letters" in emil.get(f"{place}?format=csv").text
    with parts.database.session() as session:
        governance.update_usecase(session, ANA, "lead-scoring", changes={}, risk={**MINIMAL_RISK, "annex_iii": ["4a"]})
        [umbrella] = governance.list_umbrellas(session)
        assert umbrella.state is UmbrellaState.above_tier
    late = emil.text(place)
    assert "1 registration has lapsed" in late and "lapsed" in late and "/register" not in emil.get(place).text


# --- shadow AI ---------------------------------------------------------------------------------------------------


def test_a_tool_is_reported_listed_and_settled_by_those_who_may(
    app: FastAPI, parts: Parts, run: CliRunner, office: Client
) -> None:
    with as_(app, parts, "Emil", (Role.employee, "hr")) as emil:
        made = emil.sightings.report(tool="chatgpt.com", what_for="Letters", department="hr", unnamed=True)
        assert [one.tool for one in emil.sightings.list(own=True)] == ["ChatGPT"]
        for refused in (
            lambda: list(emil.sightings.list()),
            lambda: emil.sightings.show(made.id),
            lambda: emil.sightings.settle(made.id, outcome="dismissed", reason="x"),
            lambda: emil.sightings.import_log(("x.csv", b"time,host\n2026-01-01,x.de\n")),
        ):
            with pytest.raises(Denied):
                refused()
    with as_(app, parts, "Otto", (Role.auditor, None)) as auditor:
        assert next(iter(auditor.sightings.list())).reports[0].reporter is None
        with pytest.raises(Denied):
            auditor.sightings.settle(made.id, outcome="dismissed", reason="x")
    assert next(iter(office.sightings.list())).reports[0].reporter is not None
    listed = run.invoke(cli.shadow_app, ["list"])
    assert "ChatGPT" in listed.stdout
    done = told(run, cli.shadow_app, "settle", made.id, "--join", "lead-scoring")
    assert done["state"] == "joined"
    assert run.invoke(cli.shadow_app, ["settle", made.id, "--dismiss", "x", "--join", "y"]).exit_code == 2
    assert "Otter" in run.invoke(cli.shadow_app, ["report", "otter.ai", "--for", "minutes"]).stdout


def test_a_log_is_imported_at_the_terminal_with_its_faults_told(run: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    file.write_text(
        '{"time": "2026-03-02", "host": "chatgpt.com", "user": "ann", "count": 2}\n{"time": "x", "host": "y.de"}\n'
    )
    refused = run.invoke(cli.shadow_app, ["import", str(file)])
    assert isinstance(refused.exception, Invalid) and refused.exception.faults[0]["column"] == "line 2"
    file.write_text(file.read_text().splitlines()[0] + "\n")
    assert told(run, cli.shadow_app, "import", str(file))["added"] == 1
    assert isinstance(run.invoke(cli.shadow_app, ["import", str(file)]).exception, Conflict)


def test_the_page_teaches_takes_reports_and_leads_to_an_entry(app: FastAPI, parts: Parts) -> None:
    emil = signed_in(parts, "Emil", (Role.employee, "hr"), app=app)
    page = emil.text("/shadow")
    assert "nobody is blamed" in page and "Tools that were seen" not in page and "Read a gateway's log" not in page
    assert "name the tool" in emil.send("/shadow", tool=" ", what_for="Letters").text
    assert "Thank you" in text_of(emil.send("/shadow", tool="ChatGPT", department="hr", unnamed="true").text)
    office = signed_in(parts, "Ada", (Role.ai_office, None), app=app)
    shown = office.get("/shadow")
    found = re.search(r'href="(/shadow/sgt_\w+)"', shown.text)
    assert found is not None and "Waiting, days" in shown.text
    log = ("log.csv", b"time,host,department\n2026-03-02,deepl.com,Hr\n2026-03-02,odd.example,hr\n", "text/csv")
    assert "Read: 2 lines, 2 new" in text_of(office.send("/shadow/import", files={"file": log}).text)
    wrong = ("log.csv", b"time,host\nnever,deepl.com\n", "text/csv")
    assert "line 2: write the time" in office.send("/shadow/import", files={"file": wrong}).text
    assert "DeepL" in office.get("/shadow?format=csv").text
    assert "Emil" in office.text(found.group(1)) and "unnamed to others" in office.text(found.group(1))
    head = signed_in(parts, "Hanna", (Role.department_head, "hr"), app=app)
    assert "somebody who stays unnamed" in head.text(found.group(1)) and "Make it an entry" not in head.text(
        found.group(1)
    )
    office.get(f"/usecases/new?sighting={found.group(1).rpartition('/')[2]}")
    made = office.send("/usecases/new")
    assert made.url.path == "/usecases/chatgpt" and "Letters" in made.text
    assert "has an entry" in office.text(found.group(1))
    seen = emil.text("/shadow")
    assert "ChatGPT has an entry" in seen


def test_the_queue_is_empty_with_words_that_teach(app: FastAPI, parts: Parts) -> None:
    office: Browser = signed_in(parts, "Ada", (Role.ai_office, None), app=app)
    assert "Nothing waits" in office.text("/shadow")
