"""The format of decision-log segments: frames of encrypted groups, a hash chain over records, and how both are checked.

A segment is a pair of files. ``.log`` holds records, ``.side`` holds sidecar entries. Each begins with a header frame
(plain JSON) and goes on with one frame a group commit, the same number of groups in both:

    frame  = length u32 | crc32 u32 | payload           crc over the payload, little endian
    group  = count u32 | last seq u64 | chain head 32 B | AES-256-GCM(nonce 12 | ciphertext | tag 16)
    plain  = (length u32 | JSON) * count

The group's clear part lets a recovered segment be counted and sealed without the key. It, the header and the group's
number are authenticated, so that frames cannot be moved, dropped in the middle or swapped between segments.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from headway.kernel import canonical, crypto
from headway.kernel.errors import Fault, Invalid
from headway.runtime import records
from headway.runtime.records import DecisionRecord, Sidecar

FORMAT = "headway-segment/1"
MAX_FRAME = 1 << 30
_FRAME = struct.Struct("<II")
_GROUP = struct.Struct("<IQ32s")
_LENGTH = struct.Struct("<I")

Part = Literal["log", "side", "profile"]


class SegmentDamaged(Invalid):
    """A segment's bytes do not hold together."""

    code = "runtime.segment_damaged"


class Link(msgspec.Struct, frozen=True):
    """The end of a chain: the last record's segment, number and hash."""

    segment: str | None = None
    seq: int = 0
    head: str = records.GENESIS


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first frame of each file of a segment."""

    format: str = FORMAT
    part: Part
    segment: str
    environment: str
    node: str
    slot: int
    opened_at: str
    previous: Link


class FileFacts(msgspec.Struct, frozen=True):
    """Size and digest of a file when it was sealed."""

    bytes: int
    digest: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a sealed segment holds; shipped after the two files, so that its presence means they are there."""

    format: str = FORMAT
    segment: str
    environment: str
    node: str
    slot: int
    opened_at: str
    sealed_at: str
    sealed_by: Literal["writer", "recovery"]
    records: int
    sidecars: int
    groups: int
    first_seq: int
    last_seq: int
    previous: Link
    head: str
    log: FileFacts
    side: FileFacts
    profile: FileFacts | None = None  # made by the node where it could; the control plane counts where it is absent
    cut_bytes: int  # torn bytes of groups that were never acknowledged
    is_damaged: bool  # whole frames lay behind the break: kept beside the segment on the node


@dataclass(frozen=True, slots=True)
class Group:
    """A frame of a group commit, still encrypted."""

    count: int
    last_seq: int
    head: str
    clear: bytes
    sealed: bytes
    end: int


