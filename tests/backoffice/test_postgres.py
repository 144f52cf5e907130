"""The embedded server survives what really happens: kills, stale, reused and broken pid files, half-made folders."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from backoffice.postgres import BinariesMissingError, Cluster, PostgresError, binaries, folder, locks

pytestmark = [
    pytest.mark.xdist_group("postgres"),
    pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="DATABASE_URL names a server that is not ours"),
]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that the server's system user can reach; pytest's own temporary folders are closed to it."""
    found = Path(f"/tmp/backoffice-test-{os.getpid()}")  # noqa: S108
    found.mkdir(mode=0o755)
    yield found
    shutil.rmtree(found)


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator["Said"]:
    """One running server for all tests of this module."""
    said = Said(place / "postgres")
    said.cluster.ensure_running()
    yield said
    said.cluster.release()


class Said:
    """A cluster and what it said."""

    def __init__(self, data: Path) -> None:
        self.sentences: list[str] = []
        self.cluster = Cluster(data, throwaway=True, say=self.sentences.append)

    def pid(self) -> int:
        return int((self.cluster.data_dir / "postmaster.pid").read_text().split()[0])

    def query(self, statement: str, role: str = "superuser") -> object:
        with psycopg.connect(self.cluster.url(role)) as connection:
            return connection.execute(statement).fetchone()

    def kill(self) -> int:
        """Kill the postmaster the hard way and wait until its processes are gone; return its pid."""
        pid = self.pid()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not self.cluster._processes().all())
        return pid


