"""Object storage on files; the same class speaks to S3, GCS and Azure."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from headway.kernel.errors import Conflict, NotFound
from headway.kernel.storage import Storage


def test_object_is_created_once_even_by_many_at_once(storage: Storage) -> None:
    def create(number: int) -> bool:
        try:
            storage.create("snapshots/sandbox/7", b"%d" % number)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = [number for number, ok in enumerate(pool.map(create, range(16))) if ok]
    assert len(won) == 1
    assert storage.get("snapshots/sandbox/7") == b"%d" % won[0]


def test_ensure_keeps_what_is_there_and_replace_does_not(storage: Storage) -> None:
    storage.ensure("a", b"1")
    storage.ensure("a", b"2")
    assert storage.get("a") == b"1"
    storage.replace("a", b"3")
    assert storage.get("a") == b"3"


def test_missing_objects_are_told(storage: Storage) -> None:
    assert not storage.exists("gone")
    storage.delete("gone")
    with pytest.raises(NotFound, match="gone"):
        storage.get("gone")


def test_objects_are_listed_in_order_under_a_folder(storage: Storage) -> None:
    for key in ("b/2", "b/10", "a/1", "bb/1", "b/c/d"):
        storage.create(key, b"")
    assert list(storage.list("b")) == ["b/10", "b/2", "b/c/d"]
    storage.delete("b/2")
    assert list(storage.list("b")) == ["b/10", "b/c/d"]
    assert list(storage.list("nothing")) == []


def test_files_are_taken_whole(storage: Storage, tmp_path: Path) -> None:
    source = tmp_path / "upload.csv"
    source.write_bytes(b"x" * 10_000_000)
    storage.create("uploads/x", source)
    assert len(storage.get("uploads/x")) == 10_000_000


def test_folder_is_made_closed_and_may_have_an_odd_name(tmp_path: Path) -> None:
    folder = tmp_path / "a b%20c ü"
    storage = Storage(folder.as_uri())
    storage.create("k", b"v")
    assert storage.get("k") == b"v" and (folder / "k").read_bytes() == b"v"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
