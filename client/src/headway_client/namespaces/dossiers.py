"""Operations about documents that are drawn from records."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from typing import Any, Literal

from headway_client.answers.dossiers import Audited, Dossier, DossierStanding, StartedDossier
from headway_client.calls import File
from headway_client.operations import Each, M, Namespace, get, lists, post

Kind = Literal["annex_iv", "dpia", "fria", "ll144_summary", "model_risk", "board_pack", "audit_bundle"]

OscalKind = Literal["component-definition", "assessment-results"]


class Dossiers(Namespace[M]):
    """Documents for law, supervisors, boards and auditors, drawn from records."""

    @lists("/usecases/{slug}/dossiers", is_paged=False)
    def standings(self, slug: str) -> Each[DossierStanding]:
        """Tell for each kind of document whether it is owed, what is missing now, and whether the newest is outdated."""

    @post("/usecases/{slug}/dossiers")
    def make(self, slug: str, *, kind: Kind) -> Dossier:
        """Make a document about a use case from the records as they are now; it is kept for ever."""

    @post("/usecases/{slug}/audit-bundle")
    def bundle(self, slug: str) -> StartedDossier:
        """Begin an auditor's bundle; ``client.wait(started)`` waits until it is there."""

    @post("/board-packs")
    def board_pack(self, *, quarter: str) -> StartedDossier:
        """Begin the board pack of a quarter, written like ``2026-Q3``; ``client.wait(started)`` waits until it is there."""

    @post("/usecases/{slug}/bias-audits", files=("file",))
    def audit_bias(
        self,
        slug: str,
        file: File,
        *,
        sex: str,
        race: str,
        chosen: str | None = None,
        positive: str | None = None,
        score: str | None = None,
        source: Literal["own", "pooled", "test"] = "own",
        reason: str | None = None,
    ) -> Audited:
        """Count a CSV file of people who were assessed, and bring the ratios as evidence; the file is not kept."""

    @get("/usecases/{slug}/oscal/{kind}")
    def oscal(self, slug: str, kind: OscalKind) -> dict[str, Any]:
        """Write a use case as OSCAL JSON: a component definition, or its verdicts as assessment results."""

    @get("/packs/{pack_id}/oscal")
    def catalog(self, pack_id: str, *, version: str | None = None) -> dict[str, Any]:
        """Write a policy pack as an OSCAL catalogue."""

    @lists("/dossiers")
    def list(self, *, usecase: str | None = None, kind: Kind | None = None) -> Each[Dossier]:
        """List the documents that were made, newest first."""

    @get("/dossiers/{dossier_id}")
    def show(self, dossier_id: str) -> Dossier:
        """Show a document that was made: its files, digests and gaps."""

    @get("/dossiers/{dossier_id}/comparison")
    def compare(self, dossier_id: str) -> DossierStanding:
        """Hold a document that was made beside what the records say now."""

    @get("/dossiers/{dossier_id}/files/{file}")
    def download(self, dossier_id: str, file: str) -> bytes:
        """Download a file of a document: ``document.pdf``, ``.docx``, ``.md`` or ``.json``."""
