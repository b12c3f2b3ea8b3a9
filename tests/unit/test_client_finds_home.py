"""``Client.from_env``: the address told by the environment, or what runs on this machine's home."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headway_client import AsyncClient, Client, Node, NotFound, Unauthenticated, __version__
from headway_client.home import find, find_node


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    (tmp_path / "keys").mkdir()
    about = {"pid": 1, "url": "http://127.0.0.1:8460", "node_url": "http://127.0.0.1:8470"}
    (tmp_path / "run" / "server.json").write_text(json.dumps(about))
    (tmp_path / "keys" / "cli-token").write_text("hwy_owner\n")
    return tmp_path


def test_an_address_that_is_told_is_taken(home: Path) -> None:
    told = {"HEADWAY_URL": "https://headway.example.org", "HEADWAY_TOKEN": "hwy_mine", "HEADWAY_HOME": str(home)}
    assert find(told) == ("https://headway.example.org", "hwy_mine")


def test_what_runs_on_the_home_is_found_with_the_owners_token(home: Path) -> None:
    assert find({"HEADWAY_HOME": str(home)}) == ("http://127.0.0.1:8460", "hwy_owner")
    assert find({"HEADWAY_HOME": str(home), "HEADWAY_TOKEN": "hwy_mine"}).token == "hwy_mine"
    assert find_node({"HEADWAY_HOME": str(home)}) == "http://127.0.0.1:8470"


def test_what_does_not_run_is_told_with_what_to_do(home: Path) -> None:
    (home / "run" / "server.json").unlink()
    with pytest.raises(NotFound, match="nothing runs on") as caught:
        find({"HEADWAY_HOME": str(home)})
    assert caught.value.hint and "HEADWAY_URL" in caught.value.hint
    (home / "run" / "server.json").write_text("[")
    with pytest.raises(NotFound, match="does not tell an address"):
        find({"HEADWAY_HOME": str(home)})


def test_a_token_that_is_not_there_is_told(home: Path) -> None:
    (home / "keys" / "cli-token").unlink()
    with pytest.raises(Unauthenticated, match="cli-token cannot be read"):
        find({"HEADWAY_HOME": str(home)})


def test_clients_are_made_from_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADWAY_URL", raising=False)
    monkeypatch.delenv("HEADWAY_TOKEN", raising=False)
    monkeypatch.setenv("HEADWAY_HOME", str(home))
    with Client.from_env() as client, Node.local("hwy_t") as node:
        assert client.base_url == "http://127.0.0.1:8460/api/v1" and node.base_url == "http://127.0.0.1:8470"
        headers = client._connection.http.headers
        assert headers["authorization"] == "Bearer hwy_owner"
        assert headers["user-agent"].startswith(f"headway-client/{__version__} python/3.")
    assert AsyncClient.from_env().base_url == "http://127.0.0.1:8460/api/v1"
