"""What a cluster sends to a webhook: AdmissionReview documents, admission.k8s.io/v1, as an API server writes them."""

from __future__ import annotations

from typing import Any

UID = "705ab4f5-6393-11e8-b7cc-42010a800002"
POD = {"group": "", "version": "v1", "kind": "Pod"}
GROUPS = {"Deployment": "apps", "StatefulSet": "apps", "DaemonSet": "apps", "ReplicaSet": "apps", "Job": "batch"}
RESOURCES = {"Pod": "pods", "Deployment": "deployments", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets"}


def image(digest: str, name: str = "registry.example/scoring") -> str:
    """An image by its digest."""
    return f"{name}@{digest.replace('sha256-', 'sha256:')}"


def pod_spec(*images: str, **more: Any) -> dict[str, Any]:
    """The spec of a pod with a container for each image."""
    containers = [{"name": f"c{n}", "image": one, "resources": {}} for n, one in enumerate(images)]
    return {"containers": containers, "restartPolicy": "Always", "serviceAccountName": "default", **more}


def pod(*images: str, labels: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """A pod."""
    meta = {"name": "scoring-0", "namespace": "scoring", "labels": labels or {}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": pod_spec(*images, **more)}


def templated(kind: str, *images: str, labels: dict[str, str] | None = None) -> dict[str, Any]:
    """Anything that makes pods."""
    template = {"metadata": {"labels": {"app": "scoring", **(labels or {})}}, "spec": pod_spec(*images)}
    spec: dict[str, Any] = {"template": template}
    if kind == "CronJob":
        spec = {"schedule": "0 * * * *", "jobTemplate": {"spec": spec}}
    meta = {"name": "scoring", "namespace": "scoring"}
    return {"apiVersion": f"{GROUPS.get(kind, 'batch')}/v1", "kind": kind, "metadata": meta, "spec": spec}


def review(
    thing: dict[str, Any] | None,
    *,
    operation: str = "CREATE",
    old: dict[str, Any] | None = None,
    dry_run: bool = False,
) -> dict[str, Any]:
    """The question of an API server about a thing."""
    meant = thing or old or {}
    group, _, version = str(meant.get("apiVersion", "v1")).rpartition("/")
    kind = {"group": group, "version": version, "kind": meant.get("kind", "Pod")}
    resource = {"group": group, "version": version, "resource": RESOURCES.get(kind["kind"], kind["kind"].lower() + "s")}
    return {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": UID,
            "kind": kind,
            "resource": resource,
            "requestKind": kind,
            "requestResource": resource,
            "name": meant.get("metadata", {}).get("name"),
            "namespace": "scoring",
            "operation": operation,
            "userInfo": {
                "username": "system:serviceaccount:kube-system:replicaset-controller",
                "uid": "0e9b3b1c",
                "groups": ["system:serviceaccounts", "system:authenticated"],
            },
            "object": thing,
            "oldObject": old,
            "dryRun": dry_run,
            "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"},
        },
    }
