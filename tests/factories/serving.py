"""A node inside the test: it follows the published snapshot, decides, and ships its log; and a deployment's verdict."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session

from headway import catalog, governance, identity, ledger, runtime, serving
from headway.kernel import clock, ids
from headway.kernel.auth import Actor
from headway.kernel.crypto import load_or_create_secret
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from headway.runtime import segments, shipping
from tests.factories.governance import open_usecase
from tests.factories.releases import DRAFT, make_files

_encoder = msgspec.json.Encoder()


def prepare_keys(parts: Parts) -> None:
    """Lay down the segment key and the keys that nodes trust."""
    load_or_create_secret(parts.settings.segment_key_file)
    trusted = {parts.signer.key_id: base64.b64encode(parts.signer.public).decode()}
    parts.settings.trust_file.write_text(json.dumps(trusted))


class DyingLake:
    """A lake whose writer dies at a chosen append."""

    def __init__(self, lake: catalog.Lake, dies_at: str, *, after: bool) -> None:
        self._lake, self._dies_at, self._after = lake, dies_at, after

    def append(self, table: str, rows: Any, properties: Mapping[str, str]) -> int:
        if table == self._dies_at and not self._after:
            raise RuntimeError("died")
        made = self._lake.append(table, rows, properties)
        if table == self._dies_at:
            raise RuntimeError("died")
        return made

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lake, name)


class SmallNode:
    """Decides as a node does, in this thread."""

    def __init__(self, parts: Parts, folder: Path, principal: str = "service:crm", name: str = "small") -> None:
        self.parts, self.principal, self.name = parts, principal, name
        self.folder = folder / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.key = parts.settings.segment_key_file.read_bytes()
        self.trusted = ledger.read_trust(parts.settings.trust_file)
        self.reader = runtime.SnapshotReader(parts.storage, self.trusted, "sandbox", folder / "state.json")
        self._closed: list[str] = []
        self._log: runtime.DecisionLog | None = None

    def follow(self) -> runtime.Snapshot:
        """The snapshot in force after a look at storage."""
        poll = self.reader.poll()
        assert poll.snapshot is not None, poll
        return poll.snapshot

    def decide(self, deployment: str, records: Sequence[dict[str, Any]]) -> list[tuple[str, runtime.Decision]]:
        """Decide about records and log them durably."""
        snapshot = self.follow()
        place = snapshot.deployments[deployment]
        releases = {
            arm.release: runtime.load_release(
                self.parts.storage, arm.release, "sandbox", self.trusted, clock.now(), snapshot.revoked
            )
            for arm in place.arms
            if arm.release is not None
        }
        decider = runtime.Decider(place, releases)
        batch = decider.decode(json.dumps(list(records)).encode())
        names = [ids.new_id("dec") for _ in records]
        made = decider.decide(batch, names)
        for name, decision, record in zip(names, made, records, strict=True):
            self.write(
                decision_entry(
                    name, deployment, epoch=snapshot.epoch, principal=self.principal, decision=decision, record=record
                )
            )
        return list(zip(names, made, strict=True))

    def tell(self, deployment: str, decision: str, value: object) -> str:
        """Log an outcome as a node does."""
        name = ids.new_id("out")
        body = {
            "deployment": deployment,
            "decision": decision,
            "subject": None,
            "outcome": value,
            "value": None,
            "at": None,
            "name": "outcome",
        }
        commitment, side = runtime.commit_payload(name, os.urandom(16), subject=None, input_json=_encoder.encode(body))
        self.write(
            runtime.make_entry(
                runtime.RecordBody(
                    kind="outcome",
                    id=name,
                    at=clock.iso(clock.now()),
                    epoch=self.follow().epoch,
                    deployment=deployment,
                    principal=self.principal,
                    payload_commitment=commitment,
                ),
                side,
            )
        )
        return name

    def refuse(self, deployment: str, why: str, code: str | None = None, release: str | None = None) -> None:
        """Log a refusal."""
        self.write(
            runtime.make_entry(
                runtime.RecordBody(
                    kind="refusal",
                    id=ids.new_id("ref"),
                    at=clock.iso(clock.now()),
                    epoch=0,
                    deployment=deployment,
                    release=release,
                    action=code,
                    why=why,
                )
            )
        )

    def write(self, entry: runtime.Entry) -> None:
        """Append durably."""
        if self._log is None:
            spec = runtime.LogSpec(
                folder=self.folder,
                environment="sandbox",
                node=self.name,
                slot=0,
                key=self.key,
                segment_seconds=3600.0,
                segment_bytes=1 << 26,
                pending_bytes=1 << 26,
            )
            self._log = runtime.DecisionLog(spec, runtime.chain_end(self.folder), self._closed.append)
            self._log.start()
        self._log.append(entry)

    def ship(self) -> list[str]:
        """Close the open segment and ship what is closed; returns the keys of the manifests."""
        if self._log is not None:
            self._log.close()
            self._log = None
        keys = []
        for segment in self._closed:
            manifest = shipping.seal_segment(self.folder, segment, "writer")
            assert manifest is not None
            shipping.ship(self.folder, manifest, self.parts.storage)
            keys.append(runtime.segment_key(manifest.environment, manifest.node, manifest.segment, "json"))
        self._closed.clear()
        return keys


def decision_entry(
    name: str, deployment: str, *, epoch: int, principal: str, decision: runtime.Decision, record: dict[str, Any]
) -> runtime.Entry:
    """The log entry of a decision."""
    commitment, side = runtime.commit_payload(
        name,
        os.urandom(16),
        subject=decision.subject,
        input_json=_encoder.encode(record),
        reasons_json=_encoder.encode(decision.reasons),
    )
    body = runtime.RecordBody(
        kind="decision",
        id=name,
        at=clock.iso(clock.now()),
        epoch=epoch,
        deployment=deployment,
        release=decision.release,
        verdict=decision.verdict,
        arm=decision.arm,
        principal=principal,
        payload_commitment=commitment,
        score=decision.score,
        band=decision.band,
        action=decision.action,
        flags=decision.flags,
    )
    return runtime.make_entry(body, side)


def erase_subject(parts: Parts, manifest_key: str, subject: str) -> None:
    """Rewrite a shipped sidecar without a subject's payloads, as an erasure does."""
    key = manifest_key.removesuffix(".json") + ".side"
    side, _ = segments.erase_subjects(
        parts.storage.get(key), parts.settings.segment_key_file.read_bytes(), frozenset({subject})
    )
    parts.storage.replace(key, side)


