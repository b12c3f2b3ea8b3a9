"""What ``headway up`` checks before it starts anything."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from headway.entrypoints import platform
from headway.kernel.errors import Conflict
from headway.kernel.settings import Settings


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = Settings(home=tmp_path / "home", port=port)
        with pytest.raises(Conflict, match=f"127.0.0.1:{port} is in use") as caught, platform.up(settings):
            raise AssertionError("it must not come up")
    assert "HEADWAY_PORT" in str(caught.value.hint)
    assert not (tmp_path / "home" / "run" / "server.json").exists()
    assert not (tmp_path / "home" / "keys" / "signer.key").exists()
