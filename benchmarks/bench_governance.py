"""How long does a whole inventory take at its gates: 10,000 use cases at work with 200 controls each, one release, the lists?

A pack of the organisation's own brings the packs in force to 200 controls asked of everything at work. The operate gate asks all
of it, then asks it all again after one kind of evidence grew old; a single release is put to its gate with every control there
is; the list of use cases and the packs are asked for over the API's own application, without a network between. CPU time, and
wall time where people wait. Bounds: 180 s of wall time for the whole, 50 ms for one release, 150 ms for a page of the list.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from harness import ROOT, Bench
from sqlalchemy import insert
from sqlalchemy.orm import Session

sys.path.append(str(ROOT))

from headway import governance, identity
from headway.entrypoints import schema
from headway.governance import inventory
from headway.governance.adapters import built_in_packs
from headway.governance.entities import Operated
from headway.governance.tables import EvidenceRow, TierDecisionRow, UseCaseRow
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.canonical import digest
from headway.kernel.crypto import load_or_create_signer
from headway.kernel.database import Database
from headway.kernel.listing import ListQuery
from headway.kernel.postgres import EmbeddedPostgres
from tests.factories.governance import ANA, DATA_DIGEST, GOOD_FACTS, GOOD_QUALITY, MINIMAL_RISK

AT = datetime(2026, 11, 27, 12, tzinfo=UTC)
CONTROLS = 200
BOUND_WHOLE_S, BOUND_ONE_MS, BOUND_PAGE_MS = 180.0, 50.0, 150.0
SAID: dict[str, str | None] = {
    "solution": "sales.lead-scoring",
    "purpose": "rank what comes in",
    "owner": "Olga Owner",
    "sponsor": "Sam Sponsor",
    "success_measure": "won deals a hundred calls",
    "people_affected": "business contacts",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="not read: the inventory is written here")
    parser.add_argument("--usecases", type=int, default=10_000)
    arguments = parser.parse_args()
    bench = Bench("governance")
    with clock.fixed(AT) as now, home() as (database, folder):
        with database.session() as session:
            at_work = fill(session, arguments.usecases)
        with database.session() as session:
            asked = switch_on(session, folder)
        over = whole(bench, database, at_work, asked)
        now.advance(timedelta(days=40))
        over |= whole(bench, database, at_work, asked, case="the same after evidence grew old")
        now.advance(timedelta(days=-40))
        over |= single(bench, database, at_work[len(at_work) // 2])
        over |= lists(bench, database, arguments.usecases)
    bench.finish()
    if over:
        sys.exit("a bound was passed: " + ", ".join(sorted(over)))


@contextmanager
def home() -> Iterator[tuple[Database, Path]]:
    """A migrated database of the run's own."""
    with tempfile.TemporaryDirectory(prefix="headway-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the account that runs the database must enter it
        with EmbeddedPostgres(folder / "home", folder=folder / "pg") as server:
            database = Database(server.url)
            schema.migrate(database)
            yield database, folder
            database.close()


def fill(session: Session, count: int) -> list[Operated]:
    """Write use cases that are at work in production, with tier and evidence, straight into the tables."""
    identity.ensure_department(session, SYSTEM, "sales")
    law = next(pack for pack in governance.list_packs(session) if pack.tier_rules)
    cases = [_case(number) for number in range(count)]
    session.execute(insert(UseCaseRow), cases)
    session.execute(insert(TierDecisionRow), [_tier(case, law) for case in cases])
    for start in range(0, count, 1000):
        session.execute(insert(EvidenceRow), [row for case in cases[start : start + 1000] for row in _evidence(case)])
    session.execute(insert(EvidenceRow), [_proof("data_quality_report", GOOD_QUALITY, DATA_DIGEST, "product:leads", 0)])
    return [
        Operated(usecase=case["slug"], environment="production", subject=f"model:{case['slug']}@1",
                 subject_digest=digest(case["slug"]), begun=AT - timedelta(days=30))
        for case in cases
    ]  # fmt: skip


def _case(number: int) -> dict[str, Any]:
    said = {"title": f"Use case {number}", "department": "sales", **SAID}
    times = {"opened_at": AT - timedelta(days=60), "updated_at": AT - timedelta(days=60)}
    return {
        "slug": f"case-{number:05}",
        **said,
        "risk": dict(MINIMAL_RISK),
        "digest": inventory.material_digest(said, MINIMAL_RISK),
        "opened_by": ANA.ref,
        **times,
    }


def _tier(case: dict[str, Any], law: governance.Pack) -> dict[str, Any]:
    return {
        "id": f"tier_{case['slug']}",
        "usecase": case["slug"],
        "usecase_digest": case["digest"],
        "tier": "minimal",
        "rule": "CL-6",
        "method": "rules",
        "decider": ANA.ref,
        "reasons": None,
        "trace": [],
        "facts_needed": [],
        "pack_id": law.id,
        "pack_version": law.version,
        "pack_digest": law.digest,
        "confidence": None,
        "decided_at": AT - timedelta(days=60),
    }


def _evidence(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    about, subject = digest(case["slug"]), f"model:{case['slug']}@1"
    live = {
        "monitoring_report": {"environment": "production", "runs": 30, "open_alerts": 0, "days_since": 0},
        "log_config": {"environment": "production", "decisions_logged": True},
        "log_retention_proof": {"environment": "production", "days": 365},
    }
    for place, (kind, facts) in enumerate({**GOOD_FACTS, **live}.items()):
        yield _proof(kind, facts, about, subject, place)


def _proof(kind: str, facts: object, about: str, subject: str, place: int) -> dict[str, Any]:
    return {
        "id": f"evd_{about[7:27]}{place:02}",
        "type": kind,
        "subject": subject,
        "subject_digest": about,
        "facts": facts,
        "producer": "service:registry",
        "made_at": AT - timedelta(days=1),
        "payload_digest": None,
    }


def switch_on(session: Session, folder: Path) -> int:
    """Bring the controls that the operate gate asks to 200 with a pack of the organisation's own; gives their number."""
    have = sum("operate" in one.gates for pack in governance.list_packs(session) for one in pack.controls)
    core = next(file.pack for file in built_in_packs() if file.pack.id == governance.CORE_PACK)
    kinds = {
        one.name: one for one in core.evidence_types if one.name in ("eval_report", "dataset_card", "monitoring_report")
    }
    body = {
        "id": "house",
        "version": "1.0.0",
        "title": "House rules",
        "note": "Enough controls to measure with.",
        "as_of": "2026-11-01",
        "facts": [{"name": "roles", "kind": "list", "values": [], "question": "which roles of the AI Act it has"}],
        "evidence_types": [
            {"name": one.name, "title": one.title, "producer": one.producer, "freshness_days": one.freshness_days,
             "facts": dict(one.facts)}
            for one in kinds.values()
        ],
        "tier_rules": [],
        "controls": [_control(number) for number in range(CONTROLS - have)],
    }  # fmt: skip
    signer = load_or_create_signer(folder / "signer.key")
    governance.publish_pack(session, signer, ANA, yaml.safe_dump(body))
    governance.switch_pack(session, signer, ANA, "house", is_on=True, reason="to measure")
    return sum("operate" in one.gates for pack in governance.list_packs(session) for one in pack.controls)


def _control(number: int) -> dict[str, Any]:
    """Controls of five kinds, as packs have them: numbers, texts, lists of facts, several of each, or only evidence."""
    kinds: list[tuple[str | None, list[str]]] = [
        (f"evidence.eval_report.roc_auc_low > {0.3 + number / 1000}", ["eval_report"]),
        (
            f"evidence.dataset_card.rows >= {number} && evidence.dataset_card.columns <= {400 + number}",
            ["dataset_card"],
        ),
        (f"evidence.monitoring_report.open_alerts <= {number}", ["monitoring_report"]),
        (f"size(use_case.purpose) > {number % 5}", []),
        (None, ["eval_report", "dataset_card"]),
    ]
    check, evidence = kinds[number % len(kinds)]
    return {
        "id": f"HOUSE-{number}",
        "title": f"House rule {number}",
        "source": "us",
        "gates": ["pre_deploy", "operate"],
        "applies_when": "'deployer' in sys.roles && sys.tier in ['minimal', 'transparency', 'high']",
        "check": check,
        "evidence": evidence,
        "enforce": "warn",
        "sandbox": "warn",
        "confidence": "verified",
        "missing": f"mend {number}",
    }


def whole(
    bench: Bench, database: Database, at_work: list[Operated], asked: int, case: str = "everything asked again"
) -> set[str]:
    """Ask the operate gate about everything at work."""
    with database.session() as session:
        begun, spent = time.perf_counter(), time.process_time()
        run = governance.ask_operate(session, SYSTEM, at_work)
        wall, cpu = time.perf_counter() - begun, time.process_time() - spent
    if run.asked != len(at_work):
        sys.exit(f"{run.asked} of {len(at_work)} were asked")
    name = f"{case}: {len(at_work):,} at work, {asked} controls each"
    bench.add(name, "wall", wall, "s")
    bench.add(name, "cpu of this process", cpu, "s")
    bench.add(name, "findings opened", float(len(run.warned)), "")
    return {name} if wall > BOUND_WHOLE_S else set()


def single(bench: Bench, database: Database, one: Operated) -> set[str]:
    """Put one release to its gate."""

    def ask() -> None:
        with database.session() as session:
            governance.evaluate_gate(
                session,
                environment="production",
                subject=governance.ORGANISATION,
                subject_digest=one.subject_digest,
                usecase=one.usecase,
            )

    p50, p95 = timed(ask, 100)
    with database.session() as session:
        controls = sum("pre_deploy" in c.gates for pack in governance.list_packs(session) for c in pack.controls)
    name = f"one release, {controls} controls"
    bench.add(name, "wall p50", p50, "ms")
    bench.add(name, "wall p95", p95, "ms")
    return {name} if p50 > BOUND_ONE_MS else set()


def lists(bench: Bench, database: Database, count: int) -> set[str]:
    """The services behind the pages of lists."""
    over = set()
    asked = {
        "first page": ListQuery(limit=50, sort="title"),
        "searched": ListQuery(limit=50, search="case 77"),
        "page far behind": ListQuery(limit=50, offset=max(0, count - 100), sort="updated_at", descending=True),
    }
    for name, query in asked.items():

        def ask(query: ListQuery = query) -> None:
            with database.session() as session:
                governance.find_usecases(session, query)

        _, p95 = timed(ask, 30)
        title = f"list of {count:,} use cases, {name}"
        bench.add(title, "wall p95", p95, "ms")
        over |= {title} if p95 > BOUND_PAGE_MS else set()
    return over


def timed(act: Callable[[], None], rounds: int) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds, after a few rounds to warm up."""
    for _ in range(3):
        act()
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        act()
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took), statistics.quantiles(took, n=20)[-1]


if __name__ == "__main__":
    main()
