"""Profiles of decisions: what a release was asked about and how it scored, counted by the reference in its bundle.

They are made of the records of a sealed segment, on the node that wrote it, beside the requests and never in them; where
a node cannot (it died, or follows another release by now), the control plane does the same with the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import msgspec
import numpy as np

from headway.kernel import crypto
from headway.kernel.canonical import canonical_json
from headway.numerics import (
    FloatArray,
    Profile,
    Reference,
    Ruler,
    ShapeMismatch,
    Tally,
    category_ruler,
    empty_profile,
    empty_tally,
    merge_profiles,
    number_ruler,
    plain_profile,
    profile_rows,
    read_profile,
    tally,
)
from headway.runtime.entities import Feature
from headway.runtime.features import Column, converter, encode_column
from headway.runtime.records import DecisionRecord, Sidecar
from headway.runtime.segments import file_key, read_segment, read_sidecar

FORMAT = "headway-profile/1"
SLICE, PAUSE = 2_000, 200
"""Records that are counted at once, a column at a time, and those read at once: in between the thread rests, so that no
request waits for it."""
_PLAIN = frozenset({"number", "integer", "boolean"})
_NUMBERS = frozenset({int, float, bool, type(None)})
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayProfile:
    """The profile of what one release decided in one deployment on one day (UTC)."""

    deployment: str
    release: str
    day: date
    profile: Profile


class _Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    deployment: str
    release: str
    day: date
    profile: msgspec.Raw


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: str
    profiles: list[_Told]


# --- the reference -----------------------------------------------------------------------------------------------


def make_reference(features: Sequence[Feature], columns: Mapping[str, Column], scores: FloatArray) -> Reference:
    """Cut rulers from the rows a model was made of, and count those rows.

    Args: columns: by field of the record, as the encoder takes them. scores: of rows that the model did not learn from.
    """
    encoded = {feature.name: encode_column(feature, columns[feature.column]) for feature in features}
    rulers = {feature.name: _ruler(feature, encoded[feature.name]) for feature in features}
    score_ruler = number_ruler(scores)
    blank = Reference(
        rulers=rulers,
        score_ruler=score_ruler,
        profile=Profile(
            rows=0,
            inputs={name: empty_tally(ruler) for name, ruler in rulers.items()},
            scores=empty_tally(score_ruler),
        ),
    )
    counted = profile_rows(blank, encoded, scores)
    rows = max((counted.inputs[name].rows for name in rulers), default=0)
    profile = Profile(rows=rows, inputs=counted.inputs, scores=counted.scores)
    return Reference(rulers=rulers, score_ruler=score_ruler, profile=profile)


def _ruler(feature: Feature, encoded: FloatArray) -> Ruler:
    if feature.kind == "boolean":
        return category_ruler(("false", "true"))
    if feature.kind == "category":
        return category_ruler(feature.categories)
    return number_ruler(encoded)


# --- counting ----------------------------------------------------------------------------------------------------


class Profiler:
    """Counts records by one release's reference."""

    def __init__(self, features: Sequence[Feature], reference: Reference) -> None:
        self.reference = reference
        self._features = tuple(feature for feature in features if feature.name in reference.rulers)
        self._columns = tuple(dict.fromkeys(feature.column for feature in self._features))
        # Rows as tuples of the wanted fields, whatever they are called: dictionaries take three times as long.
        places = {f"f{i}": column for i, column in enumerate(self._columns)}
        row = msgspec.defstruct("Row", [(place, Any, None) for place in places], rename=places, gc=False)
        self._decode = msgspec.json.Decoder(row).decode

    def profile(
        self, records: Sequence[bytes | msgspec.Raw], scores: Sequence[float], rest: Callable[[], None] = lambda: None
    ) -> Profile:
        """Count records, each a JSON object as it was asked about, and their scores.

        Args: rest: called every few milliseconds of work.
        Raises: msgspec.MsgspecError: a record is no JSON object.
        """
        rows: list[tuple[Any, ...]] = []
        for part in _slices(records, PAUSE):
            rows += map(msgspec.structs.astuple, map(self._decode, part))
            rest()
        columns = dict(zip(self._columns, zip(*rows, strict=True), strict=True)) if rows else {}
        counted: dict[str, Tally] = {}
        for feature in self._features:
            values = _encoded(feature, columns.get(feature.column, ()))
            counted[feature.name] = tally(self.reference.rulers[feature.name], values)
            rest()
        tallied = tally(self.reference.score_ruler, np.array(scores, dtype=np.float64))
        return Profile(rows=len(scores), inputs=counted, scores=tallied)


