"""The segment format: what is read back, what verification notices, and erasing without breaking proofs."""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from headway.kernel import canonical
from headway.runtime import records, segments
from headway.runtime.records import RecordBody
from headway.runtime.segments import FileFacts, Header, Link, Manifest, Part, SegmentDamaged

KEY = bytes(range(32))
SEGMENT = "seg_test"


def bodies(count: int, start: int = 0) -> list[tuple[bytes, bytes]]:
    made = []
    for number in range(start, start + count):
        commitment, side = records.commit_payload(
            f"dec_{number}", bytes([number]) * 16, subject=f"s{number % 3}", input_json=b'{"age":%d}' % number
        )
        body = RecordBody(
            kind="decision", id=f"dec_{number}", at="2026-03-02T12:00:00.000000Z", epoch=7, deployment="leads",
            release="sha256-" + "a" * 64, arm="champion", principal="service:crm", payload_commitment=commitment,
            score=0.5,
        )  # fmt: skip
        made.append((msgspec.json.encode(body), side))
    return made


def build(groups: list[list[tuple[bytes, bytes]]], previous: Link = Link()) -> tuple[bytes, bytes, Manifest]:
    head = records.place_head("local", SEGMENT)
    seq, prev = previous.seq, previous.head
    headers = {
        part: Header(
            part=part, segment=SEGMENT, environment="sandbox", node="local", slot=0, opened_at="t", previous=previous
        )
        for part in ("log", "side")
    }
    files = {part: segments.header_frame(header) for part, header in headers.items()}
    for number, group in enumerate(groups):
        placed = []
        for body, _ in group:
            seq += 1
            placed.append(records.place(body, head, seq, prev))
            prev = records.link(placed[-1])
        parts: dict[Part, list[bytes]] = {"log": placed, "side": [side for _, side in group]}
        for part, items in parts.items():
            key = segments.file_key(KEY, SEGMENT, part)
            bound = segments.header_digest(msgspec.json.encode(headers[part]))
            files[part] += segments.group_frame(key, bound, number, items, last_seq=seq, head=prev)
    facts = {part: FileFacts(len(data), canonical.sha256(data)) for part, data in files.items()}
    count = sum(len(group) for group in groups)
    manifest = Manifest(
        segment=SEGMENT, environment="sandbox", node="local", slot=0, opened_at="t", sealed_at="t", sealed_by="writer",
        records=count, sidecars=count, groups=len(groups), first_seq=previous.seq + 1, last_seq=seq, previous=previous,
        head=prev, log=facts["log"], side=facts["side"], cut_bytes=0, is_damaged=False,
    )  # fmt: skip
    return files["log"], files["side"], manifest


def test_records_and_sidecars_are_read_back() -> None:
    log, side, manifest = build([bodies(3), bodies(2, start=3)])
    found = segments.read_segment(log, KEY)
    assert [r.id for r in found] == [f"dec_{n}" for n in range(5)]
    assert [r.seq for r in found] == [1, 2, 3, 4, 5]
    assert found[0].prev == records.GENESIS and found[0].node == "local" and found[0].segment == SEGMENT
    assert bytes(segments.read_sidecar(side, KEY)["dec_4"].input) == b'{"age":4}'
    assert segments.verify_segment(log, side, manifest, KEY).is_valid


def test_link_is_the_hash_of_the_record_before() -> None:
    log, _, _ = build([bodies(2)])
    first, second = segments.read_segment(log, KEY)
    placed = records.place(bodies(1)[0][0], records.place_head("local", SEGMENT), 1, records.GENESIS)
    assert second.prev == hashlib.sha256(placed).hexdigest()
    assert records.parse_record(placed) == first


def test_nothing_of_a_person_lies_in_the_clear_or_in_the_log() -> None:
    log, side, _ = build([bodies(3)])
    assert b"age" not in log and b"age" not in side and b"dec_1" not in log
    assert all(b"age" not in msgspec.json.encode(record) for record in segments.read_segment(log, KEY))


