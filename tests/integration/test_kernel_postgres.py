"""The embedded server: who may enter, what survives a kill, where the data lies."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from headway.kernel import process
from headway.kernel.errors import Conflict, Unavailable
from headway.kernel.postgres import EmbeddedPostgres, places
from tests.conftest import short_folder

pytestmark = pytest.mark.e2e  # starts real processes

SAFE_FROM_KILLS = {"fsync": "off", "synchronous_commit": "on"}
IS_ROOT = os.geteuid() == 0


@pytest.fixture
def place() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def initialised() -> Iterator[Path]:
    """A stopped server's folder, to copy instead of running initdb again."""
    with short_folder() as folder:
        with EmbeddedPostgres(folder / "home", folder=folder / "pg", options=SAFE_FROM_KILLS):
            pass
        yield folder / "pg"


@pytest.fixture
def server(place: Path, initialised: Path) -> Iterator[EmbeddedPostgres]:
    subprocess.run(["cp", "-a", str(initialised), str(place / "pg")], check=True)
    with EmbeddedPostgres(place / "home", folder=place / "pg", options=SAFE_FROM_KILLS) as made:
        yield made


def test_a_second_home_does_not_end_the_database_of_the_first(server: EmbeddedPostgres, place: Path) -> None:
    pid = server.pid
    other = EmbeddedPostgres(place / "other", folder=place / "pg", options=SAFE_FROM_KILLS)
    with pytest.raises(Conflict, match="in use by process"):
        other.start()
    other.stop()
    assert server.pid == pid
    with psycopg.connect(server.url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    server.stop()
    with other:
        assert other.pid is not None


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def ask(server: EmbeddedPostgres, query: str) -> object:
    with psycopg.connect(server.url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def run(server: EmbeddedPostgres, statement: str) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute(statement.encode())


def test_server_answers_and_its_folders_are_closed_to_others(server: EmbeddedPostgres, place: Path) -> None:
    assert ask(server, "select current_user || ' ' || current_database()") == "headway headway"
    assert [mode(place / "pg" / name) for name in ("", "data", "socket")] == [0o700] * 3
    assert mode(place / "home" / "logs" / "postgres.log") == 0o600
    assert ask(server, "show listen_addresses") == ""
    assert ask(server, "show data_checksums") == "on"
    rules = "select string_agg(type || ' ' || auth_method, ',') from pg_hba_file_rules"
    assert ask(server, rules) == "local peer"


@pytest.mark.skipif(not IS_ROOT, reason="only root can act as another account")
def test_another_account_cannot_connect(server: EmbeddedPostgres, place: Path) -> None:
    psql = places.binaries_for(places.owner_of("nobody")) / "psql"
    log = place / "psql.log"
    for sockets_mode in (0o700, 0o755):
        (place / "pg").chmod(sockets_mode)
        (place / "pg" / "socket").chmod(sockets_mode)
        ended = process.spawn([str(psql), server.url, "-c", "select 1"], user=(65534, 65534), log=log, environ={})
        assert ended.wait() != 0
    # Even with the folders open, the server itself refuses: its socket is closed to others.
    assert "Permission denied" in log.read_text()


def test_warm_start_is_quick_and_keeps_what_was_committed(server: EmbeddedPostgres) -> None:
    run(server, "create table kept as select 7 as n")
    server.stop()
    since = time.monotonic()
    server.start()
    assert ask(server, "select n from kept") == 7
    assert time.monotonic() - since < 1.5


def test_killed_server_comes_back_with_what_was_committed(server: EmbeddedPostgres) -> None:
    run(server, "create table kept as select 7 as n")
    url, pid = server.url, server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_dead(server)
    since = time.monotonic()
    assert server.ensure_alive()
    assert time.monotonic() - since < 5
    assert (server.url, ask(server, "select n from kept")) == (url, 7)
    assert not server.ensure_alive()


def test_killed_server_comes_back_even_when_its_children_live_on(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url, autocommit=True) as busy:
        row = busy.execute("select pg_backend_pid()").fetchone()
        assert row is not None
        backend, pid = int(row[0]), server.pid
        os.kill(backend, signal.SIGSTOP)  # a stopped child cannot notice that the server died
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_dead(server)
        assert Path(f"/proc/{backend}").exists()
        assert server.ensure_alive()
        assert ask(server, "select 1") == 1
        assert not Path(f"/proc/{backend}").exists() or "Z" in Path(f"/proc/{backend}/stat").read_text()


def test_watch_brings_a_killed_server_back_by_itself(server: EmbeddedPostgres) -> None:
    server.watch()
    for times in (1, 2):
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while server.restarts < times and time.monotonic() < deadline:
            time.sleep(0.02)
        assert ask(server, "select 1") == 1


def test_process_number_used_again_by_another_program_does_not_keep_the_server_down(
    server: EmbeddedPostgres, place: Path
) -> None:
    server.stop()
    data = place / "pg" / "data"
    owner = data.stat()
    other = process.spawn(["/bin/sleep", "60"], user=(owner.st_uid, owner.st_gid) if IS_ROOT else None)
    try:
        pid_file = data / "postmaster.pid"
        lines = (other.pid, data, 1700000000, 5432, place / "pg" / "socket", "", "  5432001         0", "ready   ", "")
        pid_file.write_text("\n".join(map(str, lines)))
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        server.start()
        assert ask(server, "select 1") == 1
        assert other.poll() is None, "a program that is not ours must be left alone"
    finally:
        other.kill()
        other.wait()


def test_server_ends_with_the_process_that_started_it_and_the_next_one_can_start(place: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from headway.kernel.postgres import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1]) / 'home', folder=Path(sys.argv[1]) / 'pg',"
        " options={'fsync': 'off'})\n"
        "server.start(); print(server.pid, flush=True); time.sleep(60)"
    )
    first = subprocess.Popen([sys.executable, "-c", program, str(place)], stdout=subprocess.PIPE)
    assert first.stdout is not None
    pid = int(first.stdout.readline())
    first.kill()
    first.communicate()
    with EmbeddedPostgres(place / "home", folder=place / "pg", options=SAFE_FROM_KILLS) as second:
        assert ask(second, "select 1") == 1
        assert second.pid != pid
        deadline = time.monotonic() + 5
        while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not Path(f"/proc/{pid}").exists()


