"""Every permission an edge asks for is known to the Cedar schema; one that is not could never be allowed."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

import headway

SOURCE = Path(headway.__path__[0])
ROUTES = sorted([*SOURCE.glob("*/routes.py"), *SOURCE.glob("*/routes/*.py")])


@pytest.mark.parametrize("file", ROUTES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_every_permission_asked_for_is_in_the_schema(file: Path) -> None:
    schema = (resources.files("headway.identity") / "policies" / "schema.cedarschema").read_text()
    known = set(re.findall(r'"([a-z]+:[a-z]+)"', schema))
    asked = set(re.findall(r'permit\(\s*"([a-z:]+)"', file.read_text()))
    assert asked <= known
