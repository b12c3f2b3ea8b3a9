"""Deploying releases, and suspending, resuming and retiring what was deployed. Nodes learn of it by ``publish``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from headway import governance, ledger, registry
from headway.kernel import clock, ids, listing
from headway.kernel.auth import Actor
from headway.kernel.errors import Conflict, Fault, Invalid
from headway.kernel.ids import Ref
from headway.kernel.listing import Found, ListQuery
from headway.kernel.settings import Environment
from headway.serving import store
from headway.serving.entities import Band, Deployment
from headway.serving.errors import NameTaken, NoVerdict, WrongState
from headway.serving.service.keeping import refuse_kept, refuse_kept_release
from headway.serving.service.proving import prove
from headway.serving.tables import DeploymentRow

SANDBOX_LIFE = timedelta(days=14)
SANDBOX_DECISIONS_A_DAY = 1000
CHAMPION, HOLD_OUT = "champion", "hold_out"
SHARE_STEP = 10_000  # arms are dealt in buckets of a ten-thousandth


def ref_of(name: str, environment: str) -> Ref:
    """The reference of a deployment."""
    return Ref("deployment", f"{environment}/{name}")


def deploy(
    session: Session,
    actor: Actor,
    *,
    name: str,
    usecase: str,
    version: Ref,
    subject_digest: str,
    environment: Environment,
    holdout_share: float,
    subject_field: str | None,
    bands: tuple[Band, ...] = (),
) -> Deployment:
    """Put a release to work under a name; a live deployment of the same use case takes over the new release.

    Subjects stay in their arm when a release is replaced: the salt stays.
    Raises: NoVerdict: the exact digest has no valid verdict for the environment. NameTaken, Invalid; KeptStopped: this release
    is kept stopped under this name; governance.UseCaseRetired.
    """
    arms = _arms(name, subject_digest, holdout_share)
    now = clock.now()
    governance.refuse_retired(session, usecase)
    need_verdict(session, subject_digest, environment, now)
    governance.refuse_suspended(session, usecase, environment, [subject_digest])
    row = store.live_deployment(session, name, environment, lock=True)
    if row is not None and row.usecase != usecase:
        raise NameTaken(f"{name!r} in {environment} belongs to the use case {row.usecase}", hint="choose another name")
    refuse_kept_release(session, name=name, environment=environment, usecase=usecase, release=subject_digest)
    is_new = row is None
    if row is None:
        row = DeploymentRow(
            id=ids.new_id("dep"),
            name=name,
            environment=environment,
            usecase=usecase,
            salt=ids.new_salt(),
            created_by=actor.ref,
            created_at=now,
            release="",
        )
        session.add(row)
    if row.release != subject_digest:
        row.released_at, row.held = now, None
    sandbox = environment == "sandbox"
    row.version, row.release, row.arms = str(version), subject_digest, arms
    row.state, row.reason, row.kept = "active", None, []
    row.subject_field = subject_field
    row.bands = [{"name": band.name, "action": band.action} for band in bands]
    row.daily_limit = SANDBOX_DECISIONS_A_DAY if sandbox else None
    row.expires_at = now + SANDBOX_LIFE if sandbox else None
    row.changed_at = now
    session.flush()
    note(session, actor, row, "deployment.created" if is_new else "deployment.changed")
    prove(session, [row])
    return store.deployment_of(row)


def deploy_version(
    session: Session,
    actor: Actor,
    *,
    name: str,
    usecase: str,
    version: Ref,
    environment: Environment,
    holdout_share: float,
    subject_field: str | None,
) -> Deployment:
    """Deploy a registered model version, which must belong to the use case."""
    found = registry.get_version(session, version)
    if found.usecase is not None and found.usecase != usecase:
        fault = Fault(
            rule="usecase", column="version", value=str(version), message=f"belongs to the use case {found.usecase}"
        )
        raise Invalid("the version belongs to another use case", faults=[fault])
    return deploy(
        session,
        actor,
        name=name,
        usecase=usecase,
        version=Ref.parse(found.ref),
        subject_digest=found.digest,
        environment=environment,
        holdout_share=holdout_share,
        subject_field=subject_field,
        bands=bands_of(found.report),
    )


def bands_of(card: Mapping[str, object]) -> tuple[Band, ...]:
    """The bands of a model card's policy."""
    policy = card.get("policy")
    listed = policy.get("bands", []) if isinstance(policy, Mapping) else []
    return tuple(Band(name=str(band["name"]), action=str(band["action"])) for band in listed)