@dataclass(frozen=True, slots=True)
class Scan:
    """How far a file of a segment can be read."""

    header: Header
    header_bytes: bytes
    start: int  # where the groups begin
    groups: tuple[Group, ...]
    is_resumed: bool  # a valid frame lies behind the first broken one

    def end(self, groups: int) -> int:
        """Where the file ends after so many groups."""
        return self.groups[groups - 1].end if groups else self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentReport:
    """The result of verifying a segment; it holds when there are no faults."""

    segment: str
    records: int
    erased: tuple[str, ...]  # ids whose payload was erased; their records still prove
    faults: tuple[Fault, ...]

    @property
    def is_valid(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


# ------------------------------------------------------------------------------------------------ writing
def frame(payload: bytes) -> bytes:
    """Wrap a payload with its length and checksum."""
    return _FRAME.pack(len(payload), zlib.crc32(payload)) + payload


def header_frame(header: Header) -> bytes:
    """Make the first frame of a file."""
    return frame(msgspec.json.encode(header))


def file_key(key: bytes, segment: str, part: Part) -> bytes:
    """Derive the key of one file of one segment (HKDF-SHA256, RFC 5869)."""
    return HKDF(SHA256(), 32, salt=segment.encode(), info=b"headway segment " + part.encode()).derive(key)


def header_digest(header_bytes: bytes) -> bytes:
    """Hash a header, to bind groups to it."""
    return canonical.sha256(header_bytes).encode()


def group_frame(key: bytes, bound: bytes, number: int, items: Sequence[bytes], *, last_seq: int, head: str) -> bytes:
    """Encrypt one group.

    Args: key: the file's own. bound: ``header_digest`` of the file. number: of the group, counted from 0.
    """
    plain = b"".join([part for item in items for part in (_LENGTH.pack(len(item)), item)])
    clear = _GROUP.pack(len(items), last_seq, bytes.fromhex(head))
    return frame(clear + crypto.seal(key, plain, _context(bound, number, clear)))


def _context(bound: bytes, number: int, clear: bytes) -> bytes:
    return b"%b %d %b" % (bound, number, clear)


# ------------------------------------------------------------------------------------------------ reading
def scan(data: bytes) -> Scan:
    """Read the frames of a file up to the first that is short or broken; needs no key. Raises SegmentDamaged."""
    first = _payload(data, 0)
    if first is None:
        raise SegmentDamaged("the segment has no readable header")
    header_bytes, start = first
    try:
        header = msgspec.json.decode(header_bytes, type=Header)
    except msgspec.MsgspecError as error:
        raise SegmentDamaged(f"the segment's header cannot be read: {error}") from error
    if header.format != FORMAT:
        raise SegmentDamaged(f"the segment's format is {header.format!r}, expected {FORMAT!r}")
    groups: list[Group] = []
    at = start
    while (found := _payload(data, at)) is not None and len(found[0]) >= _GROUP.size:
        payload, at = found
        count, last_seq, head = _GROUP.unpack_from(payload)
        groups.append(Group(count, last_seq, head.hex(), payload[: _GROUP.size], payload[_GROUP.size :], at))
    return Scan(header, header_bytes, start, tuple(groups), _resumes(data, at))


def _payload(data: bytes, at: int) -> tuple[bytes, int] | None:
    if at + _FRAME.size > len(data):
        return None
    length, checksum = _FRAME.unpack_from(data, at)
    end = at + _FRAME.size + length
    if length > MAX_FRAME or end > len(data):
        return None
    payload = data[at + _FRAME.size : end]
    return (payload, end) if zlib.crc32(payload) == checksum else None


def _resumes(data: bytes, at: int) -> bool:
    """Tell whether the frame at ``at`` is broken inside while a whole one follows: damage, not a torn end."""
    if at + _FRAME.size > len(data):
        return False
    end = at + _FRAME.size + _FRAME.unpack_from(data, at)[0]
    return end < len(data) and _payload(data, end) is not None


def _items(key: bytes, found: Scan) -> Iterator[bytes]:
    own = file_key(key, found.header.segment, found.header.part)
    bound = header_digest(found.header_bytes)
    for number, group in enumerate(found.groups):
        try:
            plain = crypto.unseal(own, group.sealed, _context(bound, number, group.clear))
        except Invalid as error:
            raise SegmentDamaged(f"group {number} of {found.header.segment} {error.message}") from error
        at = 0
        for _ in range(group.count):
            (length,) = _LENGTH.unpack_from(plain, at)
            yield plain[at + _LENGTH.size : at + _LENGTH.size + length]
            at += _LENGTH.size + length


def read_segment(data: bytes, key: bytes) -> list[DecisionRecord]:
    """Decrypt the records of a ``.log`` file; raises SegmentDamaged. It does not check the chain."""
    return [records.parse_record(item) for item in _items(key, _whole(data, "log"))]


def read_sidecar(data: bytes, key: bytes) -> dict[str, Sidecar]:
    """Decrypt the sidecar entries of a ``.side`` file by record id; raises SegmentDamaged."""
    entries = [records.parse_sidecar(item) for item in _items(key, _whole(data, "side"))]
    return {entry.id: entry for entry in entries}


def _whole(data: bytes, part: Part) -> Scan:
    found = scan(data)
    if found.header.part != part:
        raise SegmentDamaged(
            f"this is the {found.header.part} file of {found.header.segment}, expected its {part} file"
        )
    if found.end(len(found.groups)) != len(data):
        raise SegmentDamaged(f"{found.header.segment} breaks after group {len(found.groups)}")
    return found


# ------------------------------------------------------------------------------------------------ checking
def verify_segment(log: bytes, side: bytes | None, manifest: Manifest, key: bytes) -> SegmentReport:
    """Check a sealed segment: digests, counts, every link of the chain and every commitment that still has a payload.

    Args: side: the sidecar as it is now, perhaps rewritten by ``erase_subjects``; None when it was deleted whole.
    """
    faults: list[Fault] = []
    if canonical.sha256(log) != manifest.log.digest or len(log) != manifest.log.bytes:
        faults.append(Fault(rule="digest", message="the log file is not the one that was sealed"))
    try:
        found = _whole(log, "log")
        items = list(_items(key, found))
        sides = read_sidecar(side, key) if side is not None else {}
    except (Invalid, msgspec.MsgspecError, struct.error) as error:
        faults.append(Fault(rule="format", message=str(error)))
        return SegmentReport(segment=manifest.segment, records=0, erased=(), faults=tuple(faults))
    if found.header.segment != manifest.segment:
        faults.append(Fault(rule="manifest", message=f"the manifest is of {manifest.segment}"))
    kept = [records.parse_record(item) for item in items]
    faults += _chain_faults(found, items, kept, manifest)
    erased, broken = _payload_faults(kept, sides)
    return SegmentReport(segment=manifest.segment, records=len(kept), erased=erased, faults=(*faults, *broken))


def _chain_faults(
    found: Scan, items: Sequence[bytes], kept: Sequence[DecisionRecord], manifest: Manifest
) -> Iterator[Fault]:
    if found.header.previous != manifest.previous:
        yield Fault(rule="previous", message="header and manifest name different segments before this one")
    prev, seq = manifest.previous.head, manifest.previous.seq
    for row, (item, record) in enumerate(zip(items, kept, strict=True), start=1):
        seq += 1
        if record.prev != prev or record.seq != seq or record.segment != manifest.segment:
            why = f"record {record.id} does not follow the one before it"
            yield Fault(rule="chain", row=row, value=record.id, message=why)
        prev, seq = records.link(item), record.seq
    if prev != manifest.head or seq != manifest.last_seq or len(kept) != manifest.records:
        said = f"the manifest says {manifest.records} end at {manifest.last_seq}"
        yield Fault(rule="count", message=f"{len(kept)} records end at {seq}, {said}")


def _payload_faults(kept: Sequence[DecisionRecord], sides: dict[str, Sidecar]) -> tuple[tuple[str, ...], list[Fault]]:
    committed = {record.id: record.payload_commitment for record in kept if record.payload_commitment is not None}
    erased = tuple(name for name in committed if name not in sides)
    faults = [
        Fault(rule="commitment", value=name, message=f"the payload of {name} is not the one committed to")
        for name, entry in sides.items()
        if name not in committed or not entry.commits_to(committed[name])
    ]
    return erased, faults


def erase_subjects(side: bytes, key: bytes, subjects: frozenset[str]) -> tuple[bytes, tuple[str, ...]]:
    """Rewrite a sidecar without the payloads of some subjects; the records' chain stays valid.

    Returns: the new ``.side`` file, and the ids of the records whose payload is gone.
    """
    found = _whole(side, "side")
    own, bound = file_key(key, found.header.segment, "side"), header_digest(found.header_bytes)
    gone: list[str] = []
    kept: list[bytes] = []
    for item in _items(key, found):
        entry = records.parse_sidecar(item)
        if entry.subject in subjects:
            gone.append(entry.id)
        else:
            kept.append(item)
    last = found.groups[-1] if found.groups else None
    body = group_frame(own, bound, 0, kept, last_seq=last.last_seq, head=last.head) if last else b""
    return frame(found.header_bytes) + body, tuple(gone)


def parse_manifest(data: bytes) -> Manifest:
    """Read a manifest; raises SegmentDamaged."""
    try:
        return msgspec.json.decode(data, type=Manifest)
    except msgspec.MsgspecError as error:
        raise SegmentDamaged(f"the manifest cannot be read: {error}") from error
