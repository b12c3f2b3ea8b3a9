"""The decision log on a real disk: acknowledged means found again, whatever fails."""

from __future__ import annotations

import errno
import itertools
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from headway.kernel.errors import Unavailable
from headway.kernel.storage import Storage
from headway.runtime import records, segments, shipping
from headway.runtime.log import DecisionLog, LogBacklogged, LogSpec, LogUnwritable
from headway.runtime.records import DecisionRecord, Entry, RecordBody
from headway.runtime.segments import Manifest

KEY = bytes(range(32))


def entry(name: str, size: int = 10) -> Entry:
    commitment, side = records.commit_payload(name, os.urandom(16), subject=name, input_json=b'"%b"' % (b"x" * size))
    body = RecordBody(
        kind="decision", id=name, at="2026-03-02T12:00:00Z", epoch=1, deployment="d", payload_commitment=commitment
    )
    return records.make_entry(body, side)


def spec(folder: Path, **changes: object) -> LogSpec:
    values: dict[str, object] = {
        "folder": folder, "environment": "sandbox", "node": "local", "slot": 0, "key": KEY, "segment_seconds": 60.0,
        "segment_bytes": 1 << 26, "pending_bytes": 1 << 24,
    }  # fmt: skip
    return LogSpec(**{**values, **changes})  # type: ignore[arg-type]


def open_log(
    folder: Path, sync: Callable[[int], None] = os.fdatasync, **changes: object
) -> tuple[DecisionLog, list[str]]:
    closed: list[str] = []
    folder.mkdir(exist_ok=True)
    log = DecisionLog(spec(folder, **changes), shipping.chain_end(folder), closed.append, sync=sync)
    log.start()
    return log, closed


def local_segments(folder: Path) -> Iterator[tuple[Manifest, bytes, bytes]]:
    for path in sorted(folder.glob("seg_*.json")):
        manifest = segments.parse_manifest(path.read_bytes())
        yield manifest, path.with_suffix(".log").read_bytes(), path.with_suffix(".side").read_bytes()


def shipped(storage: Storage) -> Iterator[tuple[Manifest, bytes, bytes]]:
    for key in storage.list("segments"):
        if key.endswith(".json"):
            stem = key.removesuffix(".json")
            yield segments.parse_manifest(storage.get(key)), storage.get(stem + ".log"), storage.get(stem + ".side")


def verified(found: Iterator[tuple[Manifest, bytes, bytes]]) -> list[DecisionRecord]:
    kept: list[DecisionRecord] = []
    for manifest, log, side in found:
        report = segments.verify_segment(log, side, manifest, KEY)
        assert report.is_valid, report.faults
        assert not report.erased
        kept += segments.read_segment(log, KEY)
    return kept


