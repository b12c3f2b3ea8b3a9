"""Where the page of a thing is: one place that knows the address of every kind of reference."""

from __future__ import annotations

from urllib.parse import quote

_PLACES = {
    "usecase": "/usecases/{name}",
    "pilot": "/pilots/{name}",
    "product": "/products/{name}",
    "snapshot": "/products/{name}",
    "release": "/releases/{name}",
    "approval": "/approvals/{name}",
    "deployment": "/deployments/{name}",
    "decision": "/decisions/{name}",
    "person": "/people/{name}",
    "department": "/departments/{name}",
    "job": "/jobs/{name}",
    "policy": "/policies/{name}",
    "quorum": "/policies#quorum",
    "pack": "/policies/{name}",
    "run": "/runs/{name}",
    "token": "/tokens",
    "task": "/tasks/{name}",
    "comment": "/comments/{name}",
    "event": "/ledger/{name}",
    "verdict": "/verdicts/{name}",
}


def href(reference: str | None) -> str | None:
    """The address of the page about a reference (``kind:name[@mark]``); None when there is no page of its kind."""
    if not reference or ":" not in reference:
        return None
    kind, _, rest = reference.partition(":")
    name, _, mark = rest.partition("@")
    if kind == "model":
        number = mark if mark.isdigit() else ""
        return f"/models/{quote(name, safe='')}" + (f"/versions/{number}" if number else "")
    if kind == "deployment" and "/" in name:
        environment, _, name = name.partition("/")
        return f"/deployments/{quote(name, safe='')}?environment={quote(environment, safe='')}"
    place = _PLACES.get(kind)
    return place.format(name=quote(name, safe="")) if place else None
