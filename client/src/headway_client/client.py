"""Talk to the control plane and to a decision node over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from headway_client.errors import HeadwayError, Unavailable, from_problem

Json = dict[str, Any]
FileFields = Mapping[str, Path]


class _Http:
    """A connection that turns problems into exceptions."""

    def __init__(
        self, base_url: str, token: str | None, *, transport: httpx.BaseTransport | None = None, timeout: float = 60
    ) -> None:
        headers = {"accept": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        self.base_url = base_url.rstrip("/")
        self._http = httpx.Client(base_url=self.base_url, headers=headers, transport=transport, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401  passed on to httpx
        """Send a request; raises the exception that fits a problem, Unavailable when nothing answers."""
        try:
            response = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            detail = f"{self.base_url} does not answer: {error}"
            raise Unavailable({"detail": detail, "code": "client.no_answer"}, 503) from error
        if response.is_success:
            return response
        raise _problem(response)


def _problem(response: httpx.Response) -> HeadwayError:
    try:
        body = response.json()
    except ValueError:
        body = {"detail": response.text[:500] or response.reason_phrase}
    return from_problem(body if isinstance(body, dict) else {"detail": str(body)}, response.status_code)


def _json(response: httpx.Response) -> Json:
    body = response.json() if response.content else {}
    return body if isinstance(body, dict) else {"items": body}


class Client(_Http):
    """The control plane's API, version 1. Paths are relative to ``/api/v1``."""

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
        timeout: float = 600,
    ) -> None:
        super().__init__(base_url.rstrip("/") + "/api/v1", token, transport=transport, timeout=timeout)

    def get(self, path: str, **params: Any) -> Json:  # noqa: ANN401  query values of any simple type
        """Read; parameters that are None are left out."""
        return _json(self.send("GET", path, params={k: v for k, v in params.items() if v is not None}))

    def get_bytes(self, path: str, **params: Any) -> bytes:  # noqa: ANN401  query values of any simple type
        """Read a document or export as it is."""
        return self.send("GET", path, params={k: v for k, v in params.items() if v is not None}).content

    def items(self, path: str, **params: Any) -> Iterator[Json]:  # noqa: ANN401  query values of any simple type
        """Read every item of a list, page by page."""
        cursor = params.pop("cursor", None)
        while True:
            page = self.get(path, cursor=cursor, **params)
            yield from page["items"]
            cursor = page.get("next")
            if not cursor:
                return

    def post(
        self,
        path: str,
        json: object = None,
        *,
        files: FileFields | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        """Create or act. ``files`` names local files to send as a form beside ``data``; None values are left out."""
        if files is None:
            return _json(self.send("POST", path, json=json, headers=headers))
        form = {k: v for k, v in (data or {}).items() if v is not None}
        opened = {name: (file.name, file.open("rb")) for name, file in files.items()}
        try:
            return _json(self.send("POST", path, data=form, files=opened, headers=headers))
        finally:
            for _, stream in opened.values():
                stream.close()

    def put(self, path: str, json: object = None) -> Json:
        """Replace."""
        return _json(self.send("PUT", path, json=json))

    def patch(self, path: str, json: object = None) -> Json:
        """Change some fields."""
        return _json(self.send("PATCH", path, json=json))

    def delete(self, path: str, **params: Any) -> Json:  # noqa: ANN401  query values of any simple type
        """Remove or revoke; parameters that are None are left out."""
        return _json(self.send("DELETE", path, params={k: v for k, v in params.items() if v is not None}))

    def wait(
        self,
        job_id: str,
        on_progress: Callable[[Json], None] | None = None,
        *,
        every: float = 0.2,
        timeout: float = 3600,
    ) -> Json:
        """Wait for a job and return its result; raises the error it failed with, Unavailable after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        while True:
            job = self.get(f"/jobs/{job_id}")
            if on_progress:
                on_progress(job)
            if job["status"] == "done":
                return dict(job["result"] or {})
            if job["status"] in ("failed", "cancelled"):
                problem = job.get("error") or {"detail": f"job {job_id} was {job['status']}", "code": "job.cancelled"}
                raise from_problem(problem, int(problem.get("status", 409)))
            if time.monotonic() > deadline:
                raise Unavailable(
                    {"detail": f"job {job_id} still runs after {timeout} s", "code": "client.timeout"}, 504
                )
            time.sleep(every)


class Node(_Http):
    """A decision node."""

    def decide(self, deployment: str, record: Mapping[str, object] | Sequence[Mapping[str, object]]) -> Any:  # noqa: ANN401
        """Ask for the decision on one record, or a list of decisions on a list of records."""
        return self.send("POST", f"/v1/decisions/{deployment}", json=record).json()

    def report_outcome(self, outcome: Mapping[str, object] | Sequence[Mapping[str, object]]) -> Any:  # noqa: ANN401
        """Tell what came of decisions: one, or a list.

        One is ``{"deployment": name, "decision": id, "outcome": value, "at": time}``; ``at`` may be left out.
        """
        return self.send("POST", "/v1/outcomes", json=outcome).json()
