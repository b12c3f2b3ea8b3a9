"""Files that wait: sent once, looked at, started from, forgotten when nobody uses them; and pilots repeated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import Client, Response

from headway import catalog, portfolio
from headway.catalog.routes import router as catalog_routes
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.web import Parts
from headway.portfolio.routes import router
from headway.solutions.sales import lead_scoring
from tests.factories.identity import api, client, join, local_owner

FORM = {"solution": "sales.lead-scoring", "department": "sales", "label": "converted", "positive": "yes"}


@pytest.fixture
def ready(parts: Parts) -> Parts:
    parts.jobs.define("pilot", portfolio.pilot_job)
    return parts


@pytest.fixture
def owner(ready: Parts) -> Iterator[Client]:
    _, token = local_owner(ready.database)
    with client(api(ready, [catalog_routes, router]), token) as made:
        yield made


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    path = tmp_path / "leads.csv"
    lead_scoring.write_example(path, rows=1000, seed=3)
    return path


def keep(who: Client, file: Path, department: str = "sales") -> Response:
    return who.post("/uploads", files={"file": (file.name, file.read_bytes())}, data={"department": department})


def test_a_file_is_kept_once_and_described(owner: Client, ready: Parts, leads: Path) -> None:
    made = keep(owner, leads)
    assert made.status_code == 201, made.text
    upload = made.json()
    guess = upload["preview"]["guess"]
    assert (guess["label"], guess["time"], guess["subject"]) == ("converted", "created_at", "lead_id")
    assert upload["preview"]["rows"] == 1000
    assert keep(owner, leads).json()["id"] == upload["id"]
    assert list(ready.storage.list("uploads")) == [upload["file_key"]]
    assert owner.get(f"/uploads/{upload['id']}").json()["preview"] == upload["preview"]


def test_a_file_that_cannot_be_read_is_not_kept(owner: Client, ready: Parts, tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"%PDF-1.7 and so on")
    refused = keep(owner, path)
    assert (refused.status_code, refused.json()["code"]) == (422, "catalog.unreadable_file")
    assert list(ready.storage.list("uploads")) == []


def test_a_pilot_starts_from_an_upload_without_sending_the_file_again(owner: Client, leads: Path) -> None:
    upload = keep(owner, leads).json()
    started = owner.post("/pilots", data={**FORM, "upload": upload["id"]})
    assert started.status_code == 202, started.text
    request = owner.get(f"/pilots/{started.json()['pilot']}").json()["request"]
    assert (request["file_key"], request["file_digest"]) == (upload["file_key"], upload["digest"])
    assert request["filename"] == "leads.csv"


@pytest.mark.parametrize(
    ("changes", "columns"),
    [
        ({"label": "nonsense"}, {"label"}),
        ({"positive": "maybe"}, {"positive"}),
        ({"time": "converted"}, {"time"}),
        ({"exclude": ["converted", "nothing"], "subject": "nobody"}, {"exclude", "subject"}),
    ],
)
def test_what_a_glance_shows_to_be_wrong_is_told_at_its_field(
    owner: Client, leads: Path, changes: dict[str, Any], columns: set[str]
) -> None:
    upload = keep(owner, leads).json()
    refused = owner.post("/pilots", data={**FORM, **changes, "upload": upload["id"]})
    assert refused.status_code == 422
    assert {fault["column"] for fault in refused.json()["faults"]} == columns


def test_an_upload_belongs_to_its_department(owner: Client, ready: Parts, leads: Path) -> None:
    upload = keep(owner, leads).json()
    other = owner.post("/pilots", data={**FORM, "upload": upload["id"], "department": "finance"})
    assert other.status_code == 403
    _, token = join(ready.database, "Fay", (Role.data_scientist, "finance"))
    with client(api(ready, [catalog_routes, router]), token) as stranger:
        assert stranger.get(f"/uploads/{upload['id']}").status_code == 403
        assert keep(stranger, leads).status_code == 403
        assert keep(stranger, leads, "finance").status_code == 201


def test_uploads_nobody_uses_are_forgotten_and_those_in_use_are_not(owner: Client, ready: Parts, leads: Path) -> None:
    upload = keep(owner, leads).json()
    later = clock.now() + timedelta(days=8)
    with ready.database.session() as session:
        assert catalog.forget_due_uploads(session, ready.storage) == 0
        catalog.forget_upload(session, ready.storage, upload["file_key"])  # a failed pilot must not take it away
    assert ready.storage.exists(upload["file_key"])
    with clock.fixed(later), ready.database.session() as session:
        assert catalog.forget_due_uploads(session, ready.storage) == 1
    assert not ready.storage.exists(upload["file_key"])
    assert owner.get(f"/uploads/{upload['id']}").json()["code"] == "catalog.unknown_upload"


def test_an_ended_pilot_is_repeated_with_more_left_out(owner: Client, ready: Parts, leads: Path) -> None:
    upload = keep(owner, leads).json()
    first = owner.post("/pilots", data={**FORM, "upload": upload["id"], "exclude": ["source"]}).json()["pilot"]
    assert owner.post(f"/pilots/{first}/repeat", json={}).status_code == 409  # it still runs
    with ready.database.session() as session:
        job = portfolio.get_pilot(session, first).job
        ready.jobs.cancel(session, job)
        portfolio.settle_pilots(session, ready.jobs)
    again = owner.post(f"/pilots/{first}/repeat", json={"exclude": ["last_contact_days"]})
    assert again.status_code == 202, again.text
    request = owner.get(f"/pilots/{again.json()['pilot']}").json()["request"]
    assert request["exclude"] == ["source", "last_contact_days"]
    ready.storage.delete(upload["file_key"])
    assert owner.post(f"/pilots/{first}/repeat", json={}).status_code == 409


def test_start_needs_a_file_or_an_upload(owner: Client) -> None:
    assert owner.post("/pilots", data=FORM).status_code == 422
    assert owner.post("/pilots", data={**FORM, "upload": "upl_none"}).status_code == 404
