"""Operations about runs, models and releases."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from headway_client.answers.governance import Evidence
from headway_client.answers.jobs import Started
from headway_client.answers.registry import Model, ModelRelease, ModelVersion, Run
from headway_client.operations import Each, M, Namespace, get, lists, post, put
from headway_client.words import Environment


class Runs(Namespace[M]):
    """Training runs."""

    @post("/runs")
    def start(
        self,
        *,
        product: str,
        usecase: str | None = None,
        name: str | None = None,
        snapshot: str | None = None,
        label: str | None = None,
        positive: str | None = None,
        time: str | None = None,
        ordered: bool = False,
        split_reason: str | None = None,
        subject: str | None = None,
        exclude: Sequence[str] = [],
        features: Sequence[str] | None = None,
        seed: int | None = None,
    ) -> Started:
        """Train a model on a data product's snapshot, as a job."""

    @lists("/runs")
    def list(
        self,
        *,
        model: str | None = None,
        usecase: str | None = None,
        product: str | None = None,
        department: str | None = None,
    ) -> Each[Run]:
        """List training runs, newest first."""

    @get("/runs/{run}")
    def show(self, run: str) -> Run:
        """Show a training run: settings, metrics, digests."""


class Models(Namespace[M]):
    """Registered models and their versions."""

    @lists("/models")
    def list(self, *, usecase: str | None = None, department: str | None = None) -> Each[Model]:
        """List models by name."""

    @get("/models/{name}")
    def show(self, name: str) -> Model:
        """Show a model with its aliases."""

    @lists("/models/{name}/versions")
    def versions(self, name: str) -> Each[ModelVersion]:
        """List the versions of a model, newest first."""

    @get("/models/{name}/versions/{number}")
    def version(self, name: str, number: int) -> ModelVersion:
        """Show a version with everything its card says."""

    @get("/models/{name}/versions/{number}/card")
    def card(self, name: str, number: int) -> str:
        """Show the model card of a version, in Markdown."""

    @post("/models/{name}/versions/{number}/clearances")
    def clear_suspect(self, name: str, number: int, *, column: str, reason: str) -> Evidence:
        """Clear a suspicious column of a version in person, with a reason; a second person still has to approve."""

    @put("/models/{name}/aliases/{alias}")
    def move_alias(self, name: str, alias: str, *, version: int) -> Model:
        """Point an alias at a version."""


class Releases(Namespace[M]):
    """The way of versions into environments."""

    @post("/releases")
    def request(self, *, version: str, environment: Environment, usecase: str | None = None) -> ModelRelease:
        """Ask for a release. Into the sandbox it happens at once; above, a second person must approve it first."""

    @lists("/releases")
    def list(
        self,
        *,
        model: str | None = None,
        usecase: str | None = None,
        department: str | None = None,
        environment: Environment | None = None,
        status: Literal["requested", "approved", "rejected", "released"] | None = None,
    ) -> Each[ModelRelease]:
        """List releases, newest first."""

    @get("/releases/{release}")
    def show(self, release: str) -> ModelRelease:
        """Show a release with its verdict."""

    @post("/releases/{release}/approvals")
    def approve(self, release: str, *, reason: str) -> ModelRelease:
        """Approve a release that somebody else asked for; the last yes needed releases it at once if the gate lets it in."""

    @post("/releases/{release}/rejection")
    def reject(self, release: str, *, reason: str) -> ModelRelease:
        """Reject a release, or take an own request back."""

    @post("/releases/{release}/revocation")
    def revoke(self, release: str, *, reason: str) -> ModelRelease:
        """Stop a released version for good: nodes refuse it within seconds, and it is never released again."""
