"""The pages of the control plane: what people see in a browser. Each composes services of several domains; none holds a rule.

``mount`` puts them on the application. ``viewer`` is who looks, ``render`` the templates, ``tables`` and ``forms`` what
most pages are made of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headway.entrypoints.pages import (
    access,
    alerts,
    apipage,
    approvals,
    assets,
    attest,
    decisions,
    departments,
    deployment_changes,
    deployment_use,
    deployments,
    help,
    home,
    home_value,
    imports,
    inbox,
    jobs,
    ledger,
    model_version,
    models,
    monitoring,
    people,
    person_acts,
    pilot_report,
    pilot_start,
    pilots,
    policies,
    product_new,
    products,
    providers,
    rates,
    releases,
    search,
    settings,
    setup,
    setup_steps,
    signin,
    signin_elsewhere,
    style,
    tasks,
    together,
    tokens,
    trying,
    usecase,
    usecase_forms,
    usecase_risk,
    usecase_value,
    usecases,
    views,
)

if TYPE_CHECKING:
    from fastapi import FastAPI

ROUTERS = (
    assets.router,
    signin.router,
    signin_elsewhere.router,
    setup.router,
    setup_steps.router,
    home.router,
    home_value.router,
    search.router,
    jobs.router,
    pilot_start.router,
    pilot_report.router,
    pilots.router,
    product_new.router,
    products.router,
    models.router,
    model_version.router,
    style.router,
    imports.router,
    approvals.router,
    releases.router,
    policies.router,
    attest.router,
    usecases.router,
    usecase_forms.router,
    usecase_risk.router,
    usecase_value.router,
    usecase.router,
    people.router,
    person_acts.router,
    departments.router,
    access.router,
    tokens.router,
    settings.router,
    providers.router,
    rates.router,
    together.router,
    tasks.router,
    inbox.router,
    views.router,
    help.router,
    apipage.router,
    deployment_changes.router,
    deployment_use.router,
    monitoring.router,
    deployments.router,
    alerts.router,
    decisions.router,
    trying.router,
    ledger.router,
)


def mount(app: FastAPI) -> None:
    """Put all pages on the application."""
    for router in ROUTERS:
        app.include_router(router)
