"""The fixtures and the database's own behaviour."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from headway.kernel.database import Database
from headway.kernel.web import Parts


def test_session_commits_at_the_end_and_rolls_back_on_an_error(database: Database) -> None:
    with database.session() as session:
        session.execute(text("create table public.kept (n int)"))
    with pytest.raises(RuntimeError), database.session() as session:
        session.execute(text("insert into public.kept values (1)"))
        raise RuntimeError("the edge failed")
    with database.session() as session:
        assert session.scalar(text("select count(*) from public.kept")) == 0


@pytest.mark.parametrize("turn", [1, 2])
def test_rolled_back_session_leaves_nothing_for_the_next_test(session: Session, turn: int) -> None:
    assert session.scalar(text("select to_regclass('public.left_over')")) is None
    session.execute(text("create table public.left_over (n int)"))
    session.commit()


def test_advisory_lock_is_held_by_one_connection_at_a_time(database: Database) -> None:
    with database.try_lock(77) as first, database.try_lock(77) as second:
        assert (first, second) == (True, False)
    with database.try_lock(77) as again:
        assert again


def test_times_come_back_in_utc(session: Session) -> None:
    assert session.scalar(text("show timezone")) == "UTC"


def test_parts_share_the_database_of_the_test(parts: Parts, session: Session) -> None:
    assert session.scalar(text("select current_database()")) in parts.database.url
