"""Descriptors after the Open Data Product Standard: written, read back, held to the standard; service levels against facts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from headway.catalog.entities import RuleResult
from headway.catalog.odps import Descriptor, DescriptorInvalid, InputPort, ManagementPort, OutputPort, Said, Targets
from headway.catalog.odps.document import from_odps, to_odps, to_yaml
from headway.catalog.odps.levels import completeness, faults_of, freshness, latency
from tests.factories.papers import linted_by_dataproduct

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
NAMED = {"person:ann": ("ann@example.org", "Ann Smith"), "person:bob": ("person:bob", "Bob Jones")}
SAID = Said(
    owner="person:ann",
    steward="person:bob",
    domain="Sales and marketing",
    purpose="Find leads worth a call",
    limitations="Europe only",
    usage="Join by lead_id",
    type="sourceAligned",
    classification="confidential",
    tags=("leads", "crm"),
    support=({"channel": "#leads", "url": "https://chat.example.org/leads", "tool": "other"},),
    targets=Targets(freshness_hours=24, completeness=0.98, latency_hours=6.5),
    extra={"tenant": "Northwind", "customProperties": [{"property": "costCentre", "value": 17, "vendor": "sap"}]},
)


def descriptor(**more: Any) -> Descriptor:
    values: dict[str, Any] = {
        "product": "sales.leads", "name": "leads", "department": "sales", "version": "2.0.0", "status": "active", "said": SAID,
        "owner": "person:ann", "input_ports": (InputPort(name="upload", kind="file", description="x", contract_id=None, version=None),),
        "output_ports": (
            OutputPort(name="leads", kind="tables", version="2.0.0", contract_id="c", contract_digest="sha256-b", state="active",
                       ends_on=None, successor=None),
            OutputPort(name="leads", kind="tables", version="1.0.0", contract_id=None, contract_digest="sha256-a",
                       state="deprecated", ends_on="2026-05-01", successor="2.0.0"),
        ),
        "management_ports": (
            ManagementPort(name="quality", content="observability", address="/api/v1/products/sales.leads/quality", description="q"),
        ),
        "service_levels": (), "created_at": NOW, "updated_by": None, "updated_at": None,
    }  # fmt: skip
    return Descriptor(**values | more)


def find(named: str) -> str | None:
    return {"ann@example.org": "person:ann", "person:bob": "person:bob"}.get(named)


def read(text: str) -> Said:
    return from_odps(text, product="sales.leads", department="sales", find=find)


def written(one: Descriptor) -> str:
    return to_yaml(to_odps(one, named=NAMED, base_url="https://headway.example.org/"))


def test_what_is_written_is_read_back_unchanged() -> None:
    assert read(written(descriptor())) == SAID
    bare = replace(SAID, **dict.fromkeys(("domain", "purpose", "limitations", "usage", "type", "classification", "steward")),
                   tags=(), support=(), targets=Targets(freshness_hours=None, completeness=None, latency_hours=None), extra={})  # fmt: skip
    assert read(written(descriptor(said=bare))) == bare


def test_the_document_says_what_becomes_of_old_versions() -> None:
    told = yaml.safe_load(written(descriptor(status="deprecated")))
    assert (told["apiVersion"], told["deprecated"], told["status"]) == ("v1.1.0", True, "deprecated")
    new, old = told["outputPorts"]
    assert ("deprecated" in new, old["deprecated"], old["version"]) == (False, True, "1.0.0")
    assert {one["property"]: one["value"] for one in old["customProperties"]}["endsOn"] == "2026-05-01"
    assert told["managementPorts"][0]["url"] == "https://headway.example.org/api/v1/products/sales.leads/quality"
    assert "managementPorts" not in to_odps(descriptor(), named=NAMED, base_url=None)
    assert [one["role"] for one in told["team"]["members"]] == ["owner", "data steward"]


def test_the_lint_of_dataproduct_cli_passes_on_what_is_written_and_sees_what_is_wrong(tmp_path: Path) -> None:
    assert linted_by_dataproduct(tmp_path, written(descriptor())) == ""
    assert linted_by_dataproduct(tmp_path, written(descriptor(status="deprecated", said=replace(SAID, extra={})))) == ""
    assert "colour" in linted_by_dataproduct(tmp_path, written(descriptor()) + "colour: blue\n")


def test_every_fault_of_a_document_is_told_at_once() -> None:
    wrong = {
        "apiVersion": "v9.0.0", "kind": "Product", "id": "sales.orders", "status": "sleeping", "colour": "blue", "domain": 5,
        "tags": "crm", "outputPorts": [{"version": "1"}, "leads", {"name": "x", "smell": "y"}],
        "managementPorts": [{"name": "x"}], "support": {}, "description": "text",
        "team": {"members": [{"username": "zoe@example.org", "role": "owner"}, {"name": "x"},
                             {"username": "ann@example.org", "role": "Steward", "mood": "good"}]},
        "customProperties": [{"property": "serviceLevels", "value": {"freshnessHours": "soon", "smiles": 5}},
                             {"property": "classification", "value": 7}],
    }  # fmt: skip
    with pytest.raises(DescriptorInvalid) as refused:
        read(json.dumps(wrong))
    assert {one.column for one in refused.value.faults} == {
        "apiVersion", "kind", "id", "status", "colour", "domain", "tags", "outputPorts.0.name", "outputPorts.1", "outputPorts.2.smell",
        "managementPorts.0.content", "support", "description", "team.members.0.username", "team.members.1", "team.members.2.mood",
        "customProperties.serviceLevels.freshnessHours", "customProperties.serviceLevels.smiles", "customProperties.classification",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["a: [", "- a", "1: 2", "x: !!python/object:os.system y", "[" * 3000])
def test_what_is_no_document_is_refused_in_words(text: str) -> None:
    with pytest.raises(DescriptorInvalid):
        read(text)


def test_documents_of_older_versions_and_dates_are_read() -> None:
    text = "apiVersion: v0.9.0\nkind: DataProduct\nid: sales.leads\nstatus: draft\nproductCreatedTs: 2026-03-02T12:00:00Z\n"
    assert read(text).purpose is None
    members = "team: {members: [{username: ann@example.org, role: owner, dateIn: 2025-01-01, dateOut: 2026-01-01}]}\n"
    assert read(text + members).owner is None, "who left is no owner"


def rule(name: str, failed: int) -> RuleResult:
    return RuleResult(id=f"x.{name}", column="x", rule=name, description="", failed_rows=failed, passed=failed == 0)


def test_levels_are_told_from_facts() -> None:
    hour = timedelta(hours=1)
    fresh = freshness(24, registered_at=NOW - 24 * hour, now=NOW)
    assert (fresh.state, fresh.measured) == ("kept", 24.0)
    assert freshness(24, registered_at=NOW - 24.1 * hour, now=NOW).state == "missed"
    late = latency(6, newest_row=NOW - 8 * hour, registered_at=NOW)
    assert (late.state, late.measured) == ("missed", 8.0)
    whole = completeness(
        0.95, rules=[rule("required", 4), rule("nullValues", 6), rule("unique", 90)], rows=100, checked_at=NOW
    )
    assert (whole.state, whole.measured) == ("kept", pytest.approx(0.95))
    assert completeness(0.951, rules=[rule("required", 5)], rows=100, checked_at=NOW).state == "missed"


def test_what_is_not_known_or_not_promised_is_said() -> None:
    assert freshness(24, registered_at=None, now=NOW).state == "unknown"
    assert freshness(None, registered_at=NOW, now=NOW).why == "nothing is promised"
    assert latency(24, newest_row=None, registered_at=NOW).why == "the contract names no column with the time of a row"
    assert (
        completeness(0.9, rules=[rule("unique", 1)], rows=10, checked_at=NOW).why == "the contract requires no column"
    )
    assert completeness(0.9, rules=None, rows=0, checked_at=None).state == "unknown"


def test_levels_that_make_no_sense_are_faults() -> None:
    wrong = Targets(freshness_hours=0, completeness=1.2, latency_hours=-1)
    assert [name for name, _ in faults_of(wrong)] == ["freshness_hours", "latency_hours", "completeness"]
    assert faults_of(SAID.targets) == []
