"""Puts the parts of a control plane together and names the jobs: the only module that knows every domain."""

from __future__ import annotations

from headway import catalog, collaboration, identity, ledger, monitoring, portfolio, registry, scaling, serving
from headway.entrypoints import home
from headway.entrypoints.pages import words
from headway.entrypoints.subjects import EverySubject
from headway.kernel import staging
from headway.kernel.database import Database
from headway.kernel.jobs import Jobs
from headway.kernel.settings import Settings
from headway.kernel.storage import Storage
from headway.kernel.web import Parts


def build(settings: Settings, database_url: str) -> Parts:
    """Build the parts on a database that has this version's tables."""
    collaboration.check_mail(settings)
    database = Database(database_url)
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
        subjects=EverySubject(authorizer, jobs, lambda: catalog.lake_of(parts)),
    )
    jobs.define(catalog.REGISTER, catalog.register_job)
    jobs.define("pilot", portfolio.pilot_job)
    jobs.define("scale", scaling.scale_job)
    jobs.define(portfolio.REPLAY, portfolio.replay_job)
    jobs.define("training", registry.training_job)
    jobs.define(collaboration.DELIVERY, collaboration.delivery_job(lambda language: words.catalog(language).gettext))
    jobs.define(ledger.VERIFY, ledger.verify_job)
    jobs.define(monitoring.JOB, monitoring.monitoring_job)
    jobs.bind(parts)
    return parts


def publish(parts: Parts) -> None:
    """Tell nodes what changed, once; safe to repeat and to run in two processes at once."""
    serving.publish_due(parts)


def housekeeping(parts: Parts) -> None:
    """Do what is due, once: take in decision logs, judge days that are over, end pilots and plans whose job ended, forget
    uploads, fill the tree, tell people.

    Every step is safe to repeat and to run in two processes at once; each holds its own lock.
    """
    serving.take_in_due(parts)
    monitoring.watch_due(parts)
    with parts.database.session() as session:
        portfolio.settle_pilots(session, parts.jobs)
        scaling.settle_plans(session, parts.jobs)
        catalog.forget_due_uploads(session, parts.storage)
        staging.sweep(session, parts.storage)
    trusted = ledger.read_trust(parts.settings.trust_file)
    ledger.sequence(parts.database, parts.storage, parts.signer, trusted=trusted)
    collaboration.notify_due(parts)
