"""A home with many use cases and everything that hangs on them, written straight into the tables, the same each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.catalog.tables import ContractRow, ProductRow, SnapshotRow
from headway.governance import inventory
from headway.governance.tables import ApprovalRow, TierDecisionRow, UseCaseRow, VoteRow
from headway.identity.tables import PersonRow, RoleRow
from headway.kernel.auth import SYSTEM
from headway.kernel.canonical import digest
from headway.kernel.ids import Ref
from headway.portfolio.tables import PilotRow
from headway.registry.tables import ModelRow, ReleaseRow, RunRow, VersionRow
from headway.serving.tables import DeploymentRow
from tests.factories.governance import MINIMAL_RISK

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
UNANSWERED = {"state": "requested", "approved_by": None, "decided_at": None, "reason": None}
DEPARTMENTS = ("sales", "hr", "finance", "logistics", "legal", "support")
WORDS = ("Lead scoring", "Churn forecast", "Invoice matching", "Demand plan", "Contract reading", "Ticket routing")


def fill(session: Session, usecases: int, *, seed: int = 7) -> list[str]:
    """Write use cases, tiers, approvals, models, releases, deployments, pilots, products, people; returns the slugs."""
    dice = Random(seed)
    for slug in DEPARTMENTS:
        identity.ensure_department(session, SYSTEM, slug)
    cases = [_usecase(number, dice) for number in range(usecases)]
    session.execute(insert(UseCaseRow), cases)
    session.execute(insert(TierDecisionRow), [_tier(case, dice) for case in cases if dice.random() < 0.8])
    models = [case for case in cases if dice.random() < 0.6]
    if models:
        _add_models(session, models, dice)
    session.execute(insert(PilotRow), [_pilot(case) for case in cases[: usecases // 3]])
    _add_products(session, cases[: max(1, usecases // 4)])
    _add_people(session, max(8, usecases // 5))
    for case in cases[:200]:
        ledger.record(session, actor=SYSTEM, type="usecase.opened", subject=Ref("usecase", case["slug"]))
    session.flush()
    return [case["slug"] for case in cases]


def _usecase(number: int, dice: Random) -> dict[str, Any]:
    department = DEPARTMENTS[number % len(DEPARTMENTS)]
    said = {
        "title": f"{WORDS[number % len(WORDS)]} {number}",
        "department": department,
        "solution": "sales.lead-scoring" if number % 3 == 0 else None,
        "purpose": f"Help {department} to do thing {number} better" if dice.random() < 0.8 else None,
        "owner": f"Owner {number % 40}" if dice.random() < 0.9 else None,
        "sponsor": f"Sponsor {number % 11}" if dice.random() < 0.5 else None,
        "success_measure": None,
        "people_affected": "customers" if dice.random() < 0.5 else None,
    }
    at = START + timedelta(hours=number)
    kept = {"risk": dict(MINIMAL_RISK), "opened_by": "person:ana", "opened_at": at, "updated_at": at}
    hashed = inventory.material_digest(said, MINIMAL_RISK)
    return {"slug": f"case-{number:04}", **said, **kept, "digest": hashed}


def _tier(case: dict[str, Any], dice: Random) -> dict[str, Any]:
    is_current, is_open = dice.random() < 0.9, dice.random() < 0.3
    step = {"tier": "high", "expression": "sys.profiling", "source": "AIA", "decides": False}
    trace = [{"rule": f"CL-{n}", "why": "because " * 20, "result": "false", **step} for n in range(6)]
    return {
        "id": f"tier_{case['slug']}",
        "usecase": case["slug"],
        "usecase_digest": case["digest"] if is_current else digest("another"),
        "tier": "undecided" if is_open else dice.choice(["minimal", "high", "transparency"]),
        "rule": None,
        "method": "rules",
        "decider": "person:ana",
        "reasons": None,
        "trace": trace,
        "facts_needed": ["whether it profiles people", "where it is used"] if is_open else [],
        "pack_id": "eu-ai-act-core",
        "pack_version": "1",
        "pack_digest": digest("pack"),
        "confidence": None,
        "decided_at": case["opened_at"],
    }


def _add_models(session: Session, cases: list[dict[str, Any]], dice: Random) -> None:
    versions = [(case, number) for case in cases for number in range(1, dice.randint(2, 4))]
    by = {"created_by": "person:ana", "created_at": START}
    session.execute(insert(ModelRow), [{"name": case["slug"], "usecase": case["slug"], **by} for case in cases])
    session.execute(insert(VersionRow), [_version(case, number) for case, number in versions])
    session.execute(insert(RunRow), [_run(case, number) for case, number in versions])
    asked = [(case, n, dice.choice(["sandbox", "pilot", "production"])) for case, n in versions if dice.random() < 0.7]
    approvals = [_approval(*one, dice.random() < 0.5) for one in asked if one[2] != "sandbox"]
    session.execute(insert(ApprovalRow), [{**one, **UNANSWERED} for one in approvals])
    approve(session, [one for one in approvals if one["approved_by"]])
    session.execute(insert(ReleaseRow), [_release(*one) for one in asked])
    session.execute(
        insert(DeploymentRow), [_deployment(*one, dice.choice(["active", "suspended", "retired"])) for one in asked]
    )


def add_version(session: Session, usecase: str, subject_digest: str, *, number: int = 1) -> None:
    """Write the first version of a use case's model under a digest of the caller's, without training anything."""
    case = {"slug": usecase, "opened_at": START}
    by = {"created_by": "person:ana", "created_at": START}
    session.execute(insert(ModelRow), [{"name": usecase, "usecase": usecase, **by}])
    session.execute(insert(VersionRow), [{**_version(case, number), "digest": subject_digest}])
    session.execute(insert(RunRow), [_run(case, number)])


def _digest(case: dict[str, Any], number: int) -> str:
    return digest(f"{case['slug']}@{number}")


def _version(case: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "model": case["slug"],
        "version": number,
        "digest": _digest(case, number),
        "artefact": digest(f"{case['slug']}#{number}"),
        "learner": "lightgbm" if number % 2 else "logistic",
        "run": f"run_{case['slug']}_{number}",
        "usecase": case["slug"],
        "report": {"metrics": {"roc_auc": 0.7}},
        "evidence": [],
        "made_by": "person:ana",
        "created_at": case["opened_at"] + timedelta(days=number),
    }


def _run(case: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "id": f"run_{case['slug']}_{number}",
        "model": case["slug"],
        "version": number,
        "usecase": case["slug"],
        "learner": "lightgbm",
        "settings": {},
        "metrics": {},
        "digests": {},
        "made_by": "person:ana",
        "created_at": case["opened_at"],
    }


def _approval(case: dict[str, Any], number: int, environment: str, is_given: bool) -> dict[str, Any]:
    return {
        "id": f"apr_{case['slug']}_{number}",
        "subject": f"model:{case['slug']}@{number}",
        "subject_digest": _digest(case, number),
        "environment": environment,
        "usecase": case["slug"],
        "pack_digest": digest("pack"),
        "evidence_digest": digest("evidence"),
        "state": "approved" if is_given else "requested",
        "requested_by": "person:ana",
        "requested_at": case["opened_at"] + timedelta(days=number),
        "approved_by": "person:ben" if is_given else None,
        "decided_at": case["opened_at"] + timedelta(days=number, hours=1) if is_given else None,
        "reason": "read the card" if is_given else None,
    }


def approve(session: Session, given: list[dict[str, Any]]) -> None:
    """Have the answers of approvals be given, each with its vote; they were written without."""
    if given:
        votes = [
            {"approval": a["id"], "person": a["approved_by"], "reason": a["reason"], "at": a["decided_at"]}
            for a in given
        ]
        session.execute(insert(VoteRow), votes)
        session.execute(update(ApprovalRow), [{name: a[name] for name in ("id", *UNANSWERED)} for a in given])


def _release(case: dict[str, Any], number: int, environment: str) -> dict[str, Any]:
    is_out = environment == "sandbox"
    return {
        "id": f"rel_{case['slug']}_{number}",
        "model": case["slug"],
        "version": number,
        "digest": _digest(case, number),
        "environment": environment,
        "usecase": case["slug"],
        "status": "released" if is_out else "requested",
        "requested_by": "person:ana",
        "approval": None if is_out else f"apr_{case['slug']}_{number}",
        "verdict": {"id": f"vdt_{case['slug']}"} if is_out else None,
        "created_at": case["opened_at"] + timedelta(days=number),
    }


def _deployment(case: dict[str, Any], number: int, environment: str, state: str) -> dict[str, Any]:
    at = case["opened_at"] + timedelta(days=number)
    return deployment(
        f"{case['slug']}-{number}",
        usecase=case["slug"],
        id=f"dep_{case['slug']}_{number}",
        environment=environment,
        version=f"model:{case['slug']}@{number}",
        release=_digest(case, number),
        state=state,
        arms=[{"name": "champion", "release": _digest(case, number), "share": 1.0}],
        created_at=at,
        changed_at=at,
        released_at=at,
        expires_at=at + timedelta(days=14) if environment == "sandbox" else None,
    )


def deployment(name: str, *, usecase: str, **changes: Any) -> dict[str, Any]:
    """The row of a deployment that is active in production, less what is changed."""
    return {
        "id": f"dep_{name}",
        "name": name,
        "environment": "production",
        "usecase": usecase,
        "version": f"model:{name}@1",
        "release": digest(name),
        "state": "active",
        "reason": None,
        "salt": "00",
        "arms": [],
        "subject_field": None,
        "bands": [],
        "daily_limit": None,
        "created_by": "person:ana",
        "created_at": START,
        "changed_at": START,
        "released_at": START,
        "held": None,
        "expires_at": None,
        **changes,
    }


def _pilot(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"plt_{case['slug']}",
        "name": case["slug"],
        "solution": "sales.lead-scoring",
        "department": case["department"],
        "state": "done",
        "job": f"job_{case['slug']}",
        "filename": f"{case['slug']}.csv",
        "request": {},
        "steps": {"usecase": {"usecase": case["slug"], "tier": "minimal", "trace": []}},
        "result": {"usecase": case["slug"]},
        "started_by": "person:ana",
        "started_at": case["opened_at"],
        "ended_at": case["opened_at"] + timedelta(minutes=3),
    }


def _add_products(session: Session, cases: list[dict[str, Any]]) -> None:
    products, contracts, snapshots = [], [], []
    for case in cases:
        slug, hashed = f"{case['department']}.{case['slug']}", digest(case["slug"])
        body = {"version": "1.0.0", "schema": [{"name": "t", "properties": [{"name": f"c{n}"} for n in range(20)]}]}
        by = {"created_at": case["opened_at"]}
        products.append(
            {
                "slug": slug,
                "name": case["title"],
                "department": case["department"],
                "contract_digest": hashed,
                "snapshot_id": f"snp_{case['slug']}",
                "registered_by": "person:ana",
                "updated_at": case["updated_at"],
                **by,
            }
        )
        contracts.append({"product": slug, "digest": hashed, "version": "1.0.0", "body": body, "made_by": "x", **by})
        snapshots.append(
            {
                "id": f"snp_{case['slug']}",
                "product": slug,
                "digest": hashed,
                "lake_table": "t",
                "iceberg_snapshot_id": 1,
                "tag": "t",
                "mode": "replace",
                "file_key": "k",
                "file_digest": hashed,
                "filename": "f.csv",
                "file_kind": "csv",
                "rows": 1000 + len(snapshots),
                "notes": [],
                "created_by": "person:ana",
                **by,
            }
        )
    session.execute(insert(ProductRow), products)
    session.execute(insert(ContractRow), contracts)
    session.execute(insert(SnapshotRow), snapshots)


def _add_people(session: Session, count: int) -> None:
    people = [
        {
            "id": f"per_{number:05}",
            "name": f"Person {number}",
            "email": f"p{number}@example.org",
            "is_active": number % 9 != 0,
            "created_at": START,
        }
        for number in range(count)
    ]
    session.execute(insert(PersonRow), people)
    roles = [
        {
            "id": f"rol_{number:05}",
            "principal": f"person:per_{number:05}",
            "role": ("employee", "data_scientist", "department_head")[number % 3],
            "department": DEPARTMENTS[number % len(DEPARTMENTS)],
            "granted_by": "person:ana",
            "granted_at": START,
        }
        for number in range(count)
        if number % 5
    ]
    session.execute(insert(RoleRow), roles)
