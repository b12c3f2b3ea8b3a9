"""Lists as SQL, against a plain Python reading of the same question, over rows that were made to be awkward."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column as SqlColumn
from sqlalchemy import DateTime, Integer, MetaData, Table, Text, insert, select
from sqlalchemy.orm import Session

from headway.kernel import listing
from headway.kernel.database import Database
from headway.kernel.listing import BadListing, Beside, Column, Listing, ListQuery
from tests.factories.dose import examples

THINGS = Table(
    "things",
    MetaData(),
    SqlColumn("key", Text, primary_key=True),
    SqlColumn("title", Text),
    SqlColumn("place", Text),
    SqlColumn("size", Integer),
    SqlColumn("at", DateTime(timezone=True)),
    prefixes=["temporary"],
)
START = datetime(2026, 3, 1, tzinfo=UTC)
TITLES = ["Churn", "churn 50%", "a_b", "ab", "Ärger", "ärger", "x\\y", None, "Churn", "ZZ 'quoted' \"x\""]
ROWS: list[dict[str, Any]] = [
    {
        "key": f"k{at:02}",
        "title": TITLES[at % len(TITLES)],
        "place": ("sales", "hr", "ops")[at % 3],
        "size": None if at % 7 == 0 else at % 5,
        "at": START + timedelta(hours=8 * at),
    }
    for at in range(40)
]
THING_LIST = Listing(
    columns={
        "title": Column(of=THINGS.c.title, is_searched=True, filter="contains"),
        "start": Column(of=THINGS.c.title, filter="prefix", is_sorted=False),
        "key": Column(of=THINGS.c.key, is_searched=True),
        "place": Column(of=THINGS.c.place, filter="exact", choices=("sales", "hr", "ops", "legal")),
        "size": Column(of=THINGS.c.size, filter="numbers"),
        "at": Column(of=THINGS.c.at, filter="dates"),
    },
    key=(THINGS.c.key,),
    sort="key",
    department=THINGS.c.place,
)


@pytest.fixture(scope="module")
def things(_shared_database: Database) -> Iterator[Session]:
    """A session with the table of awkward things."""
    with _shared_database.engine.connect() as connection, connection.begin() as outer:
        THINGS.create(connection)
        connection.execute(insert(THINGS), ROWS)
        with Session(bind=connection, join_transaction_mode="create_savepoint") as made:
            yield made
        outer.rollback()


def keys(session: Session, **asked: Any) -> list[str]:
    found = listing.find(session, select(THINGS.c.key), THING_LIST, ListQuery(limit=1000, **asked))
    assert found.total == len(found.items)
    return [row.key for row in found.items]


def expected(**wanted: Any) -> list[str]:
    return [row["key"] for row in ROWS if all(test(row[name]) for name, test in wanted.items())]


def test_a_search_takes_its_letters_as_they_are_and_ignores_case(things: Session) -> None:
    assert keys(things, search="50%") == expected(title=lambda t: t == "churn 50%")
    assert keys(things, search="a_b") == expected(title=lambda t: t == "a_b")
    assert keys(things, search="x\\Y") == expected(title=lambda t: t == "x\\y")
    assert keys(things, search="ÄRGER") == expected(title=lambda t: t is not None and t.lower() == "ärger")
    assert keys(things, search="'quoted' k09") == ["k09"]
    assert keys(things, search="nothing like it") == []


def test_filters_of_every_kind_narrow(things: Session) -> None:
    assert keys(things, filters={"place": ("sales", "hr")}) == expected(place=lambda p: p in ("sales", "hr"))
    assert keys(things, filters={"title": ("CHURN", "ärg")}) == expected(
        title=lambda t: t is not None and ("churn" in t.lower() or "ärg" in t.lower())
    )
    assert keys(things, filters={"start": ("a_",)}) == expected(title=lambda t: t == "a_b")
    assert keys(things, filters={"title": ("-",)}) == expected(title=lambda t: t is None)
    assert keys(things, filters={"size": ("2..3",)}) == expected(size=lambda s: s in (2, 3))
    assert keys(things, filters={"size": ("..1", "-")}) == expected(size=lambda s: s is None or s <= 1)
    assert keys(things, filters={"size": ("4",)}) == expected(size=lambda s: s == 4)
    first_two_days = expected(at=lambda at: at < START + timedelta(days=2))
    assert keys(things, filters={"at": ("2026-03-01..2026-03-02",)}) == first_two_days
    assert keys(things, filters={"at": ("..2026-03-02",)}) == first_two_days
    assert keys(things, filters={"at": ("2026-03-02T08:00:00Z..2026-03-02T16:00:00+00:00",)}) == ["k04", "k05"]
    assert keys(things, filters={"place": ()}) == [row["key"] for row in ROWS]


def test_departments_narrow_and_without_a_department_nothing_is_seen(things: Session) -> None:
    assert keys(things, within=frozenset({"ops"})) == expected(place=lambda p: p == "ops")
    assert keys(things, within=frozenset()) == []
    blind = Listing(columns=THING_LIST.columns, key=THING_LIST.key, sort="key")
    found = listing.find(things, select(THINGS.c.key), blind, ListQuery(within=frozenset({"ops"})))
    assert (found.items, found.total) == ((), 0)


@given(
    sort=st.sampled_from(["", "title", "place", "size", "at", "key"]),
    descending=st.booleans(),
    limit=st.integers(1, 17),
)
@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_join_to_the_whole_list_in_order_with_empty_values_last(
    things: Session, sort: str, descending: bool, limit: int
) -> None:
    got: list[str] = []
    for offset in range(0, len(ROWS), limit):
        asked = ListQuery(sort=sort, descending=descending, offset=offset, limit=limit)
        found = listing.find(things, select(THINGS.c.key), THING_LIST, asked)
        assert (found.total, found.is_more, found.query) == (len(ROWS), False, asked)
        got += [row.key for row in found.items]
    assert sorted(got) == [row["key"] for row in ROWS]
    values = {row["key"]: row[sort] for row in ROWS} if sort else {row["key"]: row["key"] for row in ROWS}
    told = [values[key] for key in got]
    known = [v.lower() if isinstance(v, str) else v for v in told if v is not None]
    assert told[len(known) :] == [None] * (len(told) - len(known))
    assert known == sorted(known, reverse=descending and bool(sort))
    for before, after in itertools.pairwise(got):
        same = str(values[before]).lower() == str(values[after]).lower()
        assert not same or (before > after if descending and sort else before < after)


def test_every_wrong_name_and_value_is_told_with_what_is_allowed(things: Session) -> None:
    asked = ListQuery(
        search="x" * 201,
        sort="shoe size",
        filters={
            "colour": ("red",),
            "place": ("mars",),
            "size": ("big",),
            "at": ("soon", "2026-02-30"),
            "key": ("k01",),
            "title": ("a\0b",),
        },
        offset=-1,
        limit=0,
    )
    with pytest.raises(BadListing) as caught:
        listing.find(things, select(THINGS.c.key), THING_LIST, asked)
    told = [(fault.rule, fault.column) for fault in caught.value.faults]
    assert told == [
        ("listing.limit", "limit"),
        ("listing.offset", "offset"),
        ("listing.sort", "sort"),
        ("listing.filter", "colour"),
        ("listing.value", "place"),
        ("listing.value", "size"),
        ("listing.value", "at"),
        ("listing.value", "at"),
        ("listing.filter", "key"),
        ("listing.value", "title"),
        ("listing.search", "search"),
    ]
    assert "title, key, place, size, at" in caught.value.faults[2].message
    assert "sales, hr, ops, legal" in caught.value.faults[4].message


def test_a_list_is_counted_only_so_far(things: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "COUNTED", 25)
    found = listing.find(things, select(THINGS.c.key), THING_LIST, ListQuery(limit=10, offset=20))
    assert (found.total, found.is_more, len(found.items)) == (25, True, 10)


def test_what_others_know_can_be_joined_beside(things: Session) -> None:
    told = Beside(values={"k01": "red", "k03": "blue", "gone": "red"}, choices=("red", "blue"))
    table = listing.beside_table("colours", told.values)
    query = select(THINGS.c.key, table.c.value).outerjoin(table, table.c.key == THINGS.c.key)
    offered = Listing(
        columns={"colour": Column(of=table.c.value, filter="exact", choices=told.choices)},
        key=(THINGS.c.key,),
        sort="colour",
    )
    found = listing.find(things, query, offered, ListQuery(limit=3))
    assert [tuple(row) for row in found.items] == [("k03", "blue"), ("k01", "red"), ("k00", None)]
    narrowed = listing.find(things, query, offered, ListQuery(filters={"colour": ("red",)}))
    assert [row.key for row in narrowed.items] == ["k01"]
    empty = listing.beside_table("colours", {})
    query = select(THINGS.c.key).outerjoin(empty, empty.c.key == THINGS.c.key)
    assert listing.find(things, query, THING_LIST, ListQuery()).total == len(ROWS)