def wait_until(condition: Callable[[], object]) -> None:
    """Poll a condition of another process for at most 20 seconds."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def healed(server: Said) -> Iterator[Said]:
    """The server, with a committed row that must survive, and nothing said yet."""
    server.cluster.ensure_running()
    server.sentences.clear()
    with psycopg.connect(server.cluster.url("owner")) as connection:
        connection.execute("set synchronous_commit = on")  # a throwaway server is lax about it
        connection.execute("drop table if exists kept; create table kept as select 47 as n")
    yield server
    assert server.cluster.is_healthy()
    assert server.query("select n from kept") == (47,)


def test_a_new_folder_speaks_utf8_whatever_the_environment_says(server: Said) -> None:
    assert server.query(
        "select datlocprovider::text, datlocale, pg_encoding_to_char(encoding) "
        "from pg_database where datname = 'backoffice'"
    ) == ("b", "C.UTF-8", "UTF8")
    assert server.query("select lower('ÄÉ'), show_trgm('한국') <> '{}'") == ("äé", True)
    assert server.query("show data_checksums") == ("on",)
    assert server.query("show listen_addresses") == ("",)


def test_extensions_are_there_in_new_databases_too(server: Said) -> None:
    statement = "select array_agg(extname::text order by extname) from pg_extension where extname <> 'plpgsql'"
    wanted = (["btree_gin", "btree_gist", "pg_trgm"],)
    assert server.query(statement) == wanted
    with psycopg.connect(server.cluster.url("superuser").replace("/backoffice?", "/template1?")) as connection:
        assert connection.execute(statement).fetchone() == wanted


def test_the_socket_is_closed_to_others(server: Said) -> None:
    found = server.cluster.socket_dir.stat()
    assert found.st_mode & 0o777 == 0o700
    assert found.st_uid == server.cluster.data_dir.stat().st_uid


def test_a_running_server_is_left_alone(healed: Said) -> None:
    before = healed.pid()
    Cluster(healed.cluster.data_dir, throwaway=True, say=healed.sentences.append).ensure_running()
    assert healed.pid() == before
    assert healed.sentences == []


# --- roles


def test_the_application_may_change_rows_and_nothing_else(healed: Said) -> None:
    with psycopg.connect(healed.cluster.url("app")) as app:
        assert app.execute("update kept set n = n returning n").fetchone() == (47,)
    for statement in (
        "create table intruder (n int)",
        "drop table kept",
        "truncate kept",
        "alter table kept add column m int",
        "create index on kept (n)",
        "set session_replication_role = replica",
        "set role backoffice_owner",
        "create extension hstore",
        "select * from pgmq.meta",
    ):
        with psycopg.connect(healed.cluster.url("app")) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(statement)


def test_nobody_but_the_superuser_is_one(server: Said) -> None:
    assert server.query(
        "select array_agg(rolname::text order by rolname) from pg_roles "
        "where rolcanlogin and (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls)"
    ) == (["postgres"],)
    owner = "select pg_get_userbyid(datdba)::text from pg_database where datname = 'backoffice'"
    assert server.query(owner) == ("backoffice_owner",)


def test_the_application_has_timeouts(server: Said) -> None:
    settings = "current_setting('statement_timeout'), current_setting('lock_timeout')"
    idle = "current_setting('idle_in_transaction_session_timeout')"
    assert server.query(f"select {settings}, {idle}", "app") == ("30s", "5s", "1min")


# --- kills


def test_a_killed_server_comes_back(healed: Said) -> None:
    old = healed.kill()
    healed.cluster.ensure_running()
    assert healed.pid() != old
    assert len(healed.sentences) == 1
    assert healed.sentences[0].startswith("the last run ended without a clean stop")


def test_a_kill_in_the_middle_of_work_waits_for_the_orphans(healed: Said) -> None:
    busy = psycopg.connect(healed.cluster.url("superuser"), autocommit=True)
    worker = subprocess.Popen(
        [sys.executable, "-c", "import psycopg, sys; psycopg.connect(sys.argv[1]).execute(sys.argv[2])",
         healed.cluster.url("superuser"), "select sum(n) from generate_series(1, 1000000000) n"],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_until(
        lambda: busy.execute(
            "select 1 from pg_stat_activity where query like 'select sum%' and state = 'active'"
        ).fetchone()
    )
    os.kill(healed.pid(), signal.SIGKILL)
    healed.cluster.ensure_running()
    assert "the server was killed; waiting for its last processes to end." in healed.sentences
    worker.wait(timeout=20)
    busy.close()


def test_a_pid_that_belongs_to_another_program_now(healed: Said) -> None:
    healed.kill()
    stranger = subprocess.Popen(["sleep", "60"])
    rewrite_pid(healed, str(stranger.pid))
    healed.cluster.ensure_running()
    assert f"number {stranger.pid} now belongs to another program (sleep)" in healed.sentences[0]
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_pid_that_is_a_zombie(healed: Said) -> None:
    healed.kill()
    zombie = subprocess.Popen(["true"])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    rewrite_pid(healed, str(zombie.pid))
    healed.cluster.ensure_running()
    assert f"process {zombie.pid} has ended but was not collected" in healed.sentences[0]
    zombie.wait()


def test_a_postmaster_that_is_our_own_zombie(place: Path) -> None:
    mine = Said(place / "zombie")
    mine.cluster.ensure_running()
    old = mine.pid()
    os.kill(old, signal.SIGKILL)
    os.waitid(os.P_PID, old, os.WEXITED | os.WNOWAIT)
    assert not mine.cluster.is_healthy()
    mine.cluster.ensure_running()
    assert mine.pid() != old
    mine.cluster.release()


@pytest.mark.parametrize("content", [b"", b"12", b"garbage\n", b"\xff\xfe\x00", b"99999999999999999999\n"])
def test_a_broken_pid_file(healed: Said, content: bytes) -> None:
    healed.kill()
    (healed.cluster.data_dir / "postmaster.pid").write_bytes(content)
    healed.cluster.ensure_running()
    assert len(healed.sentences) == 1


def test_a_running_server_whose_pid_file_is_lost_starts_again(healed: Said) -> None:
    old = healed.pid()
    (healed.cluster.data_dir / "postmaster.pid").unlink()
    healed.cluster.ensure_running()
    assert healed.sentences == ["the running server lost its pid file; starting it again."]
    assert healed.pid() != old


def rewrite_pid(said: Said, first_line: str) -> None:
    """Put another number into the pid files of the dead server, as a restarted machine or container does."""
    for path in (said.cluster.data_dir / "postmaster.pid", said.cluster.socket_dir / ".s.PGSQL.5432.lock"):
        lines = path.read_text().splitlines()
        path.write_text("\n".join([first_line, *lines[1:]]) + "\n")


# --- folders


def test_a_start_that_was_killed_while_making_the_folder(place: Path) -> None:
    said = Said(place / "partial")
    half = place / "partial.partial"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    said.cluster.ensure_running()
    assert "interrupted while it made the data folder" in said.sentences[0]
    assert not half.exists()
    assert said.cluster.is_healthy()
    said.cluster.release()


def test_a_half_made_folder_is_moved_aside_not_deleted(place: Path) -> None:
    data = place / "half"
    data.mkdir(mode=0o700)
    (data / "PG_VERSION").write_text("18\n")
    (data / "precious").write_text("mine")
    shutil.chown(data, binaries.server_account().uid)
    said = Said(data)
    said.cluster.ensure_running()
    aside = next(place.glob("half.half-made-*"))
    assert (aside / "precious").read_text() == "mine"
    assert str(aside) in said.sentences[0]
    said.cluster.release()


def test_a_folder_of_another_version_is_refused_untouched(place: Path) -> None:
    data = place / "old"
    data.mkdir(mode=0o700)
    (data / "PG_VERSION").write_text("16\n")
    shutil.chown(data, binaries.server_account().uid)
    with pytest.raises(PostgresError, match=r"was made by PostgreSQL 16; this is PostgreSQL 18.*pg_dumpall.*mv "):
        Said(data).cluster.ensure_running()
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_a_server_that_cannot_start_says_why(place: Path) -> None:
    said = Said(place / "broken")
    said.cluster.ensure_running()
    said.cluster.stop()
    control = said.cluster.data_dir / "global" / "pg_control"
    control.write_bytes(b"\0" * 8192)
    with pytest.raises(PostgresError, match=r"(?s)does not start.*server\.log says:.*FATAL"):
        said.cluster.ensure_running()
    said.cluster.release()


def test_a_platform_without_programs_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(BinariesMissingError, match=r"no embedded PostgreSQL for this platform .* DATABASE_URL="):
        binaries.wheel_folder()


def test_a_long_path_moves_the_socket_to_a_short_private_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "is_root", lambda: False)
    short, long = Path("/home/kim/shop/var/postgres"), Path("/home") / ("x" * 90) / "postgres"
    assert folder.socket_folder(short) == short
    assert len(str(folder.socket_folder(long))) < 60
    assert folder.socket_folder(long) != folder.socket_folder(long.with_name("other"))


def test_a_prepared_socket_folder_is_refused(place: Path) -> None:
    trap = place / "trap"
    trap.symlink_to(place)
    with pytest.raises(PostgresError, match="closed to others"):
        folder.ensure_private_folder(trap, binaries.server_account())


# --- who stops it


def test_the_last_user_stops_the_server_and_no_other(place: Path) -> None:
    first, second = Said(place / "shared"), Said(place / "shared")
    first.cluster.ensure_running()
    second.cluster.ensure_running()
    first.cluster.release()
    assert second.cluster.is_healthy()
    second.cluster.release()
    assert not second.cluster.is_healthy()
    assert not (place / "shared" / "postmaster.pid").exists()


def test_a_forked_child_does_not_let_go_for_its_parent(place: Path) -> None:
    use = locks.SharedUse(place / "users")
    use.join()
    use._pid = os.getpid() + 1  # as in a child after fork
    with use.leave() as last:
        assert last is False
    assert locks.try_alone(place / "users") is None


def test_urls_name_the_socket_and_the_role() -> None:
    cluster = Cluster(Path("/srv/shop/postgres"))
    assert cluster.connection_kwargs("app") == {
        "host": str(cluster.socket_dir),
        "port": 5432,
        "user": "backoffice_app",
        "dbname": "backoffice",
    }
    assert psycopg.conninfo.conninfo_to_dict(cluster.url("owner")) == {
        "user": "backoffice_owner",
        "dbname": "backoffice",
        "host": str(cluster.socket_dir),
        "port": "5432",
    }
