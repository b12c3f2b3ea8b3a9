"""Programmes, mandates, risk appetite and decision rights over HTTP."""

from headway.governance.mandates.routes import appetites, programmes, rights

routers = (
    programmes.router,
    programmes.mandates,
    programmes.intake,
    appetites.router,
    appetites.stakes,
    rights.router,
)

__all__ = ["routers"]
