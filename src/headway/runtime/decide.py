"""The decider: from records to decisions, pure. The node adds what comes before (who asks) and after (the log)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from operator import itemgetter

import msgspec
import numpy as np

from headway import numerics
from headway.kernel.errors import Fault
from headway.runtime.arms import bounds, bucket
from headway.runtime.bundle import LoadedRelease
from headway.runtime.contract import Batch, CompiledContract, compile_contract
from headway.runtime.entities import Arm, Decision, Deployment, Feature, Policy, Reason
from headway.runtime.errors import ContractBroken, DeploymentMalformed
from headway.runtime.features import category_text
from headway.runtime.policy import choose_band
from headway.runtime.snapshot import check_deployment

HOLD_OUT = "hold_out"
NO_SUBJECT = "no_subject"
UNSEEN_CATEGORY = "unseen_category:"

Values = tuple[object, ...]


class Decider:
    """Decides for one deployment as one snapshot describes it. Immutable; a new snapshot makes a new one.

    Where arms hold releases of different contracts, a record must keep all of them: whether it is refused must not
    depend on the arm, or the arms could not be compared.
    """

    def __init__(self, deployment: Deployment, releases: Mapping[str, LoadedRelease]) -> None:
        """Prepare everything that does not depend on a record.

        Args: releases: by subject, at least those that the arms name.
        Raises: DeploymentMalformed: arms, policy or subject field contradict themselves or the releases.
        """
        check_deployment(deployment)
        loaded = [_release_of(arm, releases) for arm in deployment.arms]
        named = [one for one in loaded if one is not None]
        if not named:  # nothing would say what a record must be
            raise DeploymentMalformed(f"no arm of deployment {deployment.name} has a release; give one the share 0")
        policy = deployment.policy or named[0].release.policy
        self.deployment = deployment
        self.default_action = policy.default_action
        self._contracts = _compile(deployment, named)
        self._ends = bounds(deployment.arms)
        self._scorers = tuple(
            None if one is None else Scorer(arm, one, deployment.policy, self._contracts)
            for arm, one in zip(deployment.arms, loaded, strict=True)
        )
        moments = [one.verdict.serve_until for one in named]
        if deployment.limits.expires_at is not None:
            moments.append(deployment.limits.expires_at)
        self.serves_until: datetime = min(moments)
        """When the first verdict or the deployment ends; from then on nothing may be decided."""

    def decode(self, body: bytes) -> Batch:
        """Read a request's body; raises ContractBroken with every fault, TooLarge when it holds too many records."""
        first = self._contracts[0].decode if len(self._contracts) == 1 else self._decode_all
        return first(body)

    def decide(self, batch: Batch, ids: Sequence[str], subject: str | None = None) -> list[Decision]:
        """Decide about each record, in order.

        Args: ids: the decisions' ids, one a record: the subject of a record that names none; subject: whom the request
            is about, used where a record does not say.
        """
        if not batch.many and not batch.alternates:
            return [self._decide_one(msgspec.structs.astuple(batch.rows[0]), ids[0], subject)]
        rows = [tuple(map(msgspec.structs.astuple, rows)) for rows in (batch.rows, *batch.alternates)]
        made: list[Decision | None] = [None] * len(ids)
        placed: dict[int, list[tuple[int, str, tuple[str, ...]]]] = {}
        for i, values in enumerate(rows[0]):
            who, flags = self._subject(values, subject, ids[i])
            arm = self._arm(who)
            if self._scorers[arm] is None:
                made[i] = self._held_out(who, self.deployment.arms[arm], flags)
            else:
                placed.setdefault(arm, []).append((i, who, flags))
        for arm, items in placed.items():
            scorer = self._scorers[arm]
            if scorer is not None:
                source = rows[scorer.source]
                decisions = scorer.decide([(source[i], who, flags) for i, who, flags in items])
                for (i, _, _), decision in zip(items, decisions, strict=True):
                    made[i] = decision
        return [decision for decision in made if decision is not None]

    def _decide_one(self, values: Values, decision_id: str, subject: str | None) -> Decision:
        who, flags = self._subject(values, subject, decision_id)
        arm = self._arm(who)
        scorer = self._scorers[arm]
        if scorer is None:
            return self._held_out(who, self.deployment.arms[arm], flags)
        return scorer.decide_one(values, who, flags)

    def _decode_all(self, body: bytes) -> Batch:
        batches: list[Batch] = []
        faults: dict[Fault, None] = {}
        for contract in self._contracts:
            try:
                batches.append(contract.decode(body))
            except ContractBroken as error:
                faults.update(dict.fromkeys(error.faults))
        if faults:
            raise ContractBroken(f"{len(faults)} fault(s)", faults=faults)
        return replace(batches[0], alternates=tuple(batch.rows for batch in batches[1:]))

    def _arm(self, subject: str) -> int:
        place = bucket(self.deployment.salt, subject)
        for arm, end in enumerate(self._ends):
            if place < end:
                return arm
        raise DeploymentMalformed("the shares of the arms do not sum to 1")

    def _subject(self, values: Values, given: str | None, decision_id: str) -> tuple[str, tuple[str, ...]]:
        at = self._contracts[0].subject_at
        value = None if at is None else values[at]
        if value is not None and value != "":  # an empty text names nobody: it would put all of them into one arm
            return category_text(value), ()
        if given:
            return given, ()
        return decision_id, (NO_SUBJECT,)

    def _held_out(self, subject: str, arm: Arm, flags: tuple[str, ...]) -> Decision:
        return Decision(
            subject=subject,
            arm=arm.name,
            release=None,
            version=None,
            verdict=None,
            score=None,
            band=None,
            action=self.default_action,
            reasons=(),
            reference=None,
            flags=(HOLD_OUT, *flags),
        )


