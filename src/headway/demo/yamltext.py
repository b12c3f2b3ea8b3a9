"""YAML as people mean it: only ``true`` and ``false`` are flags; ``yes``, ``no`` and ``on`` stay words, as in YAML 1.2."""

from __future__ import annotations

import re

from headway.demo.errors import SpecInvalid
from headway.kernel.errors import Fault

FLAG = "tag:yaml.org,2002:bool"


def load(text: str) -> object:
    """Read YAML of plain values; raises SpecInvalid with the line where it breaks."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        sign: [(tag, pattern) for tag, pattern in known if tag != FLAG]
        for sign, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.add_implicit_resolver(FLAG, re.compile(r"^(?:true|false)$"), list("tf"))
    try:
        return yaml.load(text, Loader)  # noqa: S506  a safe loader of our own
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark is not None else ""
        said = place + str(getattr(error, "problem", None) or error)
        raise SpecInvalid("the spec is no YAML", faults=[Fault(rule="yaml", message=said)]) from error
