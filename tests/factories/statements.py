"""SQL that people, careless and hostile, may send: generated with all that nests, shadows and reaches for files."""

# ruff: noqa: S608  what is written here is what is tested
from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
COLUMNS = ("id", "region", "visits", "email", "opened")
"""What a grant shows of the product; ``secret`` is hidden."""
KINDS = {"id": "number", "visits": "number", "region": "text", "email": "text", "opened": "text"}
SPELLINGS = (
    "sales.leads", "SALES.leads", '"sales"."leads"', "Sales.Leads", '"sales.leads"', "sales.leads", '"product:sales.leads"',
)  # fmt: skip


@dataclass
class Writer:
    """Writes statements from a seeded source; each keeps within what the tables of its scope have."""

    source: random.Random
    spellings: tuple[str, ...] = SPELLINGS
    ctes: list[str] = field(default_factory=list)
    count: int = 0

    def statement(self) -> str:
        """A SELECT that any engine with the product's visible rows answers."""
        named = self.pick((0, 0, 1, 2))
        parts = []
        for _ in range(named):
            name = self.pick(("leads", "sales", "t", "Leads", '"a b"', "recent", "_p0", "_c0"))
            if name.lower() in [one.lower() for one in self.ctes]:
                continue
            parts.append(f"{name} AS ({self.select(2)})")
            self.ctes.append(name)
        head = f"WITH {', '.join(parts)} " if parts else ""
        return head + self.body()

    def body(self) -> str:
        kind = self.pick(("select", "select", "union", "except", "aggregate", "recursive", "window"))
        if kind == "union":
            return f"{self.select(2)} {self.pick(('UNION', 'UNION ALL', 'INTERSECT'))} {self.select(2)}"
        if kind == "except":
            return f"({self.select(1)}) EXCEPT ({self.select(1)})"
        if kind == "aggregate":
            source, alias = self.table(2)
            return (
                f"SELECT {alias}.region, count(*), sum({alias}.visits), max({alias}.email) FROM {source} GROUP BY ALL"
            )
        if kind == "recursive":
            inner = self.table(1)[0]
            return (
                f"SELECT * FROM (WITH RECURSIVE steps(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM steps WHERE n < "
                f"(SELECT count(*) FROM {inner})) SELECT max(n) FROM steps) x"
            )
        if kind == "window":
            source, alias = self.table(2)
            return (
                f"SELECT {alias}.id, row_number() OVER (PARTITION BY {alias}.region ORDER BY {alias}.id) FROM {source} "
                f"QUALIFY count(*) OVER (PARTITION BY {alias}.region) > 1"
            )
        return self.select(3)

    def select(self, depth: int) -> str:
        """Five columns under the product's own names, so that what is selected can stand where the product stands."""
        source, alias = self.table(depth)
        shown = ", ".join(f"{alias}.{name} AS {name}" for name in COLUMNS)
        if self.source.random() < 0.25:
            shown = (
                f"{alias}.*"
                if self.source.random() < 0.5
                else shown.replace(f"{alias}.region", f"upper({alias}.region)", 1)
            )
        joined = ""
        if depth > 0 and self.source.random() < 0.3:
            other, name = self.table(depth - 1)
            how = self.pick(("JOIN", "LEFT JOIN", "SEMI JOIN", "ANTI JOIN"))
            further = f" AND ({self.condition(self.pick((alias, name)), 0)})" if self.source.random() < 0.5 else ""
            joined = f" {how} {other} ON {alias}.id = {name}.id{further}"
            shown = ", ".join(f"{alias}.{one} AS {one}" for one in COLUMNS)
        where = f" WHERE {self.condition(alias, depth)}" if self.source.random() < 0.7 else ""
        return f"SELECT {shown} FROM {source}{joined}{where}"

    def table(self, depth: int) -> tuple[str, str]:
        """Something with the product's columns, and the name it goes by."""
        self.count += 1
        alias = f"{self.pick(('x', 'leads', 'Y'))}{self.count}"
        kinds = (
            ["product"] * 3
            + (["nested", "lateral", "shadow"] if depth > 0 else [])
            + (["cte"] * 3 if self.ctes else [])
        )
        kind = self.pick(tuple(kinds))
        if kind == "cte":
            return f"{self.pick(tuple(self.ctes))} AS {alias}", alias
        if kind == "nested":
            return f"({self.select(depth - 1)}) AS {alias}", alias
        if kind == "shadow":
            name = self.pick(("leads", "sales", "secret"))
            inner = f"SELECT id, region, visits, email, opened FROM {self.product()}"
            return f"(WITH {name} AS ({inner}) SELECT * FROM {name}) AS {alias}", alias
        if kind == "lateral":
            other = f"l{self.count}"
            return (
                f"(SELECT {other}.* FROM {self.product()} {other}, LATERAL (SELECT {other}.id + 1 AS z) q) AS {alias}",
                alias,
            )
        return f"{self.product()} AS {alias}", alias

    def condition(self, alias: str, depth: int) -> str:
        made = [
            f"{alias}.visits {self.pick(('>', '<', '=', '>=', '<>'))} {self.source.randrange(-1, 9)}",
            f"{alias}.region {self.pick(('LIKE', 'ILIKE'))} '{self.pick(('n%', '%', 'S%', '_o%'))}'",
            f"{alias}.email IS {self.pick(('', 'NOT '))}NULL",
            f"length({alias}.region) + {alias}.id % 3 BETWEEN 3 AND 7",
            f"CASE WHEN {alias}.id % 2 = 0 THEN {alias}.visits ELSE 1 END > 0",
            f"TRY_CAST({alias}.opened AS DATE) < DATE '2026-02-01'",
            f"CAST({alias}.opened AS DATE) < DATE '2026-02-01'",
            f"10 // ({alias}.visits - 3) > 0",
        ]
        if depth > 0:
            made.append(f"{alias}.id IN (SELECT s.id FROM {self.product()} s WHERE s.region = {alias}.region)")
            made.append(f"EXISTS (SELECT 1 FROM {self.product()} e WHERE e.visits > {alias}.visits)")
        chosen = self.source.sample(made, self.pick((1, 1, 2)))
        return f" {self.pick(('AND', 'OR'))} ".join(f"{self.pick(('', '', 'NOT '))}({one})" for one in chosen)

    def product(self) -> str:
        return self.pick(self.spellings)

    def pick(self, among: Sequence[T]) -> T:
        return self.source.choice(among)


