"""Bundles: packing a release with its files, and the checks that stand between a bundle and the first decision."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from headway.kernel.canonical import sha256
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.settings import Environment
from headway.numerics import (
    Engine,
    ModelMalformed,
    Reference,
    ShapeMismatch,
    additive_engine,
    read_reference,
    tree_engine,
)
from headway.runtime.contract import ContractDocument, compile_contract
from headway.runtime.entities import Bundle, Release, Verdict
from headway.runtime.errors import ReleaseRefused
from headway.runtime.features import Encoder
from headway.runtime.release import RELEASE_PATH, encode_release, read_release, release_problems
from headway.runtime.verdict import check_verdict, open_verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedRelease:
    """A release that passed every check and is ready to score."""

    subject: str
    release: Release
    verdict: Verdict
    engine: Engine
    encoder: Encoder
    contract: ContractDocument
    reference: Reference | None = None
    """What profiles of its decisions are counted by; releases packed before there were references have none."""


def object_key(subject: str, path: str) -> str:
    """Name an object of a bundle in storage."""
    return f"bundles/{subject}/{path}"


def verdict_path(environment: Environment) -> str:
    """Name the verdict of an environment inside a bundle's folder."""
    return f"verdict.{environment}.dsse"


def pack_bundle(files: Mapping[str, bytes], release: Release) -> Bundle:
    """Pack files and a release draft: digests of files and of the contract are filled in here.

    Args: files: content by path; must hold the release's model and contract.
    Raises: Invalid: the draft contradicts itself or the files; every contradiction is named.
    """
    digests = {path: sha256(content) for path, content in sorted(files.items())}
    contract_digest = digests.get(release.contract_path, release.contract_digest)
    made = replace(release, files=digests, contract_digest=contract_digest)
    problems = list(release_problems(made))
    if problems:
        raise Invalid("the release cannot be packed: " + "; ".join(problems))
    raw = encode_release(made)
    read_release(raw)
    return Bundle(subject=sha256(raw), release=made, objects={RELEASE_PATH: raw, **files})


def check_objects(subject: str, objects: Mapping[str, bytes]) -> Release:
    """Check ``release.json`` against the subject and every file against its digest; raises ReleaseRefused."""
    raw = objects.get(RELEASE_PATH)
    if raw is None:
        raise ReleaseRefused("bundle_missing", f"there is no bundle {subject}", subject=subject)
    if sha256(raw) != subject:
        raise ReleaseRefused("subject_mismatch", f"{RELEASE_PATH} is not what {subject} names", subject=subject)
    release = read_release(raw)
    for path, digest in release.files.items():
        if path not in objects:
            raise ReleaseRefused("file_missing", f"the bundle lacks {path}", subject=subject)
        if sha256(objects[path]) != digest:
            raise ReleaseRefused("file_changed", f"{path} was changed after it was packed", subject=subject)
    return release


def open_bundle(
    objects: Mapping[str, bytes],
    *,
    subject: str,
    environment: Environment,
    trusted: Mapping[str, bytes],
    now: datetime,
    revoked: Collection[str] = (),
) -> LoadedRelease:
    """Make every check and load the model.

    Args: objects: the bundle's objects by path, the environment's verdict among them; trusted: public keys by id.
    Raises: ReleaseRefused: with the first reason found.
    """
    release = check_objects(subject, objects)
    envelope = objects.get(verdict_path(environment))
    if envelope is None:
        why = f"no gate has said anything about {subject} in {environment}"
        raise ReleaseRefused("verdict_missing", why, subject=subject)
    verdict = open_verdict(envelope, trusted)
    check_verdict(verdict, subject=subject, environment=environment, now=now, revoked=revoked)
    return LoadedRelease(
        subject=subject,
        release=release,
        verdict=verdict,
        engine=load_engine(release, objects[release.model.path]),
        encoder=Encoder(release.features),
        contract=load_contract(release, objects[release.contract_path]),
        reference=load_reference(release, objects),
    )


def load_reference(release: Release, objects: Mapping[str, bytes]) -> Reference | None:
    """Read the reference that profiles are counted by; None where the bundle has none that can be used."""
    path = release.profile_ref
    raw = objects.get(path) if path is not None and path in release.files else None
    try:
        found = read_reference(raw) if raw is not None else None
    except ShapeMismatch:  # a release decides as well without one
        return None
    names = {feature.name for feature in release.features}
    return found if found is not None and found.rulers.keys() <= names else None


def load_engine(release: Release, model: bytes) -> Engine:
    """Make the scoring engine of a release with its reference row; raises ReleaseRefused (model_malformed)."""
    try:
        reference, _ = Encoder(release.features).row(release.explanation.reference)
        if release.model.format == "lightgbm-text":
            engine: Engine = tree_engine(model.decode("utf-8"), reference)
        else:
            engine = additive_engine(json.loads(model), reference)
        if len(engine.columns) != len(release.features):
            raise ModelMalformed(f"the model has {len(engine.columns)} inputs, the release {len(release.features)}")
        engine.score(np.array([reference]), reasons=True)
    except (HeadwayError, ValueError) as error:
        raise ReleaseRefused("model_malformed", f"the model cannot be used: {error}") from error
    return engine


def load_contract(release: Release, contract: bytes) -> ContractDocument:
    """Read the contract and prove that it compiles for the features; raises ReleaseRefused (contract_malformed)."""
    try:
        document = json.loads(contract)
        compile_contract(document, [feature.column for feature in release.features])
    except (HeadwayError, ValueError) as error:
        raise ReleaseRefused("contract_malformed", f"the contract cannot be used: {error}") from error
    return document  # type: ignore[no-any-return]  # compile_contract has proven its shape