def suspend(session: Session, actor: Actor, *, name: str, environment: str, reason: str) -> Deployment:
    """Stop a deployment from deciding until it is resumed."""
    return _move(session, actor, name, environment, state="suspended", reason=reason)


def resume(session: Session, actor: Actor, *, name: str, environment: Environment, reason: str) -> Deployment:
    """Let a suspended deployment decide again; its release needs a valid verdict, as at the start. Raises KeptStopped."""
    row = store.need_deployment(session, name, environment, lock=True)
    now = clock.now()
    refuse_kept(row)
    governance.refuse_retired(session, row.usecase)
    need_verdict(session, row.release, environment, now)
    governance.refuse_suspended(session, row.usecase, environment, releases_of(row))
    if row.expires_at is not None and row.expires_at <= now:
        raise WrongState(f"{name!r} reached its end at {clock.iso(row.expires_at)}", hint="deploy it again")
    return _move(session, actor, name, environment, state="active", reason=reason)


def retire(session: Session, actor: Actor, *, name: str, environment: str, reason: str) -> Deployment:
    """End a deployment for good and free its name."""
    return _move(session, actor, name, environment, state="retired", reason=reason)


def suspend_expired(session: Session, actor: Actor) -> list[Deployment]:
    """Suspend the deployments whose time is over."""
    moved = []
    for row in store.expired_rows(session, clock.now()):
        row.state, row.reason, row.changed_at = "suspended", "expired", clock.now()
        note(session, actor, row, "deployment.expired")
        moved.append(store.deployment_of(row))
    return moved


def limit(session: Session, actor: Actor, *, name: str, environment: str, decisions_per_day: int | None) -> Deployment:
    """Set how many decisions a day a deployment makes at most; None lifts the limit, but not a sandbox's of 1,000.

    Raises: Invalid, UnknownDeployment, Conflict.
    """
    if decisions_per_day is not None and decisions_per_day < 1:
        fault = Fault(
            rule="minimum", column="decisions_per_day", value=str(decisions_per_day), message="must be at least 1"
        )
        raise Invalid("the limit cannot be set", faults=[fault])
    if environment == "sandbox" and (decisions_per_day is None or decisions_per_day > SANDBOX_DECISIONS_A_DAY):
        raise Conflict(
            f"a sandbox makes at most {SANDBOX_DECISIONS_A_DAY} decisions a day",
            hint="release the version to 'pilot' or 'production' to decide more",
        )
    row = store.need_deployment(session, name, environment, lock=True)
    row.daily_limit, row.changed_at = decisions_per_day, clock.now()
    note(session, actor, row, "deployment.limited")
    return store.deployment_of(row)


def get_deployment(session: Session, name: str, environment: str) -> Deployment:
    """The live deployment of a name; raises UnknownDeployment."""
    return store.deployment_of(store.need_deployment(session, name, environment))


