"""Programmes, mandates and risk appetite over HTTP."""

from headway.governance.mandates.routes import appetites, programmes

routers = (programmes.router, programmes.mandates, programmes.intake, appetites.router, appetites.stakes)

__all__ = ["routers"]
