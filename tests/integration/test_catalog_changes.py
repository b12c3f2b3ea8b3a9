"""Contracts that change, on a real database and a real lake: looked at, proposed, answered, in force, read side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import catalog, identity, ledger
from headway.catalog import access, changes, versions
from headway.catalog.access import Policy
from headway.catalog.changes import ChangeState, ColumnEdit, ContractChange, Means
from headway.catalog.errors import ContractBreaks, ContractWaits
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.database import Database
from headway.kernel.errors import Denied
from headway.kernel.storage import Storage
from headway.kernel.subjects import NoSubjects, Reader
from headway.kernel.web import Parts
from headway.registry import TrainingWish, plan_training

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OPEN = Policy(hidden=(), masked=(), unmasked=(), row_filter=None)
WHY = "The sales system writes it otherwise from May on"
LAST = date(2026, 4, 1)
ROBOT = Actor(ref="service:robot", name="robot")


class Knowing(NoSubjects):
    """Knows one model that learned from the product, for whom Cara answers."""

    def __init__(self, person: str) -> None:
        self.person = person

    def readers(self, session: Session, ref: object) -> tuple[Reader, ...]:
        return (Reader(ref="model:scoring@3", title="scoring 3", usecase="scoring", people=(self.person,)),)


@pytest.fixture
def now() -> Iterator[clock.FixedClock]:
    with clock.fixed(NOW) as held:
        yield held


@pytest.fixture
def people(session: Session, now: clock.FixedClock) -> Mapping[str, Actor]:
    made = {}
    for name in ("Ann", "Bob", "Cara", "Dan"):
        person = identity.enroll_person(session, SYSTEM, name=name, email=f"{name.lower()}@example.org")
        made[name.lower()] = Actor(ref=person.ref, name=name)
    return made


@pytest.fixture
def means(database: Database, storage: Storage, people: Mapping[str, Actor]) -> Means:
    return Means(storage, catalog.Lake(database, storage.url), Knowing(people["cara"].ref))


def frame(**more: Any) -> pl.DataFrame:
    columns = {
        "lead_id": [f"L-{n:04d}" for n in range(60)],
        "region": [("north", "south")[n % 2] for n in range(60)],
        "visits": [n % 9 for n in range(60)],
    }
    return pl.DataFrame(columns | more)


def register(
    session: Session, means: Means, who: Actor, folder: Path, rows: pl.DataFrame, **more: Any
) -> catalog.Registration:
    source = folder / "leads.csv"
    rows.write_csv(source)
    return catalog.register_product(
        session,
        who,
        means.storage,
        means.lake,
        source=source,
        filename="leads.csv",
        department="Sales",
        name="leads",
        **more,
    )


@pytest.fixture
def product(session: Session, means: Means, people: Mapping[str, Actor], tmp_path: Path) -> catalog.DataProduct:
    return register(session, means, people["ann"], tmp_path, frame()).product


def grant(session: Session, people: Mapping[str, Actor], who: str = "bob", **asked: Any) -> access.DataAccess:
    options: dict[str, Any] = {"purpose": "See which regions buy", "until": date(2026, 12, 31)} | asked
    made = access.request_access(session, people[who], "sales.leads", **options)
    return access.approve(session, people["ann"], made.id, given=OPEN)


def contract_with(product: catalog.DataProduct, version: str, **columns: dict[str, Any] | None) -> str:
    """The contract with other properties of columns; None takes a column away, one that is not there is added."""
    body = yaml.safe_load(catalog.to_yaml(product.contract))
    table = body["schema"][0]
    known = {one["name"]: one for one in table["properties"]}
    for name, said in columns.items():
        if said is None:
            known.pop(name)
        else:
            known[name] = {"name": name, **known.get(name, {}), **said}
    table["properties"] = list(known.values())
    return yaml.safe_dump(body | {"version": version}, sort_keys=False)


def propose(session: Session, means: Means, who: Actor, draft: str, **more: Any) -> ContractChange:
    options: dict[str, Any] = {"reason": WHY, "answer_by": LAST} | more
    return changes.propose(session, who, means, product="sales.leads", text=draft, **options)


def looser(product: catalog.DataProduct, version: str = "2.0.0") -> str:
    return contract_with(product, version, visits={"logicalTypeOptions": {"minimum": -5}})


def events(session: Session, change: ContractChange) -> list[str]:
    return sorted(one.type for one in ledger.find(session, subject=f"contract-change:{change.id}").items)


def by_grant(product: catalog.DataProduct, held: access.DataAccess | None) -> bool:
    return held is not None


def test_what_breaks_nobody_takes_effect_at_once_and_the_rows_are_held_to_it(
    session: Session, means: Means, people: Mapping[str, Actor], product: catalog.DataProduct
) -> None:
    grant(session, people)
    tighter = contract_with(product, "1.1.0", visits={"logicalTypeOptions": {"minimum": 3}})
    made = propose(session, means, people["ann"], tighter)
    assert (made.level, made.state, made.effective_because) == ("compatible", ChangeState.effective, "compatible")
    now_known = catalog.get_product(session, "sales.leads")
    assert (now_known.contract_version, now_known.snapshot_id) == ("1.1.0", product.snapshot_id)
    report = catalog.quality_of(session, "sales.leads")
    assert report.failed_rows == sum(n % 9 < 3 for n in range(60))
    assert [one.state.value for one in versions.list_versions(session, "sales.leads")] == ["active", "superseded"]
    assert events(session, made) == ["contract.changed", "contract.proposed"]
    [told] = [
        one
        for one in ledger.find(session, subject=f"contract-change:{made.id}").items
        if one.type == "contract.changed"
    ]
    assert set((told.payload or {})["people"]) == {people["bob"].ref, people["cara"].ref}


def test_a_breaking_change_waits_for_every_consumer_and_both_versions_are_read_then(
    session: Session, means: Means, people: Mapping[str, Actor], product: catalog.DataProduct, now: clock.FixedClock
) -> None:
    grant(session, people)
    made = propose(session, means, people["ann"], contract_with(product, "2.0.0", visits=None), keep_days=10)
    assert (made.level, made.state) == ("breaking", ChangeState.open)
    assert {one.consumer: len(one.because) for one in made.answers} == {people["bob"].ref: 1, people["cara"].ref: 1}
    assert changes.list_asked(session, people["bob"].ref) == (made,)
    with pytest.raises(changes.NotYourAnswer):
        changes.accept(session, people["dan"], means, change_id=made.id, consumer=people["bob"].ref)
    with pytest.raises(changes.NotYourAnswer):
        changes.accept(session, people["ann"], means, change_id=made.id)
    assert changes.accept(session, people["bob"], means, change_id=made.id).state is ChangeState.open
    with pytest.raises(changes.ChangeClosed, match="answered"):
        changes.object_to(session, people["bob"], made.id, "I changed my mind about it")
    made = changes.accept(session, people["cara"], means, change_id=made.id)
    assert (made.state, made.effective_because) == (ChangeState.effective, "accepted")
    # The file holds a column that the contract no longer knows: version 1 stays what is read until the next file.
    assert catalog.get_product(session, "sales.leads").contract_version == "1.0.0"
    now.advance(timedelta(days=30))
    assert rows(session, means, people["bob"]) == 60, "nothing is taken away before there is something else"
    register(session, means, people["ann"], Path(means.storage.url.removeprefix("file://")), frame().drop("visits"))
    new, old = versions.list_versions(session, "sales.leads")
    assert (new.version, new.state.value, old.state.value, old.successor) == ("2.0.0", "active", "retired", "2.0.0")


def rows(session: Session, means: Means, who: Actor, name: str = "sales.leads") -> int:
    found = access.read(session, who, means.lake, f'SELECT * FROM "{name}"', limit=1000, may=by_grant)  # noqa: S608
    return found.table.num_rows


def test_an_old_version_is_read_with_a_warning_until_its_last_day_and_then_refused(
    session: Session,
    means: Means,
    people: Mapping[str, Actor],
    product: catalog.DataProduct,
    now: clock.FixedClock,
) -> None:
    grant(session, people)
    now.advance(timedelta(minutes=1))
    made = propose(session, means, people["ann"], contract_with(product, "2.0.0", visits=None), keep_days=10)
    for who in ("bob", "cara"):
        made = changes.accept(session, people[who], means, change_id=made.id)
    now.advance(timedelta(hours=1))
    folder = Path(means.storage.url.removeprefix("file://"))
    register(session, means, people["ann"], folder, frame().drop("visits").head(40))
    grant(session, people, "dan")
    found = access.read(session, people["bob"], means.lake, "SELECT * FROM sales.leads", limit=99, may=by_grant)
    assert (found.table.column_names, found.table.num_rows, dict(found.warning)) == (["lead_id", "region"], 40, {})
    old = access.read(session, people["bob"], means.lake, 'SELECT * FROM "sales.leads@1.0.0"', limit=99, may=by_grant)
    assert (old.table.column_names, old.table.num_rows) == (["lead_id", "region", "visits"], 60)
    assert dict(old.warning) == {
        "deprecation": f"@{int(NOW.timestamp()) + 60}",
        "sunset": "Fri, 13 Mar 2026 00:00:00 GMT",
        "link": '</api/v1/products/sales.leads/rows?version=2.0.0>; rel="successor-version"',
    }
    with pytest.raises(versions.VersionUnknown, match="does not reach back"):
        rows(session, means, people["dan"], "sales.leads@1.0.0")
    with pytest.raises(versions.VersionUnknown, match="no rows"):
        rows(session, means, people["bob"], "sales.leads@7.0.0")
    now.advance(timedelta(days=11))
    with pytest.raises(versions.VersionRetired, match="was read until 2026-03-12") as refused:
        rows(session, means, people["bob"], "sales.leads@1.0.0")
    assert refused.value.hint == "read sales.leads@2.0.0 instead"
    assert rows(session, means, people["bob"]) == 40


def test_objections_hold_a_change_up_until_its_notice_is_over_and_are_kept(parts: Parts, tmp_path: Path) -> None:
    with clock.fixed(NOW) as now:
        with parts.database.session() as session:
            made_people = {
                name: Actor(
                    ref=identity.enroll_person(session, SYSTEM, name=name.title(), email=f"{name}@example.org").ref,
                    name=name,
                )
                for name in ("ann", "bob", "cara")
            }
            here = replace(parts, subjects=Knowing(made_people["cara"].ref))
            means = changes.means_of(here)
            product = register(session, means, made_people["ann"], tmp_path, frame()).product
            grant(session, made_people)
            made = propose(session, means, made_people["ann"], looser(product))
            with pytest.raises(changes.ChangeInvalid, match="characters why"):
                changes.object_to(session, made_people["bob"], made.id, "no")
            changes.object_to(session, made_people["bob"], made.id, "Our forecast cannot bear that")
        assert changes.settle_changes(here) == 0
        now.at = datetime(2026, 3, 30, tzinfo=UTC)
        assert changes.settle_changes(here) == 0
        assert changes.settle_changes(here) == 0
        with parts.database.session() as session:
            reminded = ledger.find(session, type="contract.answer_near").items
            assert [(one.payload or {})["person"] for one in reminded] == [made_people["cara"].ref]
        now.at = datetime(2026, 4, 1, 23, 59, tzinfo=UTC)
        assert changes.settle_changes(here) == 0
        now.at = datetime(2026, 4, 2, tzinfo=UTC)
        assert changes.settle_changes(here) == 1
        assert changes.settle_changes(here) == 0
        with parts.database.session() as session:
            made = changes.get_change(session, made.id)
            assert (made.state, made.effective_because) == (ChangeState.effective, "notice_over")
            assert [one.reason for one in made.objections] == ["Our forecast cannot bear that"]
            assert catalog.get_product(session, "sales.leads").contract_version == "2.0.0"


def test_the_owner_withdraws_and_one_change_is_open_at_a_time(
    session: Session, means: Means, people: Mapping[str, Actor], product: catalog.DataProduct, tmp_path: Path
) -> None:
    made = propose(session, means, people["ann"], looser(product))
    with pytest.raises(changes.ChangeClosed, match="is open"):
        propose(session, means, people["ann"], contract_with(product, "1.1.0", region={"description": "Where"}))
    with pytest.raises(ContractWaits):
        register(
            session,
            means,
            people["ann"],
            tmp_path,
            frame(),
            contract_text=contract_with(product, "1.0.1", region={"description": "W"}),
        )
    changes.withdraw(session, people["ann"], made.id, "We mend the source instead")
    with pytest.raises(changes.ChangeClosed, match="withdrawn"):
        changes.accept(session, people["cara"], means, change_id=made.id)
    assert events(session, made) == ["contract.proposed", "contract.withdrawn"]
    assert propose(session, means, people["ann"], looser(product)).state is ChangeState.open


def test_an_answer_is_handed_on_to_a_person_and_to_nobody_else(
    session: Session, means: Means, people: Mapping[str, Actor], product: catalog.DataProduct
) -> None:
    made = propose(session, means, people["ann"], looser(product))
    for wrong in ("Nobody", "Cara"):
        with pytest.raises(changes.ChangeInvalid):
            changes.hand_on(session, people["cara"], made.id, wrong)
    with pytest.raises(changes.NotYourAnswer):
        changes.hand_on(session, people["bob"], made.id, "Dan")
    changes.hand_on(session, people["cara"], made.id, "Dan")
    assert changes.list_asked(session, people["dan"].ref) != ()
    made = changes.accept(session, people["dan"], means, change_id=made.id)
    assert (made.answers[0].answered_by, made.answers[0].consumer) == (people["dan"].ref, people["cara"].ref)
    assert made.state is ChangeState.effective


def test_for_a_service_answers_who_asked_and_services_neither_propose_nor_answer(
    session: Session, means: Means, people: Mapping[str, Actor], product: catalog.DataProduct
) -> None:
    grant(session, people, "dan", service="robot")
    with pytest.raises(Denied):
        propose(session, means, ROBOT, looser(product))
    made = propose(session, means, people["ann"], looser(product))
    assert {one.consumer for one in made.answers} == {people["dan"].ref, people["cara"].ref}
    with pytest.raises(Denied):
        changes.accept(session, ROBOT, means, change_id=made.id)


def test_every_fault_of_a_proposal_is_told_at_once_with_its_line(
    session: Session, means: Means, people: Mapping[str, Actor], product: catalog.DataProduct
) -> None:
    broken = looser(product).replace("logicalType: integer", "logicalType: uint")
    with pytest.raises(changes.ChangeInvalid) as refused:
        propose(session, means, people["ann"], broken, reason="short", answer_by=date(2026, 3, 4), keep_days=900)
    line = 1 + next(at for at, one in enumerate(broken.splitlines()) if "name: visits" in one)
    told = {one.rule: one.message for one in refused.value.faults}
    assert set(told) == {"odcs", "change.reason", "change.answer_by", "change.keep_days"}
    assert told["odcs"].startswith(f"line {line}: schema.leads.visits")
    check = changes.check_proposal(session, people["ann"], means, "sales.leads", "a: [")
    assert [(one.line, one.rule) for one in check.faults] == [(1, "yaml")]
    with pytest.raises(changes.ChangeInvalid, match=r"need at least 2\.0\.0"):
        propose(session, means, people["ann"], looser(product, "1.5.0"))
    with pytest.raises(changes.ChangeInvalid, match="contract in force"):
        propose(session, means, people["ann"], catalog.to_yaml(product.contract))


def test_a_draft_is_looked_at_without_being_kept(
    session: Session, means: Means, people: Mapping[str, Actor], product: catalog.DataProduct
) -> None:
    edits = [ColumnEdit(column="visits", description="How often they came", missing_percent=5)]
    draft = changes.draft_of(session, "sales.leads", None, edits)
    check = changes.check_proposal(session, people["ann"], means, "sales.leads", draft)
    assert check.difference is not None and check.score is not None
    assert (check.faults, check.difference.bump, check.difference.fault) == ((), "minor", None)
    assert (check.score.rows, check.score.score, check.consumers, check.may_be_proposed) == (60, 1.0, 1, True)
    assert "mustBeLessOrEqualTo: 5" in check.yaml
    gone = changes.check_proposal(
        session, people["ann"], means, "sales.leads", contract_with(product, "2.0.0", visits=None)
    )
    assert gone.score is not None
    assert gone.score.why_not == "column 'visits' is not in the contract"
    assert catalog.get_product(session, "sales.leads") == product


def test_a_file_brings_no_contract_that_breaks_readers(
    session: Session, means: Means, people: Mapping[str, Actor], product: catalog.DataProduct, tmp_path: Path
) -> None:
    with pytest.raises(ContractBreaks) as refused:
        register(session, means, people["ann"], tmp_path, frame(), contract_text=looser(product))
    assert [one.rule for one in refused.value.faults] == ["minimum_added"] or refused.value.faults
    assert "contract propose" in str(refused.value.hint)
    tighter = contract_with(product, "1.1.0", visits={"logicalTypeOptions": {"minimum": 0}})
    assert (
        register(session, means, people["ann"], tmp_path, frame(), contract_text=tighter).product.contract_version
        == "1.1.0"
    )


def test_the_owner_ends_a_product_and_takes_that_back(
    session: Session, means: Means, people: Mapping[str, Actor], product: catalog.DataProduct, now: clock.FixedClock
) -> None:
    grant(session, people)
    ann = people["ann"]
    with pytest.raises(versions.DeprecationInvalid) as refused:
        versions.deprecate(
            session, ann, "sales.leads", ends_on=date(2020, 1, 1), reason="old", version="9", successor="x.y"
        )
    assert {one.column for one in refused.value.faults} == {"ends_on", "reason", "version", "successor"}
    versions.deprecate(session, ann, "sales.leads", ends_on=date(2026, 3, 9), reason="The system is switched off")
    found = access.read(session, people["bob"], means.lake, "SELECT 1 FROM sales.leads", limit=1, may=by_grant)
    assert found.warning["sunset"] == "Tue, 10 Mar 2026 00:00:00 GMT"
    now.advance(timedelta(days=8))
    for name in ("sales.leads", "sales.leads@1.0.0"):
        with pytest.raises(versions.VersionRetired):
            rows(session, means, people["bob"], name)
    with pytest.raises(versions.VersionRetired):
        plan_training(session, TrainingWish(product="sales.leads"))
    with pytest.raises(versions.VersionRetired):
        access.sample(session, ann, means.lake, "sales.leads", limit=1, may=lambda *_: True)
    versions.reinstate(session, ann, "sales.leads", reason="It goes on for a year")
    with pytest.raises(versions.NotDeprecated):
        versions.reinstate(session, ann, "sales.leads", reason="It goes on for a year")
    assert rows(session, means, people["bob"]) == 60


WRONG = {
    "effective before the notice is over": "update catalog.contract_changes set effective_at = '2026-03-03', effective_because = 'x'",
    "another contract": "update catalog.contract_changes set contract = '{}'",
    "no trace": "delete from catalog.contract_changes",
    "answered by another": "update catalog.contract_answers set accepted = true, answered_by = 'person:x', answered_at = now()",
    "objected without reason": "update catalog.contract_answers set accepted = false, answered_by = consumer, answered_at = now()",
    "answered by nobody": "update catalog.contract_answers set accepted = true",
    "answered by a service": "update catalog.contract_answers set consumer = 'service:x'",
    "no longer asked": "delete from catalog.contract_answers",
}


@pytest.mark.parametrize("statement", WRONG.values(), ids=WRONG)
def test_the_database_keeps_what_was_proposed_and_answered(
    session: Session, means: Means, people: Mapping[str, Actor], product: catalog.DataProduct, statement: str
) -> None:
    propose(session, means, people["ann"], looser(product))
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(statement))
