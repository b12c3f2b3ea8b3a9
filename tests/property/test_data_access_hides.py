"""No statement tells more than its grant shows: held to a table from which the rest was taken away, and to a changed rest.

The oracle is an engine that holds nothing but the visible rows and runs the text as it was written. The second property
asks the same of two worlds that differ only in what is hidden: answers and refusals must be the same, word for word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from headway.catalog.access import adapters, policy, standing
from headway.catalog.access.entities import Policy
from headway.catalog.access.policy import unique_names
from headway.catalog.access.statement import read_statement
from headway.catalog.contract import Column
from headway.kernel.errors import HeadwayError
from tests.factories.dose import IS_FULL
from tests.factories.statements import hostile, statements

GIVEN = Policy(
    hidden=("secret",), masked=("visits_before",), unmasked=(), row_filter="region IN ('north', 'south') AND id < 40"
)
CANARY = "K4N4RY"
_KINDS: dict[str, Any] = {
    "id": "integer",
    "region": "string",
    "visits": "integer",
    "email": "string",
    "opened": "string",
    "visits_before": "integer",
    "secret": "string",
}


def columns() -> list[Column]:
    return [
        Column(
            name=name,
            kind=kind,
            required=False,
            role="feature",
            positive=None,
            classification="restricted" if name == "email" else None,
            tags=(),
        )
        for name, kind in _KINDS.items()
    ]


def world(hidden: int) -> pa.Table:
    """A product of which 16 rows are visible; ``hidden`` chooses what the other rows, columns and masked values say."""
    ids = list(range(60))
    regions = [("north", "south", "west")[n % 3] for n in ids]
    visible = [region != "west" and n < 40 for n, region in zip(ids, regions, strict=True)]
    mark = f"{CANARY}-{hidden}"
    return pa.table(
        {
            "id": ids
            if hidden == 0
            else [n if seen else 1000 + n * hidden for n, seen in zip(ids, visible, strict=True)],
            "region": regions,
            "visits": [n % 7 if seen else (n * hidden) % 11 for n, seen in zip(ids, visible, strict=True)],
            "email": [None if n % 5 == 0 else f"{mark}{n}@example.org" for n in ids],
            "opened": [
                f"2026-0{1 + n % 3}-11" if seen or hidden == 0 else f"{mark} no day"
                for n, seen in zip(ids, visible, strict=True)
            ],
            "visits_before": [n * (hidden + 1) for n in ids],
            "secret": [f"{mark}{n}" for n in ids],
        }
    )


def asked(sql: str, rows: pa.Table, given_to: Policy = GIVEN) -> tuple[str, object]:
    """What a reader gets for a statement: the rows, or the words of the refusal."""
    try:
        statement = read_statement(sql)
        relations = []
        for use in statement.tables:
            if use.slug != "sales.leads":
                return "unreadable", use.written
            chosen = policy.visible(
                use.table, given_to, columns(), names=statement.names, needs_all=statement.needs_all
            )
            read = rows.select(list(chosen.read))
            relations.append(adapters.Relation(table=use.table, product=use.slug, rows=read, visible=chosen))
        table, is_cut = adapters.run(statement, relations, limit=100_000, seconds=20)
    except HeadwayError as error:
        return (
            error.code,
            f"{error.message} | {error.hint} | {[fault.message for fault in error.faults]} | {error.values}",
        )
    assert not is_cut
    return "rows", told(table)


def told(table: pa.Table) -> Counter[str]:
    """The rows of a table without their order."""
    return Counter(repr(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True))


@pytest.fixture(scope="module")
def oracle() -> Iterator[Callable[[str], Counter[str] | None]]:
    """An engine that holds the visible rows alone."""
    with duckdb.connect() as engine:
        engine.register("everything", world(0))
        engine.execute("SET threads=2")  # as the engine that is tested
        engine.execute("CREATE SCHEMA sales")
        engine.execute(
            "CREATE TABLE sales.leads AS SELECT id, region, visits, CASE WHEN email IS NOT NULL THEN '***' END AS email, "
            "opened, NULL::BIGINT AS visits_before FROM everything WHERE region IN ('north', 'south') AND id < 40"
        )
        engine.unregister("everything")
        engine.execute('CREATE VIEW "sales.leads" AS SELECT * FROM sales.leads')
        engine.execute('CREATE VIEW "product:sales.leads" AS SELECT * FROM sales.leads')

        def answer(sql: str) -> Counter[str] | None:
            try:
                return told(engine.sql(sql).to_arrow_table())
            except duckdb.Error:
                return None

        yield answer


@given(sql=statements())
@settings(max_examples=1500 if IS_FULL else 60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(sql="WITH leads AS (SELECT * FROM sales.leads) SELECT leads.id FROM leads JOIN sales.leads AS b USING (id)")
@example(sql="WITH t AS (SELECT 1 AS a) SELECT * FROM t, (WITH t AS (SELECT 2 AS a) SELECT * FROM t) u, T v")
@example(sql="SELECT * FROM sales.leads NATURAL JOIN sales.leads l")
@example(sql="SELECT l FROM sales.leads l(a, b)")
@example(sql="SELECT * EXCLUDE (email) REPLACE (1 AS id) FROM sales.leads ORDER BY ALL LIMIT 3")
@example(sql="SELECT sales.leads.id, leads.region FROM sales.leads")
@example(sql="FROM sales.leads SELECT id UNION ALL BY NAME SELECT visits FROM sales.leads")
@example(sql="SELECT DISTINCT ON (region) region FROM sales.leads")
@example(sql="SELECT a.id FROM sales.leads a POSITIONAL JOIN sales.leads b")
def test_an_answer_is_what_the_visible_rows_alone_give(sql: str, oracle: Callable[[str], Counter[str] | None]) -> None:
    kind, found = asked(sql, world(0))
    expected = oracle(sql)
    if expected is None:
        assert kind != "rows", sql
        assert kind == "catalog.statement_failed", (sql, found)
    else:
        assert (kind, found) == ("rows", expected), sql


@given(sql=statements(), hidden=st.integers(1, 3))
@settings(max_examples=1000 if IS_FULL else 40)
@example(
    sql="SELECT count(*) FROM sales.leads a JOIN sales.leads b ON a.id = b.id AND CAST(a.opened AS DATE) = DATE '2026-01-01'",
    hidden=1,
)  # the condition is moved below a view
def test_what_is_hidden_changes_no_answer(sql: str, hidden: int) -> None:
    assert asked(sql, world(0)) == asked(sql, world(hidden))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("outside") / "secret.csv"
    made.write_text(f"id,region,visits,email,opened\n1,{CANARY},1,a,b\n")
    return made


@given(data=st.data())
@settings(max_examples=3000 if IS_FULL else 120, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_reaches_for_more_gets_nothing_of_it(data: st.DataObject, file: Path) -> None:
    sql = data.draw(hostile(str(file)))
    kind, found = asked(sql, world(0))
    text = str(found)
    assert CANARY not in text, sql
    assert kind == "rows" or (kind, found) == asked(sql, world(2)), sql
    if kind == "rows":
        assert found == asked(sql, world(1))[1], sql
    else:
        assert str(file.parent) not in text or str(file) in sql, sql
        assert not [word for word in ("Candidate", "duckdb", "LINE 1:", "given") if word in text and word not in sql], (
            sql,
            text,
        )
    assert file.read_text().count("\n") == 2


@given(
    hidden=st.sets(st.sampled_from(list(_KINDS)), max_size=6),
    masked=st.sets(st.sampled_from(list(_KINDS)), max_size=3),
    limit=st.integers(-1, 60),
    region=st.sampled_from(("north", "south", "west", "none")),
    form=st.sampled_from(
        ("id < {} AND region = '{}'", "NOT (id >= {} OR region <> '{}')", "region IN ('{1}') AND {0} > id")
    ),
)
@settings(max_examples=300 if IS_FULL else 30)
def test_any_policy_leaves_what_it_says(hidden: set[str], masked: set[str], limit: int, region: str, form: str) -> None:
    given_to = Policy(
        hidden=tuple(sorted(hidden)),
        masked=tuple(sorted(masked - hidden)),
        unmasked=(),
        row_filter=form.format(limit, region),
    )
    kind, found = asked("SELECT * FROM sales.leads", world(0), given_to)
    blind = set(standing.masked_of(given_to, columns()))
    kept = [name for name in _KINDS if name not in hidden]
    expected: Counter[str] = Counter()
    for row in world(0).to_pylist():
        if row["id"] < limit and row["region"] == region:
            expected[repr(tuple(_seen(name, row[name]) if name in blind else row[name] for name in kept))] += 1
    assert (kind, found) == ("rows", expected)


def _seen(name: str, value: object) -> object:
    return "***" if _KINDS[name] == "string" and value is not None else None


@given(names=st.lists(st.sampled_from(("a", "A", "a_2", "A_2", "b", "é", "É")), min_size=1, max_size=7, unique=True))
def test_names_that_sql_takes_for_the_same_are_told_apart(names: list[str]) -> None:
    made = unique_names(names)
    assert len({name.lower() for name in made}) == len(names)
    assert all(label.startswith(name) for name, label in zip(names, made, strict=True))
