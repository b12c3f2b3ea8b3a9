"""``release.json``: writing, reading and naming a release by its digest."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from headway.kernel.canonical import canonical_json, sha256
from headway.kernel.errors import Invalid
from headway.numerics import calibration_problems
from headway.runtime.entities import Feature, Policy, Release
from headway.runtime.errors import ReleaseRefused

RELEASE_PATH = "release.json"
SCHEMA = 1


def encode_release(release: Release) -> bytes:
    """Write ``release.json``: canonical JSON, so that equal releases are equal bytes."""
    return canonical_json(msgspec.to_builtins(release))


def release_subject(release: Release) -> str:
    """Name a release: the digest of its canonical ``release.json``. Verdicts, snapshots and the log use this name."""
    return sha256(encode_release(release))


def read_release(raw: bytes) -> Release:
    """Read ``release.json``.

    Raises: ReleaseRefused (release_malformed): wrong JSON or types, another schema, bytes that are not the canonical
        form of what was understood (so nothing unknown hides in it), or contradictions inside.
    """
    try:
        release = msgspec.json.decode(raw, type=Release)
        same = encode_release(release) == raw
    except (msgspec.MsgspecError, Invalid) as error:
        raise ReleaseRefused("release_malformed", f"{RELEASE_PATH} cannot be read: {error}") from error
    if not same:
        raise ReleaseRefused("release_malformed", f"{RELEASE_PATH} is not canonical JSON of schema {SCHEMA}")
    problems = list(release_problems(release))
    if problems:
        raise ReleaseRefused("release_malformed", f"{RELEASE_PATH}: " + "; ".join(problems))
    return release


def release_problems(release: Release) -> Iterator[str]:
    """Name every contradiction inside a release; none means that it can be packed."""
    if release.schema != SCHEMA:
        yield f"schema {release.schema} is not known, expected {SCHEMA}"
    for role, path in (("model", release.model.path), ("contract", release.contract_path)):
        if path not in release.files:
            yield f"the {role} file {path!r} is not among the files"
    if release.files.get(release.contract_path, release.contract_digest) != release.contract_digest:
        yield "contract_digest is not the digest of the contract file"
    yield from (f"the file path {path!r} is not allowed" for path in release.files if not _is_plain_path(path))
    yield from feature_problems(release.features)
    yield from policy_problems(release.policy)
    yield from (f"calibration: {problem}" for problem in calibration_problems(release.calibration))
    columns = {feature.column for feature in release.features}
    yield from (f"the reference row lacks {c!r}" for c in sorted(columns - release.explanation.reference.keys()))
    if release.explanation.top_k < 0:
        yield "top_k is negative"


def feature_problems(features: tuple[Feature, ...]) -> Iterator[str]:
    """Name every contradiction in a list of features."""
    if not features:
        yield "there is no feature"
    names = [feature.name for feature in features]
    yield from (f"feature {name!r} is listed twice" for name in sorted({n for n in names if names.count(n) > 1}))
    for feature in features:
        if len(set(feature.categories)) != len(feature.categories):
            yield f"feature {feature.name!r} lists a category twice"
        if (feature.kind == "category") != bool(feature.categories):
            yield f"feature {feature.name!r} of kind {feature.kind} has {len(feature.categories)} categories"
        if (feature.kind == "date_part") != (feature.part is not None):
            yield f"feature {feature.name!r} of kind {feature.kind} has part {feature.part}"


def policy_problems(policy: Policy) -> Iterator[str]:
    """Name every contradiction in a policy."""
    floors = [band.at_least for band in policy.bands]
    if not floors or floors[-1] is not None or None in floors[:-1]:
        yield "the lowest band, and it alone, must have no at_least"
        return
    given = [floor for floor in floors if floor is not None]
    if any(lower >= upper for upper, lower in pairwise(given)):
        yield "the bands must fall from the highest at_least to the lowest"
    if len({band.name for band in policy.bands}) != len(policy.bands):
        yield "two bands have the same name"


def _is_plain_path(path: str) -> bool:
    """Tell whether a path stays inside the bundle and is not one of its own objects."""
    parts = path.split("/")
    reserved = path == RELEASE_PATH or (path.startswith("verdict.") and path.endswith(".dsse"))
    return not reserved and all(p not in ("", ".", "..") and p.isprintable() and "\\" not in p for p in parts)
