"""No way by which a contract that breaks its readers takes effect without their word or the time they were given.

A state machine drives the real services on a real database; an oracle beside it says, in its own words, who may answer and what
is in force. What it allows must work, what it forbids must be refused, and the database is asked as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import catalog, identity
from headway.catalog import changes, store
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.errors import HeadwayError
from headway.kernel.subjects import NoSubjects, Reader
from headway.kernel.web import Parts
from tests.factories.dose import IS_FULL
from tests.factories.governance import NOW

pytestmark = pytest.mark.timeout(3600 if IS_FULL else 300)
NAMES = ("ann", "bob", "cara", "dan", "eve")
WHO = st.sampled_from(NAMES)
WHY = "The source writes it otherwise"
NOTICE = 10
_numbers = count(1)


class Readers(NoSubjects):
    """What depends on a product, as an example says."""

    def __init__(self) -> None:
        self.people: tuple[str, ...] = ()

    def readers(self, session: Session, ref: object) -> tuple[Reader, ...]:
        return tuple(
            Reader(ref=f"model:m{n}@1", title="m", usecase=None, people=(who,)) for n, who in enumerate(self.people)
        )


def contract(least: int, version: tuple[int, int]) -> dict[str, Any]:
    """A contract whose lower bound is what its readers rely on: lower breaks them, higher does not."""
    column = {"name": "x", "logicalType": "integer", "logicalTypeOptions": {"minimum": least}}
    number = f"{version[0]}.{version[1]}.0"
    return {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "t", "version": number, "status": "active",
            "schema": [{"name": "t", "properties": [column]}]}  # fmt: skip


@dataclass
class Oracle:
    """What was done, in its own words."""

    least: int = 0
    version: tuple[int, int] = (1, 0)
    day: int = 0
    proposed: tuple[int, tuple[int, int]] | None = None
    ends: int = 0
    said: dict[str, bool | None] = field(default_factory=dict)
    handed: dict[str, str] = field(default_factory=dict)

    def may_answer(self, who: str, whose: str) -> bool:
        return (
            self.proposed is not None and self.said.get(whose, True) is None and who in (whose, self.handed.get(whose))
        )

    def follow(self) -> None:
        """A change is in force once all agree; settling also puts those in force whose time is over."""
        if self.proposed is not None and all(self.said.values()):
            self.take()

    def take(self) -> None:
        assert self.proposed is not None
        (self.least, self.version), self.proposed = self.proposed, None


def machine(parts: Parts) -> type[RuleBasedStateMachine]:
    with parts.database.session() as session:
        people = {
            name: Actor(
                ref=identity.enroll_person(session, SYSTEM, name=name, email=f"{name}@example.org").ref, name=name
            )
            for name in NAMES
        }
    names = {actor.ref: name for name, actor in people.items()}
    readers = Readers()
    here = replace(parts, subjects=readers)
    means = changes.means_of(here)

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.held = clock.fixed(NOW)
            self.now = self.held.__enter__()
            self.slug, self.oracle, self.change = f"sales.t{next(_numbers)}", Oracle(), ""
            first = contract(0, (1, 0))
            with parts.database.session() as session:
                store.save_product(
                    session, slug=self.slug, name=self.slug.partition(".")[2], department="sales",
                    contract_digest=catalog.contract_digest(first), snapshot_id=None, by=people["ann"].ref, at=NOW,
                )  # fmt: skip
                store.add_contract(session, self.slug, first, people["ann"].ref, NOW)

        def teardown(self) -> None:
            if self.oracle.proposed is not None:
                with parts.database.session() as session:
                    changes.withdraw(session, people["ann"], self.change, WHY)
            self.held.__exit__(None, None, None)

        def tried(self, act: Any, *, is_allowed: bool) -> Any:
            try:
                with parts.database.session() as session:
                    done = act(session)
            except HeadwayError as error:
                assert not is_allowed, error
                return None
            assert is_allowed, "the oracle forbids this"
            return done

        @rule(step=st.integers(-2, 2).filter(bool), consumers=st.lists(WHO, max_size=3))
        def propose(self, step: int, consumers: list[str]) -> None:
            one, is_breaking = self.oracle, step < 0
            readers.people = tuple(people[name].ref for name in consumers)
            version = (one.version[0] + 1, 0) if is_breaking else (one.version[0], one.version[1] + 1)
            draft = catalog.to_yaml(contract(one.least + step, version))
            is_allowed = one.proposed is None
            day = clock.now().date() + timedelta(days=NOTICE)
            made = self.tried(
                lambda session: changes.propose(
                    session, people["ann"], means, product=self.slug, text=draft, reason=WHY, answer_by=day, keep_days=0
                ),
                is_allowed=is_allowed,
            )
            if is_allowed:
                one.proposed, one.ends, one.handed = (one.least + step, version), one.day + NOTICE, {}
                one.said = dict.fromkeys(set(consumers) - {"ann"}) if is_breaking else {}
                self.change = made.id
                one.follow()

        @rule(who=WHO, whose=WHO, agrees=st.booleans())
        @precondition(lambda self: self.change)
        def answer(self, who: str, whose: str, agrees: bool) -> None:
            one = self.oracle
            # Who was handed one answer alone need not say whose: asking in one's own name is asking for that one.
            handed = [
                giver for giver, taker in one.handed.items() if taker == who and one.said.get(giver, True) is None
            ]
            meant = handed[0] if who == whose and who not in one.said and len(handed) == 1 else whose
            is_allowed = one.may_answer(who, meant)
            consumer, actor = people[whose].ref, people[who]
            if agrees:
                self.tried(
                    lambda s: changes.accept(s, actor, means, change_id=self.change, consumer=consumer),
                    is_allowed=is_allowed,
                )
            else:
                self.tried(
                    lambda s: changes.object_to(s, actor, self.change, WHY, consumer=consumer), is_allowed=is_allowed
                )
            if is_allowed:
                one.said[meant] = agrees
                one.follow()

        @rule(giver=WHO, taker=WHO)
        @precondition(lambda self: self.change)
        def hand_on(self, giver: str, taker: str) -> None:
            one = self.oracle
            is_allowed = one.proposed is not None and one.said.get(giver, True) is None and giver != taker
            self.tried(lambda s: changes.hand_on(s, people[giver], self.change, taker), is_allowed=is_allowed)
            if is_allowed:
                one.handed[giver] = taker

        @rule()
        @precondition(lambda self: self.change)
        def withdraw(self) -> None:
            is_allowed = self.oracle.proposed is not None
            self.tried(lambda s: changes.withdraw(s, people["ann"], self.change, WHY), is_allowed=is_allowed)
            self.oracle.proposed = None

        @rule(days=st.integers(1, NOTICE))
        def wait(self, days: int) -> None:
            self.now.advance(timedelta(days=days))
            self.oracle.day += days

        @rule()
        def settle(self) -> None:
            changes.settle_changes(here)
            if self.oracle.proposed is not None and self.oracle.day > self.oracle.ends:
                self.oracle.take()

        @rule()
        @precondition(lambda self: self.oracle.proposed is not None and self.oracle.day <= self.oracle.ends)
        def no_statement_puts_it_in_force(self) -> None:
            forced = "update catalog.contract_changes set effective_at = :at, effective_because = 'x' where id = :id"
            with pytest.raises(IntegrityError), parts.database.session() as session:
                session.execute(text(forced), {"id": self.change, "at": clock.now()})

        @invariant()
        def what_is_in_force_is_what_the_oracle_says(self) -> None:
            one = self.oracle
            with parts.database.session() as session:
                found = catalog.get_product(session, self.slug)
                assert found.contract_digest == catalog.contract_digest(contract(one.least, one.version))
                assert bool(changes.list_changes(session, self.slug).items) == bool(self.change)
                if one.proposed is not None:
                    known = {
                        names[answer.consumer]: answer.accepted
                        for answer in changes.get_change(session, self.change).answers
                    }
                    assert known == one.said
                    lists = {name: changes.list_asked(session, who.ref) for name, who in people.items()}
                    waiting = {name for name, asked in lists.items() if any(c.id == self.change for c in asked)}
                    silent = {name for name, said in one.said.items() if said is None}
                    assert waiting == silent | {one.handed[name] for name in silent if name in one.handed}

    return Machine


def test_no_order_of_acts_puts_a_breaking_change_in_force_before_its_time(parts: Parts) -> None:
    chosen = settings(
        max_examples=200 if IS_FULL else 8, stateful_step_count=10, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(machine(parts), settings=chosen)  # type: ignore[no-untyped-call]  # as hypothesis has it
