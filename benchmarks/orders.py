"""Orders to validate: rows with planted defects, twelve rules, and the contract that says them."""

# ruff: noqa: S608  paths and constants of ours
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

EMAIL = r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$"
STATUS = ["new", "paid", "shipped", "delivered", "returned"]
AMOUNT, QUANTITY, DATES = (0, 100_000), (1, 1_000), ("2022-01-01", "2027-01-01")
FRESH_H = 24
DEFECTS = {
    "order_id_null": 10_007,
    "order_id_duplicate": 10_009,
    "customer_id_null": 10_037,
    "customer_id_unknown": 10_039,
    "email_null": 10_061,
    "email_invalid": 1_009,
    "status_invalid": 2_003,
    "amount_range": 3_001,
    "quantity_range": 4_001,
    "order_date_range": 5_003,
}
"""One row in so many has the defect."""


def write_orders(folder: Path, name: str, first: int, rows: int, customers: int) -> None:
    """Write ``name``.parquet with the rows numbered from ``first``: twelve columns, every defect planted by chance."""
    import duckdb

    bad = {defect: f"(hash(n, {at}) % {share} = 0)" for at, (defect, share) in enumerate(DEFECTS.items(), start=100)}
    columns = {
        "order_id": f"CASE WHEN {bad['order_id_null']} THEN NULL "
        f"WHEN {bad['order_id_duplicate']} AND n > 0 THEN printf('ORD-%010d', (hash(n, 1) % n::UBIGINT)::BIGINT) "
        "ELSE printf('ORD-%010d', n) END",
        "customer_id": f"CASE WHEN {bad['customer_id_null']} THEN NULL WHEN {bad['customer_id_unknown']} "
        f"THEN {customers} + n ELSE (hash(n, 2) % {customers})::BIGINT END",
        "email": f"CASE WHEN {bad['email_null']} THEN NULL WHEN {bad['email_invalid']} "
        "THEN 'buyer' || hash(n, 3) % 999983 || '_at_example.com' "
        "ELSE 'buyer' || hash(n, 3) % 999983 || '.' || n % 97 || '@post' || hash(n, 4) % 1013 || '.example.' || "
        "['com', 'org', 'de', 'co.uk'][1 + (n % 4)::INT] END",
        "status": f"CASE WHEN {bad['status_invalid']} THEN 'unknown' ELSE "
        f"[{', '.join(repr(word) for word in STATUS)}][1 + (hash(n, 5) % 5)::INT] END",
        "amount": f"CASE WHEN {bad['amount_range']} THEN -5.0 ELSE (hash(n, 6) % 10000000) / 100.0 END",
        "quantity": f"CASE WHEN {bad['quantity_range']} THEN 0 ELSE 1 + (hash(n, 7) % 900)::INT END",
        "order_date": f"CASE WHEN {bad['order_date_range']} THEN DATE '2031-01-01' "
        "ELSE DATE '2022-01-01' + (hash(n, 8) % 1700)::INT END",
        "updated_at": "(now() AT TIME ZONE 'UTC')::TIMESTAMP - to_seconds((60 + hash(n, 9) % 1000000)::BIGINT)",
        "country": "['DE', 'FR', 'GB', 'US', 'NL'][1 + (hash(n, 10) % 5)::INT]",
        "sku": "'SKU' || hash(n, 11) % 50000",
        "note": "md5(n::VARCHAR)",
        "channel": "(hash(n, 12) % 7)::INT",
    }
    selected = ", ".join(f"{expression} AS {column}" for column, expression in columns.items())
    out = folder / f"{name}.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT {selected} FROM (SELECT range AS n FROM range({first}, {first + rows})) ORDER BY n) "
            f"TO '{out}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 250000)"
        )
        connection.execute(
            f"COPY (SELECT range AS customer_id, 'Customer ' || range AS name FROM range({customers})) "
            f"TO '{folder / 'customers.parquet'}' (FORMAT parquet, COMPRESSION zstd)"
        )