def test_erased_subject_leaves_the_chain_valid() -> None:
    log, side, manifest = build([bodies(3), bodies(3, start=3)])
    rewritten, gone = segments.erase_subjects(side, KEY, frozenset({"s1"}))
    assert gone == ("dec_1", "dec_4")
    assert set(segments.read_sidecar(rewritten, KEY)) == {"dec_0", "dec_2", "dec_3", "dec_5"}
    report = segments.verify_segment(log, rewritten, manifest, KEY)
    assert report.is_valid and report.erased == ("dec_1", "dec_4") and report.records == 6


def test_deleted_sidecar_leaves_the_chain_valid() -> None:
    log, _, manifest = build([bodies(2)])
    report = segments.verify_segment(log, None, manifest, KEY)
    assert report.is_valid and len(report.erased) == 2


def test_every_changed_byte_of_the_log_is_noticed() -> None:
    log, side, manifest = build([bodies(2)])
    for at in range(0, len(log), 7):
        broken = bytearray(log)
        broken[at] ^= 1
        assert not segments.verify_segment(bytes(broken), side, manifest, KEY).is_valid, at


def test_changed_payload_is_noticed_although_the_sidecar_was_rewritten() -> None:
    log, side, manifest = build([bodies(2)])
    forged_bodies = [(body, payload.replace(b'"age":1', b'"age":9')) for body, payload in bodies(2)]
    _, forged, _ = build([forged_bodies])
    assert forged != side
    report = segments.verify_segment(log, forged, manifest, KEY)
    assert [fault.rule for fault in report.faults] == ["commitment"]
    assert report.faults[0].value == "dec_1"


def test_dropped_group_is_noticed() -> None:
    log, side, manifest = build([bodies(2), bodies(2, start=2), bodies(2, start=4)])
    found = segments.scan(log)
    without_middle = log[: found.groups[0].end] + log[found.groups[1].end :]
    rules = {fault.rule for fault in segments.verify_segment(without_middle, side, manifest, KEY).faults}
    assert rules == {"digest", "format"}
    without_end = log[: found.groups[1].end]
    rules = {fault.rule for fault in segments.verify_segment(without_end, side, manifest, KEY).faults}
    assert {"digest", "count"} <= rules


def test_record_written_with_the_key_but_out_of_the_chain_is_noticed() -> None:
    _, side, manifest = build([bodies(2)])
    other_log, _, _ = build([bodies(1), bodies(1, start=1)], previous=Link(segment="seg_x", seq=0, head="1" * 64))
    forged = msgspec.structs.replace(manifest, log=FileFacts(len(other_log), canonical.sha256(other_log)))
    rules = [fault.rule for fault in segments.verify_segment(other_log, side, forged, KEY).faults]
    assert "previous" in rules and "chain" in rules


def test_wrong_key_says_so() -> None:
    log, _, _ = build([bodies(1)])
    with pytest.raises(SegmentDamaged, match="wrong key"):
        segments.read_segment(log, bytes(32))


def test_log_and_side_cannot_be_swapped() -> None:
    log, _, _ = build([bodies(1)])
    with pytest.raises(SegmentDamaged, match="expected its side file"):
        segments.read_sidecar(log, KEY)


def test_torn_end_is_told_from_damage_in_the_middle() -> None:
    log, _, _ = build([bodies(2), bodies(2, start=2)])
    first_end = segments.scan(log).groups[0].end
    torn = segments.scan(log[:-5])
    assert len(torn.groups) == 1 and not torn.is_resumed
    broken = bytearray(log)
    broken[segments.scan(log).start + 60] ^= 1
    damaged = segments.scan(bytes(broken))
    assert len(damaged.groups) == 0 and damaged.is_resumed
    assert segments.scan(log[:first_end]).groups == segments.scan(log).groups[:1]