class Scorer:
    """Scores the records of one arm with its release."""

    def __init__(
        self, arm: Arm, loaded: LoadedRelease, policy: Policy | None, contracts: Sequence[CompiledContract]
    ) -> None:
        release = loaded.release
        self.arm, self.loaded, self.policy = arm, loaded, policy or release.policy
        self.source = next(i for i, made in enumerate(contracts) if made.digest == release.contract_digest)
        """Which of the decoded forms of a record this release reads."""
        columns = contracts[self.source].columns
        self._pick = tuple(columns.index(column) for column in loaded.encoder.columns)
        self._take = itemgetter(*self._pick) if len(self._pick) > 1 else lambda values: (values[self._pick[0]],)
        self._encode = loaded.encoder.quick(contracts[self.source].plain)
        self._shown = tuple((f.name, f.label or f.name, columns.index(f.column), f) for f in release.features)
        self._version = f"model:{release.model.name}@{release.model.version}"

    def decide(self, items: Sequence[tuple[Values, str, tuple[str, ...]]]) -> list[Decision]:
        """Decide about records given as (values, subject, flags)."""
        encode, pick = self.loaded.encoder.encode, self._pick
        encoded = [encode([values[i] for i in pick]) for values, _, _ in items]
        explain = self.loaded.release.explanation
        scores = self.loaded.engine.score(np.array([row for row, _ in encoded]), explain.top_k > 0)
        chances = numerics.calibrate(self.loaded.release.calibration, scores.raw).tolist()
        made = []
        for n, (values, subject, flags) in enumerate(items):
            band = choose_band(self.policy, chances[n])
            unseen = encoded[n][1]
            made.append(
                Decision(
                    subject=subject,
                    arm=self.arm.name,
                    release=self.loaded.subject,
                    version=self._version,
                    verdict=self.loaded.verdict.id,
                    score=chances[n],
                    band=band.name,
                    action=band.action,
                    reasons=() if scores.contributions is None else self._reasons(values, scores.contributions[n]),
                    reference=explain.reference_name,
                    flags=(*flags, *(UNSEEN_CATEGORY + column for column in unseen)) if unseen else flags,
                )
            )
        return made

    def decide_one(self, values: Values, subject: str, flags: tuple[str, ...]) -> Decision:
        """Decide about one record: what ``decide`` does, to the last bit, in half the time."""
        row, unseen = self._encode(self._take(values))
        release = self.loaded.release
        raw, shares = self.loaded.engine.explain_row(row, release.explanation.top_k)
        chance = numerics.calibrate_one(release.calibration, raw)
        band = choose_band(self.policy, chance)
        return Decision(
            subject=subject,
            arm=self.arm.name,
            release=self.loaded.subject,
            version=self._version,
            verdict=self.loaded.verdict.id,
            score=chance,
            band=band.name,
            action=band.action,
            reasons=tuple([self._reason(values, i, share) for i, share in shares]),
            reference=release.explanation.reference_name,
            flags=(*flags, *(UNSEEN_CATEGORY + column for column in unseen)) if unseen else flags,
        )

    def _reasons(self, values: Values, contributions: numerics.FloatArray) -> tuple[Reason, ...]:
        top = numerics.top_reasons(contributions, self.loaded.release.explanation.top_k)
        return tuple([self._reason(values, i, float(contributions[i])) for i in top])

    def _reason(self, values: Values, i: int, share: float) -> Reason:
        name, label, at, feature = self._shown[i]
        return Reason(name, label, shown_value(feature, values[at]), share, "raises" if share > 0 else "lowers")


def shown_value(feature: Feature, value: object) -> str | int | float | bool | None:
    """Write a record's value as people and JSON know it: whole numbers without a point, dates in ISO form."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and feature.kind != "number" and value.is_integer():
        return int(value)
    return value  # type: ignore[return-value]  # the contract let only plain values in


def _release_of(arm: Arm, releases: Mapping[str, LoadedRelease]) -> LoadedRelease | None:
    if arm.release is None:
        return None
    if arm.release not in releases:
        raise DeploymentMalformed(f"arm {arm.name} names release {arm.release}, which is not loaded")
    return releases[arm.release]


def _compile(deployment: Deployment, loaded: Sequence[LoadedRelease]) -> tuple[CompiledContract, ...]:
    """Compile each contract of the arms once, for the columns of all its releases and the subject."""
    wanted: dict[str, dict[str, None]] = {}
    contracts = {}
    for one in loaded:
        digest = one.release.contract_digest
        contracts[digest] = one.contract
        wanted.setdefault(digest, {}).update(dict.fromkeys(one.encoder.columns))
    every = [column for columns in wanted.values() for column in columns]
    return tuple(
        compile_contract(
            contract,
            tuple(wanted[digest]),
            subject_field=deployment.subject_field or "subject",
            spare=every,
            records=deployment.limits.records_per_request,
            digest=digest,
        )
        for digest, contract in contracts.items()
    )