def list_deployments(
    session: Session,
    *,
    environment: str | None = None,
    usecase: str | None = None,
    department: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> tuple[list[Deployment], str | None]:
    """Deployments, newest first, and the cursor of those after them."""
    within = governance.names_in(session, department) if department else None
    found = store.list_deployments(
        session, environment=environment, usecase=usecase, within=within, limit=limit + 1, before=cursor
    )
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def live_deployments(session: Session, environment: str) -> list[Deployment]:
    """The deployments of an environment that are not retired, by name."""
    return [store.deployment_of(row) for row in store.serving_rows(session, environment)]


def find_deployments(session: Session, asked: ListQuery) -> Found[Deployment]:
    """Search, filter, sort and leaf through deployments, retired ones included; raises BadListing."""
    departments = governance.usecase_departments(session) if listing.involves(asked, "department") else {}
    return store.find_deployments(session, asked, departments)


def deployed_states(session: Session) -> Mapping[str, frozenset[tuple[str, str]]]:
    """Tell for every use case that ever had a deployment in which environments and states it has some."""
    found: dict[str, set[tuple[str, str]]] = {}
    for usecase, environment, state in store.deployed(session):
        found.setdefault(usecase, set()).add((environment, state))
    return {usecase: frozenset(states) for usecase, states in found.items()}


def department_of(session: Session, name: str, environment: str | None) -> str | None:
    """The department that a deployment's use case belongs to, the deployment retired or not; None when there is none."""
    usecase = store.usecase_of(session, name, environment)
    return governance.get_usecase(session, usecase).department if usecase else None


def halted(session: Session, subject_digest: str, environment: str) -> tuple[str, ...]:
    """Tell which deployments of a release are suspended in an environment, and why."""
    rows = store.suspended_rows(session, subject_digest, environment)
    return tuple(
        f"the deployment {row.name} is suspended: {row.held or row.reason or 'no reason given'}" for row in rows
    )


def need_verdict(session: Session, subject_digest: str, environment: Environment, now: datetime) -> str:
    """Return the id of the verdict that lets a digest serve in an environment now; raises NoVerdict."""
    found = governance.list_verdicts(session, subject_digest=subject_digest, environment=environment, limit=1)
    verdict = found.items[0] if found.items else None
    if (why := _no_verdict(session, verdict, subject_digest, environment, now)) is None and verdict is not None:
        return verdict.id
    usecase = verdict.usecase if verdict else None
    values = {"subject_digest": subject_digest, "environment": environment, "usecase": usecase}
    raise NoVerdict(str(why), hint="ask the gate first: 'headway gate check'", values=values)


def _no_verdict(
    session: Session, verdict: governance.VerdictRecord | None, subject_digest: str, environment: str, now: datetime
) -> str | None:
    if verdict is None:
        return f"{subject_digest} has no verdict for {environment}"
    if verdict.result == "block":
        return f"the gate blocks {subject_digest} in {environment}"
    if verdict.revoked_at is not None:
        return f"{subject_digest} was revoked at {clock.iso(verdict.revoked_at)}"
    if verdict.serve_until <= now:
        return f"the verdict for {environment} ended at {clock.iso(verdict.serve_until)}"
    if lapsed := governance.lapsed_exceptions(session, verdict.exceptions):
        return f"the verdict for {environment} rests on what was ended: {', '.join(lapsed)}"
    return None


def _arms(name: str, release: str, holdout_share: float) -> list[dict[str, object]]:
    faults = []
    if name != ids.slug(name):
        faults.append(Fault(rule="name", column="name", value=name, message=f"use a name like {ids.slug(name)!r}"))
    parts = round(holdout_share * SHARE_STEP)
    if not 0 <= parts < SHARE_STEP:
        faults.append(
            Fault(rule="share", column="holdout_share", value=str(holdout_share), message="must be in [0, 1)")
        )
    if faults:
        raise Invalid("the deployment cannot be made", faults=faults)
    champion = {"name": CHAMPION, "release": release, "share": (SHARE_STEP - parts) / SHARE_STEP}
    return [champion, {"name": HOLD_OUT, "release": None, "share": parts / SHARE_STEP}] if parts else [champion]


def releases_of(row: DeploymentRow) -> list[str]:
    """The digests that a deployment decides with."""
    return [arm["release"] for arm in row.arms if arm["release"] is not None]


def _move(session: Session, actor: Actor, name: str, environment: str, *, state: str, reason: str) -> Deployment:
    row = store.need_deployment(session, name, environment, lock=True)
    if not reason.strip():
        raise Invalid("say why", faults=[Fault(rule="required", column="reason", message="a reason is needed")])
    if row.state == state:
        raise WrongState(f"{name!r} in {environment} is {state} already")
    row.state, row.reason, row.changed_at = state, reason, clock.now()
    verb = {"active": "resumed", "suspended": "suspended", "retired": "retired"}[state]
    note(session, actor, row, f"deployment.{verb}")
    return store.deployment_of(row)


def hold_row(session: Session, actor: Actor, row: DeploymentRow, because: str | None) -> bool:
    """Hold a deployment for the operate gate, or let it go; tells whether it was not so before."""
    was_held, row.held = row.held is not None, because
    if was_held == (because is not None):
        return False
    row.changed_at = clock.now()
    note(session, actor, row, "deployment.held" if because else "deployment.let_go")
    return True


def note(session: Session, actor: Actor, row: DeploymentRow, kind: str) -> None:
    """Write into the ledger what a deployment is after a change."""
    ledger.record(
        session,
        actor=actor,
        type=kind,
        subject=ref_of(row.name, row.environment),
        payload={
            "id": row.id,
            "usecase": row.usecase,
            "version": row.version,
            "release": row.release,
            "state": store.state_of(row).value,
            "reason": store.deployment_of(row).reason,
            "arms": row.arms,
            "subject_field": row.subject_field,
            "daily_limit": row.daily_limit,
            "expires_at": row.expires_at,
        },
    )
