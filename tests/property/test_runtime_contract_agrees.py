"""One contract, two readers: the catalog's SQL over tables and the node's check of records refuse the same rows."""

from __future__ import annotations

import json
from datetime import date, datetime

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from headway import runtime
from headway.catalog import checks
from headway.runtime import ContractBroken
from tests.factories.dose import examples


def enum(*values: object) -> list[dict[str, object]]:
    return [{"metric": "invalidValues", "arguments": {"validValues": list(values)}, "mustBe": 0}]


def column(name: str, kind: str, **rules: object) -> dict[str, object]:
    return {"name": name, "logicalType": kind, **rules}


PROPERTIES = [
    column("count", "integer", required=True, logicalTypeOptions={"minimum": 0, "exclusiveMaximum": 50}),
    column("packs", "integer", logicalTypeOptions={"multipleOf": 5}),
    column("price", "number", logicalTypeOptions={"exclusiveMinimum": 0, "maximum": 9.5, "multipleOf": 0.01}),
    column("level", "number", quality=enum(1, 2.5, 10)),
    column("code", "string", logicalTypeOptions={"pattern": r"^[A-Z]\d+$", "minLength": 2, "maxLength": 4}),
    column("either", "string", logicalTypeOptions={"pattern": "^a|b$"}),
    column("mail", "string", logicalTypeOptions={"format": "email"}),
    column("channel", "string", quality=enum("web", "phone", "")),
    column("agreed", "boolean", quality=enum(True)),
    column("day", "date", logicalTypeOptions={"minimum": "2020-01-01", "maximum": "2020-12-31"}),
    column("at", "timestamp", logicalTypeOptions={"exclusiveMinimum": "2020-01-01T12:00:00"}),
    column(
        "note",
        "string",
        quality=[{"metric": "missingValues", "arguments": {"missingValues": ["", "n/a"]}, "mustBe": 0}],
    ),
    column("free", "string", quality=[{"metric": "nullValues", "mustBeLessThan": 5}]),
]
CONTRACT: dict[str, object] = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "agree",
    "version": "1.0.0",
    "status": "active",
    "schema": [{"name": "rows", "properties": PROPERTIES}],
}
NAMES = [str(one["name"]) for one in PROPERTIES]
TYPES = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "string": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
NODE = runtime.compile_contract(CONTRACT, NAMES)
PLAN = checks.compile_contract(CONTRACT)
EDGE = datetime.fromisoformat("2020-01-01T12:00:00")
text = st.sampled_from(["", "a", "b", "ab", "A1", "A12", "A1234", "A1\n", "A١", "web", "fax", "n/a", "x@y.z", "x@y"])
row = st.fixed_dictionaries(
    {
        "count": st.none() | st.integers(-2, 60),
        "packs": st.none() | st.integers(-12, 12),
        "price": st.none() | st.integers(-100, 1000).map(lambda n: n / 100) | st.floats(-1, 10),
        "level": st.none() | st.sampled_from([1.0, 2.5, 10.0, 2.0, -1.0]),
        "code": st.none() | text,
        "either": st.none() | text,
        "mail": st.none() | text,
        "channel": st.none() | text,
        "agreed": st.none() | st.booleans(),
        "day": st.none() | st.dates(date(2019, 12, 30), date(2021, 1, 2)),
        "at": st.none() | st.sampled_from([EDGE, EDGE.replace(second=1), EDGE.replace(hour=11)]),
        "note": st.none() | text,
        "free": st.none() | text,
    }
)


def refused_by_the_catalog(rows: list[dict[str, object]]) -> set[int]:
    columns = ", ".join(f"c{at} {TYPES[str(one['logicalType'])]}" for at, one in enumerate(PROPERTIES))
    with duckdb.connect() as database:
        database.execute(f'CREATE TABLE rows_of_file ("row" BIGINT, {columns})')
        places = ", ".join("?" for _ in range(len(NAMES) + 1))
        database.executemany(
            f"INSERT INTO rows_of_file VALUES ({places})",  # noqa: S608  the statement's only parts are question marks
            [[at, *(one[name] for name in NAMES)] for at, one in enumerate(rows, start=1)],
        )
        strict = [at for at, rule in enumerate(PLAN.rules) if rule.predicate and rule.tolerance == checks.NONE_AT_ALL]
        sql = checks.quarantine_sql(PLAN, strict)
        used = {name: value for name, value in PLAN.parameters.items() if f"${name}" in sql}
        return {found[0] for found in database.execute(sql, used).fetchall()}


def refused_by_the_node(rows: list[dict[str, object]]) -> set[int]:
    body = json.dumps([{k: v.isoformat() if isinstance(v, date) else v for k, v in one.items()} for one in rows])
    try:
        NODE.decode(body.encode())
    except ContractBroken as error:
        return {fault.row for fault in error.faults if fault.row is not None}
    return set()


@settings(max_examples=examples(60), deadline=None)
@given(rows=st.lists(row, min_size=1, max_size=30))
def test_the_catalog_and_the_node_refuse_the_same_rows(rows: list[dict[str, object]]) -> None:
    assert refused_by_the_catalog(rows) == refused_by_the_node(rows)


def test_each_column_alone_is_judged_alike() -> None:
    good = {
        "count": 1, "packs": 5, "price": 1.25, "level": 1.0, "code": "A1", "either": "a", "mail": "x@y.z", "channel": "web",
        "agreed": True, "day": date(2020, 5, 1), "at": EDGE.replace(hour=13), "note": "x", "free": None,
    }  # fmt: skip
    changes: dict[str, list[object]] = {
        "count": [None, -1, 0, 49, 50],
        "packs": [None, 0, -5, 3],
        "price": [None, 0.0, 0.29, 9.5, 9.51, 0.295],
        "level": [None, 2.5, 2.0],
        "code": [None, "A1", "A", "A1234", "A1\n", "A١", "xA1"],
        "either": [None, "a", "b", "ab", "b\n"],
        "mail": [None, "x@y.z", "x@y", "x y@z.a"],
        "channel": [None, "", "fax"],
        "agreed": [None, False],
        "day": [None, date(2019, 12, 31), date(2020, 12, 31)],
        "at": [None, EDGE, EDGE.replace(second=1)],
        "note": [None, "", "n/a", "N/A"],
        "free": ["anything"],
    }
    rows = [good] + [{**good, name: value} for name, values in changes.items() for value in values]
    assert refused_by_the_catalog(rows) == refused_by_the_node(rows)
    assert 1 not in refused_by_the_node(rows)
    assert len(refused_by_the_node(rows)) == 24
