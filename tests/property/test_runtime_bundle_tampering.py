"""A bundle serves only when every byte of it is what the gate judged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway import runtime
from headway.kernel.canonical import canonical_json, sha256
from headway.kernel.crypto import dsse_sign
from headway.kernel.errors import Invalid
from headway.runtime import ReleaseRefused
from tests.factories.dose import examples
from tests.factories.releases import (
    DRAFT,
    ENVIRONMENT,
    FEATURES,
    NOW,
    SIGNER,
    STRANGER,
    make_bundle,
    make_files,
    make_objects,
    make_verdict,
    open_objects,
)

BUNDLE = make_bundle()
OBJECTS = make_objects(BUNDLE)
VERDICT = runtime.verdict_path(ENVIRONMENT)


def refusal(objects: dict[str, bytes], subject: str = BUNDLE.subject, **changed: object) -> str:
    with pytest.raises(ReleaseRefused) as caught:
        open_objects(objects, subject, **changed)
    assert caught.value.message
    assert caught.value.values["reason"] == caught.value.reason
    return caught.value.reason


def test_an_untouched_bundle_serves() -> None:
    loaded = open_objects(OBJECTS, BUNDLE.subject)
    assert loaded.subject == BUNDLE.subject
    assert loaded.release == BUNDLE.release
    assert loaded.verdict.id == "ver_1"


@pytest.mark.parametrize("path", sorted(OBJECTS))
def test_any_flipped_bit_of_any_byte_is_refused(path: str) -> None:
    content = OBJECTS[path]
    reasons = set()
    for at in range(len(content)):
        flipped = content[:at] + bytes([content[at] ^ (1 << (at % 8))]) + content[at + 1 :]
        reasons.add(refusal({**OBJECTS, path: flipped}))
    expected = {runtime.verdict_path(ENVIRONMENT): "verdict_untrusted", "release.json": "subject_mismatch"}
    assert reasons == {expected.get(path, "file_changed")}


@settings(max_examples=examples(200))
@given(path=st.sampled_from(sorted(OBJECTS)), data=st.data())
def test_any_other_content_is_refused(path: str, data: st.DataObject) -> None:
    other = data.draw(st.binary(max_size=50) | st.integers(0, len(OBJECTS[path]) - 1).map(lambda n: OBJECTS[path][:n]))
    assert refusal({**OBJECTS, path: other})


@pytest.mark.parametrize("path", sorted(OBJECTS))
def test_a_missing_object_is_refused(path: str) -> None:
    expected = {VERDICT: "verdict_missing", "release.json": "bundle_missing"}
    assert refusal({p: c for p, c in OBJECTS.items() if p != path}) == expected.get(path, "file_missing")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"subject_digest": "sha256-" + "1" * 64}, "verdict_other_subject"),
        ({"environment": "sandbox"}, "verdict_other_environment"),
        ({"gate": "pre_train"}, "verdict_other_gate"),
        ({"result": "block"}, "verdict_blocked"),
        ({"serve_until": NOW}, "verdict_expired"),
        ({"serve_until": NOW - timedelta(seconds=1)}, "verdict_expired"),
    ],
)
def test_a_verdict_that_says_something_else_is_refused(change: dict[str, object], reason: str) -> None:
    assert refusal(make_objects(BUNDLE, **change)) == reason


def test_a_warning_serves() -> None:
    assert open_objects(make_objects(BUNDLE, result="warn"), BUNDLE.subject).verdict.result == "warn"


def test_a_verdict_of_another_environment_is_not_looked_at() -> None:
    assert refusal(OBJECTS, environment="production") == "verdict_missing"
    moved = {**OBJECTS, runtime.verdict_path("production"): OBJECTS[VERDICT]}
    assert refusal(moved, environment="production") == "verdict_other_environment"


def test_a_verdict_by_a_strange_key_is_refused() -> None:
    verdict = make_verdict(BUNDLE.subject, key_id=STRANGER.key_id)
    assert refusal({**OBJECTS, VERDICT: runtime.sign_verdict(STRANGER, verdict)}) == "verdict_untrusted"
    with pytest.raises(Invalid):
        runtime.sign_verdict(STRANGER, make_verdict(BUNDLE.subject))


def test_a_signed_text_that_is_no_verdict_is_refused() -> None:
    signed = dsse_sign(SIGNER, "application/vnd.headway.verdict+json", {"id": "x"})
    assert refusal({**OBJECTS, VERDICT: signed}) == "verdict_malformed"
    signed = dsse_sign(SIGNER, "application/vnd.headway.snapshot+json", {"id": "x"})
    assert refusal({**OBJECTS, VERDICT: signed}) == "verdict_untrusted"


def test_a_revoked_release_is_refused() -> None:
    assert refusal(OBJECTS, revoked=(BUNDLE.subject,)) == "revoked"


def test_another_bundle_under_this_name_is_refused() -> None:
    assert refusal(dict(make_objects(make_bundle(profile_ref="profile:other")))) == "subject_mismatch"


def renamed(change: Callable[[dict[str, object]], object]) -> tuple[dict[str, bytes], str]:
    """The bundle with release.json changed and everything signed anew for it, as somebody with the key might."""
    document = json.loads(OBJECTS["release.json"])
    change(document)
    raw = canonical_json(document)
    verdict = make_verdict(sha256(raw))
    return {**OBJECTS, "release.json": raw, VERDICT: runtime.sign_verdict(SIGNER, verdict)}, sha256(raw)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(surprise=1),
        lambda d: d["model"].update(surprise=1),
        lambda d: d.update(schema=2),
        lambda d: d.pop("policy"),
        lambda d: d.update(contract_digest="sha256-" + "2" * 64),
        lambda d: d["files"].update({"../evil": "sha256-" + "2" * 64}),
        lambda d: d["files"].pop("model.json"),
        lambda d: d["features"].append(d["features"][0]),
        lambda d: d["explanation"]["reference"].pop("age"),
        lambda d: d["policy"]["bands"].reverse(),
        lambda d: d["calibration"].update(kind="isotonic"),
        lambda d: d["files"].update({"model.json": "sha256-zz"}),
    ],
)
def test_a_release_that_contradicts_itself_is_refused(change: Callable[[dict[str, object]], object]) -> None:
    objects, subject = renamed(change)
    assert refusal(objects, subject) == "release_malformed"


def test_release_json_that_is_not_canonical_is_refused() -> None:
    raw = json.dumps(json.loads(OBJECTS["release.json"]), indent=1).encode()
    signed = runtime.sign_verdict(SIGNER, make_verdict(sha256(raw)))
    assert refusal({**OBJECTS, "release.json": raw, VERDICT: signed}, sha256(raw)) == "release_malformed"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"model_json": {"schema": 1, "columns": ["a"], "intercept": 0.0, "terms": []}}, "model_malformed"),
        ({"model_json": "tree"}, "model_malformed"),
        ({"contract_json": {"schema": []}}, "contract_malformed"),
        ({"contract_json": []}, "contract_malformed"),
    ],
)
def test_a_model_or_contract_that_cannot_work_is_refused(files: dict[str, object], reason: str) -> None:
    bundle = runtime.pack_bundle(make_files(**files), DRAFT)
    assert refusal(make_objects(bundle), bundle.subject) == reason


def test_a_model_with_other_inputs_than_the_features_is_refused() -> None:
    bundle = runtime.pack_bundle(make_files(), replace(DRAFT, features=FEATURES[:-1]))
    assert refusal(make_objects(bundle), bundle.subject) == "model_malformed"


def test_equal_content_packs_to_an_equal_subject() -> None:
    assert make_bundle().subject == BUNDLE.subject
    assert make_bundle(profile_ref="x").subject != BUNDLE.subject


@pytest.mark.parametrize(
    "wrong",
    [
        {"contract_path": "absent.json"},
        {"features": ()},
        {"features": (replace(FEATURES[0], kind="category"), *FEATURES[1:])},
        {"features": (replace(FEATURES[0], kind="date_part"), *FEATURES[1:])},
        {"policy": runtime.Policy(bands=(), default_action="x")},
    ],
)
def test_a_contradictory_draft_cannot_be_packed(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="cannot be packed"):
        runtime.pack_bundle(make_files(), replace(DRAFT, **wrong))  # type: ignore[arg-type]  # fields by name
