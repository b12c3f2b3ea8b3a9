"""Files that people send over HTTP: held on this machine while a request works with them, never larger than allowed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from headway.kernel.errors import TooLarge

_CHUNK: Final = 1_048_576


def sent_name(name: str | None) -> str:
    """A file's name without folders, as its sender knows it."""
    return Path((name or "").replace("\\", "/")).name[:200] or "file"


@contextmanager
def received(stream: BinaryIO, limit: int) -> Iterator[Path]:
    """What was sent as a file on this machine, gone at the end; raises TooLarge beyond ``limit`` bytes."""
    size = 0
    with TemporaryDirectory(prefix="headway-") as folder:
        path = Path(folder) / "upload"
        with path.open("wb") as out:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > limit:
                    raise TooLarge(
                        f"the file is larger than {limit:,} bytes", hint="HEADWAY_MAX_UPLOAD_BYTES sets the limit"
                    )
                out.write(chunk)
        yield path
