"""Puts the parts of a control plane together and names the jobs: the only module that knows every domain."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from headway import catalog, identity, ledger, portfolio, registry, serving
from headway.entrypoints.schema import migrate
from headway.kernel.crypto import Signer, load_or_create_secret, load_or_create_signer
from headway.kernel.database import Database
from headway.kernel.jobs import Jobs
from headway.kernel.settings import Settings
from headway.kernel.storage import Storage
from headway.kernel.web import Parts

CLI_TOKEN = "cli-token"  # noqa: S105  the name of a file


def build(settings: Settings, database_url: str) -> Parts:
    """Build the parts on a database that has this version's tables."""
    database = Database(database_url)
    jobs = Jobs(database)
    parts = Parts(
        settings=settings,
        database=database,
        storage=Storage(settings.storage),
        signer=prepare_keys(settings),
        jobs=jobs,
        authorizer=identity.CedarAuthorizer(database),
        authenticate=identity.authenticate,
    )
    jobs.define(catalog.REGISTER, catalog.register_job)
    jobs.define("pilot", portfolio.pilot_job)
    jobs.define("training", registry.training_job)
    jobs.bind(parts)
    return parts


def prepare_home(settings: Settings) -> None:
    """Make the home folder, readable by its owner alone."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("run", "keys", "logs"):
        (settings.home / name).mkdir(exist_ok=True, mode=0o700)


def prepare_keys(settings: Settings) -> Signer:
    """Load or make the signing key and the segment key, and add the signing key to the trusted ones."""
    signer = load_or_create_signer(settings.keys / "signer.key")
    load_or_create_secret(settings.segment_key_file)
    _trust(settings.trust_file, signer)
    return signer


def _trust(path: Path, signer: Signer) -> None:
    known = json.loads(path.read_text()) if path.exists() else {}
    if signer.key_id not in known:
        known[signer.key_id] = base64.b64encode(signer.public).decode()
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(known, indent=1, sort_keys=True))
        draft.chmod(0o600)
        draft.replace(path)


def prepare_database(settings: Settings, database_url: str) -> str | None:
    """Migrate and make the local owner at first start; returns the set-up code while nobody has signed up."""
    database = Database(database_url, pool_size=2)
    try:
        migrate(database)
        path = settings.keys / CLI_TOKEN
        with database.session() as session:
            home = identity.setup_home(session, renew_token=not path.exists())
        if home.token is not None:
            path.touch(mode=0o600)
            path.write_text(home.token)
        return home.setup_code
    finally:
        database.close()


def housekeeping(parts: Parts) -> None:
    """Do what is due, once: take in decision logs, publish snapshots, put events into the tree.

    Every step is safe to repeat and to run in two processes at once; each holds its own lock.
    """
    serving.publish_due(parts)
    serving.take_in_due(parts)
    trusted = ledger.read_trust(parts.settings.trust_file)
    ledger.sequence(parts.database, parts.storage, parts.signer, trusted=trusted)


def lake(parts: Parts) -> catalog.Lake:
    """The tables of data products."""
    return catalog.lake_of(parts)
