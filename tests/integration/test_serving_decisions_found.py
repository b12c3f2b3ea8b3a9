"""Decisions in several files of the lake: the newest of those that fit, counted, and no file opened without need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from headway import catalog, serving
from headway.catalog.adapters import newest
from headway.kernel import listing
from headway.kernel.database import Database
from headway.kernel.listing import BadListing, ListQuery
from headway.kernel.storage import Storage
from headway.serving import columns
from headway.serving.tables import DeploymentRow
from tests.factories.governance import open_usecase
from tests.factories.inventory import deployment

START = datetime(2026, 3, 1, tzinfo=UTC)


def row(number: int) -> dict[str, Any]:
    return {
        **dict.fromkeys(columns.SCHEMAS[columns.DECISIONS].names),
        "id": f"dec_{number:05}",
        "at": START + timedelta(hours=number),
        "environment": "pilot" if number % 2 else "sandbox",
        "deployment": "leads" if number % 3 else "it's churn",
        "arm": "hold_out" if number % 5 == 0 else "champion",
        "band": None if number % 5 == 0 else ("top", "rest")[number % 2],
        "action": "call" if number % 2 else "wait",
        "principal": "service:crm",
        "score": None if number % 5 == 0 else number / 100,
        "flags": "[]",
        "node": "n1",
        "segment": "s1",
        "seq": number,
        "epoch": 1,
    }


ROWS = [row(number) for number in range(60)]


@pytest.fixture
def lake(database: Database, storage: Storage) -> catalog.Lake:
    made = catalog.Lake(database, storage.url)
    for batch in (ROWS[20:40], ROWS[:20], ROWS[40:]):
        made.append(columns.DECISIONS, columns.table_of(columns.DECISIONS, batch), {})
    return made


def ids(found: Any) -> list[str]:
    return [one.id for one in found.items]


def expected(test: Any) -> list[str]:
    return [row["id"] for row in reversed(ROWS) if test(row)]


def test_the_newest_come_first_and_pages_join(session: Session, lake: catalog.Lake) -> None:
    first = serving.find_decisions(session, lake, ListQuery(limit=25))
    second = serving.find_decisions(session, lake, ListQuery(limit=40, offset=25))
    assert (first.total, first.is_more) == (60, False)
    assert ids(first) + ids(second) == expected(lambda row: True)


def test_every_filter_narrows(session: Session, lake: catalog.Lake) -> None:
    def ask(search: str = "", **filters: Any) -> list[str]:
        return ids(serving.find_decisions(session, lake, ListQuery(search=search, filters=filters, limit=100)))

    assert ask(deployment=("it's churn",)) == expected(lambda row: row["deployment"] == "it's churn")
    assert ask(arm=("hold_out",), environment=("pilot",)) == expected(
        lambda row: row["arm"] == "hold_out" and row["environment"] == "pilot"
    )
    assert ask(band=("top", "-")) == expected(lambda row: row["band"] in ("top", None))
    assert ask(action=("call",), score=("0.1..0.2",)) == expected(
        lambda row: row["action"] == "call" and row["score"] is not None and 0.1 <= row["score"] <= 0.2
    )
    assert ask(at=("2026-03-02..2026-03-02",)) == expected(lambda row: row["at"].day == 2 and row["at"].month == 3)
    assert ask(search="dec_0001") == expected(lambda row: row["id"].startswith("dec_0001"))
    assert ask(deployment=("none",)) == []


def test_what_cannot_be_asked_is_told(session: Session, lake: catalog.Lake) -> None:
    with pytest.raises(BadListing) as caught:
        serving.find_decisions(session, lake, ListQuery(sort="score", filters={"subject": ("x",), "at": ("soon",)}))
    assert [fault.column for fault in caught.value.faults] == ["sort", "subject", "at"]


def test_departments_see_the_decisions_of_their_deployments(session: Session, lake: catalog.Lake) -> None:
    open_usecase(session, slug="leads")
    session.execute(insert(DeploymentRow).values(deployment("leads", usecase="leads")))
    mine = serving.find_decisions(session, lake, ListQuery(within=frozenset({"sales"}), limit=100))
    assert ids(mine) == expected(lambda row: row["deployment"] == "leads")
    assert serving.find_decisions(session, lake, ListQuery(within=frozenset({"hr"}))).total == 0
    assert serving.find_decisions(session, lake, ListQuery(within=frozenset())).total == 0


def test_old_files_stay_closed_once_enough_is_counted(
    session: Session, lake: catalog.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNTED", 10)
    opened: list[str] = []
    read = newest._read
    monkeypatch.setattr(
        newest, "_read", lambda table, scan, task: opened.append(task.file.file_path) or read(table, scan, task)
    )
    found = serving.find_decisions(session, lake, ListQuery(limit=5))
    assert (ids(found), found.total, found.is_more) == ([f"dec_{n:05}" for n in range(59, 54, -1)], 10, True)
    assert len(opened) == 1


def test_without_decisions_nothing_is_found(session: Session, database: Database, storage: Storage) -> None:
    found = serving.find_decisions(session, catalog.Lake(database, storage.url), ListQuery())
    assert (found.items, found.total) == ((), 0)
