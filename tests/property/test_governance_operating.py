"""Over any history of controls lost and passed: never stopped before its warning and grace, at the first run after, cleared at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from headway.governance import FindingState, operating
from headway.governance.operating import Key, Loss

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
GRACE: dict[str, int | None] = {"A": 0, "B": 1, "C": 14, "D": None}
KEYS = {name: Key(pack="p", control=name) for name in GRACE}
LOST = {
    name: Loss(key=KEYS[name], title=name, reason="lost", remedy="mend it", grace_days=grace)
    for name, grace in GRACE.items()
}
RUN = st.tuples(
    st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=9)), st.frozensets(st.sampled_from("ABCD"))
)


@dataclass
class World:
    """What the database would hold between runs."""

    open: dict[Key, datetime] = field(default_factory=dict)
    states: dict[Key, FindingState] = field(default_factory=dict)
    warned_first: dict[Key, datetime] = field(default_factory=dict)

    def run(self, at: datetime, lost: frozenset[str]) -> operating.Step:
        made = operating.step(self.open, [LOST[name] for name in sorted(lost)], at=at, begun=BEGIN)
        self.open = {key: stand.since for key, stand in made.lost.items()}
        self.states = {key: stand.state for key, stand in made.lost.items()}
        return made


@given(st.lists(RUN, min_size=1, max_size=40))
def test_any_history_warns_then_stops_then_clears(history: list[tuple[timedelta, frozenset[str]]]) -> None:
    world, at = World(), BEGIN + timedelta(days=1)
    lost_since: dict[Key, datetime] = {}  # told apart from what the code under test keeps
    for passed, lost in history:
        at += passed
        before = set(world.open)
        made = world.run(at, lost)
        now_lost = {KEYS[name] for name in lost}
        for key in list(lost_since):
            if key not in now_lost:
                del lost_since[key]
        for key in now_lost:
            lost_since.setdefault(key, at)
        # cleared exactly when it passes again
        assert set(world.open) == now_lost
        assert set(made.cleared) == before - now_lost
        for key, stand in made.lost.items():
            grace = GRACE[key.control]
            assert stand.since == lost_since[key]
            is_over = grace is not None and at >= lost_since[key] + timedelta(days=grace)
            assert (stand.state is FindingState.suspended) == is_over


@given(st.lists(st.timedeltas(timedelta(minutes=1), timedelta(days=9)), min_size=3, max_size=30), st.integers(1, 28))
def test_nobody_wins_grace_by_taking_it_away(gaps: list[timedelta], away_at: int) -> None:
    """Of a control that is lost all the time, the days are counted on when its subject was away at a run."""
    at, loss, key = BEGIN + timedelta(days=1), LOST["C"], KEYS["C"]
    steady: dict[Key, datetime] = {}
    moved: dict[Key, datetime] = {}
    gone: dict[Key, datetime] = {}
    for number, passed in enumerate(gaps):
        at += passed
        always = operating.step(steady, [loss], at=at, begun=BEGIN).lost
        steady = {key: stand.since for key, stand in always.items()}
        if number == away_at:
            gone, moved = moved, {}
            continue
        back = operating.step(moved, [loss], at=at, begun=BEGIN, taken_away=gone).lost
        moved = {key: stand.since for key, stand in back.items()}
        assert back[key] == always[key]
