"""Packs as files: the ones that come with Headway, and any file a person wants checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

import yaml

from headway.governance import gateway, likeness
from headway.governance.entities import Pack
from headway.governance.errors import PackInvalid
from headway.governance.policy import evidence_types, parse

MAX_PACK_CHARACTERS = 1_000_000
_BOOLEAN = "tag:yaml.org,2002:bool"
CORE = "headway-core"
IN_FORCE = frozenset([CORE, "eu-ai-act-core"])
"""What a new home starts with; every other pack that comes with Headway is published, and off until a person switches it on."""


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
