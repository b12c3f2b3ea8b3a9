"""The way of a closed segment: sealed with a manifest, shipped to object storage, then removed from the node's disk.

Segments that a dead worker left behind go the same way, cut at the last group that both files hold. A worker owns its
folder (a *slot*) by a lock that the system frees when the process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from headway.kernel import canonical, clock, logs
from headway.kernel.errors import HeadwayError, Unavailable
from headway.kernel.storage import Storage
from headway.runtime import segments
from headway.runtime.log import part_path, sync_folder
from headway.runtime.segments import FileFacts, Link, Manifest, Part, Scan, SegmentDamaged

Profile = Callable[[str, bytes, bytes], bytes | None]
"""Makes the profile file of a segment from its name and its two files; None where it cannot."""
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
_log = logs.logger("shipping")


class SlotsTaken(Unavailable):
    """Every slot of this node is held by a living worker."""

    code = "runtime.slots_taken"


@dataclass(frozen=True, slots=True)
class Slot:
    """A worker's own folder of the log; held until the process ends or ``release``."""

    number: int
    folder: Path
    descriptor: int

    def release(self) -> None:
        """Give the slot back."""
        os.close(self.descriptor)


def claim_slot(log_folder: Path, slots: int, *, timeout: float = 10.0) -> Slot:
    """Take the first free slot; waits for a dying worker. Raises SlotsTaken."""
    deadline = time.monotonic() + timeout
    while True:
        for number in range(slots):
            if (slot := _try_slot(log_folder, number)) is not None:
                return slot
        if time.monotonic() > deadline:
            raise SlotsTaken(f"all {slots} slots of {log_folder} are held", hint="another node runs on this home")
        time.sleep(0.05)


def claim_leftovers(log_folder: Path, slots: int) -> list[Slot]:
    """Take the free slots beyond ``slots``, which a node with more workers left behind."""
    numbers = sorted(int(path.name) for path in log_folder.iterdir() if path.name.isdigit())
    found = [_try_slot(log_folder, number) for number in numbers if number >= slots]
    return [slot for slot in found if slot is not None]


def _try_slot(log_folder: Path, number: int) -> Slot | None:
    folder = log_folder / str(number)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / "slot.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return Slot(number, folder, descriptor)


# ------------------------------------------------------------------------------------------------ sealing
def chain_end(folder: Path) -> Link:
    """Read where the slot's chain ended; a new chain begins when nothing is known."""
    try:
        return msgspec.json.decode((folder / "chain.json").read_bytes(), type=Link)
    except FileNotFoundError:
        return Link()


def recover(folder: Path) -> list[Manifest]:
    """Seal the segments that a dead worker left open; returns their manifests. The caller holds the slot."""
    for draft in folder.glob("*.draft"):
        draft.unlink()
    names = sorted(path.stem for path in folder.glob("*.log") if not path.with_suffix(".json").exists())
    sealed = [seal_segment(folder, name, "recovery") for name in names]
    for orphan in (*folder.glob("*.side"), *folder.glob("*.profile")):
        if not (orphan.with_suffix(".log").exists() or orphan.with_suffix(".json").exists()):
            orphan.unlink()  # its .log was never made, so no group was ever acknowledged
    return [manifest for manifest in sealed if manifest is not None]