def truth(folder: Path, name: str, rows: int) -> dict[str, int]:
    """The failures of each rule, each by a plain query of its own; ``order_id_members`` counts duplicates in another way."""
    import duckdb

    orders, customers = f"'{folder / name}.parquet'", f"'{folder / 'customers.parquet'}'"
    tests = {
        "order_id_null": "order_id IS NULL",
        "customer_id_null": "customer_id IS NULL",
        "customer_id_unknown": f"customer_id NOT IN (SELECT customer_id FROM {customers})",
        "email_null": "email IS NULL",
        "email_invalid": f"NOT regexp_matches(email, '{EMAIL}')",
        "status_invalid": f"status NOT IN ({', '.join(repr(word) for word in STATUS)})",
        "amount_range": f"amount NOT BETWEEN {AMOUNT[0]} AND {AMOUNT[1]}",
        "quantity_range": f"quantity NOT BETWEEN {QUANTITY[0]} AND {QUANTITY[1]}",
        "order_date_range": f"order_date NOT BETWEEN DATE '{DATES[0]}' AND DATE '{DATES[1]}'",
    }
    with duckdb.connect() as connection:

        def number(query: str) -> int:
            return int((connection.execute(query).fetchone() or (0,))[0] or 0)

        found = {rule: number(f"SELECT count(*) FROM {orders} WHERE {test}") for rule, test in tests.items()}
        groups = f"(SELECT order_id, count(*) n FROM {orders} GROUP BY order_id HAVING n > 1)"
        found["order_id_duplicate"] = number(f"SELECT sum(n - 1) FROM {groups} WHERE order_id IS NOT NULL")
        found["order_id_members"] = number(f"SELECT sum(n) FROM {groups}")
        found["rows"] = int(number(f"SELECT count(*) FROM {orders}") != rows)
        found["freshness"] = 0
    return found


def contract(folder: Path, rows: int, *, for_cli: bool = False) -> dict[str, Any]:
    """The twelve rules as a contract; ``for_cli`` in the form that datacontract-cli checks (two tables, a range as SQL)."""

    def column(name: str, kind: str, **rules: object) -> dict[str, object]:
        return {"name": name, "logicalType": kind, **rules}

    def between(bounds: tuple[object, object]) -> dict[str, object]:
        return {"minimum": bounds[0], "maximum": bounds[1]}

    valid = {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": STATUS}}
    dates: dict[str, object] = {"logicalTypeOptions": between(DATES)}
    if for_cli:
        query = (
            f"SELECT count(*) FROM {{object}} WHERE {{property}} NOT BETWEEN DATE '{DATES[0]}' AND DATE '{DATES[1]}'"
        )
        dates = {"quality": [{"type": "sql", "query": query, "mustBe": 0}]}
    link = [{"to": "customers.customer_id"}]
    properties = [
        column("order_id", "string", required=True, unique=True),
        column("customer_id", "integer", required=True, relationships=link),
        column("email", "string", required=True, logicalTypeOptions={"pattern": EMAIL}),
        column("status", "string", quality=[valid]),
        column("amount", "number", logicalTypeOptions=between(AMOUNT)),
        column("quantity", "integer", logicalTypeOptions=between(QUANTITY)),
        column("order_date", "date", **dates),
        column("updated_at", "timestamp"),
    ]
    tables: list[dict[str, object]] = [
        {
            "name": "orders",
            "logicalType": "object",
            "quality": [{"metric": "rowCount", "mustBe": rows}],
            "properties": properties,
        }
    ]
    made: dict[str, Any] = {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "orders", "name": "orders", "version": "1.0.0",
        "status": "active", "schema": tables,
        "slaProperties": [{"property": "freshness", "value": FRESH_H, "unit": "h", "element": "orders.updated_at"}],
    }  # fmt: skip
    if for_cli:
        tables.append({"name": "customers", "logicalType": "object", "properties": [column("customer_id", "integer")]})
        path = f"{folder}/{{model}}.parquet"
        made["servers"] = [{"server": "s", "type": "local", "path": path, "format": "parquet"}]
    return made


def write_rules(folder: Path, rows: int) -> Path:
    """What the peers read: the rules as plain values, for they run in environments of their own."""
    path = folder / "rules.json"
    told = {
        "email": EMAIL, "status": STATUS, "amount": AMOUNT, "quantity": QUANTITY, "dates": DATES, "fresh_h": FRESH_H,
        "rows": rows, "contract": contract(folder, rows, for_cli=True),
    }  # fmt: skip
    path.write_text(json.dumps(told))
    return path
