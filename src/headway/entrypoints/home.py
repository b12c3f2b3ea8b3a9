"""The home folder of one machine: its keys, its trusted keys, and its database brought to this version."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

from headway import identity, ledger
from headway.entrypoints.schema import migrate
from headway.kernel.crypto import Signer, load_or_create_secret, load_or_create_signer
from headway.kernel.database import Database
from headway.kernel.errors import Unavailable
from headway.kernel.settings import Settings

COMPANY = Path("demo") / "company.json"
"""Below a home: what tells that it was filled with a simulated company."""
CLI_TOKEN = "cli-token"  # noqa: S105  the name of a file


def prepare_home(settings: Settings) -> None:
    """Make the home folder, readable by its owner alone; one that is there already and ours is closed to others."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    status = settings.home.stat()
    if status.st_mode & 0o077 and status.st_uid == os.geteuid():
        settings.home.chmod(0o700)
    for name in ("run", "keys", "logs"):
        (settings.home / name).mkdir(exist_ok=True, mode=0o700)


def company_of(home: Path) -> str | None:
    """The name of the simulated company that a home was filled with; None for every other home.

    Raises: Unavailable: the mark is there and cannot be read. Such a home must not be taken for one of real life.
    """
    path = home / COMPANY
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["name"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "build the company again with 'headway demo', or start in another HEADWAY_HOME"
        raise Unavailable(f"{path} cannot be read: {error}", hint=hint) from error


def prepare_keys(settings: Settings) -> Signer:
    """Load or make the signing key and the segment key, and add the signing key to the trusted ones."""
    signer = load_or_create_signer(settings.keys / "signer.key")
    load_or_create_secret(settings.segment_key_file)
    _trust(settings.trust_file, signer)
    return signer


def read_keys(settings: Settings) -> Signer:
    """Read the signing key for a process that joins a running platform, and see that the segment key is there too.

    Raises: Unavailable: a key is missing. A key made here would be one that no node trusts and no intake can open.
    """
    for path in (settings.keys / "signer.key", settings.segment_key_file):
        if not path.exists():
            hint = "copy the folder keys of the home where 'headway up' was started first"
            raise Unavailable(f"the key {path.name} is missing in {path.parent}", hint=hint)
    return load_or_create_signer(settings.keys / "signer.key")


def _trust(path: Path, signer: Signer) -> None:
    known = json.loads(path.read_text()) if path.exists() else {}
    if signer.key_id not in known:
        known[signer.key_id] = base64.b64encode(signer.public).decode()
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(known, indent=1, sort_keys=True))
        draft.chmod(0o600)
        draft.replace(path)


def prepare_database(settings: Settings, database_url: str, *, setup_code: str | None = None) -> str | None:
    """Migrate and make the local owner at first start; returns the set-up code while nobody has signed up.

    Args: setup_code: the one to take, which somebody knows already; a new one when left out.
    """
    ledger.belong_to(company_of(settings.home))
    database = Database(database_url, pool_size=2)
    try:
        migrate(database)
        path = settings.keys / CLI_TOKEN
        with database.session() as session:
            home = identity.setup_home(session, renew_token=not path.exists(), code=setup_code)
            if settings.oidc_file:
                identity.apply_provider_file(session, settings.oidc_file)
        if home.token is not None:
            path.touch(mode=0o600)
            path.write_text(home.token)
        return home.setup_code
    finally:
        database.close()
