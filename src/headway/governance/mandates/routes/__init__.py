"""Programmes, mandates, risk appetite and decision rights over HTTP."""

from headway.governance.mandates.routes import programmes

routers = (programmes.router, programmes.mandates, programmes.intake)

__all__ = ["routers"]
