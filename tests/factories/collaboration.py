"""People who work together, and the things they speak about, with the rules in force."""

from __future__ import annotations

from dataclasses import replace

from headway import catalog, governance, identity
from headway.entrypoints.subjects import EverySubject
from headway.identity import Role
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.database import Database
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.governance import MINIMAL_RISK
from tests.factories.identity import join

LEADS = Ref("usecase", "leads")


def ruled(parts: Parts) -> Parts:
    """The parts with the real rules, real tokens and everything that references name."""
    authorizer = identity.CedarAuthorizer(parts.database)
    subjects = EverySubject(authorizer, parts.jobs, lambda: catalog.lake_of(parts))
    return replace(parts, authorizer=authorizer, authenticate=identity.authenticate, subjects=subjects)


def open_leads(database: Database, owner: str | None = None, sponsor: str | None = None) -> Ref:
    """The use case ``leads`` of the department ``sales``."""
    with database.session() as session:
        identity.ensure_department(session, SYSTEM, "sales")
        governance.open_usecase(
            session,
            SYSTEM,
            slug="leads",
            title="Lead scoring",
            department="sales",
            owner=owner,
            sponsor=sponsor,
            risk=MINIMAL_RISK,
        )
    return LEADS


def colleague(database: Database, name: str, role: Role = Role.employee, department: str | None = "sales") -> Actor:
    """A person with one role."""
    return join(database, name, (role, department))[0]
