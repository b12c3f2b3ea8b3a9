"""An incident on a running platform, by API, commands and browser: every affected decision is found and counted a second way, what it
reaches stops while others answer, the right clocks run in the right places, and its drafts hold only what records hold.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pypdf
import pytest
from playwright.sync_api import Browser

from headway_client import Client, HeadwayError
from tests.factories.browser import sign_in, watched
from tests.factories.running import Home, eventually
from tests.factories.two_people import PASSWORD, second_person

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]  # two pilots, a browser, and commands
WHAT = "A batch of rows in the file was off by a factor of ten"
OURS = """
id: new-york
version: "1"
title: New York and our own board
as_of: "2026-11-01"
time_zone: America/New_York
clocks:
  - {id: NY-AG, title: Tell the state, source: "the branch's counsel", confidence: secondary, jurisdiction: US-NY, starts: aware,
     within: {amount: 3, unit: business_days}, met_by: authority, to: the state, when: [{fact: tier, is: [high]}]}
  - {id: CO-AG, title: Tell Colorado, source: "the branch's counsel", confidence: secondary, jurisdiction: US-CO, starts: aware,
     within: {amount: 3, unit: business_days}, met_by: authority, to: the state, when: []}
  - {id: OWN-BOARD, title: Tell the board, source: policy 7, confidence: verified, jurisdiction: own, starts: aware,
     within: {amount: 4, unit: hours}, met_by: internal, to: the board, when: [{fact: severity, is: [critical]}]}
