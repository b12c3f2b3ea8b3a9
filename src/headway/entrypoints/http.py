"""The control plane's HTTP application: it mounts the domains' routes and turns errors into problem+json."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from headway import __version__
from headway.catalog.access.routes import router as data_access_router
from headway.catalog.changes.routes import router as contract_changes_router
from headway.catalog.connectors.routes import router as ports_router
from headway.catalog.keeping.routes import router as keeping_router
from headway.catalog.minima.routes import router as minima_router
from headway.catalog.odps.routes import router as descriptors_router
from headway.catalog.quarantine.routes import router as quarantine_router
from headway.catalog.repairs.routes import router as repairs_router
from headway.catalog.routes import router as catalog_router
from headway.collaboration.routes import routers as collaboration_routers
from headway.dossiers.routes import router as dossiers_router
from headway.entrypoints import pages, refusals
from headway.entrypoints.guard import Guard
from headway.entrypoints.idempotency import IdempotencyKeys
from headway.entrypoints.pages import company
from headway.entrypoints.pages.errors import MEDIA, answer, is_page, tell
from headway.governance.assessments.routes import router as assessments_router
from headway.governance.council.routes import routers as council_routers
from headway.governance.mandates.routes import routers as mandates_routers
from headway.governance.risks.routes import router as risks_router
from headway.governance.routes import routers as governance_routers
from headway.identity.routes import routers as identity_routers
from headway.incidents.routes import routers as incidents_routers
from headway.kernel.errors import (
    Conflict,
    Denied,
    Fault,
    HeadwayError,
    Invalid,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
    problem,
)
from headway.kernel.ids import new_id
from headway.kernel.logs import logger
from headway.kernel.routes import router as jobs_router
from headway.ledger.routes import router as ledger_router
from headway.monitoring.routes import router as monitoring_router
from headway.portfolio.allocation.routes import router as allocation_router
from headway.portfolio.replay.routes import router as replay_router
from headway.portfolio.routes import router as portfolio_router
from headway.registry.routes import router as registry_router
from headway.scaling.routes import router as scaling_router
from headway.serving.routes import routers as serving_routers
from headway.value.projections.routes import router as projections_router
from headway.value.routes import router as value_router

if TYPE_CHECKING:
    from headway.kernel.web import Parts

PREFIX = "/api/v1"
_BY_STATUS: dict[int, type[HeadwayError]] = {
    401: Unauthenticated,
    403: Denied,
    404: NotFound,
    405: Invalid,
    409: Conflict,
    413: TooLarge,
    503: Unavailable,
}


def create_app(parts: Parts) -> FastAPI:
    """Build the application around the parts of a running control plane."""
    app = _bare(openapi_url=None)
    app.router.routes.extend(_routes().router.routes)
    if parts.company is not None:
        app.include_router(company.router)  # in no other home do these addresses exist
    app.state.parts = parts
    _errors(app)
    app.add_middleware(IdempotencyKeys, parts=parts)
    app.add_middleware(Guard, parts=parts)
    app.add_middleware(GZipMiddleware, minimum_size=500, compresslevel=6)
    return app


@cache
def _routes() -> FastAPI:
    """Every route, read once a process: what it takes from a request takes seconds to work out, and knows no parts."""
    app = _bare(openapi_url=None)
    app.router.routes.extend(described().router.routes)
    _health(app)
    pages.mount(app)
    return app


def _bare(*, openapi_url: str | None) -> FastAPI:
    return FastAPI(
        title="Headway",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=openapi_url,
        redirect_slashes=False,  # an address of the API that is not there is answered with 404
    )


@cache
def described() -> FastAPI:
    """The routes of the API alone, enough to describe it; the same in the whole process, so that it is described once."""
    app = _bare(openapi_url=f"{PREFIX}/openapi.json")
    for router in (
        *identity_routers,
        ledger_router,
        *governance_routers,
        *mandates_routers,
        assessments_router,
        *council_routers,
        risks_router,
        catalog_router,
        contract_changes_router,
        descriptors_router,
        data_access_router,
        ports_router,
        quarantine_router,
        minima_router,
        repairs_router,
        keeping_router,
        registry_router,
        *serving_routers,
        portfolio_router,
        replay_router,
        allocation_router,
        monitoring_router,
        *incidents_routers,
        value_router,
        projections_router,
        scaling_router,
        dossiers_router,
        *collaboration_routers,
        jobs_router,
    ):
        app.include_router(router, prefix=PREFIX)
    return app


def _health(app: FastAPI) -> None:
    @app.get("/healthz", include_in_schema=False)
    def healthz() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    @app.get("/readyz", include_in_schema=False)
    def readyz(request: Request) -> Response:
        try:
            with request.app.state.parts.database.session() as session:
                session.connection()
        except Exception as error:  # noqa: BLE001  any failure means not ready, and is told
            return JSONResponse({"status": "not ready", "why": f"database: {type(error).__name__}"}, 503)
        return JSONResponse({"status": "ready"})


def _errors(app: FastAPI) -> None:
    @app.exception_handler(HeadwayError)
    def told(request: Request, error: HeadwayError) -> Response:
        refusals.record(request, error)
        refusals.tell_by_name(request, error)
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> Response:
        faults = [
            Fault(
                rule=str(e["type"]),
                column=".".join(str(p) for p in e["loc"][1:]) or None,
                message=str(e["msg"]),
                value=_short(e.get("input")),
            )
            for e in error.errors()
        ]
        told = "; ".join(f"{f.column}: {f.message}" for f in faults)
        return answer(request, Invalid(f"the request is malformed: {told}", faults=faults))

    @app.exception_handler(HTTPException)
    def framework(request: Request, error: HTTPException) -> Response:
        kind = _BY_STATUS.get(error.status_code, Invalid)
        made = kind(f"{request.method} {request.url.path}: {error.detail}")
        if is_page(request):
            return tell(request, made)
        body = problem(made)
        body["status"] = error.status_code
        return JSONResponse(body, error.status_code, media_type=MEDIA, headers=error.headers)

    @app.exception_handler(DataError)
    def untakable(request: Request, error: DataError) -> Response:
        logger("http").warning("request.untakable", path=request.url.path, why=type(error.orig).__name__)
        words = "a value of the request cannot be kept: a number is out of range, or a text holds a zero byte"
        return answer(request, Invalid(words, hint="send smaller numbers, and texts without zero bytes"))

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        incident = new_id("err")
        logger("http").exception("request.failed", incident=incident, path=request.url.path, exc_info=error)
        told = HeadwayError(
            "something went wrong in Headway itself", hint=f"look for {incident} in the log of the server"
        )
        return answer(request, told)


def _short(value: object) -> str | None:
    if value is None or isinstance(value, dict | list):
        return None
    return str(value)[:200]
