"""Where the page of a thing is: one place that knows the address of every kind of reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import quote

_PLACES = {
    "usecase": "/usecases/{name}",
    "system": "/systems/{name}",
    "vendor": "/vendors/{name}",
    "sighting": "/shadow/{name}",
    "gateway-log": "/shadow",
    "pilot": "/pilots/{name}",
    "scaleplan": "/scale-plans/{name}",
    "replay": "/replays/{name}",
    "dossier": "/dossiers/{name}",
    "product": "/products/{name}",
    "snapshot": "/products/{name}",
    "data-access": "/data-access/{name}",
    "contract-change": "/contract-changes/{name}",
    "release": "/releases/{name}",
    "approval": "/approvals/{name}",
    "deployment": "/deployments/{name}",
    "alert": "/alerts/{name}",
    "incident": "/incidents/{name}",
    "clocks": "/incidents/clocks",
    "decision": "/decisions/{name}",
    "person": "/people/{name}",
    "department": "/departments/{name}",
    "job": "/jobs/{name}",
    "policy": "/policies/{name}",
    "quorum": "/policies#quorum",
    "rates": "/rates",
    "discount-rate": "/discount-rates",
    "projection": "/projections/{name}",
    "assessment": "/assessments/{name}",
    "assessment-template": "/assessment-templates/{name}",
    "risk": "/risks/{name}",
    "allocation": "/allocations/{name}",
    "pack": "/policies/{name}",
    "run": "/runs/{name}",
    "token": "/tokens",
    "task": "/tasks/{name}",
    "comment": "/comments/{name}",
    "event": "/ledger/{name}",
    "ledger": "/ledger?at={name}",
    "verdict": "/verdicts/{name}",
    "programme": "/programmes/{name}",
    "appetite": "/appetite",
    "rights": "/decision-rights/{name}",
    "waiver": "/waivers/{name}",
    "council": "/councils/{name}",
    "council-item": "/council/{name}",
    "council-meeting": "/meetings/{name}",
    "break-glass": "/break-glass/{name}",
}

# What the ledger calls things that are not there yet, or all of them: pages of their own have these addresses.
_NO_THING = {"new", "all", "any", "mine", "import"}
_may_open: ContextVar[Callable[[str], bool] | None] = ContextVar("may_open", default=None)


@contextmanager
def seen_by(may_open: Callable[[str], bool] | None) -> Iterator[None]:
    """While a page is made: who looks at it may open what ``may_open`` says; everything when it is None."""
    before = _may_open.set(may_open)
    try:
        yield
    finally:
        _may_open.reset(before)


def seen(reference: str | None) -> str | None:
    """The address of the page about a reference; None when there is none, or when whoever looks may not open it."""
    address, may_open = href(reference), _may_open.get()
    return address if not reference or may_open is None or may_open(reference) else None


def href(reference: str | None) -> str | None:
    """The address of the page about a reference (``kind:name[@mark]``); None when there is no page of its kind."""
    if not reference or ":" not in reference:
        return None
    kind, _, rest = reference.partition(":")
    name, _, mark = rest.partition("@")
    if name in _NO_THING:
        return None
    if kind == "model":
        number = mark if mark.isdigit() else ""
        return f"/models/{quote(name, safe='')}" + (f"/versions/{number}" if number else "")
    if kind == "deployment" and "/" in name:
        environment, _, name = name.partition("/")
        return f"/deployments/{quote(name, safe='')}?environment={quote(environment, safe='')}"
    place = _PLACES.get(kind)
    return place.format(name=quote(name, safe="")) if place else None
