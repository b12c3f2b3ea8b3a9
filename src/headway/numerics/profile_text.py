"""Profiles and references as plain values, read with a check of their shape."""

from __future__ import annotations

import msgspec

from headway.numerics.errors import ShapeMismatch
from headway.numerics.profiles import Profile, Reference, Ruler, RulerKind, Tally

FORMAT = "headway-reference/1"


class _Tally(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    counts: tuple[int, ...]
    nulls: int
    low: float | None
    high: float | None
    total: str
    squares: str


class _Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rows: int
    inputs: dict[str, _Tally]
    scores: _Tally


class _Ruler(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: RulerKind
    edges: tuple[float, ...]
    labels: tuple[str, ...]
    center: float
    spread: float


class _Reference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: str
    rulers: dict[str, _Ruler]
    score_ruler: _Ruler
    profile: _Profile


def plain_profile(profile: Profile) -> dict[str, object]:
    """The profile as plain values for canonical JSON; sums are texts, because they may pass 2^53."""
    return {
        "rows": profile.rows,
        "inputs": {name: _plain_tally(counted) for name, counted in sorted(profile.inputs.items())},
        "scores": _plain_tally(profile.scores),
    }


def plain_reference(reference: Reference) -> dict[str, object]:
    """The reference as plain values for canonical JSON."""
    return {
        "format": FORMAT,
        "rulers": {name: msgspec.to_builtins(ruler) for name, ruler in sorted(reference.rulers.items())},
        "score_ruler": msgspec.to_builtins(reference.score_ruler),
        "profile": plain_profile(reference.profile),
    }


def read_profile(told: object) -> Profile:
    """Read plain values; raises ShapeMismatch."""
    try:
        return _profile(msgspec.convert(told, _Profile))
    except (msgspec.ValidationError, ValueError) as error:
        raise ShapeMismatch(f"this is no profile: {error}") from error


def read_reference(raw: bytes) -> Reference:
    """Read a reference written as JSON; raises ShapeMismatch, also where its counts do not fit its rulers."""
    try:
        told = msgspec.json.decode(raw, type=_Reference)
        if told.format != FORMAT:
            raise ShapeMismatch(f"the reference's format is {told.format!r}, expected {FORMAT!r}")
        made = Reference(
            rulers={name: _ruler(ruler) for name, ruler in told.rulers.items()},
            score_ruler=_ruler(told.score_ruler),
            profile=_profile(told.profile),
        )
    except (msgspec.MsgspecError, ValueError) as error:
        raise ShapeMismatch(f"this is no reference: {error}") from error
    _check(made)
    return made


def fits(reference: Reference, profile: Profile) -> bool:
    """Whether a profile was counted by the rulers of a reference, as far as its shape tells."""
    return (
        profile.inputs.keys() == reference.rulers.keys()
        and all(len(profile.inputs[name].counts) == ruler.bins for name, ruler in reference.rulers.items())
        and len(profile.scores.counts) == reference.score_ruler.bins
    )


def _check(reference: Reference) -> None:
    if not fits(reference, reference.profile):
        raise ShapeMismatch("the reference's counts do not fit its rulers")
    for name, ruler in (*reference.rulers.items(), ("scores", reference.score_ruler)):
        if list(ruler.edges) != sorted(set(ruler.edges)) or not ruler.spread > 0:
            raise ShapeMismatch(f"the ruler of {name} has edges that do not rise, or no spread")


def _plain_tally(counted: Tally) -> dict[str, object]:
    return {
        "counts": list(counted.counts),
        "nulls": counted.nulls,
        "low": counted.low,
        "high": counted.high,
        "total": str(counted.total),
        "squares": str(counted.squares),
    }


def _tally(told: _Tally) -> Tally:
    if min(told.counts, default=0) < 0 or told.nulls < 0:
        raise ShapeMismatch("a profile counts nothing less than none")
    return Tally(
        counts=told.counts,
        nulls=told.nulls,
        low=told.low,
        high=told.high,
        total=int(told.total),
        squares=int(told.squares),
    )


def _profile(told: _Profile) -> Profile:
    return Profile(
        rows=told.rows,
        inputs={name: _tally(counted) for name, counted in told.inputs.items()},
        scores=_tally(told.scores),
    )


def _ruler(told: _Ruler) -> Ruler:
    return Ruler(kind=told.kind, edges=told.edges, labels=told.labels, center=told.center, spread=told.spread)
