"""Proofs run on a home of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories.running import Home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = Home(tmp_path_factory.mktemp("prove") / "home", {"HEADWAY_ENVIRONMENT": "pilot"})
    yield made
    made.remove()
