"""All settings, read once from ``HEADWAY_*`` at start and passed down; nothing else reads the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args

from headway.kernel.errors import Fault, Invalid, Unavailable

Environment = Literal["sandbox", "pilot", "production"]
ENVIRONMENTS: tuple[Environment, ...] = get_args(Environment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One typed value a setting; the name in the environment is ``HEADWAY_`` and the field in capitals."""

    home: Path = Path.home() / ".headway"
    """Folder for everything one machine keeps; readable by its owner alone."""
    url: str | None = None
    """Address of a control plane that commands talk to instead of the one on this home."""
    token: str | None = None
    """API token that commands send to ``url``."""
    database_url: str | None = None
    """A PostgreSQL 15+ to use instead of the embedded one, as postgresql://user:password@host/name."""
    database_folder: Path | None = None
    """Folder of the embedded database; default is pg in the home, or one under /var/lib/headway for root."""
    storage_url: str | None = None
    """Object storage: file:///path, s3://bucket/prefix, gs:// or az://; default is a folder in the home."""
    host: str = "127.0.0.1"
    """Address that the control plane listens on."""
    port: int = 8460
    """Port of the control plane."""
    node_host: str = "127.0.0.1"
    """Address that a node listens on."""
    node_port: int = 8470
    """Port of the node that ``headway up`` starts."""
    node_urls: str | None = None
    """Addresses of nodes elsewhere by environment, as production=https://decide.example.org,pilot=http://..."""
    node_workers: int = 1
    """Worker processes of a node."""
    environment: Environment = "sandbox"
    """The environment a node serves; fixed for its life."""
    node_name: str = "local"
    """Name of this node; part of the path of its sealed segments."""
    segment_seconds: float = 5.0
    """Age at which an open decision-log segment with records is sealed and shipped."""
    segment_megabytes: int = 64
    """Size at which a decision-log segment is sealed and shipped."""
    log_pending_megabytes: int = 64
    """Undurable bytes a node's worker holds before it answers 503."""
    max_body_bytes: int = 1_048_576
    """Largest request body a node accepts."""
    max_upload_bytes: int = 2_147_483_648
    """Largest file the control plane accepts."""
    trusted_keys: Path | None = None
    """JSON file {key id: base64 public key} a node trusts; default is keys/trusted.json in the home."""
    segment_key: Path | None = None
    """File of 32 bytes that encrypts decision-log segments; default is keys/segment.key in the home."""
    service_user: str | None = None
    """Account that owns the embedded database when Headway runs as root; default is the first that exists."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe line that is logged."""
    solutions: str | None = None
    """Comma-separated solution ids that may load; default is all installed."""
    public_url: str | None = None
    """Address at which people reach this control plane, for links that leave it; default is the one it listens on."""
    oidc_file: Path | None = None
    """YAML file of identity providers; those in it are added at start, and others that came from it are removed."""
    secrets_folder: Path | None = None
    """Folder that ``file:NAME`` in the name of a secret is looked up in; default is secrets in the home."""
    session_idle_minutes: int = 480
    """Minutes after which a session that is not used ends."""
    session_days: int = 7
    """Days after which a session ends however busy it is."""
    currency: str = "EUR"
    """Currency of amounts given without one (ISO 4217)."""
    finance_department: str = "finance"
    """Slug of the department whose head sets the discount rate that projections are worked out at."""
    smtp_url: str | None = None
    """Mail server, as smtp://user:password@host:587?starttls=1 or smtps://host; without one no mail is sent."""
    mail_from: str | None = None
    """Mail address that notifications come from; needed with ``smtp_url``."""
    webhook_hosts: str | None = None
    """Hosts, addresses and networks inside your own that webhooks may reach, as chat.internal,10.1.0.0/16."""
    source_hosts: str | None = None
    """Hosts that input ports of data products may reach, as db.internal,*.example.org; without it none."""
    sources_folder: Path | None = None
    """Folder of files for input ports, with one folder a department in it; default is sources in the home."""

    @staticmethod
    def load(environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; raises Invalid naming every setting that is wrong."""
        source = os.environ if environ is None else environ
        values: dict[str, object] = {}
        faults: list[Fault] = []
        for field in fields(Settings):
            name = f"HEADWAY_{field.name.upper()}"
            if not (text := source.get(name)):
                continue
            try:
                values[field.name] = _read(str(field.type), text)
            except ValueError as error:
                faults.append(Fault(rule="setting", column=name, value=text, message=f"{name}: {error}"))
        if faults:
            raise Invalid("settings are wrong: " + "; ".join(f.message for f in faults), faults=faults)
        return Settings(**values)  # type: ignore[arg-type]  # each value was read by the field's type

    def node_url(self, environment: Environment) -> str:
        """The address of the nodes of an environment: the one set, this machine's own node, or empty when unknown."""
        pairs = (pair.partition("=") for pair in (self.node_urls or "").split(",") if pair)
        known = {name.strip(): address.strip().rstrip("/") for name, _, address in pairs}
        if environment in known:
            return known[environment]
        if environment != self.environment:
            return ""
        host = "127.0.0.1" if self.node_host in ("0.0.0.0", "::") else self.node_host  # noqa: S104  compared, not bound
        return f"http://{host}:{self.node_port}"

    @property
    def outside_url(self) -> str:
        """The address that links to this control plane begin with."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104  compared, not bound
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def keys(self) -> Path:
        """Folder of this machine's keys."""
        return self.home / "keys"

    @property
    def storage(self) -> str:
        """The object storage's address."""
        return self.storage_url or (self.home / "storage").resolve().as_uri()

    @property
    def trust_file(self) -> Path:
        """File of the keys a node trusts."""
        return self.trusted_keys or self.keys / "trusted.json"

    @property
    def segment_key_file(self) -> Path:
        """File of the key that encrypts decision-log segments."""
        return self.segment_key or self.keys / "segment.key"


SECRET = re.compile(r"env:HEADWAY_SECRET_[A-Z0-9_]+|file:[A-Za-z0-9][A-Za-z0-9._-]*")
"""How a secret is named. Only what was put there to be a secret can be named, so that nothing else can be sent out."""


def read_secret(settings: Settings, reference: str, environ: Mapping[str, str] | None = None) -> str:
    """Read a secret by its name, ``env:HEADWAY_SECRET_...`` or ``file:NAME``; raises Invalid, Unavailable."""
    kind, _, name = reference.partition(":")
    if not SECRET.fullmatch(reference):
        raise Invalid(f"{reference!r} names no secret", hint="write env:HEADWAY_SECRET_NAME or file:NAME")
    if kind == "env":
        found, place = (os.environ if environ is None else environ).get(name, ""), f"the variable {name}"
    else:
        path = (settings.secrets_folder or settings.home / "secrets") / name
        found, place = (path.read_text() if path.is_file() else ""), f"the file {path}"
    if not found.strip():
        raise Unavailable(f"{place} is missing or empty", hint="put the secret there for the server")
    return found.strip()


def _read(kind: str, text: str) -> object:
    if kind.startswith("int"):
        return int(text)
    if kind.startswith("float"):
        return float(text)
    if kind.startswith("Path"):
        return Path(text).expanduser()
    allowed = ENVIRONMENTS if kind == "Environment" else ("debug", "info", "warning", "error")
    if kind.startswith(("Environment", "Literal")) and text not in allowed:
        raise ValueError(f"{text!r} is none of {', '.join(allowed)}")
    return text
