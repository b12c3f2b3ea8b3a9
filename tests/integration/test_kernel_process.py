"""Child processes: they die with their parent, come back when they fall, and stop in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from headway.kernel import process
from headway.kernel.errors import Unavailable
from headway.kernel.process import Child, Supervisor

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="parent-death signals are Linux's")
SLEEP = "import time; time.sleep(60)"


def wait_until(is_so: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def run_parent(body: str, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    """A process that starts another one and prints its number."""
    parent = subprocess.Popen([sys.executable, "-c", body, *arguments], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    return parent, int(parent.stdout.readline())


SPAWNING = f"""
import sys, time
from headway.kernel import process
print(process.spawn([sys.executable, "-c", {SLEEP!r}]).pid, flush=True)
time.sleep(60)
"""


def test_spawned_child_dies_when_its_starter_is_killed() -> None:
    parent, child = run_parent(SPAWNING)
    assert runs(child)
    parent.kill()
    parent.communicate()
    wait_until(lambda: not runs(child))


def test_die_with_parent_ends_a_process_whose_starter_is_gone_already() -> None:
    program = f"from headway.kernel import process; process.die_with_parent({os.getpid() + 1})\n{SLEEP}"
    ended = subprocess.run([sys.executable, "-c", program], check=False)
    assert ended.returncode == -signal.SIGTERM


def test_die_with_parent_follows_the_starter() -> None:
    child = (
        "import os; from headway.kernel import process\n"
        f"process.die_with_parent(); print(os.getpid(), flush=True)\n{SLEEP}"
    )
    parent, pid = run_parent(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])")
    parent.kill()
    wait_until(lambda: not runs(pid))
    parent.communicate()


def test_child_of_a_thread_outlives_the_thread() -> None:
    made: list[subprocess.Popen[bytes]] = []
    thread = threading.Thread(target=lambda: made.append(process.spawn([sys.executable, "-c", SLEEP])))
    thread.start()
    thread.join()
    time.sleep(0.3)
    assert made[0].poll() is None
    assert process.stop(made[0], [(signal.SIGTERM, 5.0)]) == -signal.SIGTERM


def test_stop_kills_what_does_not_listen() -> None:
    deaf = process.spawn([sys.executable, "-c", f"import signal; signal.signal(15, signal.SIG_IGN)\n{SLEEP}"])
    time.sleep(0.3)
    assert process.stop(deaf, [(signal.SIGTERM, 0.3)]) == -signal.SIGKILL


def test_program_that_cannot_be_started_tells_by_its_status_and_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "x.log"
    assert process.spawn(["/no/such/program"], log=log).wait() != 0
    assert "No such file" in log.read_text()


def test_child_has_only_the_environment_it_is_given(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    program = "import os; print(sorted(k for k in os.environ if k.startswith('HEADWAY')))"
    process.spawn([sys.executable, "-c", program], log=log, environ={"HEADWAY_HOME": "/x"}).wait()
    assert log.read_text().strip() == "['HEADWAY_HOME']"


def test_large_log_is_put_aside_at_the_next_start(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(b"x" * (process.LOG_LIMIT_BYTES + 1))
    process.spawn([sys.executable, "-c", "print('new')"], log=log).wait()
    assert log.read_text() == "new\n"
    assert (tmp_path / "x.log.1").stat().st_size == process.LOG_LIMIT_BYTES + 1


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[tuple[Supervisor, list[tuple[str, str]]]]:
    events: list[tuple[str, str]] = []
    made = Supervisor(
        tmp_path / "logs",
        first_delay=0.05,
        longest_delay=0.4,
        steady_seconds=1.0,
        on_event=lambda name, event: events.append((name, event)),
    )
    yield made, events
    made.close()


def test_killed_child_is_started_again_with_new_arguments(
    supervisor: tuple[Supervisor, list[tuple[str, str]]], tmp_path: Path
) -> None:
    made, _ = supervisor
    turns: list[int] = []

    def argv() -> list[str]:
        turns.append(len(turns))
        return [sys.executable, "-c", f"from pathlib import Path; Path(r'{tmp_path}/turn{turns[-1]}').touch()\n{SLEEP}"]

    made.start(Child(name="worker", argv=argv, is_ready=(tmp_path / "turn0").exists))
    first = made.pid("worker")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_until((tmp_path / "turn1").exists)
    assert made.pid("worker") not in (None, first) and made.restarts("worker") == 1


def test_child_that_falls_at_once_is_started_ever_more_slowly(
    supervisor: tuple[Supervisor, list[tuple[str, str]]],
) -> None:
    made, events = supervisor
    made.start(Child(name="broken", argv=lambda: [sys.executable, "-c", "raise SystemExit(3)"]))
    wait_until(lambda: made.restarts("broken") >= 5)
    ends = [event for _, event in events if event.startswith("ended")][:5]
    assert ends == [f"ended with status 3; again in {delay} s" for delay in ("0.05", "0.1", "0.2", "0.4", "0.4")]


def test_child_that_does_not_get_ready_is_told_with_its_log(
    supervisor: tuple[Supervisor, list[tuple[str, str]]],
) -> None:
    made, _ = supervisor
    child = Child(name="slow", argv=lambda: [sys.executable, "-c", SLEEP], is_ready=lambda: False)
    with pytest.raises(Unavailable, match=r"slow was not ready within 0\.3 seconds") as caught:
        made.start(child, ready_seconds=0.3)
    assert "slow.log" in str(caught.value.hint)


def test_children_stop_in_reverse_order_and_do_not_come_back(tmp_path: Path) -> None:
    events: list[tuple[str, str]] = []
    made = Supervisor(tmp_path / "logs", on_event=lambda name, event: events.append((name, event)))
    for name in ("database", "server", "node"):
        made.start(Child(name=name, argv=lambda: [sys.executable, "-c", SLEEP]))
    pids = [made.pid(name) for name in ("database", "server", "node")]
    made.close()
    assert [name for name, event in events if event == "stopped"] == ["node", "server", "database"]
    assert not any(pid and runs(pid) for pid in pids)
