"""Facts as rules see them: known and of the declared kind, or not there."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from headway.governance import facts
from headway.governance.entities import Evidence, EvidenceType, FactDefinition, Tier, UseCase

AT = datetime(2026, 1, 1, tzinfo=UTC)
KIND = EvidenceType(name="proof", title="Proof", producer="auto", freshness_days=0, facts={"n": "number", "t": "text"})


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (True, "boolean", True),
        (1, "boolean", False),
        (True, "number", False),
        (1.5, "number", True),
        (math.nan, "number", False),
        (-math.inf, "number", False),
        (2**60, "number", False),
        ("x", "text", True),
        (" ", "text", False),
        ("x" * 2001, "text", False),
        ("a\0b", "text", False),
        (["a\0b"], "list", False),
        ([], "list", True),
        (["a", ""], "list", False),
        (["a", None], "list", False),
        ("a", "list", False),
        (None, "text", False),
    ],
)
def test_a_value_fits_its_kind_only_when_known(value: object, kind: str, expected: bool) -> None:
    assert facts.fits(value, kind) is expected


def test_blank_or_absent_words_and_unknown_risk_are_not_there() -> None:
    entry = UseCase(
        slug="leads",
        title="Leads",
        department="sales",
        solution=None,
        purpose="  ",
        owner="",
        sponsor="Sam",
        success_measure=None,
        people_affected=None,
        risk={"profiling": None, "personal_data": "yes", "annex_iii": []},
        derived=(),
        systems=(),
        digest="",
        tier=Tier.undecided,
        missing=(),
        opened_by="person:ana",
        opened_at=AT,
        updated_at=AT,
        retired_at=None,
        retired_by=None,
        retired_because=None,
    )
    assert facts.described(entry) == {"slug": "leads", "title": "Leads", "department": "sales", "sponsor": "Sam"}
    definitions = [
        FactDefinition(name=name, kind=kind, values=(), question="whether")  # type: ignore[arg-type]  # closed set
        for name, kind in (("profiling", "boolean"), ("personal_data", "boolean"), ("annex_iii", "list"))
    ]
    assert facts.risk(entry, definitions) == {"annex_iii": []}


def test_evidence_shows_declared_facts_only() -> None:
    row = Evidence(
        id="evd_1",
        type="proof",
        subject="model:m",
        subject_digest="",
        facts={"n": 3, "t": None, "undeclared": "x"},
        producer="service:job",
        made_at=AT,
        payload_digest=None,
    )
    assert facts.evidence([row], [KIND]) == {"proof": {"n": 3}}
    assert facts.evidence([row], []) == {}
