"""Where a request becomes a decision and a log entry: who asks, may they, what is decided, what is written down.

Everything here runs on the event loop between two awaits, on one state that cannot change under it.
"""

from __future__ import annotations

import hashlib
import os
import time
from asyncio import Future
from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from headway import runtime
from headway.entrypoints.node.errors import (
    DeploymentEnded,
    DeploymentSuspended,
    DeploymentUnknown,
    LimitReached,
    NotFresh,
    NotGranted,
    ReleaseNotServed,
    TokenUnknown,
)
from headway.entrypoints.node.figures import Figures
from headway.entrypoints.node.handoff import Handoff
from headway.entrypoints.node.outcomes import Outcome, read_outcomes
from headway.entrypoints.node.quota import seconds_to_midnight
from headway.entrypoints.node.state import KeptOut, NodeState, Permission, Place
from headway.kernel import clock, ids
from headway.kernel.errors import HeadwayError
from headway.runtime import Decision, Entry, GrantScope, RecordBody

REFUSALS_A_SECOND, REFUSALS_AT_ONCE = 10.0, 50.0
_encoder = msgspec.json.Encoder()


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What the caller is told about one record."""

    decision: str
    deployment: str
    environment: str
    release: str | None
    version: str | None
    arm: str
    score: float | None
    band: str | None
    action: str
    reasons: tuple[runtime.Reason, ...]
    reference: str | None
    flags: tuple[str, ...]


class _Placing(NamedTuple):
    """What the log says about a decision beside the decision itself."""

    id: str
    at: str
    epoch: int
    deployment: str
    principal: str


class Desk:
    """Decides on the state it is given; ``state`` is replaced from outside, whole."""

    def __init__(self, environment: str, figures: Figures, handoff: Handoff) -> None:
        self.state: NodeState
        self._environment, self._figures, self._handoff = environment, figures, handoff
        self._refusals = _Bucket(REFUSALS_A_SECOND, REFUSALS_AT_ONCE)

    # -------------------------------------------------------------------------------------------- who may
    def _permission(
        self, state: NodeState, authorization: str | None, deployment: str, scope: GrantScope
    ) -> Permission:
        """Find what the bearer may do here; raises TokenUnknown, DeploymentUnknown or NotGranted."""
        mine = self._bearer(state, authorization)
        if deployment not in state.deployments:
            raise DeploymentUnknown(f"there is no deployment {deployment[:200]!r} in {state.environment}")
        held = mine.get(deployment)
        until = None if held is None else held.until.get(scope)
        if held is None or until is None or until <= clock.now().timestamp():
            raise _not_granted(state, deployment, scope, held, ended=until is not None)
        return held

    def _bearer(self, state: NodeState, authorization: str | None) -> Mapping[str, Permission]:
        """Find the permissions of the token sent, by deployment; raises TokenUnknown."""
        if authorization is None or authorization[:7].lower() != "bearer ":
            raise TokenUnknown("no token was sent", hint="send the header Authorization: Bearer TOKEN")
        token = "sha256-" + hashlib.sha256(authorization[7:].strip().encode("utf-8", "replace")).hexdigest()
        mine = state.permissions.get(token)
        if mine is None:
            why = f"this token is not known in {state.environment}, or was revoked"
            raise TokenUnknown(why, hint="ask for one: headway deployment grant")
        return mine

    def _place(self, state: NodeState, name: str, now: float) -> Place:
        """The deployment when it may decide now; raises what stands in the way."""
        if now >= state.fresh_until:
            why = f"snapshot {state.epoch} of {state.environment} is too old to decide by"
            raise NotFresh(why, hint="the control plane must publish a new one: see that it runs")
        place = state.deployments[name]
        if place.deployment.state == "suspended":
            raise DeploymentSuspended(f"{name} is suspended: {place.deployment.reason or 'no reason given'}")
        if now >= place.ends_at:
            raise DeploymentEnded(f"{name} has reached its end", hint="release the model to it again, or deploy anew")
        if place.decider is None or now >= place.serve_until:
            refusal = place.refusal
            reason, why = (refusal.reason, refusal.why) if refusal else ("verdict_expired", "its verdict has ended")
            values = {"reason": reason, "deployment": name}
            raise ReleaseNotServed(
                f"{name} is not served: {why}",
                hint="see headway gate check",
                values=values,
            )
        return place

    # -------------------------------------------------------------------------------------------- deciding
    def decide(
        self, name: str, authorization: str | None, body: bytes, subject: str | None
    ) -> tuple[bytes, Future[None]]:
        """Decide about the record or records of a body.

        Returns: the answer, and the future that is done when the log is durable; only then may the answer leave.
        Raises: a HeadwayError that tells why there is no decision.
        """
        state = self.state
        if state.epoch < 0:
            raise NotFresh("this node has no snapshot yet", hint="readyz tells why")
        permission = self._permission(state, authorization, name, "decide")
        place = self._place(state, name, clock.now().timestamp())
        decider = place.decider
        assert decider is not None  # noqa: S101  _place has seen to it
        batch = decider.decode(body)
        per_day = place.deployment.limits.decisions_per_day
        if per_day is not None and not place.quota.take(len(batch), per_day):
            why = f"{name} may make {per_day} decisions a day in {state.environment}"
            raise LimitReached(why, hint="it counts anew at midnight UTC", values={"deployment": name})
        names = [ids.new_id("dec") for _ in range(len(batch))]
        made = decider.decide(batch, names, subject)
        at = clock.iso(clock.now())
        answers: list[Answer] = []
        entries: list[Entry] = []
        for i, decision in enumerate(made):
            answers.append(_answer(names[i], name, self._environment, decision))
            placing = _Placing(names[i], at, state.epoch, name, permission.principal)
            entries.append(_entry(placing, decision, batch.input_json(i)))
            self._figures.decisions[name, decision.arm, decision.action] += 1
        return _encoder.encode(answers if batch.many else answers[0]), self._handoff.write(entries)

    # -------------------------------------------------------------------------------------------- outcomes
    def take_outcomes(self, authorization: str | None, body: bytes) -> tuple[bytes, Future[None]]:
        """Take outcomes in; the future is done when they are durable. Raises a HeadwayError."""
        state = self.state
        self._bearer(state, authorization)
        found, many = read_outcomes(body)
        principals = [self._permission(state, authorization, one.deployment, "outcome").principal for one in found]
        at = clock.iso(clock.now())
        names = [ids.new_id("out") for _ in found]
        entries = [
            _outcome_entry(name, at, state.epoch, principal, outcome)
            for name, principal, outcome in zip(names, principals, found, strict=True)
        ]
        for outcome in found:
            self._figures.outcomes[outcome.deployment] += 1
        told = [
            {"id": name, "deployment": one.deployment, "decision": one.decision, "environment": self._environment}
            for name, one in zip(names, found, strict=True)
        ]
        return _encoder.encode(told if many else told[0]), self._handoff.write(entries)

    # -------------------------------------------------------------------------------------------- refusals
    def refused(self, error: HeadwayError, deployment: str | None) -> None:
        """Count a refusal and write it down without the body; a flood is counted, not written."""
        self._figures.refusals[error.code] += 1
        allowed, skipped = self._refusals.take()
        if not allowed:
            return
        flags = (f"unwritten:{skipped}",) if skipped else ()
        self._note(deployment or "", error.code, error.message, _text(error.values.get("principal")), flags=flags)

    def kept_out(self, kept: KeptOut) -> None:
        """Write down that a release or a snapshot was not taken over: nobody asked for it, it was found in storage."""
        self._figures.refusals[kept.code] += 1
        code = f"{kept.code}.{kept.reason}"  # each reason is told by itself
        self._note(kept.deployment, code, kept.why, None, release=kept.release)

    def _note(
        self,
        deployment: str,
        code: str,
        why: str,
        principal: str | None,
        *,
        release: str | None = None,
        flags: tuple[str, ...] = (),
    ) -> None:
        body = RecordBody(
            kind="refusal",
            id=ids.new_id("ref"),
            at=clock.iso(clock.now()),
            epoch=self.state.epoch,
            deployment=deployment[:100],
            release=release,
            principal=principal,
            action=code,
            flags=flags,
            why=why[:500],
        )
        self._handoff.note(runtime.make_entry(body))


def retry_after(error: HeadwayError) -> float | None:
    """Seconds after which trying again may help, where they are known."""
    return seconds_to_midnight(clock.now()) if isinstance(error, LimitReached) else None


def _not_granted(
    state: NodeState, deployment: str, scope: GrantScope, held: Permission | None, *, ended: bool
) -> NotGranted:
    what = {"decide": "ask for decisions of", "outcome": "report outcomes of"}[scope]
    why = f"this token's grant to {what} {deployment} has ended" if ended else f"this token may not {what} {deployment}"
    usecase = state.deployments[deployment].deployment.usecase
    return NotGranted(
        why,
        hint=f"ask the owner of {usecase} to run: headway deployment grant {deployment}",
        values={"rule": f"grant.{scope}", "deployment": deployment, "principal": held.principal if held else None},
    )


def _answer(name: str, deployment: str, environment: str, decision: Decision) -> Answer:
    return Answer(
        name,
        deployment,
        environment,
        decision.release,
        decision.version,
        decision.arm,
        decision.score,
        decision.band,
        decision.action,
        decision.reasons,
        decision.reference,
        decision.flags,
    )


def _entry(place: _Placing, decision: Decision, input_json: bytes) -> Entry:
    commitment, side = runtime.commit_payload(
        place.id,
        os.urandom(16),
        subject=decision.subject,
        input_json=input_json,
        reasons_json=_encoder.encode(decision.reasons),
    )
    body = RecordBody(
        kind="decision",
        id=place.id,
        at=place.at,
        epoch=place.epoch,
        deployment=place.deployment,
        release=decision.release,
        verdict=decision.verdict,
        arm=decision.arm,
        principal=place.principal,
        payload_commitment=commitment,
        score=decision.score,
        band=decision.band,
        action=decision.action,
        flags=decision.flags,
    )
    return runtime.make_entry(body, side)


def _outcome_entry(name: str, at: str, epoch: int, principal: str, outcome: Outcome) -> Entry:
    commitment, side = runtime.commit_payload(
        name, os.urandom(16), subject=outcome.subject, input_json=outcome.as_json()
    )
    kind: Literal["outcome"] = "outcome"
    body = RecordBody(
        kind=kind,
        id=name,
        at=at,
        epoch=epoch,
        deployment=outcome.deployment,
        principal=principal,
        payload_commitment=commitment,
    )
    return runtime.make_entry(body, side)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


class _Bucket:
    """Lets so many through a second, and so many at once; counts the others."""

    def __init__(self, rate: float, most: float) -> None:
        self._rate, self._most, self._left, self._skipped = rate, most, most, 0
        self._at = time.monotonic()

    def take(self) -> tuple[bool, int]:
        """Returns whether this one goes through, and how many before it did not."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            self._skipped += 1
            return False, 0
        self._left -= 1
        skipped, self._skipped = self._skipped, 0
        return True, skipped
