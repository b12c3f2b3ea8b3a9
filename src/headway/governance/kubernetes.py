"""AdmissionReview, admission.k8s.io/v1: what a cluster wants to run, and the answer it reads. Pure.

Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/. What cannot be read is
never let in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from headway.governance.admissions import digest_in
from headway.governance.errors import ReviewInvalid

API_VERSION, KIND = "admission.k8s.io/v1", "AdmissionReview"
ENVIRONMENT = "headway.io/environment"
SUBJECT = "headway.io/subject-digest"
CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
SERVED = ("predictor", "transformer", "explainer")
WARNING, MESSAGE = 240, 2000
TEMPLATES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("", "Pod"): (),
    ("", "ReplicationController"): ("spec", "template"),
    ("apps", "Deployment"): ("spec", "template"),
    ("apps", "ReplicaSet"): ("spec", "template"),
    ("apps", "StatefulSet"): ("spec", "template"),
    ("apps", "DaemonSet"): ("spec", "template"),
    ("batch", "Job"): ("spec", "template"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
}
"""Where the pod lies in what is sent, by API group and kind."""
INFERENCE_SERVICE = ("serving.kserve.io", "InferenceService")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that would run: an image or the files of a model. ``digest`` is None where its name holds none."""

    place: str
    name: str
    digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a cluster asks. ``wanted`` is empty for what removes something; ``fault``: why it cannot be let in as it is."""

    uid: str
    about: str  # kind, namespace and name, for people
    operation: str
    wanted: tuple[Wanted, ...]
    environments: frozenset[str]  # named by labels and annotations
    is_dry_run: bool
    is_unchanged: bool  # a running pod, or something on its way out, that would run what it ran before
    fault: str | None


def read(body: Mapping[str, object], *, trust_annotation: bool = False) -> Review:
    """Read an AdmissionReview.

    Args: trust_annotation: whether ``headway.io/subject-digest`` may say what a storage address does not.
    Raises: ReviewInvalid: it is none, or has no uid to answer to.
    """
    request = _map(body.get("request"))
    uid = request.get("uid")
    if body.get("apiVersion") != API_VERSION or body.get("kind") != KIND or not isinstance(uid, str) or not uid:
        raise ReviewInvalid(f"this is no {KIND} of {API_VERSION}", hint="set admissionReviewVersions: [v1]")
    kind = _map(request.get("kind"))
    group, name = str(kind.get("group", "")), str(kind.get("kind", ""))
    new, old = _map(request.get("object")), _map(request.get("oldObject"))
    operation = str(request.get("operation", ""))
    is_leaving = operation == "DELETE"
    try:
        wanted = () if is_leaving else tuple(_wanted((group, name), new, trust_annotation=trust_annotation))
        fault = None if wanted or is_leaving else f"nothing in this {name or 'object'} says what would run"
    except ReviewInvalid as error:
        wanted, fault = (), error.message
    about = "/".join(str(part) for part in (name, request.get("namespace"), _meta(new).get("name")) if part)
    return Review(
        uid=uid,
        about=about or name,
        operation=operation,
        wanted=wanted,
        environments=frozenset(_environments((group, name), new)),
        is_dry_run=request.get("dryRun") is True,
        is_unchanged=operation == "UPDATE" and _is_unchanged((group, name), new, old),
        fault=fault,
    )


def answer(
    uid: str,
    *,
    message: str | None = None,
    warnings: Iterable[str] = (),
    notes: Mapping[str, str] | None = None,
) -> dict[str, object]:
    """Write the AdmissionReview that answers; ``message`` says why not, without one it is let in."""
    response: dict[str, object] = {"uid": uid, "allowed": message is None}
    if message is not None:
        response["status"] = {"code": 403, "reason": "Forbidden", "message": message[:MESSAGE]}
    if told := [one[:WARNING] for one in warnings]:
        response["warnings"] = told
    if notes:
        response["auditAnnotations"] = dict(notes)
    return {"apiVersion": API_VERSION, "kind": KIND, "response": response}


def _wanted(kind: tuple[str, str], thing: Mapping[str, object], *, trust_annotation: bool) -> Iterator[Wanted]:
    if kind == INFERENCE_SERVICE:
        yield from _served(thing, trust_annotation=trust_annotation)
        return
    if kind not in TEMPLATES:
        raise ReviewInvalid(f"the gate does not know what a {kind[1] or 'thing without a kind'} of {kind[0]!r} runs")
    yield from _images(_map(_template(kind, thing).get("spec")), "spec")


def _images(spec: Mapping[str, object], place: str) -> Iterator[Wanted]:
    """The images of a pod: of its containers of every sort, and those mounted as volumes."""
    for sort in CONTAINERS:
        for one in _list(spec.get(sort), f"{place}.{sort}"):
            yield _image(f"{place}.{sort}[{one.get('name')}]", one.get("image"))
    for one in _list(spec.get("volumes"), f"{place}.volumes"):
        if (mounted := _map(one.get("image"))) or "image" in one:
            yield _image(f"{place}.volumes[{one.get('name')}]", mounted.get("reference"))


def _image(place: str, name: object) -> Wanted:
    text = name if isinstance(name, str) else ""
    return Wanted(place, text, digest_in(text) if "@sha256:" in text else None)


def _served(thing: Mapping[str, object], *, trust_annotation: bool) -> Iterator[Wanted]:
    """The models of an InferenceService by the digest in their address, and the images it names."""
    told = _map(_meta(thing).get("annotations")).get(SUBJECT)
    said = digest_in(told) if isinstance(told, str) else None
    for part in SERVED:
        spec = _map(_map(thing.get("spec")).get(part))
        yield from _images(spec, f"spec.{part}")
        for framework, inner in spec.items():
            if not isinstance(inner, Mapping):
                continue
            place = f"spec.{part}.{framework}"
            if isinstance(inner.get("image"), str):
                yield _image(place, inner["image"])
            for address in _addresses(inner, place):
                found = _digest_of(address)
                if told is not None and found is not None and found != said:
                    raise ReviewInvalid(f"{place}: {SUBJECT} names another digest than {address}")
                yield Wanted(place, address, found or (said if trust_annotation else None))
        for address in _addresses(spec, f"spec.{part}"):
            yield Wanted(f"spec.{part}", address, _digest_of(address) or (said if trust_annotation else None))


def _addresses(spec: Mapping[str, object], place: str) -> Iterator[str]:
    if "storageUri" in spec:
        yield str(spec["storageUri"])
    for one in _list(spec.get("storageUris"), f"{place}.storageUris"):
        yield str(one.get("uri"))
    if "storage" in spec:
        yield f"storage {_map(spec['storage']).get('path')}"


def _digest_of(address: str) -> str | None:
    """The digest that an address names: of an OCI image, or a folder named by a bundle's digest."""
    if "@sha256:" in address:
        return digest_in(address)
    named = [found for part in address.split("/") if (found := digest_in(part)) and "@" not in part]
    return named[-1] if named else None


