"""Files that wait: sent once, looked at, kept until a pilot or a product is made of them, or until nobody wants them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl
from sqlalchemy.orm import Session

from headway import ledger
from headway.catalog import guessing, profile, store
from headway.catalog.adapters import files
from headway.catalog.entities import FilePreview, Upload
from headway.catalog.errors import UnknownUpload
from headway.kernel import clock, ids
from headway.kernel.auth import Actor
from headway.kernel.canonical import file_digest
from headway.kernel.ids import Ref
from headway.kernel.storage import Storage

KEPT: Final = timedelta(days=7)
"""How long a file waits after it was last used; what was made of it stays."""


def preview_file(source: Path, filename: str) -> FilePreview:
    """Look at a file without keeping it: columns, what they hold, and a guess at their roles; raises UnreadableFile."""
    with TemporaryDirectory(prefix="headway-") as folder:
        staged = files.stage(source, filename, Path(folder))
        own = {name: kind for name, kind in staged.kinds.items() if name in staged.found}
        profiles = profile.profile(pl.scan_parquet(staged.path), own, staged.rows)
    return FilePreview(
        filename=filename,
        file_kind=staged.kind,
        rows=staged.rows,
        size_bytes=source.stat().st_size,
        columns=tuple(guessing.describe(one) for one in profiles),
        guess=guessing.guess_roles(profiles),
        notes=staged.notes,
    )


def read_file(source: Path, filename: str) -> pl.DataFrame:
    """Read a file as a typed frame without keeping it; what does not fit its column is missing. Raises UnreadableFile."""
    with TemporaryDirectory(prefix="headway-") as folder:
        return files.read_frame(source, filename, Path(folder))


def keep_upload(
    session: Session, actor: Actor, storage: Storage, *, source: Path, filename: str, department: str
) -> Upload:
    """Keep a file of a department under its digest; the same file again is the same upload.

    Raises: UnreadableFile: nothing is kept of it then.
    """
    digest, home = file_digest(source), ids.slug(department)
    known = store.upload_of(session, digest, home)
    if known is not None:
        storage.ensure(known.file_key, source)
        store.hold_upload(session, known.id, clock.now() + KEPT)
        return get_upload(session, known.id)
    preview = preview_file(source, filename)
    now = clock.now()
    made = Upload(
        id=ids.new_id("upl"),
        department=home,
        digest=digest,
        file_key="uploads/" + digest.removeprefix("sha256-"),
        preview=preview,
        uploaded_by=actor.ref,
        created_at=now,
        kept_until=now + KEPT,
    )
    store.add_upload(session, made)
    storage.ensure(made.file_key, source)
    payload = {"department": home, "file_digest": digest, "rows": preview.rows}
    ledger.record(session, actor=actor, type="upload.kept", subject=Ref("upload", made.id), payload=payload)
    return made


def get_upload(session: Session, upload_id: str) -> Upload:
    """An upload by its id; raises UnknownUpload."""
    found = store.upload(session, upload_id)
    if found is None or found.kept_until < clock.now():
        words = f"there is no upload {upload_id!r}"
        raise UnknownUpload(words, hint=f"uploads wait {KEPT.days} days after they were last used; send the file again")
    return found


def find_upload(session: Session, digest: str, department: str) -> Upload:
    """The upload of a file in a department, by the file's digest; raises UnknownUpload."""
    found = store.upload_of(session, digest, department)
    return get_upload(session, found.id if found is not None else digest)


def use_upload(session: Session, upload_id: str) -> Upload:
    """Let an upload wait for its whole time again; raises UnknownUpload."""
    get_upload(session, upload_id)
    store.hold_upload(session, upload_id, clock.now() + KEPT)
    return get_upload(session, upload_id)


def forget_upload(session: Session, storage: Storage, file_key: str) -> None:
    """Remove an uploaded file of which no product was made and that waits for nobody."""
    if not store.file_is_kept(session, file_key) and not store.file_waits(session, file_key, clock.now()):
        storage.delete(file_key)


def forget_due_uploads(session: Session, storage: Storage) -> int:
    """Remove the uploads that nobody used in time; gives how many."""
    due = store.take_due_uploads(session, clock.now())
    for key in due:
        forget_upload(session, storage, key)
    return len(due)
