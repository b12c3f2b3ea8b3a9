"""What rests on several vendors is as well proved as the weakest of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from headway.governance import Evidence, supplied
from headway.kernel.canonical import digest

AT = datetime(2026, 11, 27, 12, tzinfo=UTC)


def row(id: str, subject: str, *, days: float, type: str = "vendor_assessment") -> Evidence:
    made = AT - timedelta(days=days)
    return Evidence(
        id=id, type=type, subject=subject, subject_digest=digest(subject), facts={}, producer="person:ana", made_at=made,
        payload_digest=None,
    )  # fmt: skip


def kept(rows: list[Evidence], *vendors: str) -> list[str]:
    return [one.id for one in supplied.weakest(rows, vendors, AT)]


def test_the_oldest_of_the_newest_counts() -> None:
    rows = [row("a1", "vendor:a", days=300), row("a2", "vendor:a", days=20), row("b1", "vendor:b", days=90)]
    assert kept(rows, "vendor:a") == ["a2"]
    assert kept(rows, "vendor:a", "vendor:b") == ["b1"]


def test_one_vendor_without_a_proof_leaves_none() -> None:
    rows = [row("a1", "vendor:a", days=3), row("u1", "usecase:leads", days=1)]
    assert kept(rows, "vendor:a", "vendor:b") == ["u1"]
    assert kept(rows) == ["u1"]


def test_kinds_are_held_apart_and_the_future_does_not_count() -> None:
    rows = [
        row("a1", "vendor:a", days=3),
        row("a2", "vendor:a", days=2, type="contract_terms"),
        row("b1", "vendor:b", days=9),
        row("a9", "vendor:a", days=-1),
    ]
    assert kept(rows, "vendor:a", "vendor:b") == ["b1"]
    assert kept(rows, "vendor:a") == ["a1", "a2"]
