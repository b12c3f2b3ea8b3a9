"""Pages of scaling: starting a plan, reading it, bringing outcomes; who sees and may do what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from headway import scaling
from headway.identity import Role
from headway.kernel.crypto import Signer
from headway.kernel.errors import Invalid
from headway.kernel.web import Parts
from tests.factories.pages import application, signed_in, text_of
from tests.factories.planned import ACTOR, piloted, planned, platform
from tests.factories.regions import Regions, regions

BOTH = ((Role.data_scientist, "sales-north"), (Role.data_scientist, "sales-south"))


@pytest.fixture(scope="module")
def company() -> Regions:
    return regions(5, rows=9_000)


@pytest.fixture(scope="module")
def ready(
    postgres_url: str,
    migrated_template: str,
    signer: Signer,
    company: Regions,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Parts]:
    folder = tmp_path_factory.mktemp("scaling")
    with platform(postgres_url, migrated_template, signer, folder) as parts:
        yield piloted(parts, company, folder)


@pytest.fixture
def app(ready: Parts) -> FastAPI:
    return application(ready)


def test_a_plan_is_begun_made_read_and_fed_on_pages(
    ready: Parts, app: FastAPI, company: Regions, tmp_path: Path
) -> None:
    dana = signed_in(ready, "Dana Smith", *BOTH, app=app)
    assert "No plan yet" in dana.text("/usecases/lead-scoring/scale")
    assert "Choose a file" in text_of(dana.send("/usecases/lead-scoring/scale").text)
    path, outcome = tmp_path / "south.csv", company.columns["converted"]
    company.south.drop(outcome).write_csv(path)
    sent = {"file": (path.name, path.read_bytes())}
    wrong = dana.send("/usecases/lead-scoring/scale", files=sent, department="sales-south", map="nonsense")
    assert wrong.status_code == 422 and "is not THEIRS=OURS" in text_of(wrong.text)
    begun = dana.send("/usecases/lead-scoring/scale", files=sent, map="")
    assert "Find the columns" in text_of(begun.text) and "/stream" in begun.text
    plan = str(begun.url).rpartition("/")[2]
    ready.jobs.run_now("scale", {"plan": plan}, ACTOR)
    told = dana.text(f"/scale-plans/{plan}")
    for words in ("herkunft", "Messe = event", "cannot be seen without labels", "no label yet", "In which stages"):
        assert words in told
    assert "south.csv" in dana.text("/usecases/lead-scoring/scale")
    rows = dana.get(f"/scale-plans/{plan}/download").text.splitlines()
    truth = company.south[outcome].to_list()
    filled = [rows[0], *(f"{row}{truth[int(row.split(',')[0]) - 1]}" for row in rows[1:101])]
    dana.get(f"/scale-plans/{plan}")
    refused = dana.send(f"/scale-plans/{plan}/labels", files={"file": ("labels.csv", b"who,what\n1,2\n")})
    assert refused.status_code == 422 and "no column names the case" in text_of(refused.text)
    dana.get(f"/scale-plans/{plan}")
    after = dana.send(f"/scale-plans/{plan}/labels", files={"file": ("labels.csv", "\n".join(filled).encode())})
    assert after.status_code == 200 and "among 100 labels" in text_of(after.text)
    german = signed_in(ready, "Gisela Kern", *BOTH, app=app, language="de")
    assert "Prognose" in german.text(f"/scale-plans/{plan}")


def test_who_reads_only_does_not_see_what_changes_and_strangers_see_nothing(
    ready: Parts, app: FastAPI, company: Regions, tmp_path: Path
) -> None:
    plan = planned(ready, company.south.head(800), tmp_path)
    auditor = signed_in(ready, "Ana Silva", (Role.auditor, "sales-south"), app=app)
    page = auditor.get(f"/scale-plans/{plan.id}")
    assert page.status_code == 200 and "Bring outcomes" not in page.text and "measured on labels" in text_of(page.text)
    assert auditor.get(f"/scale-plans/{plan.id}/download").status_code == 403
    stranger = signed_in(ready, "Sam Stone", (Role.data_scientist, "finance"), app=app)
    assert stranger.get(f"/scale-plans/{plan.id}").status_code == 403
    assert auditor.get("/scale-plans/scp_none").status_code == 404


def test_a_failed_plan_says_why_and_leads_on(ready: Parts, app: FastAPI, company: Regions, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="too few"):
        planned(ready, company.south.head(20), tmp_path)
    with ready.database.session() as session:
        [plan], _ = scaling.list_plans(session, limit=1)
    dora = signed_in(ready, "Dora Stern", *BOTH, app=app)
    told = dora.text(f"/scale-plans/{plan.id}")
    assert "too few to compare" in told and "Plan again" in told
