"""Whatever is cut off or changed in a segment: acknowledged groups before it are found, and nothing false is."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.kernel.errors import Invalid
from headway.runtime import records, segments, shipping
from headway.runtime.log import DecisionLog, LogSpec
from headway.runtime.records import RecordBody
from tests.factories.dose import examples

KEY = bytes(range(32))
texts = st.text(st.characters(codec="utf-8"), max_size=30)


def write(folder: Path, groups: list[list[str]]) -> str:
    spec = LogSpec(
        folder=folder, environment="sandbox", node="n", slot=0, key=KEY, segment_seconds=60, segment_bytes=1 << 20,
        pending_bytes=1 << 20,
    )  # fmt: skip
    closed: list[str] = []
    log = DecisionLog(spec, segments.Link(), closed.append, sync=lambda descriptor: None)
    log.start()
    for number, group in enumerate(groups):
        entries = []
        for place, subject in enumerate(group):
            name = f"dec_{number}_{place}"
            commitment, side = records.commit_payload(
                name, bytes(16), subject=subject, input_json=msgspec.json.encode({"x": subject})
            )
            body = RecordBody(
                kind="decision", id=name, at="t", epoch=1, deployment="d", payload_commitment=commitment, why=subject
            )
            entries.append(records.make_entry(body, side))
        log.append(*entries)
    log.close()
    return closed[0]


groups = st.lists(st.lists(texts, min_size=1, max_size=3), min_size=1, max_size=4)


@settings(max_examples=examples(40), deadline=None)
@given(groups, st.data())
def test_cut_anywhere_leaves_whole_groups_and_a_valid_chain(made: list[list[str]], data: st.DataObject) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        segment = write(folder, made)
        part = data.draw(st.sampled_from(["log", "side"]))
        path = folder / f"{segment}.{part}"
        whole = path.read_bytes()
        cut = data.draw(st.integers(0, len(whole)))
        ends = [segments.scan(whole).groups[n].end for n in range(len(made))]
        path.write_bytes(whole[:cut])
        expected = sum(end <= cut for end in ends)
        manifest = shipping.seal_segment(folder, segment, "recovery")
        if expected == 0:
            assert manifest is None
            return
        assert manifest is not None and manifest.groups == expected and not manifest.is_damaged
        log, side = (folder / f"{segment}.log").read_bytes(), (folder / f"{segment}.side").read_bytes()
        assert segments.verify_segment(log, side, manifest, KEY).is_valid
        ids = [f"dec_{n}_{k}" for n in range(expected) for k in range(len(made[n]))]
        assert [record.id for record in segments.read_segment(log, KEY)] == ids


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(texts, min_size=1, max_size=3), st.data())
def test_flipped_bit_anywhere_is_noticed(group: list[str], data: st.DataObject) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        segment = write(folder, [group])
        manifest = shipping.seal_segment(folder, segment, "writer")
        assert manifest is not None
        files = {part: (folder / f"{segment}.{part}").read_bytes() for part in ("log", "side")}
        part = data.draw(st.sampled_from(["log", "side"]))
        changed = bytearray(files[part])
        at = data.draw(st.integers(0, len(changed) - 1))
        changed[at] ^= 1 << data.draw(st.integers(0, 7))
        files[part] = bytes(changed)
        assert not segments.verify_segment(files["log"], files["side"], manifest, KEY).is_valid


@settings(max_examples=examples(200), deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        segments.read_segment(data, KEY)
    except Invalid:
        return
    raise AssertionError("random bytes cannot be a segment")


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=8), st.sets(st.sampled_from(["a", "b", "c"])))
def test_erasing_removes_exactly_the_subjects_named(subjects: list[str], gone: set[str]) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        segment = write(folder, [subjects])
        manifest = shipping.seal_segment(folder, segment, "writer")
        assert manifest is not None
        log, side = (folder / f"{segment}.log").read_bytes(), (folder / f"{segment}.side").read_bytes()
        rewritten, erased = segments.erase_subjects(side, KEY, frozenset(gone))
        left = segments.read_sidecar(rewritten, KEY)
        assert {entry.subject for entry in left.values()} == set(subjects) - gone
        assert len(erased) + len(left) == len(subjects)
        report = segments.verify_segment(log, rewritten, manifest, KEY)
        assert report.is_valid and set(report.erased) == set(erased)
