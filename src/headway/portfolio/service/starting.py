"""Starting a pilot from what is there already: from a file that waits, or like a pilot before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from headway import catalog
from headway.kernel.auth import Actor
from headway.kernel.errors import Conflict, Denied, Fault, Invalid
from headway.kernel.jobs import Jobs
from headway.kernel.storage import Storage
from headway.portfolio import store
from headway.portfolio.adapters import Shelf
from headway.portfolio.entities import Pilot, PilotRequest
from headway.portfolio.errors import PilotRunning
from headway.portfolio.service.pilots import request_of, start_pilot


def start_from_upload(
    session: Session, actor: Actor, jobs: Jobs, shelf: Shelf, *, upload_id: str, request: PilotRequest
) -> Pilot:
    """Start a pilot from a file that waits; name, key and digest of the request's file are the upload's.

    Raises: UnknownUpload. Denied: the upload is of another department. What ``start_pilot`` raises, and Invalid for
        columns that the file does not have.
    """
    upload = catalog.use_upload(session, upload_id)
    if upload.department != request.department:
        raise Denied(
            f"the upload {upload_id} is data of {upload.department}", hint=f"start the pilot for {upload.department}"
        )
    check_columns(upload.preview, request)
    of_file = replace(request, filename=upload.preview.filename, file_key=upload.file_key, file_digest=upload.digest)
    return start_pilot(session, actor, jobs, shelf, request=of_file)


def check_columns(preview: catalog.FilePreview, request: PilotRequest) -> None:
    """Raise everything that a glance at the file shows to be wrong with a request; the job looks at each row."""
    known = {one.name: one for one in preview.columns}
    asked = (("label", request.label), ("time", request.time), ("subject", request.subject))
    faults = [
        Fault(rule="unknown_column", column=role, value=name, message=f"the file has no column {name!r}")
        for role, name in (*asked, *(("exclude", name) for name in request.exclude))
        if name is not None and name not in known
    ]
    label = known.get(request.label)
    if label is not None and label.distinct < 2:
        words = f"{label.name!r} holds one value only: there is nothing to tell apart"
        faults.append(Fault(rule="label_constant", column="label", value=label.name, message=words))
    if label is not None and label.values and request.positive and request.positive not in label.values:
        words = f"{label.name!r} is never {request.positive!r}; it is {', '.join(label.values[:10])}"
        faults.append(Fault(rule="unknown_value", column="positive", value=request.positive, message=words))
    named = [name for _, name in asked if name is not None]
    faults += [
        Fault(rule="two_roles", column=role, value=name, message=f"{name!r} cannot have two roles")
        for role, name in (*asked[1:], *(("exclude", one) for one in request.exclude))
        if name is not None and (named.count(name) > 1 if role != "exclude" else name in named)
    ]
    if faults:
        raise Invalid("the pilot cannot be started: " + "; ".join(fault.message for fault in faults), faults=faults)


def repeat_pilot(
    session: Session,
    actor: Actor,
    jobs: Jobs,
    shelf: Shelf,
    pilot_id: str,
    *,
    storage: Storage,
    exclude: Sequence[str],
) -> Pilot:
    """Start a pilot like an ended one, from the same file, with more columns left out.

    Raises: PilotRunning: it has not ended. Conflict: its file was not kept. What ``start_pilot`` raises.
    """
    row = store.need_pilot(session, pilot_id)
    if row.state == "running":
        raise PilotRunning(f"pilot {pilot_id} is {row.state}", hint="wait until it has ended")
    before = request_of(row)
    if not storage.exists(before.file_key):
        raise Conflict(f"the file of pilot {pilot_id} was not kept", hint="start a pilot with the file again")
    request = replace(before, exclude=tuple(dict.fromkeys([*before.exclude, *exclude])))
    return start_pilot(session, actor, jobs, shelf, request=request)
