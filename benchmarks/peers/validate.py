"""One validation of the orders by one tool, in the tool's environment: prints CPU seconds, memory and failures as JSON.

usage: validate.py TOOL FOLDER   (the folder holds orders.parquet, customers.parquet and rules.json)
CPU is counted from after the imports to the result, for each tool alike.
"""

# ruff: noqa: S608, ANN401  constants of ours; the tools' types exist in their environments only
from __future__ import annotations

import datetime as dt
import json
import logging
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("SODA_CORE_TELEMETRY_ENABLED", "false")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "False")
os.environ.setdefault("PANDERA_VALIDATION_DEPTH", "SCHEMA_AND_DATA")
os.environ.setdefault("DATACONTRACT_TELEMETRY", "false")
logging.disable(logging.WARNING)
COLUMNS = ["order_id", "customer_id", "email", "status", "amount", "quantity", "order_date", "updated_at"]
Failures = dict[str, int]


def cpu() -> float:
    """CPU seconds of this process and its children."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def soda(folder: Path, rules: dict[str, Any]) -> Callable[[], Failures]:
    import duckdb
    from soda_core.contracts import verify_contract_locally

    database = folder / "soda.duckdb"
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as connection:
        for table in ("orders", "customers"):
            connection.execute(f"CREATE VIEW {table} AS SELECT * FROM '{folder / table}.parquet'")
    source = {"type": "duckdb", "name": "dd", "connection": {"database": str(database)}}
    place = "dd/soda/main"
    known = {"valid_reference_data": {"dataset": f"{place}/customers", "column": "customer_id"}}
    low, high = rules["dates"]
    columns: dict[str, list[dict[str, Any]]] = {
        "order_id": [{"missing": {}}, {"duplicate": {}}],
        "customer_id": [{"missing": {}}, {"invalid": known}],
        "email": [{"missing": {}}, {"invalid": {"valid_format": {"name": "email", "regex": rules["email"]}}}],
        "status": [{"invalid": {"valid_values": rules["status"]}}],
        "amount": [{"invalid": {"valid_min": rules["amount"][0], "valid_max": rules["amount"][1]}}],
        "quantity": [{"invalid": {"valid_min": rules["quantity"][0], "valid_max": rules["quantity"][1]}}],
    }
    contract = {
        "dataset": f"{place}/orders",
        "columns": [{"name": name, "checks": checks} for name, checks in columns.items()],
        "checks": [
            {"row_count": {"threshold": {"must_be": rules["rows"]}}},
            {"freshness": {"column": "updated_at", "threshold": {"must_be_less_than": rules["fresh_h"]}}},
            {"failed_rows": {"expression": f"order_date NOT BETWEEN DATE '{low}' AND DATE '{high}'"}},
        ],
    }
    (folder / "soda-source.yml").write_text(json.dumps(source))
    (folder / "soda-contract.yml").write_text(json.dumps(contract))

    def check() -> Failures:
        found = verify_contract_locally(
            data_source_file_path=str(folder / "soda-source.yml"),
            contract_file_path=str(folder / "soda-contract.yml"),
            publish=False,
        )
        names = {
            ("missing", "order_id"): "order_id_null", ("duplicate", "order_id"): "order_id_duplicate",
            ("missing", "customer_id"): "customer_id_null", ("invalid", "customer_id"): "customer_id_unknown",
            ("missing", "email"): "email_null", ("invalid", "email"): "email_invalid", ("invalid", "status"): "status_invalid",
            ("invalid", "amount"): "amount_range", ("invalid", "quantity"): "quantity_range",
            ("failed_rows", None): "order_date_range",
        }  # fmt: skip
        made: Failures = {}
        for result in found.contract_verification_results:
            for one in result.check_results:
                key = (str(one.check.type), getattr(one.check, "column_name", None) or None)
                if key in names:
                    made[names[key]] = int(one.threshold_value)
                else:
                    made["rows" if key[0] == "row_count" else "freshness"] = int("PASS" not in str(one.outcome).upper())
        return made

    return check


def datacontract(folder: Path, rules: dict[str, Any]) -> Callable[[], Failures]:
    from datacontract.data_contract import DataContract

    text = json.dumps(rules["contract"])

    def check() -> Failures:
        run = DataContract(data_contract_str=text, include_failed_samples="samples" in sys.argv).test()
        names = {
            ("field_required", "order_id"): "order_id_null", ("field_unique", "order_id"): "order_id_duplicate",
            ("field_required", "customer_id"): "customer_id_null", ("field_relationships", "customer_id"): "customer_id_unknown",
            ("field_required", "email"): "email_null", ("field_regex", "email"): "email_invalid",
            ("field_invalid_values", "status"): "status_invalid", ("field_quality_sql", "order_date"): "order_date_range",
        }  # fmt: skip
        made: Failures = {"amount_range": 0, "quantity_range": 0}
        for one in run.checks:
            field, found = one.field or "", (one.diagnostics or {}).get("value")
            if (one.type, field) in names:
                made[names[one.type, field]] = int(found or 0)
            elif one.type in ("field_minimum", "field_maximum"):
                made[f"{field}_range"] += int(found or 0)
            elif one.type in ("row_count", "servicelevel_freshness"):
                made["rows" if one.type == "row_count" else "freshness"] = int("passed" not in str(one.result))
        return made

    return check


def pandera(folder: Path, rules: dict[str, Any]) -> Callable[[], Failures]:
    import pandera.polars as pa
    import polars as pl

    low, high = (dt.date.fromisoformat(day) for day in rules["dates"])
    frame = pl.scan_parquet(folder / "orders.parquet").select(COLUMNS)
    oldest = dt.datetime.now(dt.UTC).replace(tzinfo=None) - dt.timedelta(hours=rules["fresh_h"])

    def check() -> Failures:
        ids = pl.read_parquet(folder / "customers.parquet", columns=["customer_id"])["customer_id"]
        known = pa.Check(lambda data: data.lazyframe.select(pl.col(data.key).is_in(ids.implode())), name="known")
        schema = pa.DataFrameSchema(
            {
                "order_id": pa.Column(str, nullable=False, unique=True),
                "customer_id": pa.Column(pl.Int64, nullable=False, checks=known),
                "email": pa.Column(str, nullable=False, checks=pa.Check.str_matches(rules["email"])),
                "status": pa.Column(str, checks=pa.Check.isin(rules["status"])),
                "amount": pa.Column(float, checks=pa.Check.in_range(*rules["amount"])),
                "quantity": pa.Column(pl.Int32, checks=pa.Check.in_range(*rules["quantity"])),
                "order_date": pa.Column(pl.Date, checks=pa.Check.in_range(low, high)),
                "updated_at": pa.Column(pl.Datetime),
            },
            checks=[
                pa.Check(lambda data: data.lazyframe.select(pl.col("updated_at").max() > oldest), name="fresh"),
                pa.Check(lambda data: data.lazyframe.select(pl.len() == rules["rows"]), name="rows"),
            ],
        )
        names = {
            ("order_id", "not_nullable"): "order_id_null", ("order_id", "field_uniqueness"): "order_id_members",
            ("customer_id", "not_nullable"): "customer_id_null", ("customer_id", "known"): "customer_id_unknown",
            ("email", "not_nullable"): "email_null", ("email", "str_matches"): "email_invalid",
            ("status", "isin"): "status_invalid", ("amount", "in_range"): "amount_range",
            ("quantity", "in_range"): "quantity_range", ("order_date", "in_range"): "order_date_range",
        }  # fmt: skip
        try:
            schema.validate(frame.collect(), lazy=True)
        except pa.errors.SchemaErrors as error:
            counted = error.failure_cases.group_by("column", "check").len().rows()
            return {"rows": 0, "freshness": 0} | {
                names.get((column, str(test).partition("(")[0]), str(test)): count for column, test, count in counted
            }
        return {}

    return check


def pointblank(folder: Path, rules: dict[str, Any]) -> Callable[[], Failures]:
    import pointblank as pb
    import polars as pl

    low, high = (dt.date.fromisoformat(day) for day in rules["dates"])
    oldest = dt.datetime.now(dt.UTC).replace(tzinfo=None) - dt.timedelta(hours=rules["fresh_h"])

    def check() -> Failures:
        table = pl.read_parquet(folder / "orders.parquet", columns=COLUMNS)
        ids = pl.read_parquet(folder / "customers.parquet", columns=["customer_id"])["customer_id"]
        found = (
            pb.Validate(table)
            .col_vals_not_null("order_id")
            .rows_distinct(columns_subset="order_id")
            .col_vals_not_null("customer_id")
            .col_vals_not_null("email")
            .col_vals_regex("email", rules["email"], na_pass=True)
            .col_vals_in_set("status", rules["status"])
            .col_vals_between("amount", *rules["amount"])
            .col_vals_between("quantity", *rules["quantity"])
            .col_vals_between("order_date", low, high)
            .row_count_match(rules["rows"])
            .col_vals_expr(pl.col("customer_id").is_null() | pl.col("customer_id").is_in(ids.implode()))
            .col_vals_expr(pl.col("updated_at").max() > oldest)
            .interrogate(collect_extracts="samples" in sys.argv)
        )
        names = [
            "order_id_null", "order_id_members", "customer_id_null", "email_null", "email_invalid", "status_invalid",
            "amount_range", "quantity_range", "order_date_range", "rows", "customer_id_unknown", "freshness",
        ]  # fmt: skip
        return {name: int(step.n_failed) for name, step in zip(names, found.validation_info, strict=True)}

    return check


def gx(folder: Path, rules: dict[str, Any]) -> Callable[[], Failures]:
    import great_expectations as ge
    import great_expectations.expectations as gxe
    import pandas as pd

    context = ge.get_context(mode="ephemeral")
    context.variables.progress_bars = None
    low, high = (pd.Timestamp(day) for day in rules["dates"])
    oldest = dt.datetime.now(dt.UTC).replace(tzinfo=None) - dt.timedelta(hours=rules["fresh_h"])

    def check() -> Failures:
        frame = pd.read_parquet(folder / "orders.parquet", columns=COLUMNS)
        ids = set(pd.read_parquet(folder / "customers.parquet").customer_id)
        frame["known"] = frame.customer_id.isna() | frame.customer_id.isin(ids)
        frame["order_date"] = pd.to_datetime(frame["order_date"])
        asset = context.data_sources.add_pandas("p").add_dataframe_asset("a")
        batch = asset.add_batch_definition_whole_dataframe("b").get_batch({"dataframe": frame})
        tests = {
            "order_id_null": gxe.ExpectColumnValuesToNotBeNull(column="order_id"),
            "customer_id_null": gxe.ExpectColumnValuesToNotBeNull(column="customer_id"),
            "email_null": gxe.ExpectColumnValuesToNotBeNull(column="email"),
            "order_id_present_members": gxe.ExpectColumnValuesToBeUnique(column="order_id"),
            "email_invalid": gxe.ExpectColumnValuesToMatchRegex(column="email", regex=rules["email"]),
            "status_invalid": gxe.ExpectColumnValuesToBeInSet(column="status", value_set=rules["status"]),
            "amount_range": _between(gxe, "amount", *rules["amount"]),
            "quantity_range": _between(gxe, "quantity", *rules["quantity"]),
            "order_date_range": _between(gxe, "order_date", low, high),
            "customer_id_unknown": gxe.ExpectColumnValuesToBeInSet(column="known", value_set=[True]),
            "freshness": gxe.ExpectColumnMaxToBeBetween(column="updated_at", min_value=oldest),
            "rows": gxe.ExpectTableRowCountToEqual(value=rules["rows"]),
        }
        suite = ge.ExpectationSuite("s", expectations=list(tests.values()))
        found = batch.validate(suite, result_format="COMPLETE" if "samples" in sys.argv else "BASIC")
        by_kind = {_named(test.configuration): name for name, test in tests.items()}
        return {
            by_kind[_named(one.expectation_config)]: int((one.result or {}).get("unexpected_count", not one.success))
            for one in found.results
        }

    return check


def _between(gxe: Any, column: str, low: object, high: object) -> Any:
    return gxe.ExpectColumnValuesToBeBetween(column=column, min_value=low, max_value=high)


def _named(config: Any) -> tuple[str, str]:
    return config.type, str(config.kwargs.get("column"))


if __name__ == "__main__":
    place = Path(sys.argv[2])
    tools = {"soda": soda, "datacontract": datacontract, "pandera": pandera, "pointblank": pointblank, "gx": gx}
    check = tools[sys.argv[1]](place, json.loads((place / "rules.json").read_text()))
    began = cpu()
    failures = check()
    spent = cpu() - began
    peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024
    print("RESULT " + json.dumps({"cpu_s": spent, "rss_mb": peak, "failures": failures}))