def test_many_writers_are_all_found_once_in_one_chain(tmp_path: Path) -> None:
    folder = tmp_path / "0"
    log, closed = open_log(folder, segment_bytes=20_000)
    names = [[f"dec_{worker}_{n}" for n in range(60)] for worker in range(8)]

    def write(own: list[str]) -> None:
        for name in own:
            log.append(entry(name))

    threads = [threading.Thread(target=write, args=(own,)) for own in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    for segment in closed:
        shipping.seal_segment(folder, segment, "writer")
    found = list(local_segments(folder))
    assert len(found) > 3, "size closes segments"
    assert sorted(r.id for r in verified(iter(found))) == sorted(n for own in names for n in own)
    for (before, _, _), (after, _, _) in itertools.pairwise(found):
        assert after.previous == segments.Link(segment=before.segment, seq=before.last_seq, head=before.head)
    assert log.groups < 480, "waiting records share a sync"


def test_age_closes_a_segment(tmp_path: Path) -> None:
    log, closed = open_log(tmp_path / "0", segment_seconds=0.2)
    log.append(entry("dec_1"))
    deadline = time.monotonic() + 5
    while not closed and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(closed) == 1
    log.close()


def test_files_are_readable_by_the_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "0"
    log, closed = open_log(folder)
    log.append(entry("dec_1"))
    log.close()
    shipping.seal_segment(folder, closed[0], "writer")
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_failed_sync_fails_its_waiters_and_opens_a_new_segment(tmp_path: Path) -> None:
    folder = tmp_path / "0"
    calls = 0

    def sync(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 6:  # two headers, two files of the first group, then the side file of the second
            raise OSError(errno.EIO, "Input/output error")
        os.fdatasync(descriptor)

    log, closed = open_log(folder, sync)
    log.append(entry("dec_1"))
    with pytest.raises(LogUnwritable, match="Input/output error"):
        log.append(entry("dec_2"))
    failed = log.failure
    time.sleep(0.6)  # it tries again after half a second
    log.append(entry("dec_3"))
    assert (failed, log.failure) == ("Input/output error", None)
    log.close()
    assert len(closed) == 2
    for segment in closed:
        shipping.seal_segment(folder, segment, "writer")
    assert [r.id for r in verified(local_segments(folder))] == ["dec_1", "dec_3"]


def test_full_disk_fails_closed_and_recovers(tmp_path: Path) -> None:
    """The kernel's file-size limit stands for a full disk: the write comes back short, then with an error."""
    script = """
        import resource, signal, sys, os, time
        from pathlib import Path
        sys.path.insert(0, sys.argv[2])
        from test_runtime_log_durable import entry, open_log
        from headway.runtime import shipping
        from headway.runtime.log import LogUnwritable
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        folder = Path(sys.argv[1])
        log, closed = open_log(folder)
        log.append(entry("dec_1"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (2500, resource.RLIM_INFINITY))
        try:
            log.append(entry("dec_2", 5000)); print("lost")
        except LogUnwritable as error:
            print("refused")
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        time.sleep(0.6)
        log.append(entry("dec_3", 5000)); log.close()
        for segment in closed: shipping.seal_segment(folder, segment, "writer")
    """
    folder = tmp_path / "0"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), folder, Path(__file__).parent],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.split() == ["refused"], done.stderr
    assert [r.id for r in verified(local_segments(folder))] == ["dec_1", "dec_3"]


def test_too_much_waiting_is_refused_and_nothing_is_half_taken(tmp_path: Path) -> None:
    gate = threading.Event()

    def slow(descriptor: int) -> None:
        gate.wait(10)

    log, _ = open_log(tmp_path / "0", slow, pending_bytes=3000)
    outcomes: list[Exception | None] = []
    log.submit([entry("dec_1", 1000)], outcomes.append)
    with pytest.raises(LogBacklogged):
        log.submit([entry("dec_2", 1000), entry("dec_3", 1000)], outcomes.append)
    gate.set()
    log.close()
    assert outcomes == [None]
    assert log.pending == 0
    with pytest.raises(LogUnwritable, match="shutting down"):
        log.append(entry("dec_4"))


@pytest.mark.parametrize("cut", [1, 40, 150])
def test_torn_end_of_a_dead_worker_is_cut_at_the_last_whole_group(tmp_path: Path, cut: int) -> None:
    folder = tmp_path / "0"
    log, closed = open_log(folder)
    log.append(entry("dec_1"))
    log.append(entry("dec_2"))
    log.close()
    path = folder / f"{closed[0]}.side"
    path.write_bytes(path.read_bytes()[:-cut])
    (manifest,) = shipping.recover(folder)
    assert manifest.sealed_by == "recovery" and manifest.records == 1 and manifest.cut_bytes > 0
    assert not manifest.is_damaged
    assert [r.id for r in verified(local_segments(folder))] == ["dec_1"]
    assert shipping.chain_end(folder).seq == 1


def test_damage_in_the_middle_keeps_the_original(tmp_path: Path) -> None:
    folder = tmp_path / "0"
    log, closed = open_log(folder)
    for number in range(3):
        log.append(entry(f"dec_{number}"))
    log.close()
    path = folder / f"{closed[0]}.log"
    data = bytearray(path.read_bytes())
    data[segments.scan(bytes(data)).groups[0].end + 70] ^= 1
    path.write_bytes(data)
    (manifest,) = shipping.recover(folder)
    assert manifest.is_damaged and manifest.records == 1
    assert (folder / f"{closed[0]}.log.damaged").read_bytes() == bytes(data)


