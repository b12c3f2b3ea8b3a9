"""Operations about jobs."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from headway_client.answers.jobs import Job
from headway_client.operations import Each, M, Namespace, get, lists, post


class Jobs(Namespace[M]):
    """Durable jobs."""

    @lists("/jobs")
    def list(self, *, mine: bool = False) -> Each[Job]:
        """List jobs, newest first, without their steps; ``mine`` narrows to your own."""

    @get("/jobs/{job_id}")
    def show(self, job_id: str) -> Job:
        """Show a job with its steps, its progress, and its result or error."""

    @post("/jobs/{job_id}/cancel")
    def cancel(self, job_id: str) -> Job:
        """Cancel a job; one that runs ends at its next step."""
