"""What of an AdmissionReview would run: every image of every sort of container is found, and what cannot be read is a fault."""

from __future__ import annotations

from typing import Any

import pytest

from headway.governance import ReviewInvalid, kubernetes
from headway.kernel.canonical import sha256
from tests.factories.reviews import UID, image, pod, review, templated

GOOD, OTHER = sha256(b"an image"), sha256(b"another")


def digests(thing: dict[str, Any], **options: Any) -> list[str | None]:
    return [one.digest for one in kubernetes.read(review(thing), **options).wanted]


def test_every_sort_of_container_and_image_volumes_are_looked_at() -> None:
    thing = pod(image(GOOD))
    thing["spec"]["initContainers"] = [{"name": "init", "image": "busybox:1.36"}]
    thing["spec"]["ephemeralContainers"] = [{"name": "debug", "image": image(OTHER)}]
    thing["spec"]["volumes"] = [
        {"name": "weights", "image": {"reference": "registry.example/weights:v2", "pullPolicy": "Always"}},
        {"name": "scratch", "emptyDir": {}},
    ]
    found = kubernetes.read(review(thing))
    assert [(one.name, one.digest) for one in found.wanted] == [
        (image(GOOD), GOOD),
        ("busybox:1.36", None),
        (image(OTHER), OTHER),
        ("registry.example/weights:v2", None),
    ]
    assert found.wanted[1].place == "spec.initContainers[init]"
    assert (found.uid, found.about) == (UID, "Pod/scoring/scoring-0")


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"])
def test_the_pod_inside_whatever_makes_pods_is_found(kind: str) -> None:
    assert digests(templated(kind, image(GOOD), "nginx")) == [GOOD, None]


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        (f"registry.example:5000/a/b:v1@sha256:{GOOD[7:]}", GOOD),
        (f"registry.example/a@sha256:{GOOD[7:].upper()}", None),
        (f"registry.example/a@sha256:{GOOD[7:-1]}", None),
        (f"registry.example/sha256-{GOOD[7:]}", None),
        ("registry.example/a:latest", None),
        ("", None),
    ],
)
def test_only_a_whole_digest_names_an_image(name: str, digest: str | None) -> None:
    assert digests(pod(name)) == [digest]


@pytest.mark.parametrize(
    ("thing", "fault"),
    [
        ({"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "spec": {}}, "does not know"),
        ({"apiVersion": "apps/v1", "kind": "Pod", "spec": {"containers": [{"image": image(GOOD)}]}}, "does not know"),
        ({"apiVersion": "v1", "kind": "Pod", "spec": {}}, "nothing in this Pod"),
        ({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": {"image": image(GOOD)}}}, "no list"),
        ({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": ["nginx"]}}, "no list"),
    ],
)
def test_what_cannot_be_read_is_a_fault(thing: dict[str, Any], fault: str) -> None:
    found = kubernetes.read(review(thing))
    assert fault in str(found.fault) and found.wanted == ()


def test_something_else_than_a_review_has_no_answer() -> None:
    for body in ({}, {"apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview", "request": {"uid": UID}}):
        with pytest.raises(ReviewInvalid):
            kubernetes.read(body)
    with pytest.raises(ReviewInvalid):
        kubernetes.read({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": ""}})


def test_an_environment_is_read_from_labels_and_annotations_of_the_thing_and_its_pods() -> None:
    key = kubernetes.ENVIRONMENT
    thing = templated("Deployment", image(GOOD), labels={key: "production"})
    assert kubernetes.read(review(thing)).environments == {"production"}
    thing["metadata"]["annotations"] = {key: "sandbox"}
    assert kubernetes.read(review(thing)).environments == {"production", "sandbox"}


def test_a_pod_that_runs_already_may_change_its_labels_but_not_its_images() -> None:
    before, after = pod("nginx", labels={"a": "1"}), pod("nginx", labels={"a": "2"})
    assert kubernetes.read(review(after, operation="UPDATE", old=before)).is_unchanged
    after["spec"]["ephemeralContainers"] = [{"name": "debug", "image": "busybox"}]
    assert not kubernetes.read(review(after, operation="UPDATE", old=before)).is_unchanged
    assert not kubernetes.read(review(before)).is_unchanged
    assert not kubernetes.read(review(before, operation="UPDATE", old=None)).is_unchanged
    deployment = templated("Deployment", "nginx")
    assert not kubernetes.read(review(deployment, operation="UPDATE", old=deployment)).is_unchanged
    leaving = {**deployment, "metadata": {**deployment["metadata"], "deletionTimestamp": "2026-11-27T12:00:00Z"}}
    assert kubernetes.read(review(leaving, operation="UPDATE", old=deployment)).is_unchanged


def served(model: dict[str, Any], annotation: str | None = None) -> dict[str, Any]:
    notes = {kubernetes.SUBJECT: annotation} if annotation else {}
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": "leads", "namespace": "scoring", "annotations": notes},
        "spec": {"predictor": {"model": {"modelFormat": {"name": "lightgbm"}, **model}}},
    }


def test_a_served_model_is_named_by_the_digest_in_its_address() -> None:
    address = f"s3://headway/bundles/{GOOD}/"
    assert digests(served({"storageUri": address})) == [GOOD]
    assert digests(served({"storageUri": address}, annotation=GOOD)) == [GOOD]
    assert digests(served({"storageUri": f"oci://registry.example/leads@sha256:{GOOD[7:]}"})) == [GOOD]
    assert digests(served({"storageUris": [{"uri": address}, {"uri": "s3://other/model"}]})) == [GOOD, None]
    other = kubernetes.read(review(served({"storageUri": address}, annotation=OTHER)))
    assert "names another digest" in str(other.fault)


def test_an_annotation_is_a_claim_that_counts_only_where_the_cluster_says_so() -> None:
    thing = served({"storageUri": "s3://anything/goes"}, annotation=GOOD)
    assert digests(thing) == [None]
    assert digests(thing, trust_annotation=True) == [GOOD]
    assert digests(served({"storage": {"key": "minio", "path": "leads"}})) == [None]


def test_the_images_of_a_served_model_are_looked_at_too() -> None:
    thing = served({"storageUri": f"s3://headway/bundles/{GOOD}", "image": "nginx"})
    thing["spec"]["transformer"] = {"containers": [{"name": "t", "image": image(OTHER)}]}
    assert digests(thing) == [None, GOOD, OTHER]


def test_an_answer_names_the_question_and_keeps_within_what_clusters_take() -> None:
    let_in = kubernetes.answer(UID, warnings=["w" * 500], notes={"verdicts": "vdt_1"})
    assert let_in["apiVersion"] == "admission.k8s.io/v1" and let_in["kind"] == "AdmissionReview"
    response = let_in["response"]
    assert isinstance(response, dict) and (response["uid"], response["allowed"]) == (UID, True)
    assert "status" not in response and max(map(len, response["warnings"])) <= 256
    kept_out = kubernetes.answer(UID, message="no")["response"]
    assert kept_out == {"uid": UID, "allowed": False, "status": {"code": 403, "reason": "Forbidden", "message": "no"}}
