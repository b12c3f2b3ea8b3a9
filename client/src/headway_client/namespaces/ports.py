"""Operations about the input ports of data products."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from headway_client.answers.ports import InputPort, InputPorts, Peek, PortRun, StartedRun
from headway_client.operations import Each, M, Namespace, delete, get, lists, patch, post

Kind = Literal["sql", "files", "folder", "rest"]


class Ports(Namespace[M]):
    """Where the rows of a data product come from: databases, files, folders, APIs."""

    @post("/products/{slug}/ports")
    def add(
        self,
        slug: str,
        name: str,
        *,
        kind: Kind,
        settings: Mapping[str, str],
        every_minutes: int | None = None,
        keep_upload: bool = True,
    ) -> InputPort:
        """Add an input port to a product, or to one that its first run makes. Secrets are named in ``settings``."""

    @post("/products/{slug}/ports/test")
    def test(self, slug: str, *, kind: Kind, settings: Mapping[str, str]) -> Peek:
        """Look at the first rows of a source and keep nothing; values of personal data are masked."""

    @get("/products/{slug}/ports")
    def list(self, slug: str) -> InputPorts:
        """List the input ports of a product."""

    @get("/products/{slug}/ports/{port}")
    def show(self, slug: str, port: str) -> InputPort:
        """Show an input port."""

    @lists("/products/{slug}/ports/{port}/runs")
    def runs(self, slug: str, port: str) -> Each[PortRun]:
        """List the runs of an input port, newest first."""

    @post("/products/{slug}/ports/{port}/run")
    def run(self, slug: str, port: str) -> StartedRun:
        """Read an input port now, by a job."""

    @patch("/products/{slug}/ports/{port}")
    def schedule(self, slug: str, port: str, *, every_minutes: int | None) -> InputPort:
        """Read an input port in another rhythm, or by hand (None)."""

    @delete("/products/{slug}/ports/{port}")
    def remove(self, slug: str, port: str) -> InputPort:
        """Remove an input port; its rows go with the next run of another one, every snapshot stays."""
