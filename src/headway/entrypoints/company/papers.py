"""What Northwind handed over before today: the documents of three use cases, the bundles for the auditor, and a board pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headway.entrypoints.company.inventory import Act, Doing
from headway.entrypoints.company.plan import LIVE, Plan
from headway.entrypoints.company.scene import Scene

KINDS = ("annex_iv", "dpia", "model_risk", "fria", "ll144_summary")
PAPERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "lead-scoring": ("lena", KINDS),
    "applicant-screening": ("ruth", KINDS),
    "payment-fraud-check": ("felix", KINDS),
}
"""By use case: who makes which documents. One that is not owed says why."""


def acts(plan: Plan) -> Iterator[Act]:
    """In the last days: heads make documents, the auditor takes bundles, the AI office makes the pack of the quarter that ended."""
    for number, (usecase, (who, kinds)) in enumerate(PAPERS.items()):
        yield Act(LIVE - 3, 9 + number, _making(usecase, who, kinds))
        yield Act(LIVE - 2, 9 + number, _bundling(usecase))
    yield Act(LIVE - 1, 10, lambda scene: _board_pack(scene, plan))


def _making(usecase: str, who: str, kinds: tuple[str, ...]) -> Doing:
    def act(scene: Scene) -> None:
        for kind in kinds:
            scene.as_(who).post(f"/usecases/{usecase}/dossiers", {"kind": kind})

    return act


def _bundling(usecase: str) -> Doing:
    def act(scene: Scene) -> None:
        amelie = scene.as_("amelie")
        amelie.wait(amelie.post(f"/usecases/{usecase}/audit-bundle")["job"])

    return act


def _board_pack(scene: Scene, plan: Plan) -> None:
    mira = scene.as_("mira")
    mira.wait(mira.post("/board-packs", {"quarter": ended_before(plan)})["job"])


def ended_before(plan: Plan) -> str:
    """The last quarter that was over before the company's today."""
    day = plan.day(LIVE)
    passed = (day.month - 1) // 3
    return f"{day.year}-Q{passed}" if passed else f"{day.year - 1}-Q4"
