"""Files: packs that come with Headway or that a person wants checked, and artefacts that a pipeline asks about."""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Any, cast

import yaml

from headway import runtime
from headway.governance import gateway, likeness
from headway.governance.entities import Pack
from headway.governance.errors import PackInvalid
from headway.governance.policy import evidence_types, parse
from headway.kernel.canonical import sha256
from headway.kernel.errors import HeadwayError, Invalid, NotFound

MAX_PACK_CHARACTERS = 1_000_000
_BOOLEAN = "tag:yaml.org,2002:bool"
CORE = "headway-core"
IN_FORCE = frozenset([CORE, "eu-ai-act-core"])
"""What a new home starts with; every other pack that comes with Headway is published, and off until a person switches it on."""
RELEASE_PATH = runtime.RELEASE_PATH


class _Loader(yaml.SafeLoader):
    """YAML without surprises: no aliases (which can grow without end), no key twice, and ``on`` is a word, not a yes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", None)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(keys) != len({repr(key) for key in keys}):
            raise yaml.constructor.ConstructorError(None, None, "a key appears twice", node.start_mark)
        return dict(super().construct_mapping(node, deep))


_Loader.yaml_implicit_resolvers = {
    first: [one for one in found if one[0] != _BOOLEAN] for first, found in _Loader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOLEAN, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


PlainLoader = _Loader


@dataclass(frozen=True, slots=True)
class PackFile:
    """A pack, and the plain data it was read from and hashed over."""

    pack: Pack
    body: Mapping[str, object]


def read_pack(text: str) -> PackFile:
    """Read a pack from YAML text; raises PackInvalid with every fault."""
    if len(text) > MAX_PACK_CHARACTERS:
        raise PackInvalid(f"a pack has at most {MAX_PACK_CHARACTERS} characters")
    try:
        source = yaml.load(text, Loader=_Loader)  # noqa: S506  a SafeLoader, stricter
    except yaml.YAMLError as error:
        raise PackInvalid(f"not YAML: {error}") from error
    return PackFile(parse(source), cast(Mapping[str, object], source))


def read_pack_file(path: Path) -> PackFile:
    """Read a pack from a file; raises PackInvalid when it cannot be read or has faults."""
    try:
        return read_pack(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PackInvalid(f"{path} cannot be read: {error}") from error


@lru_cache(maxsize=1)
def built_in_packs() -> tuple[PackFile, ...]:
    """The packs that come with this version of Headway, by name."""
    folder = resources.files("headway.governance") / "packs"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    packs = tuple(read_pack(f.read_text(encoding="utf-8")) for f in files)
    evidence_types(file.pack for file in packs)
    return packs


def template() -> str:
    """A starter of an organisation's own pack, with comments; not in force."""
    return (resources.files("headway.governance") / "packs" / "templates" / "organisation.yaml").read_text(
        encoding="utf-8"
    )


@lru_cache(maxsize=1)
def proposal_reader() -> likeness.Reader:
    """Who reads proposals: it knows the words that mean the same."""
    told = _words("alike.yaml")
    return likeness.Reader(likeness.lexicon(told["same"], told["empty"], told["doing"]))


def _words(name: str) -> Mapping[str, Any]:
    text = (resources.files("headway.governance") / "words" / name).read_text(encoding="utf-8")
    return cast(Mapping[str, Any], yaml.load(text, Loader=_Loader))  # noqa: S506  a SafeLoader, stricter


@lru_cache(maxsize=1)
def known_tools() -> gateway.Known:
    """The table of hosts that are known to be a tool for AI."""
    return gateway.known_tools(_words("hosts.yaml")["tools"])


@dataclass(frozen=True, slots=True)
class Artefact:
    """What lies somewhere: its digest, and why it is not what that digest names, where it is not."""

    digest: str
    problems: tuple[str, ...]


def look_at(path: Path) -> Artefact:
    """Work out the digest of a bundle, a folder or an archive (zip, tar) with ``release.json``, or of any other file.

    A bundle is named by the digest of its ``release.json``, and every file must be what that says. Raises: NotFound;
    Invalid: a folder is no bundle, or the archive cannot be read.
    """
    if path.is_dir():
        found = {one.relative_to(path).as_posix(): one.read_bytes() for one in path.rglob("*") if one.is_file()}
        if RELEASE_PATH not in found:
            raise Invalid(
                f"{path} is no bundle: there is no {RELEASE_PATH} in it", hint="name a folder, archive or file"
            )
        return _bundle(found)
    if not path.is_file():
        raise NotFound(f"{path} does not exist")
    if path.name == RELEASE_PATH:
        return look_at(path.parent)
    objects = _archive(path)
    return _bundle(objects) if RELEASE_PATH in objects else Artefact(sha256(path.read_bytes()), ())


def _bundle(objects: Mapping[str, bytes]) -> Artefact:
    subject = sha256(objects[RELEASE_PATH])
    try:
        runtime.check_objects(subject, objects)
    except HeadwayError as error:
        return Artefact(subject, (error.message,))
    return Artefact(subject, ())


def _archive(path: Path) -> Mapping[str, bytes]:
    """The files of an archive, from the folder that holds ``release.json``; nothing where it is no archive of a bundle."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                files = {one.filename: packed.read(one) for one in packed.infolist() if not one.is_dir()}
        elif tarfile.is_tarfile(path):
            files = _untarred(path)
        else:
            return {}
    except (zipfile.BadZipFile, tarfile.TarError, OSError) as error:
        raise Invalid(f"{path} cannot be read: {error}") from error
    roots = [PurePosixPath(name).parent for name in files if PurePosixPath(name).name == RELEASE_PATH]
    if not roots:
        return {}
    root = min(roots, key=lambda one: len(one.parts))
    inside = {PurePosixPath(name): content for name, content in files.items()}
    return {p.relative_to(root).as_posix(): content for p, content in inside.items() if p.is_relative_to(root)}


def _untarred(path: Path) -> dict[str, bytes]:
    files = {}
    with tarfile.open(path) as packed:
        for member in packed:
            stream = packed.extractfile(member) if member.isfile() else None
            if stream is not None:
                files[member.name] = stream.read()
    return files
