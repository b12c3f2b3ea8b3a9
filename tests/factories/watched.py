"""A deployment that is watched: its days profiled as intake does it, judged as a daily run does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec

from headway import catalog, ledger, monitoring, numerics, runtime, serving
from headway.kernel import clock
from headway.kernel.listing import ListQuery
from headway.kernel.web import Parts
from headway.monitoring import RunReport
from headway.monitoring.tables import AlertRow
from headway.serving import store
from tests.factories.profiled import released_with_reference, run_of
from tests.factories.releases import DRAFT, FEATURES, make_files
from tests.factories.serving import deployed, prepare_keys

A_DAY = 40


@dataclass(slots=True)
class Company:
    """A deployment in the sandbox whose days are profiled as intake does it, and a clock that goes on by days."""

    parts: Parts
    clock: clock.FixedClock
    release: str
    seed: int = 0

    def day(self, **changed: Any) -> date:
        """Decide about some people today, and go on to the next day."""
        self.seed += 1
        today = self.clock.at.date()
        found = serving.reference_of(self.parts.storage, self.release)
        assert found is not None and found.reference is not None
        records = run_of(A_DAY, seed=self.seed, **{"pilots": 0.0, **changed})
        profile = runtime.Profiler(found.release.features, found.reference).profile(
            [msgspec.json.encode(record) for record in records], scores_of(records)
        )
        made = runtime.DayProfile(deployment="leads", release=self.release, day=today, profile=profile)
        with self.parts.database.session() as session:
            store.merge_profile(session, "sandbox", made, clock.now())
        self.clock.advance(timedelta(days=1))
        return today

    def judge(self) -> RunReport:
        with self.parts.database.session() as session:
            return monitoring.judge(
                session, self.parts.storage, catalog.lake_of(self.parts), name="leads", environment="sandbox"
            )

    def shown(self) -> monitoring.Monitoring:
        with self.parts.database.session() as session:
            return monitoring.overview(session, self.parts.storage, name="leads", environment="sandbox")

    def alerts(self, **filters: str) -> tuple[monitoring.Alert, ...]:
        with self.parts.database.session() as session:
            asked = ListQuery(filters={name: (value,) for name, value in filters.items()})
            return monitoring.find_alerts(session, asked).items

    def events(self, kind: str) -> list[ledger.Event]:
        with self.parts.database.session() as session:
            return list(ledger.find(session, type=kind).items)


def watched(parts: Parts, held: clock.FixedClock) -> Company:
    """Deploy a release with a reference as ``leads`` in the sandbox."""
    prepare_keys(parts)
    release = released_with_reference(parts)
    deployed(parts, release, holdout_share=0.0)
    return Company(parts, held, release)


def scores_of(records: list[dict[str, Any]]) -> list[float]:
    """What the small model says of records."""
    engine = runtime.load_engine(DRAFT, make_files()["model.json"])
    table = {name: [row[name] for row in records] for name in records[0]}
    raw = engine.score(runtime.Encoder(FEATURES).frame(table).values, reasons=False).raw
    scores: list[float] = numerics.calibrate(DRAFT.calibration, raw).tolist()
    return scores


def alert_row(deployment: str, version: str, *, id: str = "alr_1") -> AlertRow:
    """An open alert about a deployment in the sandbox, as a run would have left it."""
    today = clock.now().date()
    return AlertRow(
        id=id,
        environment="sandbox",
        deployment=deployment,
        release="sha256-" + "0" * 64,
        usecase="lead-scoring",
        version=version,
        kind="inputs",
        severity="warning",
        state="open",
        since=today,
        noticed_on=today,
        last_seen=today,
        quiet_days=0,
        quiet_on=None,
        is_over=False,
        columns=["balance"],
        evidence={},
        opened_at=clock.now(),
    )
