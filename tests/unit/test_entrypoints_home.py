"""Keys of a home: made where the platform starts first, asked for everywhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.entrypoints import home
from headway.kernel.errors import Unavailable
from headway.kernel.settings import Settings


def test_a_process_that_joins_makes_no_key_of_its_own(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    home.prepare_home(settings)
    with pytest.raises(Unavailable, match=r"signer\.key is missing") as caught:
        home.read_keys(settings)
    assert caught.value.hint
    assert not list(settings.keys.iterdir())


def test_keys_made_first_are_read_by_those_who_join(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    home.prepare_home(settings)
    made = home.prepare_keys(settings)
    assert home.read_keys(settings).key_id == made.key_id
    assert oct(settings.trust_file.stat().st_mode & 0o777) == "0o600"


def test_address_of_a_node_is_told_only_where_it_is_known(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, environment="sandbox", node_urls="production=https://decide.example.org/")
    assert settings.node_url("sandbox") == "http://127.0.0.1:8470"
    assert settings.node_url("production") == "https://decide.example.org"
    assert settings.node_url("pilot") == ""
