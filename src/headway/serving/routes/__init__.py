"""Serving over HTTP: deployments, grants, decisions and their chain, outcomes, snapshots."""

from __future__ import annotations

from headway.serving.routes import decisions, deployments, grants, stopping

routers = (deployments.router, stopping.router, grants.router, decisions.router)
