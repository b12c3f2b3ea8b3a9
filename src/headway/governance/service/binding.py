"""Image bindings: which bundle a container image carries, told by the build that made it, kept as evidence about the image."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway.governance import admissions, store
from headway.governance.entities import Evidence, ImageBinding
from headway.governance.errors import FactsInvalid
from headway.governance.service.evidence import record_evidence
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref

IMAGE_BINDING = "image_binding"


def bind_image(session: Session, actor: Actor, *, image: str, bundle: str) -> ImageBinding:
    """Say that an image carries a bundle, or runs beside it in one pod; the newest word about an image counts.

    Args: image: with its digest, ``registry/name@sha256:HEX``; bundle: the digest of the bundle.
    Raises: EvidenceRefused: the actor is a person; only builds say what they built. FactsInvalid: a digest is missing.
    """
    image_digest, bundle_digest = admissions.digest_in(image), admissions.digest_in(bundle)
    faults = [
        Fault(rule="binding.digest", column=name, value=text[:200], message=f"name the {name} by its digest, {form}")
        for name, text, found, form in (
            ("image", image, image_digest, "name@sha256:HEX"),
            ("bundle", bundle, bundle_digest, "sha256-HEX"),
        )
        if found is None
    ]
    if image_digest is None or bundle_digest is None:
        raise FactsInvalid("; ".join(fault.message for fault in faults), faults=faults)
    made = record_evidence(
        session,
        type=IMAGE_BINDING,
        subject=Ref("image", image_digest),
        subject_digest=image_digest,
        facts={"image": image, "bundle_digest": bundle_digest},
        producer=actor,
    )
    return _binding(made)


def find_binding(session: Session, image_digest: str) -> ImageBinding | None:
    """Read the newest word about an image; None when nobody said which bundle it carries."""
    found = store.list_evidence(
        session, subject=None, subject_digest=image_digest, type=IMAGE_BINDING, before=None, limit=1
    )
    return _binding(found[0]) if found else None


def _binding(row: Evidence) -> ImageBinding:
    return ImageBinding(
        id=row.id,
        image=str(row.facts.get("image")),
        image_digest=row.subject_digest,
        bundle_digest=str(row.facts.get("bundle_digest")),
        bound_by=row.producer,
        bound_at=row.made_at,
    )
