"""Operations about programmes, mandates, risk appetite and decision rights."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from headway_client.answers.mandates import (
    Appetite,
    DecisionRights,
    IntakeStanding,
    LimitUse,
    Mandate,
    Programme,
    RightsCheck,
    Stakes,
    StepHeld,
)
from headway_client.calls import File
from headway_client.operations import Each, M, Namespace, get, lists, patch, post, put


class Programmes(Namespace[M]):
    """Programmes: departments, and the person who answers for their means."""

    @lists("/programmes", is_paged=False)
    def list(self) -> Each[Programme]:
        """List the programmes of the departments that one may see, by name, each as it stands today."""

    @post("/programmes")
    def open(self, *, slug: str, title: str, sponsor: str, departments: Sequence[str] = ()) -> Programme:
        """Open a programme; its departments take nothing in until its sponsor has signed a mandate."""

    @get("/programmes/{slug}")
    def show(self, slug: str) -> Programme:
        """Show a programme with the mandate that counts, and whether intake is open."""

    @patch("/programmes/{slug}")
    def change(
        self,
        slug: str,
        *,
        title: str | None = None,
        sponsor: str | None = None,
        departments: Sequence[str] | None = None,
    ) -> Programme:
        """Change a programme; a department that joins waits for a mandate that names it."""

    @lists("/programmes/{slug}/mandates", is_paged=False)
    def mandates(self, slug: str) -> Each[Mandate]:
        """List all mandates of a programme, newest first."""

    @post("/programmes/{slug}/mandates")
    def draft(
        self,
        slug: str,
        *,
        purpose: str,
        budget_minor: int,
        currency: str,
        people: float,
        valid_from: date,
        valid_until: date,
    ) -> Mandate:
        """Draft a mandate; it counts once the sponsor has signed it."""

    @get("/intake/{department}")
    def intake(self, department: str) -> IntakeStanding:
        """Say whether a department takes in what is new, and if not why and who can mend it."""


class Mandates(Namespace[M]):
    """What sponsors give programmes, and sign."""

    @get("/mandates/{mandate_id}")
    def show(self, mandate_id: str) -> Mandate:
        """Show a mandate."""

    @get("/mandates/{mandate_id}/envelope")
    def envelope(self, mandate_id: str) -> dict[str, Any]:
        """Give a signed mandate as a DSSE envelope, to be checked without this system."""

    @post("/mandates/{mandate_id}/sign")
    def sign(self, mandate_id: str, *, digest: str) -> Mandate:
        """Sign a mandate as the sponsor whom it names; nobody else can."""

    @post("/mandates/{mandate_id}/withdraw")
    def withdraw(self, mandate_id: str, *, reason: str) -> Mandate:
        """Withdraw a mandate, or take a draft back; the sponsor may, and whoever keeps programmes."""


class Appetites(Namespace[M]):
    """The organisation's risk appetite, and what is at stake in use cases."""

    @lists("/appetites", is_paged=False)
    def list(self) -> Each[Appetite]:
        """List every version of the risk appetite, newest first."""

    @post("/appetites")
    def adopt(self, *, limits: Sequence[Mapping[str, Any]], reason: str) -> Appetite:
        """Adopt a version; it counts once a sponsor, somebody else, has confirmed it."""

    @lists("/appetites/use", is_paged=False)
    def use(self) -> Each[LimitUse]:
        """Say how far each limit in force is used now, with the use cases behind it."""

    @post("/appetites/{version}/confirm")
    def confirm(self, version: int, *, digest: str) -> Appetite:
        """Put a version in force as a sponsor; never by who adopted it."""

    @get("/usecases/{slug}/stakes")
    def stakes(self, slug: str) -> Stakes | None:
        """Show the newest estimate of what is at stake in a use case."""

    @put("/usecases/{slug}/stakes")
    def estimate(
        self, slug: str, *, people: int | None = None, money_minor: int | None = None, currency: str | None = None
    ) -> Stakes:
        """Estimate how many people a use case affects and how much money is at risk."""


class Rights(Namespace[M]):
    """The decision-rights matrix: who proposes, reviews, decides and is told."""

    @lists("/decision-rights", is_paged=False)
    def list(self) -> Each[DecisionRights]:
        """List every version of the decision rights, newest first, each with the Cedar that it compiles to."""

    @post("/decision-rights")
    def adopt(self, *, reason: str) -> DecisionRights:
        """Adopt the draft; it counts once a sponsor, somebody else, has confirmed it."""

    @get("/decision-rights/draft")
    def draft(self) -> RightsCheck:
        """Show the draft with everything that is wrong with it, the Cedar it compiles to, and the steps that would be weak."""

    @put("/decision-rights/draft")
    def save_draft(self, *, rows: Sequence[Mapping[str, Any]]) -> RightsCheck:
        """Write all rows of the draft; nothing of it counts before it is adopted and confirmed."""

    @get("/decision-rights/draft.xlsx")
    def export_xlsx(self, *, language: Literal["en", "de"] = "en") -> bytes:
        """Export the draft as a workbook that can be changed and sent back."""

    @get("/decision-rights/draft.yaml")
    def export_yaml(self) -> bytes:
        """Export the draft as YAML that can be changed and sent back."""

    @post("/decision-rights/draft/file", files=("file",))
    def import_draft(self, file: File) -> RightsCheck:
        """Write the draft from a workbook, CSV or YAML file; what cannot be read changes nothing."""

    @lists("/decision-rights/holders", is_paged=False)
    def holders(self, *, department: str | None = None) -> Each[StepHeld]:
        """Say who holds each step now, in a department or in all that one may see, with the steps that are weak."""

    @get("/decision-rights/{version}")
    def show(self, version: int) -> DecisionRights:
        """Show a version."""

    @get("/decision-rights/{version}/envelope")
    def envelope(self, version: int) -> dict[str, Any]:
        """Give a confirmed version as a DSSE envelope, to be checked without this system."""

    @post("/decision-rights/{version}/confirm")
    def confirm(self, version: int, *, digest: str) -> DecisionRights:
        """Put a version in force as a sponsor; the permission rules narrow by it from the next request on."""