def seal_segment(
    folder: Path, segment: str, by: Literal["writer", "recovery"], profile: Profile | None = None
) -> Manifest | None:
    """Cut a closed segment at its last whole group and write its manifest beside it.

    Args: profile: makes the profile that goes with it; without one, or where it fails, the segment goes alone.
    Returns: None when it holds no record; its files are removed, or kept as ``.damaged`` when they are not empty but
    unreadable.
    """
    log_path, side_path = part_path(folder, segment, "log"), part_path(folder, segment, "side")
    log_data = log_path.read_bytes()
    side_data = side_path.read_bytes() if side_path.exists() else b""
    try:
        log, side = segments.scan(log_data), segments.scan(side_data)
    except SegmentDamaged as error:
        _set_aside(log_path, side_path, keep=max(len(log_data), len(side_data)) > 1024, why=error.message)
        return None
    groups = min(len(log.groups), len(side.groups))
    if log.is_resumed or side.is_resumed:
        _keep_copy(log_path, log_data)
        _keep_copy(side_path, side_data)
    if not groups and not (log.is_resumed or side.is_resumed):
        _set_aside(log_path, side_path, keep=False, why="empty")
        return None
    manifest = _manifest(log, side, (log_data, side_data), groups, by)
    _cut(log_path, log.end(groups), len(log_data))
    _cut(side_path, side.end(groups), len(side_data))
    if profile is not None:
        facts = _profiled(folder, segment, profile, log_data[: manifest.log.bytes], side_data[: manifest.side.bytes])
        manifest = msgspec.structs.replace(manifest, profile=facts)
    if manifest.last_seq > chain_end(folder).seq:
        end = Link(segment=segment, seq=manifest.last_seq, head=manifest.head)
        _write_durably(folder / "chain.json", msgspec.json.encode(end))
    _write_durably(folder / f"{segment}.json", msgspec.json.encode(manifest))
    return manifest


def _manifest(
    log: Scan, side: Scan, data: tuple[bytes, bytes], groups: int, by: Literal["writer", "recovery"]
) -> Manifest:
    header, last = log.header, log.groups[groups - 1] if groups else None
    kept = data[0][: log.end(groups)], data[1][: side.end(groups)]
    return Manifest(
        segment=header.segment,
        environment=header.environment,
        node=header.node,
        slot=header.slot,
        opened_at=header.opened_at,
        sealed_at=clock.iso(clock.now()),
        sealed_by=by,
        records=sum(group.count for group in log.groups[:groups]),
        sidecars=sum(group.count for group in side.groups[:groups]),
        groups=groups,
        first_seq=header.previous.seq + 1,
        last_seq=last.last_seq if last else header.previous.seq,
        previous=header.previous,
        head=last.head if last else header.previous.head,
        log=FileFacts(len(kept[0]), canonical.sha256(kept[0])),
        side=FileFacts(len(kept[1]), canonical.sha256(kept[1])),
        cut_bytes=sum(map(len, data)) - sum(map(len, kept)),
        is_damaged=log.is_resumed or side.is_resumed,
    )


def _profiled(folder: Path, segment: str, profile: Profile, *data: bytes) -> FileFacts | None:
    try:
        content = profile(segment, *data)
    except (HeadwayError, msgspec.MsgspecError, ValueError, TypeError, LookupError) as error:
        _log.error("segment.not_profiled", segment=segment, exc_info=error)  # its decisions matter more
        return None
    if content is None:
        return None
    _write_durably(part_path(folder, segment, "profile"), content)
    return FileFacts(len(content), canonical.sha256(content))


def _cut(path: Path, end: int, size: int) -> None:
    if end < size:
        with path.open("r+b") as stream:
            stream.truncate(end)
            os.fsync(stream.fileno())


def _set_aside(*paths: Path, keep: bool, why: str) -> None:
    for path in paths:
        if not path.exists():
            continue
        if keep:
            _log.error("segment.set_aside", file=path.name, why=why)
            path.replace(path.with_name(path.name + ".damaged"))
        else:
            path.unlink()


def _keep_copy(path: Path, data: bytes) -> None:
    _log.error("segment.damaged", file=path.name)
    _write_durably(path.with_name(path.name + ".damaged"), data)


def _write_durably(path: Path, data: bytes) -> None:
    draft = path.with_name(path.name + ".draft")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:  # noqa: PTH123  from a descriptor
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
    sync_folder(path.parent)


# ------------------------------------------------------------------------------------------------ shipping
def segment_key(environment: str, node: str, segment: str, suffix: Literal["log", "side", "profile", "json"]) -> str:
    """Name an object of a shipped segment."""
    return f"segments/{environment}/{node}/{segment}.{suffix}"


