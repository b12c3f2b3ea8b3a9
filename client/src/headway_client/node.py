"""A decision node: ask for decisions, one by one or for a whole frame, and report what came of them.

A node keeps no Idempotency-Keys. So a request is tried again when no connection was made or the node itself refused it,
and never after an answer may have been lost: that could decide twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar, overload
from urllib.parse import quote

import httpx

from headway_client import frames, home
from headway_client.answers.serving import Decision
from headway_client.calls import Call
from headway_client.connection import AsyncConnection, Connection, json_of
from headway_client.errors import HeadwayError, TooLarge
from headway_client.retries import Repeat, Retries

Record = Mapping[str, object]
Frame = TypeVar("Frame")
Told = Callable[[int, int], None]
TIMEOUT, PORTION = 60.0, 500


def _decide(deployment: str, records: Record | Sequence[Record], subject: str | None) -> Call:
    return Call(
        method="POST",
        path=f"/v1/decisions/{quote(deployment, safe='')}",
        json=records,
        headers={"headway-subject": subject} if subject is not None else {},
        repeat=Repeat.refused,
    )


def _outcomes(outcomes: Record | Sequence[Record]) -> Call:
    return Call(method="POST", path="/v1/outcomes", json=outcomes, repeat=Repeat.refused)


def _decisions(response: httpx.Response) -> Any:  # noqa: ANN401  one, or a list
    body = json_of(response)
    return [Decision(one) for one in body] if isinstance(body, list) else Decision(body)


def _broke_off(error: HeadwayError, work: frames.Portions) -> None:
    """Tell with an error what had been decided before it; a node has those in its log."""
    error.decided = [Decision(one) for one in work.answers]
    if work.answers:
        error.add_note(f"{len(work.answers)} rows were decided before this; they are in error.decided")


class Node:
    """A decision node.

    Args: base_url: as ``http://127.0.0.1:8470``. token: one with a grant to use the deployment.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
        timeout: float | httpx.Timeout = TIMEOUT,
        retries: int | Retries = 3,
    ) -> None:
        self._connection = Connection(
            base_url, token, transport=transport, timeout=timeout, retries=Retries.of(retries)
        )

    @classmethod
    def local(cls, token: str | None = None) -> Self:
        """The node that runs on this machine's home."""
        return cls(home.find_node(), token)

    @property
    def base_url(self) -> str:
        """The node's address."""
        return self._connection.base_url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Node at {self.base_url}>"

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    @overload
    def decide(self, deployment: str, record: Record, *, subject: str | None = None) -> Decision: ...
    @overload
    def decide(self, deployment: str, record: Sequence[Record]) -> list[Decision]: ...
    def decide(
        self, deployment: str, record: Record | Sequence[Record], *, subject: str | None = None
    ) -> Decision | list[Decision]:
        """Ask for the decision on one record, or a list of decisions on a list of records.

        Args: subject: whom the record is about, where the record itself does not say.
        """
        found: Decision | list[Decision] = self._connection.run(_decide(deployment, record, subject), _decisions)
        return found

    @overload
    def decide_frame(
        self, deployment: str, frame: Sequence[Record], *, portion: int = PORTION, on_progress: Told | None = None
    ) -> list[Decision]: ...
    @overload
    def decide_frame(
        self, deployment: str, frame: Frame, *, portion: int = PORTION, on_progress: Told | None = None
    ) -> Frame: ...
    def decide_frame(
        self, deployment: str, frame: object, *, portion: int = PORTION, on_progress: Told | None = None
    ) -> object:
        """Ask for a decision on each row of a frame, some rows a request.

        Args: frame: of Polars or pandas, or a list of records. portion: rows a request at most; halved when the node
            finds them too many. on_progress: called with the rows done and the rows in all.
        Returns: a frame of the same kind with a row a decision, in the same order; its columns are those of
            ``Decision``. A pandas frame keeps its index. For a list, a list of ``Decision``.
        Raises: as ``decide``; rows decided before are in the log of the node and in ``error.decided``.
        """
        work = frames.Portions(frames.records_of(frame), portion, on_progress)
        while part := work.next():
            try:
                work.took(self._connection.run(_decide(deployment, part, None), json_of))
            except HeadwayError as error:
                if not (isinstance(error, TooLarge) and work.halve()):
                    _broke_off(error, work)
                    raise
        return frames.like(frame, work.answers, Decision)

    def report_outcome(self, outcome: Record | Sequence[Record]) -> Any:  # noqa: ANN401  one, or a list
        """Tell what came of decisions: one, or a list.

        One is ``{"deployment": name, "decision": id, "outcome": value, "at": time}``; ``at`` may be left out.
        """
        return self._connection.run(_outcomes(outcome), json_of)


class AsyncNode:
    """A decision node for ``asyncio``; every method is that of ``Node``, to be awaited.

    Args: as of ``Node``.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float | httpx.Timeout = TIMEOUT,
        retries: int | Retries = 3,
    ) -> None:
        self._connection = AsyncConnection(
            base_url, token, transport=transport, timeout=timeout, retries=Retries.of(retries)
        )

    @classmethod
    def local(cls, token: str | None = None) -> Self:
        """The node that runs on this machine's home."""
        return cls(home.find_node(), token)

    @property
    def base_url(self) -> str:
        """The node's address."""
        return self._connection.base_url

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<AsyncNode at {self.base_url}>"

    async def close(self) -> None:
        """Give the connection back."""
        await self._connection.close()

    @overload
    async def decide(self, deployment: str, record: Record, *, subject: str | None = None) -> Decision: ...
    @overload
    async def decide(self, deployment: str, record: Sequence[Record]) -> list[Decision]: ...
    async def decide(
        self, deployment: str, record: Record | Sequence[Record], *, subject: str | None = None
    ) -> Decision | list[Decision]:
        """Ask for the decision on one record, or a list of decisions on a list of records."""
        found: Decision | list[Decision] = await self._connection.run(_decide(deployment, record, subject), _decisions)
        return found

    @overload
    async def decide_frame(
        self, deployment: str, frame: Sequence[Record], *, portion: int = PORTION, on_progress: Told | None = None
    ) -> list[Decision]: ...
    @overload
    async def decide_frame(
        self, deployment: str, frame: Frame, *, portion: int = PORTION, on_progress: Told | None = None
    ) -> Frame: ...
    async def decide_frame(
        self, deployment: str, frame: object, *, portion: int = PORTION, on_progress: Told | None = None
    ) -> object:
        """Ask for a decision on each row of a frame, some rows a request; see ``Node.decide_frame``."""
        work = frames.Portions(frames.records_of(frame), portion, on_progress)
        while part := work.next():
            try:
                work.took(await self._connection.run(_decide(deployment, part, None), json_of))
            except HeadwayError as error:
                if not (isinstance(error, TooLarge) and work.halve()):
                    _broke_off(error, work)
                    raise
        return frames.like(frame, work.answers, Decision)

    async def report_outcome(self, outcome: Record | Sequence[Record]) -> Any:  # noqa: ANN401  one, or a list
        """Tell what came of decisions: one, or a list; see ``Node.report_outcome``."""
        return await self._connection.run(_outcomes(outcome), json_of)
