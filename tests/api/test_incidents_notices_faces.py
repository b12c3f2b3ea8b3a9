"""Drafting, noting as sent and lifting by client, terminal and pages, and who may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import insert
from typer.testing import CliRunner

from headway import collaboration, governance, identity, serving
from headway.identity import Role
from headway.incidents.cli import app as commands
from headway.kernel import clock, terminal
from headway.kernel.canonical import digest
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from headway.serving.tables import DeploymentRow
from headway_client import Client as HeadwayClient
from headway_client.errors import Conflict, Denied
from tests.factories.asgi import AppTransport
from tests.factories.governance import ANA, BEN, MINIMAL_RISK, open_usecase
from tests.factories.identity import client, join
from tests.factories.inventory import deployment
from tests.factories.pages import application, signed_in

NOW = datetime(2026, 11, 26, 16, 30, tzinfo=UTC)
TOLD = {"title": "Wrong salaries", "what": "A batch of salaries was off by a factor of ten"}
SENT = ("--to", "Vienna", "--at", "2026-11-26T16:30:00Z", "--reference", "MS-77")
OFFICE, COUNCIL, OPERATOR = (Role.ai_office, None), (Role.council, "sales"), (Role.operator, "sales")


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed(NOW):
        yield


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    """A use case of high risk in the European Union, with one deployment in the pilot."""
    release = digest("v1")
    arms = [{"name": "champion", "release": release, "share": 1.0}]
    row = deployment("leads", usecase="lead-scoring", environment="pilot", release=release, arms=arms)
    with parts.database.session() as session:
        open_usecase(session, risk={**MINIMAL_RISK, "annex_iii": ["4a"], "vendor_supplied": False})
        governance.classify(session, BEN, "lead-scoring")
        session.execute(insert(DeploymentRow).values(**row))
    return application(parts)


@contextmanager
def signed(app: FastAPI, parts: Parts, name: str, *roles: tuple[Role, str | None]) -> Iterator[HeadwayClient]:
    _, secret = join(parts.database, name, *roles)
    with HeadwayClient("http://headway", secret, transport=AppTransport(app)) as made:
        yield made


def test_the_way_of_a_notification_by_the_client(app: FastAPI, parts: Parts) -> None:
    with signed(app, parts, "Olga", OFFICE) as olga, signed(app, parts, "Carl", COUNCIL) as carl:
        made = olga.incidents.report(**TOLD, concerns=["usecase:lead-scoring"])  # type: ignore[arg-type]
        with pytest.raises(Denied):
            carl.incidents.draft_notices(made.id)
        drafts = olga.incidents.draft_notices(made.id).items
        assert {one.clock for one in drafts} == {"AIA-73-2", "AIA-73-3", "AIA-73-4", "GDPR-33", "GDPR-34", "OWN-TELL"}
        one = olga.incidents.draft_notices(made.id, clock="AIA-73-2").items[0]
        assert one.id in {draft.id for draft in drafts}, "the records say the same"
        facts = {fact.says: (fact.value, fact.record) for line in one.draft.lines for fact in line.facts}
        assert facts["In short"] == ("Wrong salaries", f"incident:{made.id}")
        assert facts["Areas of Annex III"] == ("4a", "usecase:lead-scoring")
        assert carl.incidents.write_notice(made.id, one.id)[:4] == b"%PDF"
        assert b"REPORT OF A SERIOUS INCIDENT" in carl.incidents.write_notice(made.id, one.id, format="txt")
        sent = carl.incidents.mark_sent(
            made.id,
            one.id,
            sent_at=NOW,
            to="Vienna",
            reference="MS-77",
            file=("receipt.html", b"<script>alert(1)</script>"),
        )
        assert sent.sending is not None and sent.sending.reference == "MS-77"
        assert olga.incidents.proof(made.id, one.id) == b"<script>alert(1)</script>"
        assert {kept.id: kept.state for kept in olga.incidents.show(made.id).clocks}["AIA-73-2"] == "met"
        with pytest.raises(Conflict):
            carl.incidents.mark_sent(made.id, one.id, sent_at=NOW, to="Vienna")
        assert olga.incidents.draft_notices(made.id, clock="AIA-73-2").items[0].draft.kind == "follow_up"
        assert len(olga.incidents.notices(made.id).items) == 7 and olga.incidents.notice(made.id, one.id).sending


def test_what_somebody_brought_is_saved_and_never_shown(app: FastAPI, parts: Parts) -> None:
    _, secret = join(parts.database, "Olga", OFFICE)
    with client(app, secret) as olga:
        made = olga.post("/api/v1/incidents", json={**TOLD, "concerns": ["usecase:lead-scoring"]}).json()
        place = f"/api/v1/incidents/{made['id']}/notices"
        notice = olga.post(place, json={"clock": "OWN-TELL"}).json()["items"][0]["id"]
        form = {"sent_at": NOW.isoformat(), "to": "sponsor"}
        file = {"file": ('re"ceipt\u00e9.html', b"<script>", "text/html")}
        assert olga.post(f"{place}/{notice}/sent", data=form, files=file).status_code == 200
        answer = olga.get(f"{place}/{notice}/proof")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith('attachment; filename="re')
        assert (
            answer.headers["x-content-type-options"] == "nosniff"
            and '"' not in answer.headers["content-disposition"][22:-1]
        )


@pytest.mark.parametrize(
    ("role", "reads", "drafts", "notes"),
    [
        (Role.operator, True, True, False), (Role.department_head, True, True, False), (Role.council, True, False, True),
        (Role.auditor, True, False, False), (Role.employee, False, False, False),
    ],
)  # fmt: skip
def test_roles_decide_who_reads_drafts_and_notes_as_sent(  # noqa: PLR0917  a case a parameter
    app: FastAPI, parts: Parts, role: Role, reads: bool, drafts: bool, notes: bool
) -> None:
    _, reporter = join(parts.database, "Erik", (Role.employee, "sales"))
    with client(app, reporter) as erik, signed(app, parts, "Olga", OFFICE) as olga:
        made = erik.post("/api/v1/incidents", json={**TOLD, "concerns": ["usecase:lead-scoring"]}).json()["id"]
        place = f"/api/v1/incidents/{made}"
        notice = olga.incidents.draft_notices(made, clock="OWN-TELL").items[0].id
        assert erik.get(place).status_code == 200
        assert erik.get(f"{place}/notices/{notice}").status_code == 403, "a draft holds more than what they may read"
    _, secret = join(parts.database, "Somebody", (role, "sales"))
    with client(app, secret) as caller:
        for path in ("notices", f"notices/{notice}", f"notices/{notice}/document", "lifting"):
            assert caller.get(f"{place}/{path}").status_code == (200 if reads else 403), path
        assert caller.post(f"{place}/notices", json={}).status_code == (201 if drafts else 403)
        sent = caller.post(f"{place}/notices/{notice}/sent", data={"sent_at": NOW.isoformat(), "to": "sponsor"})
        assert sent.status_code == (200 if notes else 403)


def test_lifting_needs_another_person_and_ended_actions_by_the_client(app: FastAPI, parts: Parts) -> None:
    with signed(app, parts, "Otto", OPERATOR) as otto, signed(app, parts, "Petra", OPERATOR) as petra:
        made = otto.incidents.report(**TOLD, concerns=["usecase:lead-scoring"]).id  # type: ignore[arg-type]
        assert [one.deployment for one in otto.incidents.contain(made, reason="wrong").stops] == ["leads"]
        with parts.database.session() as session:
            who = identity.add_person(session, ANA, name="Ida", email="ida@example.org").person
            task = collaboration.create_task(
                session, ANA, title="Check the unit", subject=Ref("incident", made), assignee=who.ref
            ).id
        with pytest.raises(Conflict, match="Check the unit"):
            petra.incidents.lift(made, reason="mended")
        assert petra.incidents.lifting(made).open_actions == ["Check the unit"]
        with parts.database.session() as session:
            collaboration.end_task(session, ANA, task, state=collaboration.TaskState.done)
        with pytest.raises(Denied):
            otto.incidents.lift(made, reason="mended")
        with signed(app, parts, "Carl", COUNCIL) as carl, pytest.raises(Denied):
            carl.incidents.lift(made, reason="mended")
        [done] = petra.incidents.lift(made, reason="mended").items
        assert done.lifted_because == "mended" and "it stays suspended" in (done.told or ""), "it has no verdict here"
        assert petra.incidents.show(made).stops == [done]


def test_the_terminal_drafts_notes_and_lifts(
    app: FastAPI, parts: Parts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tokens = {"olga": join(parts.database, "Olga", OFFICE)[1], "petra": join(parts.database, "Petra", OPERATOR)[1]}
    who = ["olga"]

    @contextmanager
    def connect() -> Iterator[HeadwayClient]:
        with HeadwayClient("http://headway", tokens[who[0]], transport=AppTransport(app)) as made:
            yield made

    monkeypatch.setattr(terminal, "connect", connect)

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(commands, list(arguments))
        assert done.exit_code == 0, done.output
        return done.output

    shown = run("report", TOLD["title"], "--what", TOLD["what"], "--about", "usecase:lead-scoring")
    incident = next(word for word in shown.split() if word.startswith("inc_"))
    drafted = run("draft", incident, "--clock", "AIA-73-2")
    notice = next(word for word in drafted.split() if word.startswith("ntc_"))
    paper, proof = tmp_path / "report.pdf", tmp_path / "receipt.txt"
    shown = run("notice", incident, notice, "--to", str(paper))
    assert "Wrong salaries" in shown and "judge what harm it did" in shown and paper.read_bytes()[:4] == b"%PDF"
    proof.write_text("taken in")
    assert "MS-77" in run(
        "sent",
        incident,
        notice,
        "--to",
        "Vienna",
        "--at",
        "2026-11-26T16:30:00Z",
        "--reference",
        "MS-77",
        "--file",
        str(proof),
    )
    run("notice", incident, notice, "--proof", str(tmp_path / "back.txt"))
    assert (tmp_path / "back.txt").read_text() == "taken in" and "MS-77" in run("notices", incident)
    told = next(word for word in run("draft", incident, "--clock", "OWN-TELL").split() if word.startswith("ntc_"))
    assert "Claire" in run("sent", incident, told, "--to", "Claire", *SENT[2:4]), "a file is not needed"
    assert "stopped: 1" in run("contain", incident, "--reason", "wrong")
    assert "no verdict" not in run("lift", incident)
    assert CliRunner().invoke(commands, ["lift", incident, "--reason", "mended"]).exit_code != 0
    who[0] = "petra"
    assert "it stays suspended" in run("lift", incident, "--reason", "mended")


def test_pages_draft_note_as_sent_and_lift(app: FastAPI, parts: Parts) -> None:
    olga = signed_in(parts, "Olga", OFFICE, app=app)
    petra = signed_in(parts, "Petra", OPERATOR, app=app)
    olga.get("/incidents/new")
    place = olga.send("/incidents/new", **TOLD, concerns="usecase:lead-scoring").url.path
    assert "Nothing is drafted yet" in olga.text(place)
    drafted = olga.send(f"{place}/notices", clock="AIA-73-2")
    assert drafted.url.path.startswith(f"{place}/notices/ntc_") and "What no record holds" in drafted.text
    notice = drafted.url.path
    assert olga.get(f"{notice}/document").content[:4] == b"%PDF"
    assert "It was sent" not in petra.text(notice), "an operator drafts and does not note it as sent"
    olga.get(f"{place}/edit")
    olga.send(f"{place}/edit", **TOLD, concerns="usecase:lead-scoring", cause="a unit was changed in the source")
    assert "The records say something else by now" in olga.text(notice)
    assert olga.send(f"{notice}/sent", to="", sent_at="2026-11-26T16:30").status_code == 422
    assert "is no time" in olga.send(f"{notice}/sent", to="Vienna", sent_at="yesterday").text
    done = olga.send(f"{notice}/sent", to="Vienna", sent_at="2026-11-26T16:30", reference="MS-77")
    assert "Noted as sent" in done.text and "MS-77" in done.text and "MS-77" in olga.text(place)
    olga.send(f"{place}/notices")
    assert "follow-up report" not in olga.text(place), "the clock is met: nothing more is due of itself"
    assert "follow-up report" in olga.send(f"{place}/notices", clock="AIA-73-2").text
    olga.get(f"{place}/containment")
    olga.send(f"{place}/containment", reason="wrong salaries")
    assert "Lift it" in olga.text(place) and "You stopped it, somebody else must lift it" in olga.text(
        f"{place}/lifting"
    )
    assert "will decide again" in petra.text(f"{place}/lifting")
    assert petra.send(f"{place}/lifting", reason="").status_code == 422
    lifted = petra.send(f"{place}/lifting", reason="the unit is checked")
    assert "lifted by" in lifted.text and "the unit is checked" in lifted.text
    assert serving.DeploymentState.suspended in petra.text("/deployments/leads?environment=pilot")
