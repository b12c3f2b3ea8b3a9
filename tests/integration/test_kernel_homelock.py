"""The home's lock between real processes."""

from __future__ import annotations

import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from headway.kernel.errors import Conflict, Unavailable
from headway.kernel.homelock import HomeLock

HOLDING = """
import sys, time
from pathlib import Path
from headway.kernel.homelock import HomeLock
HomeLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
time.sleep(60)
"""


def hold(home: Path) -> subprocess.Popen[bytes]:
    holder = subprocess.Popen([sys.executable, "-c", HOLDING, str(home)], stdout=subprocess.PIPE)
    assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
    return holder


def test_second_process_is_refused_and_told_who_holds_the_home(tmp_path: Path) -> None:
    holder = hold(tmp_path / "home")
    waited: list[str] = []
    with pytest.raises(Conflict, match=f"in use by process {holder.pid}") as caught:
        HomeLock(tmp_path / "home").acquire(timeout=0.3, on_wait=waited.append)
    assert waited and waited[0].startswith(f"waiting for process {holder.pid}")
    assert "headway down" in str(caught.value.hint)
    holder.kill()
    holder.communicate()


def test_lock_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    holder = hold(tmp_path / "home")
    holder.kill()
    holder.communicate()
    with HomeLock(tmp_path / "home") as lock:
        assert lock.is_held
    assert not lock.is_held


def test_waiting_process_gets_the_lock_when_it_is_released(tmp_path: Path) -> None:
    holder = hold(tmp_path / "home")
    lock = HomeLock(tmp_path / "home")
    ender = subprocess.Popen(["/bin/sh", "-c", f"sleep 0.5; kill -9 {holder.pid}"])
    since = time.monotonic()
    lock.acquire(timeout=20)
    assert 0.2 < time.monotonic() - since < 10
    lock.release()
    for ended in (ender, holder):
        ended.communicate()


def test_only_one_of_many_processes_holds_the_home_at_a_time(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from headway.kernel.homelock import HomeLock\n"
        "home = Path(sys.argv[1]); count = home / 'count'\n"
        "for _ in range(20):\n"
        "    with_lock = HomeLock(home); with_lock.acquire(timeout=60)\n"
        "    count.write_text(str(int(count.read_text()) + 1) if count.exists() else '1'); with_lock.release()\n"
    )
    started = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) for _ in range(4)]
    assert [one.wait() for one in started] == [0] * 4
    assert (tmp_path / "count").read_text() == "80"


def test_forked_copy_does_not_keep_the_lock_alive(tmp_path: Path) -> None:
    program = HOLDING.replace("time.sleep(60)", "import os; time.sleep(5 if os.fork() == 0 else 60)")
    holder = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
    assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
    time.sleep(0.2)
    holder.kill()
    holder.wait()
    since = time.monotonic()
    HomeLock(tmp_path).acquire(timeout=3)
    assert time.monotonic() - since < 2
    holder.stdout.close()


def test_home_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    with HomeLock(tmp_path / "a" / "home"):
        modes = [
            stat.S_IMODE((tmp_path / "a" / "home" / name).stat().st_mode) for name in (".", "run", "run/home.lock")
        ]
    assert modes == [0o700, 0o700, 0o600]


def test_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="cannot be used") as caught:
        HomeLock(tmp_path / "file" / "home").acquire()
    assert "HEADWAY_HOME" in str(caught.value.hint)


def test_lock_taken_twice_by_the_same_object_is_one_lock(tmp_path: Path) -> None:
    lock = HomeLock(tmp_path)
    lock.acquire()
    lock.acquire()
    lock.release()
    lock.release()
    with HomeLock(tmp_path) as again:
        assert again.path == lock.path
