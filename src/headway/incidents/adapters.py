"""Files of clocks and forms of notifications: those that come with Headway, and the text of one that somebody brings."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import yaml

from headway.incidents import clockfile, noticefile
from headway.incidents.entities import ClockSet
from headway.incidents.errors import ClocksInvalid
from headway.incidents.notice import NoticeForm

MOST_CHARACTERS = 200_000


@lru_cache(maxsize=1)
def shipped() -> tuple[ClockSet, ...]:
    """The files that come with Headway, by name."""
    folder = resources.files("headway.incidents") / "deadlines"
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".yaml")), key=lambda one: one.name)
    return tuple(clockfile.read(plain(one.read_text())) for one in files)


@lru_cache(maxsize=1)
def forms() -> tuple[NoticeForm, ...]:
    """The forms of notifications that come with Headway, by name."""
    folder = resources.files("headway.incidents") / "notices"
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".yaml")), key=lambda one: one.name)
    return tuple(noticefile.read(yaml.safe_load(one.read_text())) for one in files)


def plain(text: str) -> object:
    """Read the text of a file of clocks as plain data; raises ClocksInvalid."""
    if len(text) > MOST_CHARACTERS:
        raise ClocksInvalid(f"a file of clocks has at most {MOST_CHARACTERS} characters")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise ClocksInvalid("a file of clocks holds no aliases")
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ClocksInvalid(f"this is no YAML: {error}") from error
