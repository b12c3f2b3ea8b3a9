"""Outside the database: checkpoints in object storage, and the bundle file for verifying elsewhere."""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from headway.kernel.canonical import canonical_json
from headway.kernel.errors import Conflict, Invalid, NotFound
from headway.kernel.storage import Storage

PREFIX = "checkpoints"
_DIGITS = 20


def checkpoint_key(size: int) -> str:
    """Name the object of a checkpoint; names sort by size."""
    return f"{PREFIX}/{size:0{_DIGITS}d}"


def publish_checkpoint(storage: Storage, size: int, note: str) -> str | None:
    """Write a checkpoint unless it is there; returns the other note when a different one is."""
    key, data = checkpoint_key(size), note.encode()
    try:
        found = storage.get(key)
    except NotFound:
        try:
            storage.create(key, data)
        except Conflict:
            found = storage.get(key)
        else:
            return None
    return None if found == data else found.decode(errors="replace")


def published_note(storage: Storage, size: int) -> str | None:
    """Read a checkpoint from object storage; None when it is not there."""
    try:
        return storage.get(checkpoint_key(size)).decode(errors="replace")
    except NotFound:
        return None


def published_sizes(storage: Storage, after: int = 0) -> Iterator[int]:
    """Name the sizes of the checkpoints in object storage that are larger than ``after``, smallest first."""
    for key in storage.list(PREFIX):
        name = key.rsplit("/", 1)[-1]
        if len(name) == _DIGITS and name.isdigit() and int(name) > after:
            yield int(name)


def read_trust(path: Path) -> dict[str, bytes]:
    """Read trusted public keys from a JSON file {key id: base64}; no file means no keys. Raises Invalid."""
    if not path.exists():
        return {}
    try:
        return {name: base64.b64decode(text, validate=True) for name, text in json.loads(path.read_text()).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise Invalid(f"{path.name} is no file of trusted keys", hint="it holds {key id: base64 public key}") from error


class BundleWriter:
    """Writes an export: a zip of text files that another program can verify without Headway."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)

    def __enter__(self) -> BundleWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def lines(self, name: str, lines: Iterator[bytes]) -> None:
        """Write one file of lines."""
        with self._zip.open(name, "w", force_zip64=True) as stream:
            for line in lines:
                stream.write(line + b"\n")

    def about(self, origin: str | None, size: int, trusted: Mapping[str, bytes]) -> None:
        """Write what the bundle is and the keys that may have signed it."""
        keys = {name: base64.b64encode(public).decode() for name, public in trusted.items()}
        body = {"format": "headway-ledger", "version": 1, "origin": origin, "size": size, "keys": keys}
        self._zip.writestr("bundle.json", canonical_json(body))