def _template(kind: tuple[str, str], thing: Mapping[str, object]) -> Mapping[str, object]:
    for name in TEMPLATES.get(kind, ()):
        thing = _map(thing.get(name))
    return thing


def _environments(kind: tuple[str, str], thing: Mapping[str, object]) -> Iterator[str]:
    for one in (thing, _template(kind, thing)):
        for where in ("labels", "annotations"):
            named = _map(_meta(one).get(where)).get(ENVIRONMENT)
            if named is not None:
                yield str(named)


def _is_unchanged(kind: tuple[str, str], new: Mapping[str, object], old: Mapping[str, object]) -> bool:
    """Whether a change cannot bring anything to run that does not run already: nothing is asked of the gate then."""
    if kind != ("", "Pod") and "deletionTimestamp" not in _meta(new):
        return False
    try:
        same = set(_wanted(kind, new, trust_annotation=True)) == set(_wanted(kind, old, trust_annotation=True))
    except ReviewInvalid:
        return False
    return bool(old) and same and set(_environments(kind, new)) == set(_environments(kind, old))


def _meta(thing: Mapping[str, object]) -> Mapping[str, object]:
    return _map(thing.get("metadata"))


def _map(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _list(value: object, place: str) -> Sequence[Mapping[str, object]]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise ReviewInvalid(f"{place} is no list of objects")
    return value
