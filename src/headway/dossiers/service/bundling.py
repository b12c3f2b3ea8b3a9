"""The auditor's bundle of a use case: what was recorded, with the proofs of it, and the program that checks them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Final

from sqlalchemy.orm import Session

from headway import governance, ledger
from headway.dossiers import adapters, store
from headway.dossiers.entities import Dossier, DossierKind
from headway.dossiers.plain import to_json, to_lines, to_plain
from headway.dossiers.records import Records
from headway.dossiers.service.deliberations import deliberations
from headway.dossiers.service.gathering import gather
from headway.dossiers.service.making import begun, finish, key_of
from headway.dossiers.tables import DossierRow
from headway.kernel import ids
from headway.kernel.auth import Actor
from headway.kernel.canonical import canonical_json, sha256
from headway.kernel.ids import Ref
from headway.kernel.jobs import Jobs
from headway.kernel.paging import MAX_LIMIT
from headway.kernel.web import Parts

JOB: Final = "dossier"
ZIP: Final = "application/zip"
Files = dict[str, bytes]


def start_bundle(session: Session, actor: Actor, jobs: Jobs, *, usecase: str) -> Dossier:
    """Begin an auditor's bundle of a use case; a job makes it. Raises UseCaseUnknown."""
    case = governance.get_usecase(session, usecase)
    row = begun(
        actor,
        kind=DossierKind.audit_bundle,
        title="Auditor's bundle",
        usecase=usecase,
        department=case.department,
        job=ids.new_id("job"),
    )
    jobs.enqueue(session, JOB, {"dossier": row.id}, actor=actor, job_id=row.job)
    store.add(session, row)
    return store.dossier_of(row)


def prepare(parts: Parts) -> None:
    """Have everything that was recorded signed by a checkpoint, so that it can be proved."""
    trusted = ledger.read_trust(parts.settings.trust_file)
    ledger.sequence(parts.database, parts.storage, parts.signer, trusted=trusted)


def make_bundle(session: Session, parts: Parts, actor: Actor, row: DossierRow) -> None:
    """Put the bundle together and keep it."""
    assert row.usecase is not None  # noqa: S101  a constraint of the table
    records = gather(session, parts, row.usecase)
    files = _files(session, parts, records)
    about = {"usecase": row.usecase, "made_at": row.started_at.isoformat(), "made_by": actor.ref, "id": row.id}
    data = adapters.pack(about, files)
    finish(session, parts.storage, actor, row, content=None, digest=sha256(data), files={"bundle.zip": (ZIP, data)})


def _files(session: Session, parts: Parts, records: Records) -> Files:
    keys = {**ledger.read_trust(parts.settings.trust_file), parts.signer.key_id: parts.signer.public}
    evidence = _evidence(session, records)
    made: Files = {
        "verify.py": adapters.verifier(),
        "README.txt": adapters.READ_ME.encode(),
        "keys.json": canonical_json({name: base64.b64encode(key).decode() for name, key in keys.items()}),
        "usecase.json": to_json(records.case),
        "evidence.jsonl": to_lines(
            {**to_plain(one), "facts_text": canonical_json(dict(one.facts)).decode()} for one in evidence
        ),
        "approvals.jsonl": to_lines(records.approvals),
        "waivers.jsonl": to_lines(records.waivers),
    }
    for one in records.verdicts:
        made[f"verdicts/{one.id}.json"] = governance.get_envelope(session, one.id)
    for name, digest in sorted({pair for one in records.verdicts for pair in one.pack_digests.items()}):
        pack = name.partition("@")[0]
        made[f"packs/{pack}@{digest}.json"] = governance.pack_envelope(session, parts.signer, pack, digest)
    documents = store.list_dossiers(session, usecase=records.case.slug, kind=None, limit=MAX_LIMIT, before=None)
    for dossier in documents:
        if dossier.kind is not DossierKind.audit_bundle:
            made |= {
                f"documents/{dossier.id}/{one.name}": parts.storage.get(key_of(one.digest)) for one in dossier.files
            }
    subjects = {one.subject for one in evidence} | {f"dossier:{one.id}" for one in documents}
    decided, about = deliberations(session, parts.storage, records)
    made |= decided
    subjects |= about
    made["ledger/entries.jsonl"] = to_lines(_entries(session, records, subjects))
    return made


def _evidence(session: Session, records: Records) -> list[governance.Evidence]:
    """All evidence of the use case, and of every version and data that its verdicts are about."""
    found = {one.id: one for one in records.evidence}
    digests = {one.digest for one in records.versions} | {one.subject_digest for one in records.verdicts}
    for digest in sorted(digests):
        about = governance.list_evidence(session, subject_digest=digest, limit=MAX_LIMIT).items
        found |= {one.id: one for one in about}
        data = {one.facts.get("data_digest") for one in about if one.type == "dataset_card"}
        for of_data in (one for one in data if isinstance(one, str)):
            read = governance.list_evidence(session, subject_digest=of_data, limit=MAX_LIMIT).items
            found |= {one.id: one for one in read}
    return [found[one] for one in sorted(found)]


def _entries(session: Session, records: Records, subjects: set[str]) -> Iterator[object]:
    """The entries of the ledger about everything in the bundle, oldest first, each with its proof."""
    case = records.case
    subjects |= {
        f"usecase:{case.slug}",
        *(one.ref for one in records.versions),
        *(one.subject for one in records.verdicts),
    }
    subjects |= {f"approval:{one.id}" for one in records.approvals} | {f"waiver:{one.id}" for one in records.waivers}
    subjects |= {f"break-glass:{one.id}" for one in records.glass} | {f"release:{one.id}" for one in records.releases}
    subjects |= {f"deployment:{one.environment}/{one.name}" for one in records.deployments}
    events: dict[str, ledger.Event] = {}
    for subject in sorted(subjects):
        page = ledger.find(session, subject=Ref.parse(subject), limit=MAX_LIMIT)
        events |= {one.id: one for one in page.items}
        while page.next:
            page = ledger.find(session, subject=Ref.parse(subject), limit=MAX_LIMIT, cursor=page.next)
            events |= {one.id: one for one in page.items}
    for id in sorted(events):
        if events[id].leaf_index is None:  # recorded while the bundle was put together
            continue
        told = ledger.reveal(session, id)
        is_open = not events[id].is_personal
        yield {
            "proof": to_plain(told.proof),
            "salt": told.salt if is_open else None,
            "payload": told.payload if is_open else None,
        }
