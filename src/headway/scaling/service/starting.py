"""Starting a plan from what is there already: a file that waits, or the current snapshot of a data product."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from headway import catalog
from headway.kernel.auth import Actor
from headway.kernel.errors import Denied, NotFound
from headway.kernel.jobs import Jobs
from headway.scaling.entities import PlanRequest, ScalePlan
from headway.scaling.service.plans import start_plan


def start_from_upload(session: Session, actor: Actor, jobs: Jobs, *, upload_id: str, request: PlanRequest) -> ScalePlan:
    """Start a plan from a file that waits; raises UnknownUpload, Denied where it is of another department."""
    upload = catalog.use_upload(session, upload_id)
    if upload.department != request.department:
        raise Denied(
            f"the upload {upload_id} is data of {upload.department}", hint=f"plan for {upload.department} with it"
        )
    of_file = replace(request, filename=upload.preview.filename, file_key=upload.file_key, file_digest=upload.digest)
    return start_plan(session, actor, jobs, request=of_file)


def start_from_product(session: Session, actor: Actor, jobs: Jobs, *, product: str, request: PlanRequest) -> ScalePlan:
    """Start a plan from a data product of the new department; raises UnknownProduct, Denied where it is of another one."""
    found = catalog.get_product(session, product)
    if found.department != request.department:
        raise Denied(f"{product} is data of {found.department}", hint=f"plan for {found.department} with it")
    if found.snapshot_id is None:
        raise NotFound(f"the data product {product} has no snapshot")
    snapshot = catalog.get_snapshot(session, found.snapshot_id)
    of_file = replace(request, filename=snapshot.filename, file_key=snapshot.file_key, file_digest=snapshot.file_digest)
    return start_plan(session, actor, jobs, request=of_file)
