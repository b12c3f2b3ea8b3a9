"""Reads files of a department's folder and of object storage: those that are new, each looked at before it is taken."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import obstore
import polars as pl
from obstore.exceptions import BaseError

from headway.catalog.adapters.files import ROW, open_source
from headway.catalog.connectors import specs
from headway.catalog.connectors.adapters.landing import Landed, join
from headway.catalog.connectors.adapters.places import Reach
from headway.catalog.connectors.entities import RefusedFile
from headway.catalog.connectors.errors import SourceFailed, SourceRefused
from headway.catalog.errors import ColumnsDiffer, UnreadableFile
from headway.kernel import clock
from headway.kernel.canonical import file_digest

if TYPE_CHECKING:
    from obstore.store import S3Store

SETTLE_SECONDS: Final = 10.0
"""A file of a watched folder is taken when it was left alone for as long."""
_UNFINISHED: Final = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".swp")
_SHOWN: Final = 20
_SIGNS: Final = re.compile(r"[\x00-\x1f\x7f]")  # that a name may hold and a page does not show


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """A file of the source as it lies there; ``mark`` changes when it does."""

    name: str
    size: int
    mark: str
    changed_at: datetime
    fetch: Callable[[Path], None]


@dataclass(slots=True, kw_only=True)
class FilesRead:
    """What was read. ``seen``: by name, size, mark and digest of what was taken or refused."""

    landed: Landed | None
    seen: dict[str, str]
    refused: list[RefusedFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_files(
    reach: Reach,
    settings: Mapping[str, str],
    work: Path,
    *,
    seen: Mapping[str, str],
    fits: Callable[[Iterable[str]], None],
    most: int | None = None,
) -> FilesRead:
    """Read the files of a source that were not read before; ``landed`` is None when there is nothing new.

    With each file once (a folder, or mode append) a file that cannot be read is refused with its reason and the others are
    taken; else one such file fails the whole.

    Args: fits: raises ColumnsDiffer for the names of a file's columns that are not the product's. most: files, for a look.
    Raises: SourceRefused, SourceFailed; UnreadableFile, ColumnsDiffer where all files are needed.
    """
    once = "path" in settings or settings.get("mode") == "append"
    found = sorted(_listed(reach, settings), key=lambda one: (one.changed_at, one.name))
    if not found and not once:
        where = settings.get("location", "")
        raise SourceFailed(f"no file lies at {where}", hint="nothing was changed; look at the location")
    waits = float(settings.get("settle", SETTLE_SECONDS)) if "path" in settings else 0.0
    ready = [one for one in found if _is_ready(one, waits)]
    fresh = [one for one in ready if not seen.get(one.name, "").startswith(f"{one.size} {one.mark} ")]
    if not once and not fresh and {one.name for one in ready} == set(seen):
        return FilesRead(landed=None, seen=dict(seen))
    made = FilesRead(landed=None, seen=dict(seen) if once else {})
    if waiting := len(found) - len(ready):
        made.notes.append(f"{waiting} files are still being written and wait for the next run")
    parts = [
        part
        for at, one in enumerate((fresh if once else ready)[:most])
        if (part := _take(reach, one, work / f"file-{at:06d}.parquet", made, once=once, fits=fits)) is not None
    ]
    if parts:
        made.landed = join([one.path for one in parts], work / "read.parquet")
    return made


def text_of_file(path: Path, filename: str, out: Path) -> Landed:
    """A file of any kind as Parquet: typed columns as they are, others as text without a type. Raises UnreadableFile."""
    with TemporaryDirectory(prefix="headway-", dir=out.parent) as folder:
        source = open_source(path, filename, Path(folder))
        rows, is_text = Path(folder) / "rows.parquet", source.kind != "parquet"
        frame = source.frame.drop(ROW)
        (frame.with_columns(pl.all().cast(pl.String)) if is_text else frame).sink_parquet(rows)
        return join([rows], out, is_text=is_text)


def _take(
    reach: Reach, one: Lying, out: Path, made: FilesRead, *, once: bool, fits: Callable[[Iterable[str]], None]
) -> Landed | None:
    """Take one file, or note why not."""
    if one.size > reach.settings.max_upload_bytes:
        reason = f"{one.size:,} bytes are more than {reach.settings.max_upload_bytes:,} (HEADWAY_MAX_UPLOAD_BYTES)"
        _refuse(made, one, "too-large", reason, once=once)
        return None
    copy = out.with_suffix(".source")
    try:
        one.fetch(copy)
        if copy.stat().st_size != one.size:
            words = f"{one.name} changed while it was read"
            if not once:
                raise SourceFailed(words, hint="nothing was changed; run it again")
            made.notes.append(f"{words} and waits for the next run")
            return None
        digest = file_digest(copy)
        known = {text.split(" ")[2] for name, text in made.seen.items() if name != one.name}
        if once and digest in known:
            made.seen[one.name] = f"{one.size} {one.mark} {digest}"
            made.notes.append(f"{one.name} holds what another file held, and is not taken again")
            return None
        landed = text_of_file(copy, one.name.rpartition("/")[2], out)
        fits(pl.read_parquet_schema(out))
    except (UnreadableFile, ColumnsDiffer) as error:
        if not once:
            raise
        _refuse(made, one, digest, error.message, once=once)
        return None
    finally:
        copy.unlink(missing_ok=True)
    made.seen[one.name] = f"{one.size} {one.mark} {digest}"
    if len(made.notes) < _SHOWN:
        made.notes.append(f"{one.name}: {landed.rows:,} rows")
    return landed


def _refuse(made: FilesRead, one: Lying, digest: str, reason: str, *, once: bool) -> None:
    if not once:
        raise SourceFailed(f"{one.name}: {reason}")
    made.seen[one.name] = f"{one.size} {one.mark} {digest} refused"
    made.refused.append(RefusedFile(name=one.name, reason=reason))


def _is_ready(one: Lying, waits: float) -> bool:
    last = one.name.rpartition("/")[2]
    is_whole = not last.startswith((".", "~$")) and not last.lower().endswith(_UNFINISHED)
    return is_whole and one.changed_at <= clock.now() - timedelta(seconds=waits)


def _listed(reach: Reach, settings: Mapping[str, str]) -> Iterator[Lying]:
    if "path" in settings:
        folder = reach.local(settings["path"])
        if not folder.is_dir():
            raise SourceFailed(f"{settings['path']} is no folder")
        yield from (_lying(reach, one) for one in folder.iterdir() if _is_own(reach, one))
    elif settings["location"].startswith("s3://"):
        yield from _stored(reach, settings)
    else:
        yield from _local(reach, settings["location"])


def _local(reach: Reach, location: str) -> Iterator[Lying]:
    if not any(sign in location for sign in "*?["):
        found = reach.local(location)
        files = [found] if found.is_file() else sorted(found.iterdir())
    else:
        root = reach.root
        files = sorted(root.glob(location)) if root.is_dir() else []
    for one in files:
        if _is_own(reach, one):
            yield _lying(reach, one)


def _is_own(reach: Reach, path: Path) -> bool:
    """Whether a path is a file below the root; a link that leads out is refused."""
    if not path.is_file():
        return False
    if not path.resolve().is_relative_to(reach.root.resolve()):
        raise SourceRefused(
            f"{path.name} is a link that leads out of the department's folder of sources",
            hint="copy the file into the folder, or take the link away",
        )
    return True


def _lying(reach: Reach, path: Path) -> Lying:
    resolved, told = path.resolve(), path.stat()

    def fetch(to: Path) -> None:
        # what was looked at may be a link by now, or a pipe that never ends
        handle = os.open(resolved, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as source, to.open("wb") as out:
            while chunk := source.read(1_048_576):
                out.write(chunk)

    name = resolved.relative_to(reach.root.resolve()).as_posix()
    return Lying(
        name=_SIGNS.sub("\N{REPLACEMENT CHARACTER}", name.encode(errors="backslashreplace").decode()),
        size=told.st_size,
        mark=str(told.st_mtime_ns),
        changed_at=datetime.fromtimestamp(told.st_mtime, UTC),
        fetch=fetch,
    )


def _stored(reach: Reach, settings: Mapping[str, str]) -> Iterator[Lying]:
    """Objects of a bucket; the part of the key before the first wildcard is what is listed."""
    pattern = urlsplit(settings["location"]).path.strip("/")
    plain = pattern[: min((pattern.find(sign) for sign in "*?[" if sign in pattern), default=len(pattern))]
    prefix = pattern if plain == pattern else plain.rpartition("/")[0]
    store = _bucket(reach, settings)
    try:
        entries = [one for batch in obstore.list(store, prefix or None) for one in batch]
        if plain == pattern and not entries:  # one object, which no folder holds
            entries = [obstore.head(store, pattern)]
    except (BaseError, FileNotFoundError) as error:
        raise reach.failed(error) from None
    for one in entries:
        key = one["path"]
        if plain == pattern or _matches(key, pattern):
            yield Lying(
                name=key,
                size=one["size"],
                mark=(one["e_tag"] or clock.iso(one["last_modified"])).replace(" ", "T"),
                changed_at=one["last_modified"],
                fetch=_fetching(reach, store, key),
            )


def _matches(key: str, pattern: str) -> bool:
    """Whether a key has the form of a pattern, part by part: ``*`` does not reach over a slash."""
    parts, wanted = PurePosixPath(key).parts, PurePosixPath(pattern).parts
    return len(parts) == len(wanted) and all(fnmatch.fnmatchcase(*pair) for pair in zip(parts, wanted, strict=True))


def _fetching(reach: Reach, store: S3Store, key: str) -> Callable[[Path], None]:
    def fetch(to: Path) -> None:
        try:
            with to.open("wb") as out:
                for chunk in obstore.get(store, key).stream():
                    out.write(chunk)
        except (BaseError, FileNotFoundError) as error:
            raise reach.failed(error) from None

    return fetch


def _bucket(reach: Reach, settings: Mapping[str, str]) -> S3Store:
    from obstore.store import S3Store

    bucket = urlsplit(settings["location"]).netloc
    region, endpoint = settings.get("region", "us-east-1"), settings.get("endpoint")
    reach.need_hosts(specs.hosts_of(endpoint) if endpoint else [f"s3.{region}.amazonaws.com"])
    given: dict[str, object] = {"region": region}
    if endpoint:
        given |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
    if "key" in settings:
        given |= {
            "access_key_id": reach.secret(settings, "key"),
            "secret_access_key": reach.secret(settings),
        }
    else:
        given["skip_signature"] = True  # never the server's own rights
    is_plain = bool(endpoint and endpoint.startswith("http://"))
    retries = {"max_retries": 2}
    return S3Store(
        bucket,
        client_options={"allow_http": is_plain, "connect_timeout": "10s"},
        retry_config=retries,  # type: ignore[arg-type]  # the other fields have defaults
        **given,  # type: ignore[arg-type]  # names of obstore's S3Config
    )
