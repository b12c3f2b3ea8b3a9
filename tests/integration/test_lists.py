"""The lists of every domain on one filled home, against what their entities say one by one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from headway import catalog, governance, identity, ledger, portfolio, registry, serving
from headway.governance import ApprovalState, Tier
from headway.kernel.auth import SYSTEM
from headway.kernel.database import Database
from headway.kernel.ids import Ref
from headway.kernel.jobs import Jobs
from headway.kernel.listing import BadListing, Beside, ListQuery
from tests.factories.governance import ANA, open_usecase
from tests.factories.inventory import DEPARTMENTS, fill

SALES = frozenset({"sales"})
ALL = 1000


@pytest.fixture(scope="module")
def home(_shared_database: Database) -> Iterator[Session]:
    """A session on a filled home."""
    with _shared_database.engine.connect() as connection, connection.begin() as outer:
        with Session(bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as made:
            fill(made, 90)
            yield made
        outer.rollback()


@pytest.fixture
def changed(home: Session) -> Iterator[Session]:
    """The filled home, to be changed: it is put back afterwards."""
    with home.begin_nested() as inner:
        yield home
        inner.rollback()


def test_tiers_and_open_lines_in_sql_are_those_of_the_entities(home: Session) -> None:
    every = governance.find_usecases(home, ListQuery(limit=ALL)).items
    assert len(every) == 90
    assert {case.tier for case in every} == set(Tier) - {Tier.prohibited}
    assert every[:3] == tuple(governance.get_usecase(home, case.slug) for case in every[:3])
    for tier in Tier:
        found = governance.find_usecases(home, ListQuery(limit=ALL, filters={"tier": (tier.value,)}))
        assert [case.slug for case in found.items] == [case.slug for case in every if case.tier is tier]
    for lines in range(10):
        found = governance.find_usecases(home, ListQuery(limit=ALL, filters={"missing": (str(lines),)}))
        assert [case.slug for case in found.items] == [case.slug for case in every if len(case.missing) == lines]


def test_the_inventory_is_searched_in_all_its_words_and_kept_to_departments(home: Session) -> None:
    found = governance.find_usecases(home, ListQuery(search="chURN fore", within=frozenset({"hr", "legal"}), limit=7))
    assert found.total == 15
    assert {case.department for case in found.items} == {"hr"}
    owners = governance.find_usecases(home, ListQuery(filters={"owner": ("-",)}, limit=ALL))
    assert owners.total and all(case.owner is None for case in owners.items)
    with pytest.raises(BadListing) as caught:
        governance.find_usecases(home, ListQuery(sort="colour", filters={"tier": ("purple",)}))
    assert [fault.column for fault in caught.value.faults] == ["sort", "tier"]


def test_a_domain_above_adds_a_column_to_the_inventory(home: Session) -> None:
    stage = Beside(values={"case-0003": "live", "case-0001": "pilot"}, choices=("pilot", "live"))
    found = governance.find_usecases(home, ListQuery(sort="stage"), beside={"stage": stage})
    assert [case.slug for case in found.items[:2]] == ["case-0003", "case-0001"]
    live = governance.find_usecases(home, ListQuery(filters={"stage": ("live",)}), beside={"stage": stage})
    assert [case.slug for case in live.items] == ["case-0003"]


def test_approvals_are_found_by_state_and_department(home: Session) -> None:
    found = governance.find_approvals(home, ListQuery(filters={"state": ("requested",)}, within=SALES, limit=ALL))
    assert found.items and {one.state for one in found.items} == {ApprovalState.requested}
    departments = governance.usecase_departments(home)
    assert {departments[one.usecase] for one in found.items} == SALES
    assert found.items[0] == governance.get_approval(home, found.items[0].id)
    assert [one.id for one in found.items] == sorted((one.id for one in found.items), reverse=True)


def test_models_versions_and_releases_know_their_department(home: Session) -> None:
    departments = governance.usecase_departments(home)
    models = registry.find_models(home, ListQuery(within=SALES, sort="versions", descending=True, limit=ALL)).items
    assert models and {departments[str(model.usecase)] for model in models} == SALES
    assert models[0] == registry.get_model(home, models[0].name)
    assert [model.versions for model in models] == sorted((model.versions for model in models), reverse=True)
    by_filter = registry.find_models(home, ListQuery(filters={"department": ("sales",)}, limit=ALL)).items
    assert {model.name for model in by_filter} == {model.name for model in models}
    versions = registry.find_versions(home, ListQuery(filters={"model": (models[0].name,)})).items
    assert [version.version for version in versions] == list(range(models[0].versions, 0, -1))
    out = registry.find_versions(home, ListQuery(filters={"released": ("sandbox",)}, limit=ALL)).items
    releases = registry.find_releases(home, ListQuery(filters={"status": ("released",)}, limit=ALL)).items
    assert out and {version.digest for version in out} == {release.digest for release in releases}
    assert releases[0] == registry.get_release(home, releases[0].id)


def test_a_revoked_release_says_so_in_the_list(changed: Session) -> None:
    release = registry.find_releases(changed, ListQuery(limit=1)).items[0]
    governance.revoke(changed, ANA, release.digest, "wrong data")
    again = registry.find_releases(changed, ListQuery(limit=1)).items[0]
    assert (again.id, again.revoked_because) == (release.id, "wrong data")


def test_an_alias_finds_its_model(changed: Session) -> None:
    model = registry.find_models(changed, ListQuery(limit=1)).items[0]
    registry.set_alias(changed, ANA, model=model.name, alias="champion", version=1)
    found = registry.find_models(changed, ListQuery(filters={"alias": ("champion",)}))
    assert [(one.name, dict(one.aliases)) for one in found.items] == [(model.name, {"champion": 1})]


def test_deployments_pilots_and_products_are_found(home: Session) -> None:
    active = serving.find_deployments(home, ListQuery(filters={"state": ("active",)}, limit=ALL))
    assert active.items and {one.state.value for one in active.items} == {"active"}
    mine = serving.find_deployments(home, ListQuery(within=SALES, limit=ALL)).items
    departments = governance.usecase_departments(home)
    assert mine and {departments[one.usecase] for one in mine} == SALES
    pilots = portfolio.find_pilots(home, ListQuery(filters={"usecase": ("case-0004",)}))
    assert [pilot.id for pilot in pilots.items] == ["plt_case-0004"]
    products = catalog.find_products(home, ListQuery(filters={"rows": ("1000..1002",)}, sort="rows"))
    assert [product.rows for product in products.items] == [1000, 1001, 1002]
    assert products.items[0] == catalog.get_product(home, products.items[0].slug)
    assert portfolio.find_pilots(home, ListQuery(within=frozenset())).total == 0


def test_people_are_found_by_what_they_hold(home: Session) -> None:
    heads = identity.find_people(home, ListQuery(filters={"role": ("department_head",)}, limit=ALL)).items
    assert heads and all(
        "department_head" in {held.role for held in identity.roles_of(home, person.ref)} for person in heads
    )
    in_sales = identity.find_people(home, ListQuery(within=SALES, limit=ALL)).items
    again = identity.find_people(home, ListQuery(filters={"department": ("sales",)}, limit=ALL)).items
    assert in_sales and in_sales == again
    idle = identity.find_people(home, ListQuery(filters={"role": ("-",)}, search="person", limit=ALL)).items
    assert idle and not any(identity.roles_of(home, person.ref) for person in idle)
    gone = identity.find_people(home, ListQuery(filters={"active": ("false",)}, limit=ALL)).items
    assert gone and not any(person.is_active for person in gone)
    assert [p.name for p in identity.find_people(home, ListQuery(search="P1@EXAMPLE")).items] == ["Person 1"]


def test_events_are_found_by_the_start_of_their_type_and_by_day(changed: Session) -> None:
    for slug in ("churn", "leads"):
        open_usecase(changed, slug=slug)
    governance.classify(changed, ANA, "churn")
    found = ledger.find_events(changed, ListQuery(filters={"type": ("usecase.", "tier."), "actor": (ANA.ref,)}))
    assert [event.type for event in found.items] == ["tier.decided", "usecase.opened", "usecase.opened"]
    about = ledger.find_events(changed, ListQuery(filters={"subject": ("usecase:churn",)}, sort="at"))
    assert [event.type for event in about.items] == ["usecase.opened", "tier.decided"]
    assert about.items[0] == ledger.get_event(changed, about.items[0].id)
    past = ledger.find_events(changed, ListQuery(filters={"at": ("..2001-01-01",)}))
    assert past.total == 0
    assert ledger.find_events(changed, ListQuery(within=frozenset(DEPARTMENTS))).total == 0


def test_jobs_are_found_by_who_asked(session: Session, database: Database) -> None:
    jobs = Jobs(database)
    jobs.define("sort", lambda context, payload: {})
    ids = [jobs.enqueue(session, "sort", {}, actor=actor) for actor in (ANA, SYSTEM)]
    found = jobs.find(session, ListQuery(filters={"actor": (ANA.ref,), "status": ("queued",)}))
    assert [job.id for job in found.items] == ids[:1]
    assert jobs.find(session, ListQuery(search="sort", sort="created_at")).total == 2


def test_a_search_through_lists_takes_hostile_words(home: Session) -> None:
    for word in ("'; drop table x; --", "%", "_", "\\", "\U0001f600"):
        found = governance.find_usecases(home, ListQuery(search=word))
        assert found.total == 0
    assert ledger.find_events(home, ListQuery(search=str(Ref("usecase", "case-0001")))).total >= 1