"""


@dataclass
class Solution:
    """A pilot at work in the sandbox, and what it answered."""

    pilot: dict[str, Any]
    token: str
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.pilot["deployment"]["name"])


@pytest.fixture(scope="module")
def up(home: Home) -> Home:
    home.up()
    return home


def records(count: int, seed: int) -> list[dict[str, Any]]:
    from headway.solutions.sales import lead_scoring

    return [dict(one) for one in lead_scoring.example_records(count, seed=seed)]


@pytest.fixture(scope="module")
def two(up: Home, tmp_path_factory: pytest.TempPathFactory) -> list[Solution]:
    """Two use cases with data, a model and a deployment of their own; each decides, and is then told to be elsewhere."""
    from headway.solutions.sales import lead_scoring

    found = []
    for at, name in enumerate(("north", "south")):
        path = tmp_path_factory.mktemp("files") / f"{name}.csv"
        lead_scoring.write_example(path, rows=1500, seed=21 + at)
        pilot = up.json(
            "pilot", str(path), "--solution", "sales.lead-scoring", "--department", name, "--label", "converted",
            "--name", f"leads-{name}", "--time", "created_at", "--subject", "lead_id", "--exclude", lead_scoring.PLANTED_LEAK,
        )  # fmt: skip
        with up.client() as client:
            body = {"deployment": pilot["deployment"]["name"], "environment": "sandbox", "principal": "service:crm"}
            found.append(Solution(pilot, str(client.post("/grants", body)["token"])))
    for at, one in enumerate(found):
        with up.node(one.token) as node:
            for record in records(30 + 10 * at, seed=5 + at):
                one.answers.append(eventually(lambda: node.decide(one.name, record), 30))  # noqa: B023  asked at once
    return found


@pytest.fixture(scope="module")
def grace(up: Home) -> Iterator[Client]:
    with second_person(up) as made:
        yield made


def state(client: Client, one: Solution) -> str:
    return str(client.get(f"/deployments/{one.name}", environment="sandbox")["state"])


def decides(up: Home, one: Solution) -> bool:
    with up.node(one.token) as node:
        try:
            return bool(node.decide(one.name, records(1, seed=9)[0])["decision"])
        except HeadwayError:
            return False


def lake(up: Home) -> pl.DataFrame:
    """The decision log as it lies in the lake, read past the platform."""
    files = (up.path / "storage" / "lake" / "serving" / "decisions" / "data").rglob("*.parquet")
    return pl.concat([pl.read_parquet(file) for file in files])


def test_an_incident_from_report_to_lifting(
    up: Home, two: list[Solution], grace: Client, browser: Browser, tmp_path: Path
) -> None:
    bad, good = two
    with up.client() as client:
        incident = reported(up, client, bad, tmp_path)
        running_in_the_right_places(client, incident)
        counted_a_second_way(up, client, incident, bad, tmp_path)
        pages_draft_send_and_stop(up, browser, incident, tmp_path)
        holds_only_what_records_hold(client, incident)
        # the right one stopped, on the node too; the other goes on
        assert (state(client, bad), state(client, good)) == ("suspended", "active")
        eventually(lambda: not decides(up, bad), 20)
        assert decides(up, good)
        lifted_after_the_action(up, client, grace, incident, bad)
        assert decides(up, good)
    up.run("ledger", "verify")


def reported(up: Home, client: Client, bad: Solution, folder: Path) -> str:
    """The use case is of high risk, at work in the Union and in New York; the incident is about the data that it learnt from."""
    where = {"annex_iii": ["4a"], "roles": ["provider"], "jurisdictions": ["EU", "US-NY"], "vendor_supplied": False}
    client.patch(f"/usecases/{bad.pilot['usecase']}", {"risk": where})
    client.post(f"/usecases/{bad.pilot['usecase']}/tier", {"tier": "high", "reasons": "it orders people who apply"})
    file = folder / "clocks.yaml"
    file.write_text(OURS)
    up.run("incident", "publish-clocks", str(file))
    run = next(one for one in client.get("/runs")["items"] if one["model"] == bad.pilot["model"]["name"])
    told = up.json(
        "incident", "report", "Off by ten", "--what", WHAT, "--about", f"snapshot:{run['snapshot']}", "--severity", "critical",
        "--harm", "health", "--widespread", "no", "--breach", "no",
    )  # fmt: skip
    assert told["incident"]["usecases"] == [bad.pilot["usecase"]], "found through run, version and release"
    return str(told["incident"]["id"])


def running_in_the_right_places(client: Client, incident: str) -> None:
    view = client.get(f"/incidents/{incident}")
    running = {one["id"]: one["jurisdiction"] for one in view["clocks"] if one["state"] == "running"}
    assert running == {
        "AIA-73-2": "EU", "NY-AG": "US-NY", "OWN-BOARD": "own", "OWN-CONTAIN": "own", "OWN-TELL": "own", "OWN-CAUSE": "own",
    }  # fmt: skip
    places = {one["jurisdiction"]: one["answer"] for one in view["places"]}
    assert (places["EU"], places["US-NY"], places["US-CO"]) == ("yes", "yes", "no")
    due = {one["id"]: one for one in view["clocks"]}["AIA-73-2"]
    since, until = (datetime.fromisoformat(due[name]) for name in ("since", "until"))
    assert (until - since).days == 15


def counted_a_second_way(up: Home, client: Client, incident: str, bad: Solution, folder: Path) -> None:
    mine = [one for one in bad.answers if one["arm"] == "champion"]
    assert len(mine) > 10
    total = len(bad.answers)

    def all_there() -> bool:
        return lake(up).filter(pl.col("deployment") == bad.name).height == total

    eventually(all_there, 60, every=0.5)
    file = folder / "affected.xlsx"
    made = up.json("incident", "affected", incident, "--to", str(file))
    digest = client.get(f"/deployments/{bad.name}", environment="sandbox")["release"]
    log = lake(up).filter(pl.col("release") == digest)
    assert made["found"]["decisions"] == log.height == len(mine)
    listed = pl.read_excel(file)
    assert set(listed["decision"]) == set(log["id"]) == {one["decision"] for one in mine}
    assert all(
        way.startswith("snapshot:") and "run:" in way and "model:" in way for way in listed["found by its release"]
    )
    assert made["found"]["beside"] == total - len(mine), "the hold-out was not touched"


def pages_draft_send_and_stop(up: Home, browser: Browser, incident: str, folder: Path) -> None:
    """In the browser, as the second person: draft all, read one, note it as sent, stop what it reaches."""
    base = f"http://127.0.0.1:{up.environ['HEADWAY_PORT']}"
    pictures = Path(os.environ.get("HEADWAY_PICTURES", str(folder)))
    with watched(browser, base) as here:
        sign_in(here, "grace@example.org", PASSWORD)
        here.open(f"/incidents/{incident}")
        here.page.get_by_role("button", name="Draft all that run").click()
        here.rest()
        assert here.complaints() == []
        here.page.screenshot(path=pictures / "incident.png", full_page=True)
        here.page.locator("#notices").get_by_role("row").filter(has_text="AIA-73-2").get_by_role("link").click()
        here.page.wait_for_url("**/notices/ntc_*")
        here.rest()
        assert here.complaints() == []
        here.page.screenshot(path=pictures / "notice.png", full_page=True)
        with here.page.expect_download() as download:
            here.page.get_by_role("link", name="PDF").click()
        paper = Path(download.value.path()).read_bytes()
        (pictures / "notice.pdf").write_bytes(paper)
        read = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper)).pages).replace("\u200b", "")
        assert "Report of a serious incident" in read and WHAT in " ".join(read.split()) and "Gaps" in read
        here.page.get_by_label("To whom?").fill("Market surveillance, Vienna")
        here.page.get_by_label("Which number was it given there?").fill("MS-77")
        here.page.get_by_role("button", name="Note it as sent").click()
        here.page.get_by_text("Noted as sent; its clock is met").wait_for()
        here.open(f"/incidents/{incident}/containment")
        here.page.get_by_label("Why is it stopped?").fill("wrong rows")
        here.page.get_by_role("button", name="Stop it").click()
        here.page.get_by_role("heading", name="Containment").wait_for()
    with watched(browser, base, theme="dark", size="phone") as here:
        sign_in(here, "grace@example.org", PASSWORD)
        for name, path in (("incident", ""), ("lifting", "/lifting")):
            here.open(f"/incidents/{incident}{path}")
            assert here.complaints() == [], path
            here.page.screenshot(path=pictures / f"{name}-phone.png", full_page=True)


def holds_only_what_records_hold(client: Client, incident: str) -> None:
    """Every fact of every draft is read again where its record lies, by another operation."""
    notices = client.get(f"/incidents/{incident}/notices")["items"]
    assert {one["clock"] for one in notices} == {"AIA-73-2", "NY-AG", "OWN-BOARD", "OWN-TELL"}
    view, affected = client.get(f"/incidents/{incident}"), client.get(f"/incidents/{incident}/affected")["affected"]
    case = client.get(f"/usecases/{view['incident']['usecases'][0]}")
    known = {f"incident:{incident}": view["incident"], f"affected:{affected['id']}": {**affected, **affected["found"]}}
    known |= {f"clock:{one['id']}": one for one in view["clocks"]}
    known[f"usecase:{case['slug']}"] = {**case, **case["risk"]}
    known["department:org"] = next(one for one in client.get("/departments")["items"] if one["slug"] == "org")
    facts = [fact for one in notices for line in one["draft"]["lines"] for fact in line["facts"]]
    assert len(facts) > 40
    for fact in facts:
        if fact["record"].startswith("model:") and fact["record"] not in known:
            name, _, number = fact["record"].removeprefix("model:").partition("@")
            known[fact["record"]] = client.get(f"/models/{name}/versions/{number}")
        value = known[fact["record"]][fact["field"]]
        assert fact["value"] == plain(value), fact
    sent = next(one for one in notices if one["clock"] == "AIA-73-2")
    assert sent["sending"]["reference"] == "MS-77"
    clock = next(one for one in view["clocks"] if one["id"] == "AIA-73-2")
    assert clock["state"] == "met" and "MS-77" in clock["reason"]


def plain(value: Any) -> str:
    """What a draft says of a value, written anew here."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    text = str(value).strip()
    try:
        return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M} UTC" if "T" in text[:12] else text
    except ValueError:
        return text


def lifted_after_the_action(up: Home, client: Client, grace: Client, incident: str, bad: Solution) -> None:
    assignee = client.get("/whoami")["ref"]
    task = client.post("/tasks", {"title": "Check the unit", "subject": f"incident:{incident}", "assignee": assignee})
    refused = up.run("incident", "lift", incident, "--reason", "mended", check=False)
    assert refused.returncode != 0 and "Check the unit" in refused.stderr
    client.post(f"/tasks/{task['id']}/state", {"state": "done", "note": "the contract checks it"})
    with pytest.raises(HeadwayError, match="kept stopped"):
        grace.post(f"/deployments/{bad.name}/resume", {"environment": "sandbox", "reason": "around it"})
    done = json.loads(
        up.run("incident", "lift", incident, "--reason", "the unit is checked", "--output", "json").stdout
    )
    assert "it decides again" in done["items"][0]["told"]
    eventually(lambda: decides(up, bad), 20)
    assert state(client, bad) == "active"