REACHING = (
    "read_csv('{file}')", "read_text('{file}')", "read_parquet('{file}')", "'{file}'", "glob('/etc/*')", "read_blob('{file}')",
    "duckdb_settings()", "duckdb_tables()", "information_schema.tables", "pg_catalog.pg_class", "sqlite_master", "given", "_p0",
    "hr.people", "query('SELECT 1')", "query_table('_p0')", "json_execute_serialized_sql('{{}}')", "main._p0", "temp._p0",
    "memory.main._p0", "\"_p0\"", "pragma_table_info('_p0')", "sniff_csv('{file}')", "read_json('{file}')", "test_all_types()",
    "sales.leads TABLESAMPLE 50%", "system.main.duckdb_views",
)  # fmt: skip
TELLING = (
    "getenv('HOME')", "current_setting('temp_directory')", "version()", "current_user", "secret", "leads.secret", "x.secret",
    "sales.leads.secret", "CAST(secret AS INTEGER)", "COLUMNS('sec.*')", "COLUMNS(*)", "error(email)", "CAST(email AS INTEGER)",
    "rowid", "x", "struct_pack(*COLUMNS(*))", "getvariable('a')", "list(x)", "to_json(x)", "x.email::INTEGER", "hash(x)",
    "CASE WHEN x.visits > 5 THEN CAST(x.email AS INTEGER) ELSE 1 END", "1 / (x.visits - 7)", "10 // (x.id - 7)",
    "CAST(x.opened AS DATE)", "(SELECT secret)", "(SELECT max(secret) FROM sales.leads)", "min(x.email)", "CAST(x AS VARCHAR)",
    "nextval('a')", "pg_typeof(x)", "txid_current()", "current_schemas(true)", "in_search_path('a','b')", "$1", "?",
    "list_transform([1], y -> secret)", "unicode(email)", "strptime(email, '%Y')", "printf(email)", "x.\"SECRET\"",
    "s\u0435cret", "\u017fecret", "sec/**/ret", "\uff53\uff45\uff43\uff52\uff45\uff54",
)  # fmt: skip
NOISE = (
    " ", "  ", "\n", "/* x */", "-- y\n", "/*+ hint */", "\u00a0", "\u200b", "\u2028", "\ufeff", ";", "; SELECT 1",
    "; ATTACH '{file}'", " UNION ALL SELECT * FROM hr.people", " LIMIT 1", "'", '"', "$$", "\\", "E'\\n'", "%s", "\x00", "(", ")",
    "/*", "*/", "U&'\\0041'",
)  # fmt: skip


@st.composite
def hostile(draw: st.DrawFn, file: str) -> str:
    """Statements that reach for what is not granted: files, settings, other products, hidden columns, private names."""
    source = draw(st.randoms(use_true_random=False))
    shown = draw(st.lists(st.sampled_from((*TELLING, "x.id", "*", "x.*", "count(*)")), min_size=1, max_size=3))
    behind = draw(st.sampled_from((*REACHING, "sales.leads", "sales.leads", "sales.leads")))
    made = f"SELECT {', '.join(shown)} FROM {behind} AS x"
    shape = draw(st.sampled_from(("plain", "where", "cte", "nested", "union", "join", "order", "having", "begin")))
    if shape == "where":
        made += f" WHERE {draw(st.sampled_from(TELLING))} IS NOT NULL"
    elif shape == "cte":
        made = f"WITH leads AS ({made}), recent AS (SELECT * FROM leads) SELECT * FROM recent, sales.leads x"
    elif shape == "nested":
        made = f"SELECT * FROM ({made}) y WHERE EXISTS (SELECT 1 FROM {draw(st.sampled_from(REACHING))} z)"
    elif shape == "union":
        made = f"{made} UNION ALL {Writer(source).statement()}"
    elif shape == "join":
        made = f"SELECT x.* FROM sales.leads x JOIN ({made}) z ON {draw(st.sampled_from(TELLING))} = z.id"
    elif shape == "order":
        made += f" ORDER BY {draw(st.sampled_from(TELLING))}"
    elif shape == "having":
        made = (
            f"SELECT region FROM sales.leads x GROUP BY region HAVING max({draw(st.sampled_from(TELLING))}) IS NOT NULL"
        )
    elif shape == "begin":
        verbs = (
            "COPY ({}) TO '{file}'",
            "EXPLAIN {}",
            "DESCRIBE {}",
            "SUMMARIZE {}",
            "CREATE TABLE a AS {}",
            "FROM ({}) q",
        )
        made = draw(st.sampled_from(verbs)).replace("{}", made)
    for noise in draw(st.lists(st.sampled_from(NOISE), max_size=2)):
        at = draw(st.integers(0, len(made)))
        made = made[:at] + noise + made[at:]
    return made.replace("{file}", file)


def statements(spellings: tuple[str, ...] = SPELLINGS) -> st.SearchStrategy[str]:
    """Statements that keep to what is granted."""
    return st.randoms(use_true_random=False).map(lambda source: Writer(source, spellings).statement())