def test_starting_from_many_threads_makes_one_server(place: Path) -> None:
    made = EmbeddedPostgres(place / "home", folder=place / "pg", options=SAFE_FROM_KILLS)
    try:
        with ThreadPoolExecutor(4) as pool:
            urls = set(pool.map(lambda _: made.start(), range(8)))
        assert len(urls) == 1
        assert ask(made, "select count(*) from pg_database where datname = 'headway'") == 1
    finally:
        made.stop()


def test_server_started_from_a_thread_outlives_the_thread(server: EmbeddedPostgres) -> None:
    server.stop()
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
    time.sleep(0.3)  # a death signal of the thread would have come by now
    assert server.pid is not None
    assert ask(server, "select 1") == 1


def test_data_of_another_version_is_refused_and_left_alone(server: EmbeddedPostgres, place: Path) -> None:
    server.stop()
    version = place / "pg" / "data" / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(Unavailable, match="made by PostgreSQL 17"):
        server.start()
    assert version.read_text() == "17\n"


def test_folder_with_a_long_path_gets_its_socket_elsewhere(place: Path) -> None:
    deep = place / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True, mode=0o711)
    with EmbeddedPostgres(place / "home", folder=deep / "pg", options=SAFE_FROM_KILLS) as made:
        assert ask(made, "select 1") == 1
        sockets = Path(made.url.split("host=")[1])
        assert mode(sockets) == 0o700
    assert not sockets.exists()