def count(session: Session, table: str) -> int:
    """Rows of a table."""
    found = session.scalar(text(f"select count(*) from {table}"))  # noqa: S608  names in tests
    return int(found or 0)


ACTOR = Actor(ref="person:ana", name="Ana")
RECORD: dict[str, object] = {
    "age": 41,
    "balance": 1200.5,
    "job": "nurse",
    "since": "2015-06-30",
    "is_client": True,
    "channel": "web",
}


def released(parts: Parts, *, usecase: str = "lead-scoring", version: str = "3") -> str:
    """Pack a small model, open its use case and let the gate sign a verdict for the sandbox; returns the digest."""
    draft = replace(DRAFT, model=replace(DRAFT.model, version=version))
    subject = runtime.write_bundle(parts.storage, runtime.pack_bundle(make_files(), draft))
    with parts.database.session() as session:
        if usecase not in {found.slug for found in governance.list_usecases(session).items}:
            open_usecase(session, slug=usecase)
        governance.issue_verdict(
            session,
            parts.signer,
            parts.storage,
            actor=ACTOR,
            environment="sandbox",
            subject=Ref("model", "lead-scoring", version),
            subject_digest=subject,
            usecase=usecase,
        )
    return subject


def deployed(
    parts: Parts, subject: str, *, name: str = "leads", usecase: str = "lead-scoring", **changes: Any
) -> serving.Deployment:
    """Deploy a released digest to the sandbox."""
    asked: dict[str, Any] = {
        "version": Ref("model", "lead-scoring", "3"),
        "environment": "sandbox",
        "holdout_share": 0.25,
        "subject_field": "customer",
        **changes,
    }
    with parts.database.session() as session:
        return serving.deploy(session, ACTOR, name=name, usecase=usecase, subject_digest=subject, **asked)


def granted(parts: Parts, *, name: str = "leads", principal: str = "service:crm", secret: str = "hwy_a_secret") -> str:  # noqa: S107
    """Grant a token the use of a deployment; returns the token's hash."""
    token_hash = identity.token_hash(secret)
    with parts.database.session() as session:
        serving.grant(
            session,
            ACTOR,
            name=name,
            environment="sandbox",
            token_hash=token_hash,
            principal=principal,
            scopes=list(serving.Scope),
            expires_at=clock.now() + timedelta(days=1),
        )
    return token_hash


def published(parts: Parts) -> runtime.Snapshot:
    """What a fresh node would follow now, after everything due was published."""
    serving.publish_due(parts)
    trusted = {parts.signer.key_id: parts.signer.public}
    pointer = json.loads(parts.storage.get(runtime.pointer_key("sandbox")))
    envelope = parts.storage.get(runtime.snapshot_key("sandbox", pointer["epoch"]))
    return runtime.open_snapshot(envelope, trusted, "sandbox")
