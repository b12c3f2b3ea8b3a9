"""What a node answers when it does not decide; each tells why and what to do."""

from __future__ import annotations

import math

import msgspec

from headway.kernel.errors import (
    Denied,
    HeadwayError,
    Invalid,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
    problem,
)

Headers = list[tuple[str, str]]
PROBLEM: Headers = [("content-type", "application/problem+json")]


class TokenUnknown(Unauthenticated):
    """The request carries no token that this environment knows."""

    code = "node.token_unknown"


class NotGranted(Denied):
    """The token's bearer is known and may not use this deployment."""

    code = "node.not_granted"


class DeploymentUnknown(NotFound):
    """This environment has no deployment of that name."""

    code = "node.deployment_unknown"


class DeploymentEnded(NotFound):
    """The deployment's time is over."""

    code, status = "node.deployment_ended", 410


class DeploymentSuspended(Unavailable):
    """The deployment is stopped for now."""

    code = "node.deployment_suspended"


class ReleaseNotServed(Unavailable):
    """The deployment's release failed a check; ``values`` says which."""

    code = "node.release_refused"


class NotFresh(Unavailable):
    """The node has not heard from its control plane for too long and may not decide any more."""

    code = "node.not_fresh"


class LimitReached(Unavailable):
    """The deployment has made all decisions it may make today."""

    code, status = "node.daily_limit", 429


class BodyTooLarge(TooLarge):
    """The request's body is larger than the node accepts."""

    code = "node.body_too_large"


class NoSuchPath(NotFound):
    """The node has no such address."""

    code = "node.no_such_path"


class MethodNotAllowed(Invalid):
    """The address exists, with another method."""

    code, status = "node.method_not_allowed", 405


class OutcomeBroken(Invalid):
    """Outcomes are malformed; ``faults`` lists every fault of every one."""

    code = "node.outcome_broken"


class TooManyRecords(Invalid):
    """One request holds more records than the deployment takes."""

    code, status = "node.too_many_records", 413


class Unexpected(HeadwayError):
    """A fault of the node itself."""

    code = "node.unexpected"


def render(error: HeadwayError, *, retry_after: float | None = None) -> tuple[int, Headers, bytes]:
    """Turn an error into status, headers and problem+json."""
    headers = PROBLEM
    if retry_after is None and isinstance(error, Unavailable):
        retry_after = 1.0
    if retry_after is not None:
        headers = [*PROBLEM, ("retry-after", str(math.ceil(retry_after)))]
    if error.status == Unauthenticated.status:
        headers = [*headers, ("www-authenticate", "Bearer")]
    return error.status, headers, msgspec.json.encode(problem(error))