def _encoded(feature: Feature, values: Sequence[object]) -> FloatArray:
    if feature.kind in _PLAIN and _NUMBERS.issuperset(map(type, values)):  # most columns, ten times as fast
        return np.array(values, dtype=np.float64)
    try:
        return encode_column(feature, values)
    except (
        TypeError,
        ValueError,
        OverflowError,
    ):  # some other release's contract let it in: what is none counts as missing
        convert = converter(feature)
        return np.array([_value(convert, value) for value in values], dtype=np.float64)


def _value(convert: Callable[[object], float], value: object) -> float:
    try:
        return convert(value)
    except (TypeError, ValueError, OverflowError):
        return np.nan


def profile_records(
    records: Sequence[DecisionRecord],
    sides: Mapping[str, Sidecar],
    profiler_of: Callable[[str], Profiler | None],
    rest: Callable[[], None] = lambda: None,
) -> list[DayProfile]:
    """Count the scored decisions among a segment's records, by deployment, release and day.

    A record whose payload was erased is left out, and so are the releases that ``profiler_of`` knows no profiler of.

    Args: profiler_of: by the release's subject. rest: called between columns of slices.
    """
    groups: dict[tuple[str, str, date], list[DecisionRecord]] = {}
    for record in records:
        if record.kind == "decision" and record.release is not None and record.score is not None and record.id in sides:
            key = (record.deployment, record.release, date.fromisoformat(record.at[:10]))
            groups.setdefault(key, []).append(record)
    made = []
    for (deployment, release, day), kept in sorted(groups.items()):
        profiler = profiler_of(release)
        if profiler is None:
            continue
        whole = empty_profile(profiler.reference)
        for part in _slices(kept, SLICE):
            inputs = [sides[record.id].input for record in part]
            whole = merge_profiles(whole, profiler.profile(inputs, [record.score or 0.0 for record in part], rest))
        made.append(DayProfile(deployment=deployment, release=release, day=day, profile=whole))
    return made


def _slices(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]


# --- the file beside a segment -----------------------------------------------------------------------------------


def seal_profiles(made: Sequence[DayProfile], key: bytes, segment: str) -> bytes:
    """Write profiles as the encrypted file that lies beside a segment.

    Args: key: the 32 bytes that decision-log segments are encrypted under.
    """
    plain = {
        "format": FORMAT,
        "profiles": [
            {
                "deployment": one.deployment,
                "release": one.release,
                "day": one.day.isoformat(),
                "profile": plain_profile(one.profile),
            }
            for one in made
        ],
    }
    return crypto.seal(file_key(key, segment, "profile"), canonical_json(plain), segment.encode())


def read_profiles(content: bytes, key: bytes, segment: str) -> list[DayProfile]:
    """Read the file beside a segment; raises Invalid when it is not what this key sealed for this segment."""
    plain = crypto.unseal(file_key(key, segment, "profile"), content, segment.encode())
    try:
        told = msgspec.json.decode(plain, type=_File)
        if told.format != FORMAT:
            raise ShapeMismatch(f"the profiles' format is {told.format!r}, expected {FORMAT!r}")
        return [
            DayProfile(
                deployment=one.deployment,
                release=one.release,
                day=one.day,
                profile=read_profile(msgspec.json.decode(one.profile)),
            )
            for one in told.profiles
        ]
    except msgspec.MsgspecError as error:
        raise ShapeMismatch(f"these are no profiles: {error}") from error


class SegmentProfiler:
    """Makes the profile file of a segment on a node; knows the references of releases that are or were served here."""

    def __init__(self, key: bytes, profiler_of: Callable[[str], Profiler | None], rest: Callable[[], None]) -> None:
        """Args: rest: called every few milliseconds of work, to let requests go first."""
        self._key, self._profiler_of, self._rest = key, profiler_of, rest

    def __call__(self, segment: str, log: bytes, side: bytes) -> bytes | None:
        """Count a sealed segment; None where a release in it is not known here: then the control plane counts."""
        records = read_segment(log, self._key)
        known: dict[str, Profiler] = {}
        for release in {r.release for r in records if r.kind == "decision" and r.release is not None}:
            profiler = self._profiler_of(release)
            if profiler is None:
                return None
            known[release] = profiler
        made = profile_records(records, read_sidecar(side, self._key), known.get, self._rest)
        return seal_profiles(made, self._key, segment)
