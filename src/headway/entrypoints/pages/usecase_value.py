"""What a use case was worth: promised and measured side by side, the arms, the checks, and each step between."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from headway import catalog, documents, governance, portfolio
from headway.entrypoints.pages import govern, words
from headway.entrypoints.pages.usecase import frame
from headway.entrypoints.pages.viewer import CurrentViewer, Viewer
from headway.kernel.money import Money
from headway.kernel.web import Tx
from headway.serving import Deployment
from headway.value import ArmValue, DeploymentValue, Range

router = APIRouter(include_in_schema=False)
LONGEST_WINDOW_DAYS = 3660
ALARM = 0.001


@router.get("/usecases/{slug}/value")
def show_value(slug: str, viewer: CurrentViewer, tx: Tx, deployment: str = "", window_days: str = "") -> Response:
    """What a use case was worth; ``deployment`` (environment/name) says which of several is looked at."""
    case = governance.get_usecase(tx, slug)
    for kind in ("decision", "outcome"):
        viewer.permit(f"{kind}:read", govern.about(case, kind))
    places = portfolio.valued_deployments(tx, slug)
    chosen = next((one for one in places if _place(one) == deployment), places[0] if places else None)
    window = int(window_days) if window_days.isdecimal() and 0 < int(window_days) <= LONGEST_WINDOW_DAYS else None
    found = None
    if chosen is not None:
        found = portfolio.deployment_value(
            tx, catalog.lake_of(viewer.parts), name=chosen.name, environment=chosen.environment, window_days=window
        )
    return viewer.page(
        "usecases/value.html",
        **frame(viewer, tx, case, "value"),
        found=found,
        place=_place(chosen) if chosen else "",
        tabs=[(f"{one.name}, {viewer.gettext(one.environment)}", _place(one)) for one in places],
        promise=found.promise if found else portfolio.promise_of(tx, slug, None),
        window=window,
        chart=waterfall(viewer, found) if found else None,
        behind={arm.arm: decisions_behind(found, arm) for arm in arms_of(found)} if found else {},
        money=lambda text: money(viewer, text),
        spread=lambda amounts: spread(viewer, amounts),
        chance=lambda p: chance(viewer, p),
        may_rates=viewer.may_everywhere("rate:read"),
        may_deploy=viewer.may("deployment:deploy", govern.about(case, "deployment", environment="sandbox"))
        or viewer.may("deployment:deploy", govern.about(case, "deployment", environment="production")),
    )


def _place(one: Deployment) -> str:
    return f"{one.environment}/{one.name}"


def arms_of(found: DeploymentValue) -> list[ArmValue]:
    """The arms that are compared."""
    return [arm for arm in (found.champion, found.hold_out) if arm is not None]


def decisions_behind(found: DeploymentValue, arm: ArmValue) -> str:
    """The address of the list of the decisions that an arm's figures were counted from."""
    asked = {
        "deployment": found.deployment,
        "environment": found.environment,
        "arm": arm.arm,
        "at": f"{found.since.isoformat()}..",
    }
    return "/decisions?" + urlencode(asked)


def money(viewer: Viewer, text: str) -> str:
    """An amount as people of the viewer's language write it."""
    told = Money.parse(text)
    with words.speaking(viewer.looks.language):
        return words.money(told.amount, told.currency)


def spread(viewer: Viewer, amounts: Range) -> str:
    """The interval of an amount."""
    return viewer.gettext("%(low)s to %(high)s", low=money(viewer, amounts.low), high=money(viewer, amounts.high))


def chance(viewer: Viewer, p: float) -> str:
    """A p value with its sign, as people of the viewer's language write it."""
    with words.speaking(viewer.looks.language):
        return f"< {words.number(ALARM, 3)}" if p < ALARM else f"= {words.number(p, 3)}"


def waterfall(viewer: Viewer, found: DeploymentValue) -> documents.Figure | None:
    """The steps from what was projected to what was measured; None without both."""
    if found.worth is None or not found.worth.steps:
        return None
    names = step_names(viewer)
    currency = Money.parse(found.worth.cost).currency
    chart = documents.WaterfallChart(
        title=viewer.gettext("From projected to measured value"),
        steps=tuple(
            documents.Step(name=names[step.name], amount=float(amount_of(step.amount)), is_total=step.is_total)
            for step in found.worth.steps
        ),
        unit=documents.Unit(kind="money", currency=currency, digits=0),
    )
    return documents.figure(chart, locale=viewer.looks.language, name="waterfall")


def amount_of(text: str) -> Decimal:
    """The number of an amount, for drawing."""
    return Money.parse(text).amount


def step_names(viewer: Viewer) -> dict[str, str]:
    """The steps of the waterfall in a few words."""
    _ = viewer.gettext
    return {
        "projected": _("Projected"),
        "cases": _("Cases really decided"),
        "rates": _("Success really seen"),
        "costs": _("Costs really made"),
        "running": _("Cost of running"),
        "measured": _("Measured"),
    }
