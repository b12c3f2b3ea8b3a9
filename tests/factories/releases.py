"""Builders of small contracts, releases, verdicts and snapshots."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from headway import runtime
from headway.kernel.canonical import sha256
from headway.kernel.crypto import Signer
from headway.kernel.settings import Environment

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
TRUSTED = {SIGNER.key_id: SIGNER.public}
ENVIRONMENT: Environment = "pilot"

CONTRACT: dict[str, object] = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "schema": [
        {
            "name": "leads",
            "properties": [
                {"name": "age", "logicalType": "integer", "required": True, "logicalTypeOptions": {"minimum": 18}},
                {"name": "balance", "logicalType": "number"},
                {
                    "name": "job",
                    "logicalType": "string",
                    "required": True,
                    "logicalTypeOptions": {"maxLength": 20, "pattern": "^[a-z ]+$"},
                },
                {"name": "since", "logicalType": "date", "logicalTypeOptions": {"minimum": "2000-01-01"}},
                {"name": "is_client", "logicalType": "boolean"},
                {
                    "name": "channel",
                    "logicalType": "string",
                    "quality": [
                        {
                            "type": "library",
                            "metric": "invalidValues",
                            "arguments": {"validValues": ["web", "phone"]},
                            "mustBe": 0,
                        }
                    ],
                },
                {"name": "customer", "logicalType": "string"},
                {"name": "bought", "logicalType": "boolean"},
            ],
        }
    ],
}

FEATURES = (
    runtime.Feature(name="age", column="age", kind="integer", label="Age in years"),
    runtime.Feature(name="balance", column="balance", kind="number"),
    runtime.Feature(name="job", column="job", kind="category", categories=("clerk", "nurse")),
    runtime.Feature(name="since_year", column="since", kind="date_part", part="year"),
    runtime.Feature(name="is_client", column="is_client", kind="boolean"),
    runtime.Feature(name="channel", column="channel", kind="category", categories=("web", "phone")),
)

MODEL: dict[str, object] = {
    "schema": 1,
    "columns": [feature.name for feature in FEATURES],
    "intercept": -0.5,
    "terms": [
        {"kind": "linear", "column": 0, "weight": 0.02, "missing": 0.0},
        {"kind": "bins", "column": 1, "edges": [0.0, 1000.0], "weights": [-1.0, 0.0, 1.0], "missing": -0.25},
        {"kind": "category", "column": 2, "weights": [0.3, -0.3], "missing": 0.1},
        {"kind": "linear", "column": 3, "weight": 0.001, "missing": 2.0},
        {"kind": "linear", "column": 4, "weight": 0.75, "missing": 0.0},
        {"kind": "category", "column": 5, "weights": [0.2, -0.2], "missing": 0.0},
    ],
}

RECORD: dict[str, object] = {
    "age": 41,
    "balance": 1200.5,
    "job": "nurse",
    "since": "2015-06-30",
    "is_client": True,
    "channel": "web",
    "customer": "c-1001",
}

REFERENCE: Mapping[str, str | int | float | bool | None] = {
    "age": 40,
    "balance": 500.0,
    "job": "clerk",
    "since": "2012-01-01",
    "is_client": False,
    "channel": "web",
}

DRAFT = runtime.Release(
    model=runtime.ModelInfo(name="lead-scoring", version="3", format="additive-json", path="model.json"),
    files={},
    contract_path="contract.json",
    contract_digest="sha256-" + "0" * 64,
    features=FEATURES,
    policy=runtime.Policy(
        bands=(
            runtime.Band(name="high", at_least=0.8, action="call"),
            runtime.Band(name="middle", at_least=0.5, action="mail"),
            runtime.Band(name="low", at_least=None, action="wait"),
        ),
        default_action="mail",
    ),
    explanation=runtime.Explanation(reference=REFERENCE, reference_name="median lead", top_k=3),
)


def make_files(**changed: object) -> dict[str, bytes]:
    files: dict[str, object] = {"model.json": MODEL, "contract.json": CONTRACT} | {
        name.replace("_json", ".json"): value for name, value in changed.items()
    }
    return {name: json.dumps(content).encode() for name, content in files.items()} | {"card.md": b"# Lead scoring\n"}


def make_bundle(**changed: object) -> runtime.Bundle:
    """Pack a bundle; arguments replace fields of the release."""
    return runtime.pack_bundle(make_files(), replace(DRAFT, **changed))  # type: ignore[arg-type]  # fields by name


def make_verdict(subject: str, **changed: object) -> runtime.Verdict:
    verdict = runtime.Verdict(
        id="ver_1",
        gate="pre_deploy",
        environment=ENVIRONMENT,
        subject_digest=subject,
        pack_digest=sha256(b"pack"),
        facts_digest=sha256(b"facts"),
        result="pass",
        controls=(runtime.ControlOutcome(id="leakage", status="passed", evidence_ids=("evd_1",)),),
        approvals=("apr_1",),
        issued_at=NOW,
        serve_until=NOW + timedelta(days=90),
        key_id=SIGNER.key_id,
    )
    return replace(verdict, **changed)  # type: ignore[arg-type]  # fields by name


def make_objects(bundle: runtime.Bundle, **changed: object) -> dict[str, bytes]:
    """The bundle's objects with a verdict; arguments replace fields of the verdict."""
    verdict = make_verdict(bundle.subject, **changed)
    signed = runtime.sign_verdict(SIGNER, verdict)
    return {**bundle.objects, runtime.verdict_path(ENVIRONMENT): signed}


def open_objects(objects: Mapping[str, bytes], subject: str, **changed: object) -> runtime.LoadedRelease:
    arguments: dict[str, object] = {"environment": ENVIRONMENT, "trusted": TRUSTED, "now": NOW} | changed
    return runtime.open_bundle(objects, subject=subject, **arguments)  # type: ignore[arg-type]  # arguments by name


def make_loaded(**changed: object) -> runtime.LoadedRelease:
    bundle = make_bundle(**changed)
    return open_objects(make_objects(bundle), bundle.subject)


def make_deployment(*releases: str | None, **changed: object) -> runtime.Deployment:
    """A deployment with an arm a release, equal shares, the first one taking what does not divide."""
    share = 10_000 // max(len(releases), 1)
    shares = [10_000 - share * (len(releases) - 1)] + [share] * (len(releases) - 1)
    arms = tuple(
        runtime.Arm(name=f"arm{i}" if release else "hold_out", release=release, share=part / 10_000)
        for i, (release, part) in enumerate(zip(releases, shares, strict=True))
    )
    deployment = runtime.Deployment(
        name="leads", usecase="lead-scoring", state="active", salt="salt", arms=arms, subject_field="customer"
    )
    return replace(deployment, **changed)  # type: ignore[arg-type]  # fields by name


def make_snapshot(epoch: int, **changed: object) -> runtime.Snapshot:
    snapshot = runtime.Snapshot(
        environment=ENVIRONMENT,
        epoch=epoch,
        deployments={},
        grants={},
        issued_at=NOW,
        fresh_until=NOW + timedelta(hours=24),
    )
    return replace(snapshot, **changed)  # type: ignore[arg-type]  # fields by name
