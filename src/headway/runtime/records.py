"""What a node writes down: the decision record in the hash chain, and the sidecar with everything that can be erased.

The record holds a salted commitment, never a person's data; the sidecar holds salt and payload. Deleting a sidecar
entry therefore leaves every record, and the chain over them, provable.
"""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

from headway.kernel import crypto

VERSION = 1
GENESIS = "0" * 64

Kind = Literal["decision", "outcome", "refusal"]


class RecordBody(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A decision, outcome or refusal before it has a place in a chain."""

    kind: Kind
    id: str
    at: str  # RFC 3339, UTC
    epoch: int
    deployment: str
    release: str | None = None
    verdict: str | None = None
    arm: str | None = None
    principal: str | None = None
    ack: Literal["durable"] = "durable"
    payload_commitment: str | None = None
    score: float | None = None
    band: str | None = None
    action: str | None = None
    flags: tuple[str, ...] = ()
    why: str | None = None


class DecisionRecord(RecordBody, frozen=True, kw_only=True, gc=False):
    """One link of a worker's chain: the body, where it lies, and ``prev``, the SHA-256 of the record before it."""

    v: int
    node: str
    segment: str
    seq: int
    prev: str


class Sidecar(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The erasable half of a record: salt (hex), subject, and the input and reasons as JSON exactly as committed to."""

    id: str
    salt: str
    subject: str | None
    input: msgspec.Raw
    reasons: msgspec.Raw

    def payload(self) -> bytes:
        """The bytes that the record's commitment is made over."""
        return payload_bytes(self.subject, bytes(self.input), bytes(self.reasons))

    def commits_to(self, commitment: str | None) -> bool:
        """Tell whether this is the payload that a record committed to."""
        return crypto.commitment(bytes.fromhex(self.salt), self.payload()).hex() == commitment


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What is handed to the log: the record's body and, unless it has no payload, its sidecar; both as JSON."""

    body: bytes
    side: bytes | None

    @property
    def size(self) -> int:
        """Bytes this entry holds while it waits."""
        return len(self.body) + len(self.side or b"")


_encoder = msgspec.json.Encoder()
_records = msgspec.json.Decoder(DecisionRecord)
_sidecars = msgspec.json.Decoder(Sidecar)


def payload_bytes(subject: str | None, input_json: bytes, reasons_json: bytes) -> bytes:
    """Join the parts of a payload in the one form that commitments are made over."""
    return b'{"subject":%b,"input":%b,"reasons":%b}' % (_encoder.encode(subject), input_json, reasons_json)


def commit_payload(
    record_id: str, salt: bytes, *, subject: str | None, input_json: bytes, reasons_json: bytes = b"[]"
) -> tuple[str, bytes]:
    """Commit to a payload; returns the commitment (hex) for the record, and the sidecar entry as JSON.

    Args: salt: 16 random bytes, used once. input_json, reasons_json: valid JSON texts, stored as they are.
    """
    payload = payload_bytes(subject, input_json, reasons_json)
    commitment = hashlib.sha256(salt + payload).hexdigest()
    return commitment, b'{"id":"%b","salt":"%b",%b' % (record_id.encode(), salt.hex().encode(), payload[1:])


def make_entry(body: RecordBody, side: bytes | None = None) -> Entry:
    """Make a log entry; a refusal has no sidecar."""
    return Entry(_encoder.encode(body), side)


def place(body: bytes, head: bytes, seq: int, prev: str) -> bytes:
    """Give a body its place in a chain; ``head`` is made once a segment by ``place_head``."""
    return b'%b%d,"prev":"%b",%b' % (head, seq, prev.encode(), body[1:])


def place_head(node: str, segment: str) -> bytes:
    """Make the constant first part of a segment's records."""
    return _encoder.encode({"v": VERSION, "node": node, "segment": segment})[:-1] + b',"seq":'


def link(record: bytes) -> str:
    """Hash a record's bytes; the next record carries this as ``prev``."""
    return hashlib.sha256(record).hexdigest()


def parse_record(data: bytes) -> DecisionRecord:
    """Read a record; raises msgspec.ValidationError or msgspec.DecodeError."""
    return _records.decode(data)


def parse_sidecar(data: bytes) -> Sidecar:
    """Read a sidecar entry; raises msgspec.ValidationError or msgspec.DecodeError."""
    return _sidecars.decode(data)
