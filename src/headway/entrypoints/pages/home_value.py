"""What hold-outs measured, for the home page; fetched once the page stands, because outcomes are counted for it."""

from __future__ import annotations

from fastapi import APIRouter, Response

from headway import catalog, governance, portfolio, serving
from headway.entrypoints.pages import govern
from headway.entrypoints.pages.home_parts import ROWS, Row
from headway.entrypoints.pages.usecase_value import money, spread
from headway.entrypoints.pages.viewer import CurrentViewer, Viewer
from headway.kernel.listing import ListQuery
from headway.kernel.web import Tx
from headway.value import DeploymentValue, EvidenceLevel

router = APIRouter(include_in_schema=False)


@router.get("/home/value")
def show_measured(viewer: CurrentViewer, tx: Tx) -> Response:
    """What the newest deployments at work were worth, where their hold-out tells."""
    within = govern.need_somewhere(viewer, tx, "outcome:read")
    decided = govern.need_somewhere(viewer, tx, "decision:read")
    within = within if decided is None else decided if within is None else within & decided
    asked = ListQuery(filters={"state": ("active",)}, sort="environment", limit=ROWS, within=within)
    rows = []
    for one in serving.find_deployments(tx, asked).items:
        lake = catalog.lake_of(viewer.parts)
        found = portfolio.deployment_value(tx, lake, name=one.name, environment=one.environment)
        if found.level in (EvidenceLevel.measured, EvidenceLevel.refuted):
            rows.append(_row(viewer, found, governance.get_usecase(tx, one.usecase).title))
    return viewer.page("home/value.html", title=viewer.gettext("Measured value"), rows=rows)


def _row(viewer: Viewer, found: DeploymentValue, title: str) -> Row:
    place = f"{found.environment}/{found.deployment}"
    note = found.why[0]
    if found.worth is not None:
        note = viewer.gettext(
            "%(net)s (%(range)s) for %(cases)s cases",
            net=money(viewer, found.worth.net.expected),
            range=spread(viewer, found.worth.net),
            cases=found.worth.cases,
        )
    return Row(
        text=title,
        href=f"/usecases/{found.usecase}/value?deployment={place}",
        state=found.level.value,
        note=note,
    )
