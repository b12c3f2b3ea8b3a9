"""Operations about deployments, grants and decisions."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from headway_client.answers.serving import (
    AskedFields,
    DecisionChain,
    DecisionFigures,
    DecisionInput,
    DecisionOutcomes,
    DecisionView,
    Deployment,
    Grant,
    NewGrants,
    OutcomeImport,
    Publication,
    Stopped,
    TriedDecision,
)
from headway_client.answers.value import DeploymentValue
from headway_client.calls import File
from headway_client.operations import Each, M, Namespace, get, lists, post
from headway_client.words import Environment


class Deployments(Namespace[M]):
    """Releases at work."""

    @post("/deployments")
    def deploy(
        self,
        *,
        name: str,
        usecase: str,
        version: str,
        environment: Environment,
        holdout_share: float = 0.1,
        subject_field: str | None = None,
    ) -> Deployment:
        """Deploy a released version; the release needs a valid verdict for the environment."""

    @lists("/deployments")
    def list(
        self, *, environment: Environment | None = None, usecase: str | None = None, department: str | None = None
    ) -> Each[Deployment]:
        """List deployments, newest first."""

    @get("/deployments/{name}")
    def show(self, name: str, *, environment: Environment = "sandbox") -> Deployment:
        """Show the deployment that has a name in an environment."""

    @post("/deployments/{name}/suspend")
    def suspend(self, name: str, *, environment: Environment, reason: str) -> Deployment:
        """Stop a deployment from deciding; nodes follow within seconds."""

    @post("/kill-switch")
    def kill(
        self, *, usecase: str | None = None, department: str | None = None, vendor: str | None = None, reason: str
    ) -> Stopped:
        """Stop everything that a use case, a department or a vendor has at work, at once; nodes follow within seconds.

        Args: usecase, department, vendor: one of them; a department with all those below it, a vendor with all use
            cases that one of their systems serves.
        """

    @post("/deployments/{name}/resume")
    def resume(self, name: str, *, environment: Environment, reason: str) -> Deployment:
        """Let a suspended deployment decide again."""

    @post("/deployments/{name}/retire")
    def retire(self, name: str, *, environment: Environment, reason: str) -> Deployment:
        """End a deployment for good."""

    @post("/deployments/{name}/limits")
    def set_limit(self, name: str, *, environment: Environment, decisions_per_day: int | None) -> Deployment:
        """Set how many decisions a day a deployment makes at most."""

    @get("/deployments/{name}/figures")
    def figures(self, name: str, *, environment: Environment = "sandbox", days: int = 30) -> DecisionFigures:
        """Count what a deployment decided over the last days, by day, arm, action and score."""

    @get("/deployments/{name}/value")
    def value(
        self, name: str, *, environment: Environment = "sandbox", window_days: int | None = None
    ) -> DeploymentValue:
        """Tell what a deployment was worth, its champion compared with its hold-out by the outcomes known now."""

    @get("/deployments/{name}/fields")
    def fields(self, name: str, *, environment: Environment = "sandbox") -> AskedFields:
        """Show the fields of the records that a deployment decides about."""

    @post("/deployments/{name}/try")
    def try_out(self, name: str, *, environment: Environment, record: Mapping[str, Any]) -> TriedDecision:
        """Ask a node for one decision in your own name, with a grant that ends after minutes; it is logged as any other."""


class Snapshots(Namespace[M]):
    """What nodes were told to follow."""

    @get("/snapshots/{environment}")
    def show(self, environment: Environment) -> Publication:
        """Show what nodes of an environment were last told to follow."""


class Grants(Namespace[M]):
    """Leave to use deployments."""

    @post("/grants")
    def give(
        self,
        *,
        deployment: str,
        environment: Environment,
        principal: str | None = None,
        scopes: Sequence[str] = ["decide", "outcome"],
        token_hash: str | None = None,
        expires_at: datetime | str | None = None,
    ) -> NewGrants:
        """Let somebody use a deployment; the token of a new one is in this answer and nowhere else."""

    @lists("/grants")
    def list(self, *, deployment: str | None = None, environment: Environment | None = None) -> Each[Grant]:
        """List grants, newest first."""

    @post("/grants/{grant_id}/revoke")
    def revoke(self, grant_id: str, *, reason: str) -> Grant:
        """Take a grant back; nodes follow within seconds."""


class Decisions(Namespace[M]):
    """Decisions that were made, and their chains of evidence."""

    @lists("/decisions")
    def list(self, *, deployment: str | None = None, environment: Environment | None = None) -> Each[DecisionView]:
        """List decisions that were taken in, newest first; inputs and subjects are not shown."""

    @get("/decisions/{decision_id}")
    def show(self, decision_id: str) -> DecisionChain:
        """Show the chain of evidence of a decision; every link is checked anew."""

    @get("/decisions/{decision_id}/input")
    def input(self, decision_id: str) -> DecisionInput:
        """Show what was asked about whom, and the reasons given; it may have been erased."""

    @get("/decisions/{decision_id}/outcomes")
    def outcomes(self, decision_id: str) -> DecisionOutcomes:
        """Show what came of a decision, the first told first."""


class Outcomes(Namespace[M]):
    """What came of decisions."""

    @post("/outcomes", files=("file",))
    def import_file(
        self, file: File, *, deployment: str | None = None, environment: Environment | None = None
    ) -> OutcomeImport:
        """Take in a file of outcomes (CSV or Parquet); all rows, or none when one has a fault."""
