"""Puts the parts of a control plane together and names the jobs: the only module that knows every domain."""

from __future__ import annotations

from headway import (
    catalog,
    collaboration,
    dossiers,
    governance,
    identity,
    incidents,
    ledger,
    monitoring,
    portfolio,
    registry,
    scaling,
    serving,
)
from headway.catalog import access, changes, connectors, keeping, repairs
from headway.entrypoints import home
from headway.entrypoints.pages import words
from headway.entrypoints.subjects import EverySubject
from headway.governance import council, mandates
from headway.kernel import staging
from headway.kernel.auth import SYSTEM
from headway.kernel.database import Database
from headway.kernel.errors import Conflict
from headway.kernel.jobs import Jobs
from headway.kernel.settings import Settings
from headway.kernel.storage import Storage
from headway.kernel.web import Parts


def build(settings: Settings, database_url: str) -> Parts:
    """Build the parts on a database that has this version's tables."""
    collaboration.check_mail(settings)
    company = home.company_of(settings.home)
    ledger.belong_to(company)
    database = Database(database_url)
    _check_company(database, company)
    jobs = Jobs(database)
    authorizer = identity.CedarAuthorizer(database)
    parts = Parts(
        settings=settings,
        database=database,
        storage=Storage(settings.storage),
        signer=home.read_keys(settings),
        jobs=jobs,
        authorizer=authorizer,
        authenticate=identity.authenticate,
        halted=serving.halted,
        company=company,
        subjects=EverySubject(authorizer, jobs, lambda: catalog.lake_of(parts)),
    )
    jobs.define(catalog.REGISTER, catalog.register_job)
    jobs.define(connectors.READ, connectors.port_job)
    jobs.define(keeping.KEEP, keeping.keep_job)
    jobs.define(repairs.LOOK, repairs.look_job)
    jobs.define("pilot", portfolio.pilot_job)
    jobs.define("scale", scaling.scale_job)
    jobs.define(portfolio.REPLAY, portfolio.replay_job)
    jobs.define(dossiers.JOB, dossiers.dossier_job)
    jobs.define("training", registry.training_job)
    jobs.define(collaboration.DELIVERY, collaboration.delivery_job(lambda language: words.catalog(language).gettext))
    jobs.define(ledger.VERIFY, ledger.verify_job)
    jobs.define(monitoring.JOB, monitoring.monitoring_job)
    jobs.define(incidents.JOB, incidents.counting_job)
    jobs.bind(parts)
    return parts


def _check_company(database: Database, company: str | None) -> None:
    """Refuse a database of real life in the home of a simulated company: in such a home anybody can be anybody."""
    if company is None:
        return
    with database.session() as session:
        prepared = ledger.find(session, type="home.prepared", limit=1).items
    if not prepared or (prepared[0].payload or {}).get("simulated_company") != company:
        database.close()
        raise Conflict(
            f"the database is not that of {company}, with which this home was filled",
            hint="unset HEADWAY_DATABASE_URL, or use the HEADWAY_HOME that belongs to the database",
        )


def publish(parts: Parts) -> None:
    """Tell nodes what changed, once; safe to repeat and to run in two processes at once."""
    serving.publish_due(parts)


def housekeeping(parts: Parts) -> None:
    """Do what is due, once: take in decision logs, judge days that are over, end pilots and plans whose job ended, forget
    uploads, read the input ports that are due, fill the tree, tell people, ask the operate gate, look after snapshots.

    Every step is safe to repeat and to run in two processes at once; each holds its own lock.
    """
    serving.take_in_due(parts)
    monitoring.watch_due(parts)
    settle(parts)
    serving.operate_due(parts)
    with parts.database.session() as session:
        keeping.keep_due(session, parts.jobs)


def settle(parts: Parts) -> None:
    """The part of the housekeeping that follows from what is in the tables: end pilots whose job ended, tell refusals that
    came again, forget uploads, fill the tree, tell people.
    """
    with parts.database.session() as session:
        portfolio.settle_pilots(session, parts.jobs)
        scaling.settle_plans(session, parts.jobs)
        dossiers.settle_dossiers(session, parts.jobs)
        governance.tell_repeats(session)
        governance.settle_exceptions(session, SYSTEM)
        mandates.tell_due(session, SYSTEM)
        access.tell_due(session, SYSTEM)
        incidents.remind_due(session)
        council.plan_due(session)
        council.settle_council(session)
        council.remind_due(session)
        registry.follow_approvals(session, parts.storage, parts.signer)
        catalog.forget_due_uploads(session, parts.storage)
        connectors.settle_runs(session, parts.jobs)
        connectors.run_due(session, parts.jobs)
        staging.sweep(session, parts.storage)
    changes.settle_changes(parts)
    trusted = ledger.read_trust(parts.settings.trust_file)
    ledger.sequence(parts.database, parts.storage, parts.signer, trusted=trusted)
    collaboration.notify_due(parts)
