"""Builders for the council: people who are known, a body with its seats, and a case of high tier before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from headway import governance, identity, ledger
from headway.governance import council
from headway.governance.council import Body, Condition, Item, ItemState, Lane, MemberKind, Rules
from headway.governance.council.store import rules_as_json
from headway.governance.council.tables import ConditionRow, DelegationRow, ItemRow, MeetingRow
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref
from tests.factories.governance import MINIMAL_RISK, SUBJECT, SUBJECT_DIGEST, bring_evidence, open_usecase

OFFICE = Actor(ref="person:office", name="Office")
SEATS = ("legal", "privacy", "risk", "validator", "business")
HIGH_RISK = {**MINIMAL_RISK, "annex_iii": ["4a"], "profiling": True, "workplace_use": True}
NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gil", "Olga", "Sam", "Rex")


@dataclass(frozen=True, slots=True)
class Cast:
    """People by first name, as actors."""

    people: dict[str, Actor]

    def __getattr__(self, name: str) -> Actor:
        if name not in self.people:
            raise AttributeError(name)
        return self.people[name]


def people(session: Session, names: tuple[str, ...] = NAMES) -> Cast:
    """Add people who are active; nobody has a role, since services do not ask for one."""
    found = {}
    for name in names:
        made = identity.add_person(session, OFFICE, name=name, email=f"{name.lower()}@example.org").person
        found[name.lower()] = Actor(ref=made.ref, name=name)
    return Cast(found)


def body(session: Session, cast: Cast, **changed: object) -> council.Body:
    """A council of five seats with Ada to Eve in them, and Finn as the deputy of legal."""
    rules: dict[str, object] = {
        "seats": SEATS, "quorum": 3, "required": ("legal", "risk"), "reviews": ("legal", "owner"), "chair": "legal",
        "tie": "chair", "days": 10,
    }  # fmt: skip
    council.set_body(session, OFFICE, "ai-council", title="AI council", rules=council.BodyRules(**(rules | changed)))  # type: ignore[arg-type]  # built from words
    for seat, name in zip(SEATS, ("ada", "ben", "cleo", "dan", "eve"), strict=True):
        council.seat_member(session, OFFICE, "ai-council", seat=seat, person=cast.people[name].ref)
    council.seat_member(
        session, OFFICE, "ai-council", seat="legal", person=cast.people["finn"].ref, kind=MemberKind.deputy
    )
    return council.get_body(session, "ai-council")


def high_case(session: Session, cast: Cast) -> None:
    """A use case of high tier with evidence, owned by Olga and sponsored by Sam."""
    open_usecase(session, risk=HIGH_RISK, owner=cast.people["olga"].ref, sponsor=cast.people["sam"].ref)
    governance.classify(session, OFFICE, "lead-scoring")
    bring_evidence(session)


def asked(session: Session, actor: Actor, environment: str = "production") -> governance.Approval:
    """Ask for the approval that comes before the council."""
    return governance.request_approval(
        session, actor, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, environment=environment, usecase="lead-scoring"
    )


def before_it(session: Session, cast: Cast) -> Item:
    """The item of an approval that Rex asked for."""
    approval = asked(session, cast.people["rex"])
    return next(one for one in council.list_items(session).items if one.approval == approval.id)


def reviewed(session: Session, cast: Cast, item: Item) -> None:
    """Have legal and the owner say what the others should know."""
    council.review(session, cast.people["ada"], item.id, part="legal", supports=True, text="lawful with notice")
    council.review(session, cast.people["olga"], item.id, part="owner", supports=True, text="the team is ready")


def plain_body() -> Body:
    """A council as a value, without members."""
    return Body(
        slug="ai-council", title="AI council", department=None, quorum=3, required=(), reviews=(), tie="rejected",
        chair="legal", days=10, seats=SEATS, members=(), delegations=(), every_weeks=None, first_meeting=None, zone="UTC",
        minutes_long=60, ended_at=None,
    )  # fmt: skip


def plain_item(*, opened_at: datetime, closes_at: datetime) -> Item:
    """An open item as a value."""
    rules = Rules(quorum=3, needed=1, required=(), reviews=(), tie="rejected", chair=None, days=10)
    return Item(
        id="cit_1", body="ai-council", lane=Lane.council, state=ItemState.open, approval=None, subject="usecase:leads",
        usecase="leads", environment="production", requested_by="person:rex", opened_at=opened_at, closes_at=closes_at,
        rules=rules, recusals=(), reviews=(), votes=(), conditions=(), decided_at=None, decided_by=None, why=(), meeting=None,
    )  # fmt: skip


def plain_condition(*, due_at: datetime, days: int) -> Condition:
    """A condition that is open, as a value."""
    return Condition(
        id="cco_1", item="cit_1", usecase="leads", text="tell people", owner="person:olga", days=days,
        proposed_by="person:ada", proposed_at=due_at - timedelta(days=days), due_at=due_at, met_by=None, met_at=None,
        evidence=None, accepted_by=None, accepted_at=None,
    )  # fmt: skip


def before_council(session: Session, maker: Actor, usecase: str, department: str) -> dict[str, str]:
    """A council of a department with an open item that somebody asked for, a condition and a delegation; their names."""
    rules = council.BodyRules(seats=("legal", "risk"), quorum=2, reviews=("owner",))
    council.set_body(session, maker, "ai-council", title="AI council", department=department, rules=rules)
    now = clock.now()
    kept = Rules(quorum=2, needed=1, required=(), reviews=("owner",), tie="rejected", chair=None, days=10)
    session.add(
        ItemRow(
            id="cit_1", body="ai-council", lane="council", state="open", subject=f"usecase:{usecase}", usecase=usecase,
            environment="pilot", requested_by=maker.ref, opened_at=now, closes_at=now + timedelta(days=10),
            rules=rules_as_json(kept), why=["the tier is high"],
        )
    )  # fmt: skip
    session.flush()
    told: dict[str, object] = {
        "item": "cit_1", "body": "ai-council", "lane": "council", "state": "open", "approval": None, "usecase": usecase,
        "requested_by": maker.ref, "opened_at": clock.iso(now), "closes_at": clock.iso(now + timedelta(days=10)),
        "rules": rules_as_json(kept), "decided_at": None, "decided_by": None, "why": ["the tier is high"],
    }  # fmt: skip
    ledger.record(session, actor=maker, type="council.opened", subject=Ref("council-item", "cit_1"), payload=told)
    session.add(
        ConditionRow(
            id="cco_1",
            item="cit_1",
            text="tell people",
            owner=maker.ref,
            days=3,
            proposed_by=maker.ref,
            proposed_at=now,
        )
    )
    session.add(
        DelegationRow(
            id="cdl_1", body="ai-council", seat="risk", giver=maker.ref, taker="person:nobody", since=now,
            until=now + timedelta(days=9),
        )
    )  # fmt: skip
    session.add(
        MeetingRow(
            id="cmt_1", body="ai-council", slot=None, starts_at=now + timedelta(hours=1), minutes_long=60, place="",
            state="planned", sequence=0, agenda=[], struck={}, seats=[], changed_at=now,
        )
    )  # fmt: skip
    session.flush()
    return {
        "council": "ai-council",
        "council_item": "cit_1",
        "condition": "cco_1",
        "delegation": "cdl_1",
        "meeting": "cmt_1",
        "minutes": "1",
    }
