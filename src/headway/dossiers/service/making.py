"""Making a dossier from the records as they are, keeping it for ever, and holding it against the records of today."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy.orm import Session

from headway import documents, governance, identity, ledger
from headway.dossiers import filling, laying, store
from headway.dossiers.board.records import BoardRecords
from headway.dossiers.entities import (
    Content,
    Dossier,
    DossierFile,
    DossierKind,
    DossierStanding,
    DossierState,
    Form,
    Made,
)
from headway.dossiers.errors import DossierAsked, DossierDamaged, DossierNotMade, UnknownDossier
from headway.dossiers.forms import BOARD_PACK, OF_USECASE
from headway.dossiers.quarters import read_quarter
from headway.dossiers.records import Records
from headway.dossiers.service.gathering import gather
from headway.dossiers.service.surveying import survey
from headway.dossiers.tables import DossierRow
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.canonical import canonical_json, sha256
from headway.kernel.ids import Ref, new_id
from headway.kernel.storage import Storage
from headway.kernel.web import Parts

MAKER: Final = Actor(ref="service:dossiers", name="Dossiers")
"""Who writes the evidence that a document is complete: the platform, never the person who asked for it."""
PDF, MARKDOWN, JSON = "application/pdf", "text/markdown; charset=utf-8", "application/json"
WORD_FILE: Final = "document.docx"
WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def make_dossier(session: Session, parts: Parts, actor: Actor, *, usecase: str, kind: DossierKind) -> Dossier:
    """Make a document about a use case from the records as they are now, and keep it.

    A technical documentation without a gap is brought as evidence about its version, where a pack asks for it.
    Raises: UseCaseUnknown. DossierAsked: documents of this kind are not about a use case.
    """
    if kind not in OF_USECASE:
        raise DossierAsked(f"a {kind.value} is not made in this way", hint="see 'headway dossier --help'")
    records = gather(session, parts, usecase)
    content = fill_of(OF_USECASE[kind], records)
    row = begun(actor, kind=kind, title=content.title, usecase=usecase, department=records.case.department)
    made = filling.seal(content, id=row.id, at=row.started_at, by=identity.names_of(session, [actor.ref])[actor.ref])
    finish(session, parts.storage, actor, row, content=content, digest=made.digest, files=files_of(made))
    if kind is DossierKind.annex_iv and not content.gaps and records.version:
        _prove_complete(session, records, row.id)
    return store.dossier_of(row)


def fill_of(form: Form, records: Records) -> Content:
    """Fill a form about a use case."""
    case = records.case
    about = [("Use case", f"{case.title} ({case.slug})"), ("Department", records.department)]
    about.append(("Legal tier", case.tier.value))
    if records.version:
        about += [("Version", records.version.ref), ("Digest of its bundle", records.version.digest)]
    return filling.fill(
        form,
        records,
        due=form.due(records),
        subject=case.title,
        organisation=records.organisation,
        about=tuple(about),
        packs=records.packs,
    )


def fill_board(records: BoardRecords) -> Content:
    """Fill the board pack of a quarter."""
    quarter = records.quarter
    about = (
        ("Quarter", f"{quarter}: {quarter.first} to {quarter.last}"),
        ("What happened", "In the quarter, as far as the records knew when this was made"),
        ("What stands", "As the records stood when this was made"),
    )
    return filling.fill(
        BOARD_PACK,
        records,
        due=BOARD_PACK.due(records),
        subject=f"{records.organisation}, {quarter}",
        organisation=records.organisation,
        about=about,
        packs=records.packs,
    )


def begun(
    actor: Actor,
    *,
    kind: DossierKind,
    title: str,
    department: str,
    usecase: str | None = None,
    quarter: str | None = None,
    job: str | None = None,
) -> DossierRow:
    """A row of a dossier that is being made."""
    return DossierRow(
        id=new_id("dsr"),
        kind=kind.value,
        title=title,
        usecase=usecase,
        quarter=quarter,
        department=department,
        state=DossierState.running.value,
        job=job,
        files=[],
        requirements=0,
        gaps=0,
        is_due=None,
        packs={},
        made_by=actor.ref,
        started_at=clock.now(),
    )


def files_of(made: Made) -> dict[str, tuple[str, bytes]]:
    """The files of a document, by name with their media type."""
    told = {
        "format": "headway-dossier",
        "version": 1,
        "digest": made.digest,
        "content_digest": made.content_digest,
        "id": made.id,
        "made_at": made.at.isoformat(),
        "made_by": made.by,
        "content": filling.plain(made.content),
    }
    return {
        "document.pdf": (PDF, documents.pdf(laying.document_of(made))),
        "document.md": (MARKDOWN, laying.markdown_of(made).encode()),
        "document.json": (JSON, canonical_json(told)),
    }


def finish(
    session: Session,
    storage: Storage,
    actor: Actor,
    row: DossierRow,
    *,
    content: Content | None,
    digest: str,
    files: Mapping[str, tuple[str, bytes]],
) -> None:
    """Keep the files of a dossier under their digests, and end its row; the ledger is told of both."""
    kept = [
        DossierFile(name=name, media=media, bytes=len(data), digest=sha256(data))
        for name, (media, data) in files.items()
    ]
    for one in kept:
        storage.ensure(key_of(one.digest), files[one.name][1])
    row.files = [msgspec.to_builtins(one) for one in kept]
    row.state, row.made_at, row.digest = DossierState.made.value, clock.now(), digest
    if content is not None:
        row.requirements = sum(len(one.answers) for one in content.chapters)
        row.gaps, row.is_due = len(content.gaps), content.due.is_due
        row.content_digest, row.packs = filling.digest_of(filling.plain(content)), dict(content.packs)
    store.add(session, row)
    payload = {
        "kind": row.kind,
        "usecase": row.usecase,
        "quarter": row.quarter,
        "digest": digest,
        "content_digest": row.content_digest,
        "gaps": row.gaps,
        "files": {one.name: one.digest for one in kept},
    }
    ledger.record(session, actor=actor, type="dossier.made", subject=Ref("dossier", row.id), payload=payload)


def key_of(digest: str) -> str:
    """Where a file of a dossier lies; its name is its content."""
    return f"dossiers/{digest}"


def _prove_complete(session: Session, records: Records, dossier_id: str) -> None:
    assert records.version is not None  # noqa: S101  asked for by the caller
    governance.record_proof(
        session,
        type="tech_doc_annex_iv",
        subject=Ref.parse(records.version.ref),
        subject_digest=records.version.digest,
        facts={"dossier": dossier_id, "gaps": 0},
        producer=MAKER,
    )


# --- reading -----------------------------------------------------------------------------------------------------


def get_dossier(session: Session, dossier_id: str) -> Dossier:
    """Read a dossier; raises UnknownDossier."""
    return store.dossier_of(store.need_row(session, dossier_id))


def action_to_read(dossier: Dossier) -> str:
    """What somebody must be allowed to, to read a dossier.

    A bundle holds everything of a use case, so only auditors get it; a board pack holds money and incidents of everybody.
    """
    asked = {DossierKind.audit_bundle: "dossier:bundle", DossierKind.board_pack: "dossier:board"}
    return asked.get(dossier.kind, "dossier:read")


def read_file(session: Session, storage: Storage, dossier_id: str, name: str) -> tuple[DossierFile, bytes]:
    """Read a file of a made dossier. The Word file is written anew each time from what is kept, always with the same bytes.

    Raises: UnknownDossier; DossierNotMade; DossierDamaged: its bytes are not those that were kept.
    """
    found = get_dossier(session, dossier_id)
    if found.state is not DossierState.made:
        raise DossierNotMade(f"{dossier_id} is {found.state.value} and has no files")
    file = next((one for one in found.files if one.name == name), None)
    if file is None and name == WORD_FILE and found.content_digest:
        return _word_of(storage, found)
    if file is None:
        told = ", ".join(one.name for one in found.files)
        raise UnknownDossier(f"{dossier_id} has no file {name!r}", hint=f"it has {told}")
    data = storage.get(key_of(file.digest))
    if sha256(data) != file.digest:
        raise DossierDamaged(f"{name} of {dossier_id} is not what was kept", hint="restore it from a backup")
    return file, data


def _word_of(storage: Storage, dossier: Dossier) -> tuple[DossierFile, bytes]:
    told = _kept(storage, dossier)
    content = filling.content_of(told["content"])
    made = filling.seal(content, id=told["id"], at=datetime.fromisoformat(told["made_at"]), by=told["made_by"])
    data = documents.docx(laying.document_of(made))
    return DossierFile(name=WORD_FILE, media=WORD, bytes=len(data), digest=sha256(data)), data


def read_content(session: Session, storage: Storage, dossier_id: str) -> Content:
    """Read what a made document says, as it was kept; raises as ``read_file``."""
    data = read_file(session, storage, dossier_id, "document.json")[1]
    return filling.content_of(json.loads(data)["content"])


def file_name(dossier: Dossier, file: DossierFile) -> str:
    """How a file is called when it is taken away."""
    ending = file.name.rpartition(".")[2]
    return f"{dossier.kind.value.replace('_', '-')}-{dossier.usecase or dossier.quarter}-{dossier.id}.{ending}"


def standings(session: Session, parts: Parts, usecase: str) -> tuple[DossierStanding, ...]:
    """Tell for each kind of document whether it is owed, what is missing now, and whether the newest made is outdated.

    Raises: UseCaseUnknown.
    """
    records = gather(session, parts, usecase)
    newest = store.newest(session, usecase)
    return tuple(
        standing_of(fill_of(form, records), newest.get(kind), parts.storage) for kind, form in OF_USECASE.items()
    )


def standing_of(content: Content, newest: Dossier | None, storage: Storage) -> DossierStanding:
    """Hold a document as it would be made now beside the newest that was."""
    changed: tuple[str, ...] = ()
    if newest is not None:
        changed = filling.changed(_kept(storage, newest)["content"], filling.plain(content))
    return DossierStanding(
        kind=content.kind,
        title=content.title,
        source=content.source,
        due=content.due,
        requirements=sum(len(one.answers) for one in content.chapters),
        gaps=content.gaps,
        newest=newest,
        is_outdated=bool(changed) if newest else None,
        changed=changed,
    )


def compare(session: Session, parts: Parts, dossier_id: str) -> DossierStanding:
    """Hold a made dossier beside what the records say now.

    Raises: UnknownDossier, DossierNotMade; DossierAsked: an auditor's bundle is proofs, not statements.
    """
    found = get_dossier(session, dossier_id)
    if found.state is not DossierState.made:
        raise DossierNotMade(f"{dossier_id} is {found.state.value}")
    if found.kind is DossierKind.board_pack and (quarter := read_quarter(found.quarter or "")):
        content = fill_board(survey(session, parts, quarter))
    elif found.kind in OF_USECASE and found.usecase is not None:
        content = fill_of(OF_USECASE[found.kind], gather(session, parts, found.usecase))
    else:
        raise DossierAsked(f"a {found.kind.value} is not compared", hint="make a new one")
    return standing_of(content, found, parts.storage)


def _kept(storage: Storage, dossier: Dossier) -> Mapping[str, Any]:
    file = next(one for one in dossier.files if one.name == "document.json")
    data = storage.get(key_of(file.digest))
    if sha256(data) != file.digest:
        raise DossierDamaged(f"{file.name} of {dossier.id} is not what was kept", hint="restore it from a backup")
    told: dict[str, Any] = json.loads(data)
    return told
