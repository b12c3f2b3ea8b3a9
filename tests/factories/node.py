"""A node's world without a control plane: keys, a bundle with a small model, snapshots, and a real node process."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from headway import runtime
from headway.kernel import canonical, clock, crypto
from headway.kernel.settings import Environment, Settings
from headway.kernel.storage import Storage
from headway.runtime import Arm, Band, Deployment, Explanation, Feature, Grant, ModelInfo, Policy, Release
from tests.factories.running import free_port

TOKEN = "hwy_test_secret"
NAME = "leads"
RECORD: dict[str, object] = {"age": 40, "channel": "web", "income": 1200.5}
CONTRACT = {
    "apiVersion": "v3.1.0", "kind": "DataContract", "id": "leads", "version": "1.0.0", "status": "active",
    "schema": [{"name": "leads", "properties": [
        {"name": "age", "logicalType": "integer", "required": True,
         "logicalTypeOptions": {"minimum": 18, "maximum": 99}},
        {"name": "channel", "logicalType": "string", "quality": [
            {"type": "library", "metric": "invalidValues", "mustBe": 0,
             "arguments": {"validValues": ["web", "phone"]}}]},
        {"name": "income", "logicalType": "number", "logicalTypeOptions": {"minimum": 0}},
        {"name": "lead_id", "logicalType": "string"},
        {"name": "converted", "logicalType": "boolean"},
    ]}],
}  # fmt: skip
MODEL = {
    "schema": 1, "columns": ["f0", "f1", "f2"], "intercept": -1.0,
    "terms": [
        {"kind": "linear", "column": 0, "weight": 0.05, "missing": 0.0},
        {"kind": "category", "column": 1, "weights": [0.8, -0.4], "missing": 0.0},
        {"kind": "linear", "column": 2, "weight": -0.001, "missing": 0.0},
    ],
}  # fmt: skip


def release() -> tuple[dict[str, bytes], Release]:
    """The files and the draft of a release."""
    files = {"model.json": json.dumps(MODEL).encode(), "contract.json": json.dumps(CONTRACT).encode()}
    nothing = canonical.sha256(b"")
    draft = Release(
        model=ModelInfo(name="lead-scoring", version="3", format="additive-json", path="model.json"),
        files={},
        contract_path="contract.json",
        contract_digest=nothing,
        features=(
            Feature(name="age", column="age", kind="integer", label="Age"),
            Feature(name="channel", column="channel", kind="category", categories=("web", "phone")),
            Feature(name="income", column="income", kind="number", label="Income"),
        ),
        policy=Policy(
            bands=(Band(name="high", at_least=0.6, action="call"), Band(name="low", at_least=None, action="mail")),
            default_action="mail",
        ),
        explanation=Explanation(
            reference={"age": 35, "channel": "phone", "income": 1000.0}, reference_name="median", top_k=2
        ),
    )  # fmt: skip
    return files, draft


@dataclass
class World:
    """Everything a node needs, in one folder; no database."""

    folder: Path
    environment: Environment = "sandbox"
    epoch: int = 0
    process: subprocess.Popen[bytes] | None = None
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home = self.folder / "home"
        self.settings = Settings(home=self.home, environment=self.environment)
        self.signer = crypto.load_or_create_signer(self.settings.keys / "signer.key")
        self.key = crypto.load_or_create_secret(self.settings.segment_key_file)
        self.settings.trust_file.write_text(
            json.dumps({self.signer.key_id: base64.b64encode(self.signer.public).decode()})
        )
        self.storage = Storage(self.settings.storage)
        self.port = free_port()
        files, draft = release()
        self.bundle = runtime.pack_bundle(files, draft)
        self.subject = runtime.write_bundle(self.storage, self.bundle)

    # -------------------------------------------------------------------------------- control plane's work
    def judge(self, environment: Environment | None = None, **changes: Any) -> runtime.Verdict:
        """Lay a passing verdict beside the bundle."""
        verdict = runtime.Verdict(
            id="vrd_1", gate="pre_deploy", environment=environment or self.environment, subject_digest=self.subject,
            pack_digest=canonical.sha256(b"pack"), facts_digest=canonical.sha256(b"facts"), result="pass", controls=(),
            issued_at=clock.now(), serve_until=clock.now() + timedelta(days=1), key_id=self.signer.key_id,
        )  # fmt: skip
        verdict = replace(verdict, **changes)
        runtime.put_verdict(self.storage, self.signer, verdict)
        return verdict

    def deployment(self, **changes: Any) -> Deployment:
        """A deployment of the bundle to everyone."""
        made = Deployment(
            name=NAME, usecase="lead-scoring", state="active", salt="s1",
            arms=(Arm(name="champion", release=self.subject, share=1.0),), subject_field="lead_id",
        )  # fmt: skip
        return replace(made, **changes)

    def snapshot(
        self,
        *deployments: Deployment,
        revoked: tuple[str, ...] = (),
        fresh: timedelta = timedelta(hours=1),
        grants: Mapping[str, tuple[Grant, ...]] | None = None,
    ) -> runtime.Snapshot:
        """Publish the next snapshot."""
        self.epoch += 1
        listed = deployments or (self.deployment(),)
        own = tuple(
            Grant(deployment=one.name, scope=scope, principal="service:crm")
            for one in listed
            for scope in ("decide", "outcome")
        )
        made = runtime.Snapshot(
            environment=self.environment, epoch=self.epoch, deployments={one.name: one for one in listed},
            grants={token_hash(TOKEN): own, **(grants or {})}, revoked=revoked, issued_at=clock.now(),
            fresh_until=clock.now() + fresh,
        )  # fmt: skip
        runtime.publish_snapshot(self.storage, self.signer, made)
        return made

    def ready(self, **changes: Any) -> None:
        """Judge, publish, start and wait until the deployment is served."""
        self.judge()
        self.snapshot(self.deployment(**changes))
        self.start()
        self.until_status("serving")

    # -------------------------------------------------------------------------------- the process
    def start(self, *arguments: str) -> None:
        """Start the node."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HEADWAY_")}
        own = {
            "HEADWAY_HOME": str(self.home),
            "HEADWAY_NODE_PORT": str(self.port),
            "HEADWAY_SEGMENT_SECONDS": "0.5",
            **self.environ,
        }
        with (self.folder / "node.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "headway.entrypoints.node", "--environment", self.environment, *arguments],
                env={**kept, **own}, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the node and wait."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def workers(self) -> list[int]:
        """Process ids of the node's workers."""
        assert self.process is not None
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in found if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()]

    @property
    def log(self) -> str:
        """What the node said."""
        return (self.folder / "node.log").read_text()

    # -------------------------------------------------------------------------------- requests
    @property
    def url(self) -> str:
        """Where the node listens."""
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self,
        path: str,
        body: object = None,
        token: str | None = TOKEN,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any, dict[str, str]]:
        """Send a request; returns status, answer (JSON or text) and headers. No body means GET."""
        sent = dict(headers or {})
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, sent)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, _read(response), dict(response.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _read(error), dict(error.headers)

    def decide(self, body: object = RECORD, **options: Any) -> tuple[int, Any, dict[str, str]]:
        """Ask for a decision."""
        return self.ask(f"/v1/decisions/{NAME}", body, **options)

    def status(self) -> dict[str, Any]:
        """What the node says about its readiness."""
        return cast("dict[str, Any]", self.ask("/readyz")[1])

    def until_status(self, status: str, seconds: float = 30) -> dict[str, Any]:
        """Wait until the deployment has a status; returns what is told about it."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                found = self.status()["deployments"].get(NAME, {})
                if found.get("status") == status:
                    return cast("dict[str, Any]", found)
            except OSError:
                found = {}
            assert time.monotonic() < deadline, f"{found}\n{self.log}"
            time.sleep(0.05)

    # -------------------------------------------------------------------------------- what was kept
    def records(self) -> list[runtime.DecisionRecord]:
        """All records that were shipped, every segment verified."""
        found: list[runtime.DecisionRecord] = []
        for key in self.storage.list("segments"):
            if key.endswith(".json"):
                stem = key.removesuffix(".json")
                log, side = self.storage.get(stem + ".log"), self.storage.get(stem + ".side")
                manifest = runtime.parse_manifest(self.storage.get(key))
                report = runtime.verify_segment(log, side, manifest, self.key)
                assert report.is_valid, report.faults
                found += runtime.read_segment(log, self.key)
        return found

    def sidecars(self) -> dict[str, runtime.Sidecar]:
        """All sidecar entries that were shipped."""
        found: dict[str, runtime.Sidecar] = {}
        for key in self.storage.list("segments"):
            if key.endswith(".side"):
                found |= runtime.read_sidecar(self.storage.get(key), self.key)
        return found


def token_hash(token: str) -> str:
    """Name a token as snapshots do."""
    return canonical.sha256(token.encode())


def _read(response: Any) -> Any:
    text = response.read().decode()
    return json.loads(text) if "json" in response.headers.get("content-type", "") else text
