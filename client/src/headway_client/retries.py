"""When a request is sent again, and after how long. Pure.

A request is repeated when that cannot do its work twice: reading may be repeated always; a change may when it carries
an ``Idempotency-Key``, which makes the server do it once; any other request only when it certainly was not carried
out, because no connection was made or the server said that it takes no more for now.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

import httpx

CARRIES_SECRETS = re.compile(r"/(setup|sessions|tokens|people|grants|webhooks|identity-providers|calendar|sql)(/|$)")
"""Addresses on which the server keeps no answers, because they hold a password, a code or a token."""
LARGEST_KEYED_BODY = 16 * 1_048_576
"""The server takes no Idempotency-Key with a larger body."""
KEY = "idempotency-key"
_PASSING = frozenset({429, 502, 503, 504})
_NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Repeat(Enum):
    """How freely a request may be repeated."""

    freely = "freely"
    refused = "refused"
    """When it was not sent, and when a node says that it took nothing because it is busy."""
    unsent = "unsent"
    """Only when it certainly was not carried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often to try again, and how patiently.

    The wait doubles from ``first_s`` to ``longest_s`` and is cut at random by up to half, so that many clients do not
    come back at once. A ``Retry-After`` of the server is kept when it is at most ``patience_s``; else there is no retry.
    """

    times: int = 3
    first_s: float = 0.5
    longest_s: float = 8.0
    patience_s: float = 60.0

    @staticmethod
    def of(told: int | Retries) -> Retries:
        """How often to try again, given as a number or in full."""
        return told if isinstance(told, Retries) else Retries(times=told)

    def wait(
        self,
        outcome: httpx.Response | httpx.TransportError,
        attempt: int,
        repeat: Repeat,
        *,
        draw: Callable[[], float] = random.random,
    ) -> float | None:
        """Seconds until the next try; None when this outcome stands.

        Args: attempt: tries made so far, counted from 0. draw: a number in [0, 1).
        """
        if attempt >= self.times or not _may_repeat(outcome, attempt, repeat):
            return None
        backoff = min(self.longest_s, self.first_s * 2.0**attempt) * (1 - draw() / 2)
        asked = None if isinstance(outcome, httpx.TransportError) else retry_after(outcome)
        if asked is None:
            return backoff
        return None if asked > self.patience_s else max(asked, backoff)


def _may_repeat(outcome: httpx.Response | httpx.TransportError, attempt: int, repeat: Repeat) -> bool:
    if isinstance(outcome, httpx.TransportError):
        return repeat is Repeat.freely or isinstance(outcome, _NO_CONNECTION)
    status = outcome.status_code
    if status == 429:
        return repeat is not Repeat.unsent or retry_after(outcome) is not None
    if repeat is Repeat.freely:
        return status in _PASSING or (status == 409 and attempt > 0 and _says(outcome, "idempotency.still_running"))
    return repeat is Repeat.refused and status == 503 and _says(outcome, "runtime.log_backlogged")


def _says(response: httpx.Response, code: str) -> bool:
    return f'"{code}"'.encode() in response.content


def retry_after(response: httpx.Response) -> float | None:
    """Seconds that the server asks to wait, given as a number or as a date (RFC 9110, 10.2.3)."""
    text = response.headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())


def takes_key(request: httpx.Request) -> bool:
    """Whether the server remembers its answer to this request by an Idempotency-Key."""
    length = request.headers.get("content-length", "0" if not request.headers.get("transfer-encoding") else "")
    is_small = length.isdigit() and int(length) <= LARGEST_KEYED_BODY
    return is_small and not CARRIES_SECRETS.search(request.url.path)
