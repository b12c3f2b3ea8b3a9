"""Object storage through obstore: immutable objects by create-if-absent, a few moving pointers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from headway.kernel.errors import Conflict, NotFound, Unavailable


class Storage:
    """A place for objects, by URL: ``file://``, ``s3://``, ``gs://``, ``az://``. Keys have no leading slash."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self._folder = Path(unquote(parts.path)) if parts.scheme == "file" else None
        self._opened: ObjectStore | None = None if self._folder else from_url(url)

    @property
    def _store(self) -> ObjectStore:
        """The store; a folder is opened at first use, so that a node can start while its storage is away."""
        if self._opened is None and self._folder is not None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._opened = LocalStore(self._folder)
            except (OSError, BaseError) as error:
                raise Unavailable(f"storage cannot be opened: {_first_line(error)}") from error
        assert self._opened is not None  # noqa: S101  set above, or in the constructor
        return self._opened

    def get(self, key: str) -> bytes:
        """Read an object; raises NotFound or Unavailable."""
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except (NotFoundError, FileNotFoundError) as error:
            raise NotFound(f"no object {key} in storage") from error
        except BaseError as error:
            raise Unavailable(f"storage cannot be read: {_first_line(error)}") from error

    def fetch(self, key: str, path: Path) -> None:
        """Copy an object into a file piece by piece; raises NotFound or Unavailable."""
        try:
            with path.open("wb") as out:
                for chunk in obstore.get(self._store, key).stream():
                    out.write(chunk)
        except (NotFoundError, FileNotFoundError) as error:
            raise NotFound(f"no object {key} in storage") from error
        except BaseError as error:
            raise Unavailable(f"storage cannot be read: {_first_line(error)}") from error

    def create(self, key: str, data: bytes | Path) -> None:
        """Write an object that must not exist; raises Conflict when it does. Nothing half-written can be seen."""
        try:
            obstore.put(self._store, key, data, mode="create")
        except (AlreadyExistsError, FileExistsError) as error:
            raise Conflict(f"object {key} exists already") from error
        except BaseError as error:
            raise Unavailable(f"storage cannot be written: {_first_line(error)}") from error

    def ensure(self, key: str, data: bytes | Path) -> None:
        """Write an object unless it exists; for keys that name their content."""
        try:
            self.create(key, data)
        except Conflict:
            return

    def replace(self, key: str, data: bytes) -> None:
        """Write an object whether or not it exists: for pointers only."""
        try:
            obstore.put(self._store, key, data, mode="overwrite")
        except BaseError as error:
            raise Unavailable(f"storage cannot be written: {_first_line(error)}") from error

    def settle(self, key: str) -> None:
        """Make a written object outlive a power failure; object stores do that by themselves, folders do not."""
        if self._folder is None:
            return
        path = self._folder / key
        try:
            for each in (path, path.parent):
                descriptor = os.open(each, os.O_RDONLY)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
        except OSError as error:
            raise Unavailable(f"storage cannot be written: {error}") from error

    def delete(self, key: str) -> None:
        """Remove an object if it is there."""
        try:
            obstore.delete(self._store, key)
        except (NotFoundError, FileNotFoundError):
            return
        except BaseError as error:
            raise Unavailable(f"storage cannot be written: {_first_line(error)}") from error

    def exists(self, key: str) -> bool:
        """Tell whether an object is there."""
        try:
            obstore.head(self._store, key)
        except (NotFoundError, FileNotFoundError):
            return False
        except BaseError as error:
            raise Unavailable(f"storage cannot be read: {_first_line(error)}") from error
        return True

    def older(self, prefix: str, than: datetime) -> Iterator[str]:
        """Name the objects under a prefix folder that were last written before a time, in order of their keys."""
        try:
            found = [
                entry["path"]
                for batch in obstore.list(self._store, prefix)
                for entry in batch
                if entry["last_modified"] < than
            ]
        except BaseError as error:
            raise Unavailable(f"storage cannot be read: {_first_line(error)}") from error
        yield from sorted(found)

    def list(self, prefix: str) -> Iterator[str]:
        """Name the objects under a prefix folder, in order of their keys."""
        try:
            keys = [entry["path"] for batch in obstore.list(self._store, prefix) for entry in batch]
        except BaseError as error:
            raise Unavailable(f"storage cannot be read: {_first_line(error)}") from error
        yield from sorted(keys)


def _first_line(error: Exception) -> str:
    """What the library says, without the dump of its insides."""
    return str(error).split("\n", 1)[0]