def ship(folder: Path, manifest: Manifest, storage: Storage) -> None:
    """Copy a sealed segment to storage, its manifest last, then remove it here; safe to repeat after any interruption.

    Raises: Unavailable: storage is away; nothing is lost.
    """

    def key(suffix: Literal["log", "side", "profile", "json"]) -> str:
        return segment_key(manifest.environment, manifest.node, manifest.segment, suffix)

    parts: tuple[Part, ...] = ("log", "side") if manifest.profile is None else ("log", "side", "profile")
    paths = [part_path(folder, manifest.segment, part) for part in parts]
    told = folder / f"{manifest.segment}.json"
    if not storage.exists(key("json")):
        for part, path in zip(parts, paths, strict=True):
            storage.ensure(key(part), path)
        for part in parts:
            storage.settle(key(part))
        storage.ensure(key("json"), told.read_bytes())
    storage.settle(key("json"))
    for path in (*paths, told):  # the manifest goes last: without it the files would look like those of a dead worker
        path.unlink(missing_ok=True)


class Shipper:
    """Seals closed segments and ships them from a thread of its own, waiting longer each time storage is away."""

    def __init__(
        self, folder: Path, storage: Storage, leftovers: Sequence[Path] = (), profile: Profile | None = None
    ) -> None:
        """Args: folder: the worker's slot. leftovers: other folders whose sealed segments it ships too.

        profile: makes the profile that goes with a segment.
        """
        self._profile = profile
        self.folder = folder
        self._folders = (folder, *leftovers)
        self.failure: str | None = None
        self.shipped = 0
        self._storage = storage
        self._closed: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._delay = FIRST_DELAY
        self._thread = threading.Thread(target=self._run, name="segment-shipper", daemon=True)

    def start(self) -> None:
        """Begin to ship, first what earlier workers left sealed."""
        self._thread.start()

    def notify(self, segment: str) -> None:
        """Take a segment that was closed."""
        self._closed.put(segment)

    def close(self, timeout: float = 10.0) -> None:
        """Seal what was closed, try once more to ship, and end the thread."""
        self._closed.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout)

    @property
    def waiting(self) -> int:
        """Sealed segments that are not in storage yet."""
        return len(self._sealed())

    def _sealed(self) -> list[Path]:
        return [path for folder in self._folders for path in sorted(folder.glob("seg_*.json"))]

    def _run(self) -> None:
        is_open = True
        while is_open:
            is_open = self._seal_closed(block=self._ship_all())
        self._ship_all()

    def _seal_closed(self, *, block: float | None) -> bool:
        """Seal segments as they come; returns when one came or ``block`` seconds went by, False at the end."""
        try:
            segment = self._closed.get(timeout=block)
        except queue.Empty:
            return True
        while segment is not None:
            self._seal(segment)
            try:
                segment = self._closed.get_nowait()
            except queue.Empty:
                return True
        return False

    def _seal(self, segment: str) -> None:
        try:
            seal_segment(self.folder, segment, "writer", self._profile)
        except OSError as error:  # the next start recovers it
            self.failure = f"{segment} cannot be sealed: {error}"
            _log.error("segment.not_sealed", segment=segment, why=str(error))

    def _ship_all(self) -> float | None:
        """Ship every sealed segment in order; returns the seconds to wait before trying again, None when all went."""
        try:
            for path in self._sealed():
                ship(path.parent, segments.parse_manifest(path.read_bytes()), self._storage)
                self.shipped += 1
        except (HeadwayError, OSError) as error:
            if self.failure is None:
                _log.warning("storage.away", why=str(error))
            self.failure = str(error)
            delay, self._delay = self._delay, min(self._delay * 2, LONGEST_DELAY)
            return delay
        if self.failure is not None:
            _log.info("storage.back", segments=self.shipped)
        self.failure, self._delay = None, FIRST_DELAY
        return None
