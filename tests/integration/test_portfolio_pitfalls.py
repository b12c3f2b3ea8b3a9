"""Pitfalls of use cases that exist: what is gathered for the radar comes from people, data, gates and deployments."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from headway import governance, identity, ledger, portfolio, serving
from headway.governance import Tier
from headway.kernel.auth import Actor
from headway.kernel.clock import FixedClock
from headway.kernel.ids import Ref
from headway.kernel.listing import ListQuery
from headway.kernel.web import Parts
from headway.portfolio import PitfallKind, Stage
from tests.factories import inventory
from tests.factories.governance import ANA, JOB
from tests.factories.serving import deployed, released


def kinds(session: Session, slug: str) -> dict[PitfallKind, str]:
    return {one.kind: one.found for one in portfolio.find_pitfalls(session, slug)}


def test_a_sponsor_is_found_by_name_or_mail_and_heard_by_what_they_do(parts: Parts, fixed_clock: FixedClock) -> None:
    deployed(parts, released(parts))
    with parts.database.session() as session:
        assert "has no account" in kinds(session, "lead-scoring")[PitfallKind.silent_sponsor]
        sam = identity.add_person(session, ANA, name="Sam Sponsor", email="sam@example.org").person
        assert "ever" in kinds(session, "lead-scoring")[PitfallKind.silent_sponsor]
        ledger.record(
            session,
            actor=Actor(ref=sam.ref, name=sam.name),
            type="comment.added",
            subject=Ref("usecase", "lead-scoring"),
            payload={},
        )
        assert PitfallKind.silent_sponsor not in kinds(session, "lead-scoring")
        governance.update_usecase(session, ANA, "lead-scoring", changes={"sponsor": "SAM@example.org"})
        assert PitfallKind.silent_sponsor not in kinds(session, "lead-scoring")
        governance.update_usecase(session, ANA, "lead-scoring", changes={"sponsor": sam.ref})
        assert PitfallKind.silent_sponsor not in kinds(session, "lead-scoring")
    fixed_clock.advance(timedelta(days=61))
    with parts.database.session() as session:
        found = kinds(session, "lead-scoring")
        assert "Sam Sponsor" in found[PitfallKind.silent_sponsor]
        assert "for 61 days" in found[PitfallKind.silent_sponsor]
        assert "reached its end" in found[PitfallKind.expired_pilot]


def test_what_decides_above_the_sandbox_is_held_against_its_gate_of_today(session: Session) -> None:
    inventory.fill(session, 60)
    live = portfolio.find_usecases(session, ListQuery(filters={"stage": ("live",)})).items[0].usecase.slug
    asked = ListQuery(filters={"usecase": (live,), "state": ("active",), "environment": ("pilot", "production")})
    deployment = serving.find_deployments(session, asked).items[0]
    assert PitfallKind.rollout_ahead not in kinds(session, live)  # old evidence and lapsed approvals are no breach
    evaluated = {"task": "binary", "n_test": 5, "interval_level": 0.95}
    about = {"subject": Ref.parse(deployment.version), "subject_digest": deployment.release, "producer": JOB}
    governance.record_evidence(session, type="eval_report", facts=evaluated, **about)
    found = portfolio.find_pitfalls(session, live)
    ahead = [one for one in found if one.kind is PitfallKind.rollout_ahead]
    assert ahead[0].ref == f"deployment:{deployment.environment}/{deployment.name}"
    assert "evaluated on unseen rows" in ahead[0].found and found[0].severity == "serious"


def test_data_without_a_contract_and_an_open_tier_are_seen_once_something_is_built(session: Session) -> None:
    inventory.fill(session, 60)
    versions = {one.usecase.slug: one for one in portfolio.find_usecases(session, ListQuery(limit=1000)).items}
    from headway import registry

    version = next(
        v
        for v in registry.find_versions(session, ListQuery(limit=100)).items
        if versions[v.usecase].stage is not Stage.retired
    )
    slug = str(version.usecase)
    data = "sha256-" + "d" * 64
    common = {"subject": Ref.parse(version.ref), "producer": JOB}
    governance.record_evidence(
        session, type="dataset_card", subject_digest=version.digest, facts={"data_digest": data}, **common
    )
    for checked, failed, told in ((False, 0, "no contract"), (True, 90, "9.0%"), (True, 10, None)):
        governance.record_evidence(
            session,
            type="data_quality_report",
            subject=Ref("product", "sales.leads"),
            subject_digest=data,
            facts={"contract_checked": checked, "quality_score": 0.9, "rows": 1000, "failed_rows": failed},
            producer=JOB,
        )
        found = kinds(session, slug)
        assert told in found[PitfallKind.contract] if told else PitfallKind.contract not in found
    governance.update_usecase(session, ANA, slug, changes={}, risk={"annex_iii": None, "prohibited_hits": None})
    assert governance.get_usecase(session, slug).tier is Tier.undecided
    assert "nobody knows" in kinds(session, slug)[PitfallKind.compliance]


def test_a_use_case_that_is_not_there_is_told(session: Session) -> None:
    with pytest.raises(governance.UseCaseUnknown):
        portfolio.find_pitfalls(session, "nothing")