def test_worker_killed_before_its_first_record_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "0"
    folder.mkdir()
    (folder / "seg_a.log").write_bytes(b"")
    (folder / "seg_b.side").write_bytes(b"abc")
    (folder / "chain.json.draft").write_bytes(b"{")
    assert shipping.recover(folder) == []
    assert list(folder.iterdir()) == []


def test_shipping_waits_for_storage_and_deletes_only_after_the_manifest_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "0"
    place = tmp_path / "storage"
    storage = Storage(place.as_uri())
    place.write_text("a file where the storage should be")
    shipper = shipping.Shipper(folder, storage)
    folder.mkdir()
    shipper.start()
    log = DecisionLog(spec(folder, segment_seconds=0.05), shipping.chain_end(folder), shipper.notify)
    log.start()
    log.append(entry("dec_1"))
    wait_for(lambda: shipper.failure is not None and shipper.waiting == 1)
    log.append(entry("dec_2"))
    wait_for(lambda: shipper.waiting == 2)
    assert len(list(folder.glob("seg_*.log"))) == 2
    place.unlink()
    place.mkdir()
    wait_for(lambda: shipper.waiting == 0)
    log.close()
    shipper.close()
    assert [r.id for r in verified(shipped(storage))] == ["dec_1", "dec_2"]
    assert {path.name for path in folder.iterdir()} == {"chain.json"}


def test_shipping_interrupted_after_the_manifest_only_cleans_up(tmp_path: Path) -> None:
    folder, storage = tmp_path / "0", Storage((tmp_path / "storage").as_uri())
    log, closed = open_log(folder)
    log.append(entry("dec_1"))
    log.close()
    manifest = shipping.seal_segment(folder, closed[0], "writer")
    assert manifest is not None
    shipping.ship(folder, manifest, storage)
    (folder / f"{closed[0]}.json").write_bytes(msgspec.json.encode(manifest))  # as after a crash between the deletions
    assert shipping.recover(folder) == []
    shipping.ship(folder, manifest, storage)
    assert not (folder / f"{closed[0]}.json").exists()
    assert [r.id for r in verified(shipped(storage))] == ["dec_1"]


def test_slot_is_held_by_one_process_and_freed_by_its_death(tmp_path: Path) -> None:
    first = shipping.claim_slot(tmp_path, 2)
    second = shipping.claim_slot(tmp_path, 2)
    assert (first.number, second.number) == (0, 1)
    with pytest.raises(Unavailable):
        shipping.claim_slot(tmp_path, 2, timeout=0.1)
    second.release()
    assert shipping.claim_slot(tmp_path, 2, timeout=0.1).number == 1


WRITER = """
    import sys, os
    from pathlib import Path
    sys.path.insert(0, sys.argv[2])
    from test_runtime_log_durable import entry, open_log
    from headway.runtime import shipping
    import threading
    shipping.claim_slot(Path(sys.argv[1]), 1)
    shipping.recover(Path(sys.argv[1]) / "0")
    log, _ = open_log(Path(sys.argv[1]) / "0", segment_seconds=0.3)
    def write(worker):
        n = 0
        while True:
            name = f"dec_{os.getpid()}_{worker}_{n}"
            log.append(entry(name))
            os.write(1, (name + "\\n").encode())
            n += 1
    threads = [threading.Thread(target=write, args=(w,)) for w in range(4)]
    for t in threads: t.start()
"""


def test_killed_writer_loses_no_acknowledged_record(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for seconds in (0.3, 0.75, 1.1):
        child = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), tmp_path, Path(__file__).parent], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        acknowledged.append(child.stdout.readline().decode().strip())
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
        acknowledged += child.stdout.read().decode().split()
        child.wait()
        child.stdout.close()
    shipping.claim_slot(tmp_path, 1, timeout=2).release()
    shipping.recover(tmp_path / "0")
    found = [r.id for r in verified(local_segments(tmp_path / "0"))]
    assert len(found) == len(set(found))
    assert set(acknowledged) <= set(found)
    assert len(acknowledged) > 50


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
