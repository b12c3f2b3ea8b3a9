"""Operations about data products."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from headway_client.answers.catalog import (
    ContractCheck,
    DataProduct,
    Difference,
    Fault,
    InferredContract,
    LintReport,
    ProductSnapshot,
    QualityReport,
    Registration,
    Sample,
    TrendPoint,
    Upload,
)
from headway_client.answers.jobs import Started
from headway_client.answers.keeping import Compaction, Expiry, Retention, SnapshotList
from headway_client.calls import File
from headway_client.operations import Each, M, Namespace, get, lists, post, put


class Products(Namespace[M]):
    """Data products, their contracts and quality."""

    @post("/products", files=("file", "contract"))
    def register(
        self,
        file: File,
        *,
        department: str,
        name: str,
        label: str | None = None,
        positive: str | None = None,
        time: str | None = None,
        subject: str | None = None,
        exclude: Sequence[str] | None = None,
        contract: File | None = None,
        mode: Literal["replace", "append", "upsert"] = "replace",
        background: bool = False,
    ) -> Registration | Started:
        """Register a CSV, Parquet, JSON lines or Excel file as a data product, or as the next snapshot of one.

        ``mode``: the file is the whole table, comes after the rows there are, or over those with the same key.
        Files over 64 MB, and those sent with ``background``, are registered by a job, which is answered instead.
        """

    @lists("/products")
    def list(self, *, department: str | None = None) -> Each[DataProduct]:
        """List data products, of one department or of all."""

    @get("/products/{slug}")
    def show(self, slug: str) -> DataProduct:
        """Show a data product with its contract."""

    @get("/products/{slug}/contract", fixed={"format": "json"})
    def contract(self, slug: str, *, digest: str | None = None) -> dict[str, Any]:
        """Show a product's contract in the Open Data Contract Standard: the current one, or the version of a digest."""

    @get("/products/{slug}/contract", fixed={"format": "yaml"})
    def contract_yaml(self, slug: str, *, digest: str | None = None) -> str:
        """Give a product's contract as YAML."""

    @lists("/products/{slug}/snapshots")
    def snapshots(self, slug: str) -> Each[ProductSnapshot]:
        """List a product's snapshots, the newest first."""

    @get("/products/{slug}/snapshots/kept")
    def kept(self, slug: str, *, limit: int | None = None, cursor: str | None = None) -> SnapshotList:
        """List a product's snapshots with tags, sizes and what keeps them, and how long they are kept."""

    @put("/products/{slug}/retention")
    def retain(
        self,
        slug: str,
        *,
        keep_days: int | None = None,
        keep_last: int | None = None,
        most_files: int | None = None,
    ) -> Retention:
        """Say how long a product's snapshots are kept; what is left out is the default."""

    @post("/products/{slug}/compact")
    def compact(self, slug: str, *, most_files: int | None = None) -> Compaction:
        """Put the files of the current snapshot together; its rows and digest stay the same."""

    @post("/products/{slug}/expire")
    def expire(self, slug: str) -> Expiry:
        """Give up the snapshots that the retention does not keep and nothing protects."""

    @get("/products/{slug}/quality")
    def quality(self, slug: str, *, snapshot: str | None = None) -> QualityReport:
        """Show how a snapshot (default: the current one) fared against the current contract."""

    @lists("/products/{slug}/quality/history")
    def quality_history(self, slug: str) -> Each[TrendPoint]:
        """List a product's snapshots with failures by rule and part, and with what was unusual about each; newest first."""

    @lists("/products/{slug}/quality/faults")
    def faults(
        self,
        slug: str,
        *,
        snapshot: str | None = None,
        rule: str | None = None,
        column: str | None = None,
    ) -> Each[Fault]:
        """List every fault with row, column, rule and value."""

    @get("/products/{slug}/quality/faults", fixed={"format": "csv"})
    def faults_csv(self, slug: str, *, snapshot: str | None = None) -> bytes:
        """Give every fault as a CSV file."""

    @get("/products/{slug}/sample")
    def sample(self, slug: str, *, limit: int = 20) -> Sample:
        """Show the first rows of the current snapshot; values of restricted columns are masked."""


class Uploads(Namespace[M]):
    """Files that wait for a pilot or a product."""

    @post("/uploads", files=("file",))
    def keep(self, file: File, *, department: str) -> Upload:
        """Keep a file and say what its columns hold; the same file again is the same upload."""

    @get("/uploads/{upload_id}")
    def show(self, upload_id: str) -> Upload:
        """Show a file that waits: its columns, what they hold, and a guess at their roles."""


class Contracts(Namespace[M]):
    """Data contracts."""

    @post("/contracts/check", files=("file", "contract"))
    def check(self, file: File, *, contract: File) -> ContractCheck:
        """Hold a file to a contract without keeping either; tells how every rule fared and what it costs the score."""

    @post("/contracts/check/bad-rows", files=("file", "contract"))
    def bad_rows(self, file: File, *, contract: File, format: Literal["csv", "parquet"] = "csv") -> bytes:
        """Give the bad rows of a file whole, with their numbers and the rules they break; nothing is kept."""

    @post("/contracts/infer", files=("file",))
    def infer(self, file: File, *, name: str | None = None, department: str | None = None) -> InferredContract:
        """Infer a contract from a file without keeping either; it is a draft for people to complete."""

    @post("/contracts/lint", files=("contract", "dictionary"))
    def lint(self, contract: File, *, dictionary: File | None = None) -> LintReport:
        """Hold a contract to the standardisation protocol, and to a dictionary of the organisation's terms if one is sent."""

    @post("/contracts/diff", files=("old", "new"))
    def diff(self, old: File, new: File) -> Difference:
        """Compare a contract with its successor: what breaks its readers, and the version that says so."""
