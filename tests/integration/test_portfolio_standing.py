"""Stages and blockers of a filled home, against each use case looked at alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from headway import governance, portfolio
from headway.kernel import clock
from headway.kernel.database import Database
from headway.kernel.listing import BadListing, ListQuery
from headway.portfolio import BlockerKind, Stage
from headway.registry.tables import ReleaseRow
from headway.serving.tables import DeploymentRow
from tests.factories.governance import ANA
from tests.factories.inventory import approve, fill


@pytest.fixture(scope="module")
def filled(_shared_database: Database) -> Iterator[Session]:
    with _shared_database.engine.connect() as connection, connection.begin() as outer:
        with Session(bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as made:
            fill(made, 60)
            yield made
        outer.rollback()


@pytest.fixture
def home(filled: Session) -> Iterator[Session]:
    with filled.begin_nested() as inner:
        yield filled
        inner.rollback()


def test_the_list_the_counts_the_board_and_one_use_case_agree(home: Session) -> None:
    governance.retire_usecase(home, ANA, "case-0001", "given up")
    found = portfolio.find_usecases(home, ListQuery(limit=1000))
    assert found.total == 60
    told = {standing.usecase.slug: standing.stage for standing in found.items}
    assert portfolio.stages(home) == told
    assert set(told.values()) == set(Stage)
    counts = portfolio.count_stages(home, ListQuery(filters={"stage": ("live",)}))
    assert counts == {stage: list(told.values()).count(stage) for stage in Stage}
    board = portfolio.board(home, ListQuery(limit=2, sort="title"))
    for stage in Stage:
        only = portfolio.find_usecases(home, ListQuery(filters={"stage": (stage.value,)}, limit=1000, sort="title"))
        assert {standing.stage for standing in only.items} == {stage}
        assert board[stage].total == counts[stage] == only.total
        assert board[stage].items == only.items[:2]
    for standing in found.items[:10]:
        assert portfolio.get_standing(home, standing.usecase.slug) == standing


def test_the_list_is_filtered_by_what_blocks(home: Session) -> None:
    waiting = portfolio.find_usecases(home, ListQuery(filters={"blocked": ("approval",)}, limit=1000))
    assert waiting.items
    for standing in waiting.items:
        assert standing.blockers[0].kind is BlockerKind.approval
        assert standing.blockers[0].who == "person:ana"
        kept = governance.get_approval(home, str(standing.blockers[0].ref))
        assert (kept.usecase, kept.state) == (standing.usecase.slug, "requested")
    with pytest.raises(BadListing):
        portfolio.find_usecases(home, ListQuery(filters={"blocked": ("everything",)}))


def test_the_gate_a_stop_and_an_open_entry_are_told_in_order(home: Session) -> None:
    case = next(
        s
        for s in portfolio.find_usecases(home, ListQuery(filters={"blocked": ("approval",)})).items
        if s.usecase.missing
    ).usecase
    open_ones = governance.list_approvals(home, usecase=case.slug, state=governance.ApprovalState.requested).items
    answer = {"state": "approved", "approved_by": "person:ben", "decided_at": clock.now(), "reason": "read the card"}
    approve(home, [{"id": one.id, **answer} for one in open_ones])
    asked = ReleaseRow.usecase == case.slug, ReleaseRow.status == "requested"
    home.execute(update(ReleaseRow).where(*asked).values(status="approved", decided_by="person:ben"))
    home.execute(
        update(DeploymentRow)
        .where(DeploymentRow.usecase == case.slug)
        .values(state="suspended", environment="production", expires_at=None)
    )
    standing = portfolio.get_standing(home, case.slug)
    kinds = [blocker.kind for blocker in standing.blockers]
    assert kinds == sorted(kinds, key=list(BlockerKind).index)
    assert set(kinds) == {BlockerKind.gate, BlockerKind.suspended, BlockerKind.missing}
    assert standing.blockers[-1].count == len(case.missing)
    assert standing.stage is Stage.approval


def test_a_use_case_at_work_is_not_retired(home: Session) -> None:
    live = portfolio.find_usecases(home, ListQuery(filters={"stage": ("live",)})).items[0].usecase.slug
    with pytest.raises(portfolio.StillAtWork) as caught, home.begin_nested():
        portfolio.retire_usecase(home, ANA, live, "given up")
    assert caught.value.faults
    assert portfolio.stages(home, [live]) == {live: Stage.live}
    home.execute(update(DeploymentRow).where(DeploymentRow.usecase == live).values(state="retired"))
    portfolio.retire_usecase(home, ANA, live, "given up")
    standing = portfolio.get_standing(home, live)
    assert (standing.stage, standing.blockers) == (Stage.retired, ())