@pytest.mark.skipif(not IS_ROOT, reason="only root cannot keep the database inside the home")
class TestRoot:
    """Root's home is closed to the server's account, so the data lies elsewhere."""

    @pytest.fixture(autouse=True)
    def root_folder(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = place / "var"
        monkeypatch.setattr(places, "ROOT_FOLDER", folder)
        return folder

    def test_home_names_the_place_of_the_data_and_stays_closed(self, place: Path, root_folder: Path) -> None:
        home = place / "closed" / "home"
        home.parent.mkdir(mode=0o700)
        with EmbeddedPostgres(home, options=SAFE_FROM_KILLS) as made:
            run(made, "create table kept as select 7 as n")
            folder = made.folder
        assert folder.parent == root_folder and mode(folder) == 0o700
        assert (home / "pg").read_text().strip() == str(folder)
        assert (mode(home), mode(home.parent), mode(home / "pg")) == (0o700, 0o700, 0o600)
        with EmbeddedPostgres(home, options=SAFE_FROM_KILLS) as again:
            assert ask(again, "select n from kept") == 7

    def test_new_home_at_an_old_path_does_not_find_the_old_database(self, place: Path) -> None:
        home = place / "home"
        with EmbeddedPostgres(home, options=SAFE_FROM_KILLS) as made:
            run(made, "create table kept as select 7 as n")
        (home / "pg").unlink()
        with EmbeddedPostgres(home, options=SAFE_FROM_KILLS) as fresh:
            assert ask(fresh, "select to_regclass('kept')") is None

    def test_lost_data_is_told_and_not_replaced_by_an_empty_database(self, place: Path) -> None:
        home = place / "home"
        home.mkdir()
        (home / "pg").write_text(f"{place}/var/gone\n")
        with pytest.raises(Unavailable, match="is gone") as caught:
            EmbeddedPostgres(home).start()
        assert str(home / "pg") in str(caught.value.hint)
        assert not (place / "var").exists()

    def test_folder_the_account_cannot_enter_is_named_and_not_opened(self, place: Path) -> None:
        closed = place / "closed"
        closed.mkdir(mode=0o700)
        with pytest.raises(Unavailable, match=f"cannot enter {closed}"):
            EmbeddedPostgres(place / "home", folder=closed / "pg").start()
        assert mode(closed) == 0o700

    def test_unknown_service_user_is_told(self, place: Path) -> None:
        with pytest.raises(Unavailable, match="no account nobody-of-that-name"):
            EmbeddedPostgres(place / "home", "nobody-of-that-name")

    def test_programs_in_a_closed_folder_are_copied_to_where_the_account_can_run_them(
        self, place: Path, root_folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(places, "may_enter", lambda folder, owner: False)
        with EmbeddedPostgres(place / "home", folder=place / "pg", options=SAFE_FROM_KILLS) as made:
            assert ask(made, "select 1") == 1
            assert Path(f"/proc/{made.pid}/exe").resolve().is_relative_to(root_folder)


AS_NOBODY = """
import os, sys, time
from pathlib import Path
import encodings.idna, psycopg
from headway.kernel.postgres import EmbeddedPostgres
home = Path(sys.argv[1]) / "home"
os.setgroups([]); os.setgid(65534); os.setuid(65534)
sys.executable = sys.argv[2]
with EmbeddedPostgres(home) as server, psycopg.connect(server.url) as connection:
    print(server.folder, oct(home.stat().st_mode & 0o777), connection.execute("select current_user").fetchone()[0])
"""
PUBLIC_PYTHON = Path("/usr/bin/python3")


@pytest.mark.skipif(not IS_ROOT or not PUBLIC_PYTHON.exists(), reason="needs root and a Python that all may run")
def test_any_other_account_than_root_runs_the_server_itself_inside_its_home(place: Path) -> None:
    own = place / "own"
    own.mkdir(mode=0o700)
    os.chown(own, 65534, 65534)
    ended = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(own), str(PUBLIC_PYTHON)],
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    assert (ended.stdout, ended.stderr) == (f"{own}/home/pg 0o700 headway\n", "")


def wait_dead(server: EmbeddedPostgres) -> None:
    deadline = time.monotonic() + 5
    while server.pid is not None and time.monotonic() < deadline:
        time.sleep(0.01)
