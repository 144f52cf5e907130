"""Celery on PGMQ: each gap of the stock transport has a test, and a real worker runs a task, on Redis too."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty

import psycopg
import pytest
from celery import Celery
from kombu import Connection, Exchange, Queue

from backoffice.broker.options import broker_options
from backoffice.broker.schema import prepare_schema, release_messages
from backoffice.broker.transport import LONGEST_QUEUE_NAME, Channel
from backoffice.postgres import Cluster

ROOT = Path(__file__).resolve().parent.parent.parent
needs_own_server = [
    pytest.mark.xdist_group("broker"),
    pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="DATABASE_URL names a server that is not ours"),
]


@pytest.fixture(scope="module")
def data_folder() -> Iterator[Path]:
    """A folder that the server's system user can reach; pytest's own temporary folders are closed to it."""
    found = Path(f"/tmp/backoffice-broker-{os.getpid()}")  # noqa: S108
    found.mkdir(mode=0o755)
    yield found
    shutil.rmtree(found)


@pytest.fixture(scope="module")
def cluster(data_folder: Path) -> Iterator[Cluster]:
    """A private server with PGMQ installed."""
    found = Cluster(data_folder / "postgres", throwaway=True, say=lambda _: None)
    found.ensure_running()
    prepare_schema(conn_string=conn_string(found))
    yield found
    found.release()


@pytest.fixture
def connection(cluster: Cluster) -> Iterator[Connection]:
    """A connection of our transport."""
    options = broker_options(url="pgmq://database", database=cluster.connection_kwargs("broker"))
    with Connection("pgmq://database", transport_options=options) as found:
        yield found


def conn_string(cluster: Cluster) -> str:
    options = broker_options(url="pgmq://database", database=cluster.connection_kwargs("broker"))
    return str(options["conn_string"])


def entity_name(name: str) -> str:
    return Channel.entity_name(Channel.__new__(Channel), name)


def wait_until(condition: Callable[[], object]) -> None:
    """Poll a condition of another process for at most 30 seconds."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


# --- options


def test_the_connection_is_given_in_the_form_that_keeps_the_socket() -> None:
    database = {"host": "/srv/my shop/socket", "port": 5432, "user": "backoffice_broker", "dbname": "backoffice"}
    options = broker_options(url="pgmq://database", database=database)
    assert "://" not in options["conn_string"]
    assert psycopg.conninfo.conninfo_to_dict(options["conn_string"]) == {**database, "port": "5432"}
    assert options["init_extension"] is False
    assert options["use_notify"] is True


def test_another_broker_gets_only_the_visibility_timeout() -> None:
    assert broker_options(url="redis://cache:6379/0", database={}) == {"visibility_timeout": 3600}


# --- names


def test_a_plain_name_stays_as_it_is() -> None:
    assert entity_name("backoffice") == "backoffice"


def test_a_long_name_fits_and_is_stable() -> None:
    name = entity_name("w1@a-rather-long-host-name.in.some.cluster.example.celery.pidbox")
    assert len(name) == LONGEST_QUEUE_NAME
    assert name == entity_name("w1@a-rather-long-host-name.in.some.cluster.example.celery.pidbox")
    assert entity_name(name) == name


def test_different_names_stay_different() -> None:
    names = ["a.b", "a-b", "a_b", "A_B", "a" * 48, "a" * 49]
    assert len({entity_name(name) for name in names}) == len(names)


# --- schema


class TestSchema:
    pytestmark = needs_own_server

    def test_installing_again_changes_nothing(self, cluster: Cluster) -> None:
        assert prepare_schema(conn_string=conn_string(cluster)) is False

    def test_another_version_is_replaced(self, cluster: Cluster) -> None:
        with psycopg.connect(conn_string(cluster)) as broker:
            broker.execute("select pgmq.create('left_over')")
            broker.execute("comment on schema pgmq is 'PGMQ 0.9'")
        assert prepare_schema(conn_string=conn_string(cluster)) is True
        with psycopg.connect(conn_string(cluster)) as broker:
            assert broker.execute("select count(*) from pgmq.list_queues()").fetchone() == (0,)

    def test_the_broker_sees_no_business_table(self, cluster: Cluster) -> None:
        with psycopg.connect(cluster.url("owner")) as owner:
            owner.execute("create table if not exists secrets (n int)")
        with psycopg.connect(conn_string(cluster)) as broker, pytest.raises(psycopg.errors.InsufficientPrivilege):
            broker.execute("select * from secrets")

    def test_messages_of_a_dead_worker_are_given_back(self, cluster: Cluster) -> None:
        with psycopg.connect(conn_string(cluster), autocommit=True) as broker:
            broker.execute("select pgmq.create('given_back')")
            broker.execute("select pgmq.send('given_back', '{}'::jsonb)")
            broker.execute("select pgmq.read('given_back', 3600, 1)")
            assert broker.execute("select count(*) from pgmq.read('given_back', 0, 1)").fetchone() == (0,)
            assert release_messages(conn_string=conn_string(cluster)) == 1
            assert broker.execute("select count(*) from pgmq.read('given_back', 0, 1)").fetchone() == (1,)
            broker.execute("select pgmq.drop_queue('given_back')")

    def test_replies_that_nobody_collected_are_dropped_after_a_day(self, cluster: Cluster) -> None:
        name = entity_name("0f9c2d7e-4b1d-3a55-9c1e-2f8a6b7c8d9e.reply.celery.pidbox")
        with psycopg.connect(conn_string(cluster)) as broker:
            broker.execute("select pgmq.create(%s)", [name])
        prepare_schema(conn_string=conn_string(cluster))
        with psycopg.connect(conn_string(cluster)) as broker:
            found = "select count(*) from pgmq.meta where queue_name = %s"
            assert broker.execute(found, [name]).fetchone() == (1,)
            broker.execute(
                "update pgmq.meta set created_at = now() - interval '25 hours' where queue_name = %s", [name]
            )
        prepare_schema(conn_string=conn_string(cluster))
        with psycopg.connect(conn_string(cluster)) as broker:
            assert broker.execute(found, [name]).fetchone() == (0,)


# --- transport


class TestTransport:
    pytestmark = needs_own_server

    def test_a_fanout_with_headers_reaches_every_queue(self, connection: Connection) -> None:
        news = Exchange("news", type="fanout", durable=False)
        queues = [Queue(f"listener-{n}", news, channel=connection.default_channel) for n in (1, 2)]
        for queue in queues:
            queue.declare()
        connection.Producer().publish({"n": 47}, exchange=news, headers={"from": "test"})
        for queue in queues:
            message = queue.get(no_ack=False)
            assert message is not None
            assert message.payload == {"n": 47}
            message.ack()
            queue.delete()

    def test_declaring_twice_keeps_the_trigger(self, connection: Connection, cluster: Cluster) -> None:
        trigger = "select array_agg(oid) from pg_trigger where tgname = 'trigger_notify_queue_insert_listeners'"
        queue = Queue("declared", channel=connection.default_channel)
        queue.declare()
        with psycopg.connect(conn_string(cluster)) as broker:
            before = broker.execute(trigger).fetchone()
        queue.declare()
        with psycopg.connect(conn_string(cluster)) as broker:
            assert broker.execute(trigger).fetchone() == before
        queue.delete()

    def test_a_consumer_restores_notifications_that_a_crash_emptied(
        self, connection: Connection, cluster: Cluster
    ) -> None:
        queue = Queue("crashed", channel=connection.default_channel)
        queue.declare()
        with psycopg.connect(conn_string(cluster)) as broker:
            broker.execute("truncate pgmq.notify_insert_throttle")  # what recovery does to an unlogged table
        with connection.Consumer([queue]), psycopg.connect(conn_string(cluster)) as broker:
            found = "select queue_name from pgmq.notify_insert_throttle"
            assert broker.execute(found).fetchall() == [("crashed",)]
        queue.delete()

    def test_a_message_that_is_not_acknowledged_stays(self, connection: Connection) -> None:
        channel = connection.default_channel
        queue = Queue("kept", channel=channel)
        queue.declare()
        connection.Producer().publish({"n": 1}, routing_key="kept")
        message = queue.get(no_ack=False)
        assert message is not None
        with pytest.raises(Empty):
            channel._get("kept")
        message.requeue()
        again = queue.get(no_ack=False)
        assert again is not None
        assert again.payload == {"n": 1}
        again.ack()
        assert channel._size("kept") == 0
        queue.delete()


# --- a real worker


def worker(environment: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "backoffice",
        "worker",
        "--concurrency",
        "1",
        "--hostname",
        "w1@test",
    ]
    command += ["--include", "tests.backoffice.errands", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    with log.open("wb") as output:
        return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=output)


def run_one_errand(app: Celery, environment: dict[str, str], folder: Path) -> None:
    """Send a task, let a real worker run it, ask the worker for a sign of life, and stop it."""
    app.conf.task_default_queue = "backoffice"
    note = folder / "note"
    log = folder / "worker.log"
    app.send_task("tests.errands.leave_note", [str(note), "done"])
    process = worker(environment, log)
    try:
        wait_until(note.exists)
        assert note.read_text(encoding="utf-8") == "done"
        assert app.control.inspect(timeout=10, limit=1).ping() == {"w1@test": {"ok": "pong"}}
    except BaseException:
        sys.stderr.write(log.read_text(encoding="utf-8", errors="replace"))
        raise
    finally:
        process.terminate()
        process.wait(timeout=30)
        app.close()


class TestWorker:
    pytestmark = needs_own_server

    def test_a_worker_on_pgmq_runs_a_task_and_answers(
        self, cluster: Cluster, data_folder: Path, tmp_path: Path
    ) -> None:
        options = broker_options(url="pgmq://database", database=cluster.connection_kwargs("broker"))
        app = Celery("producer", broker="pgmq://database", set_as_current=False)
        app.conf.broker_transport_options = options
        environment = {"BACKOFFICE_DATA_DIR": str(data_folder), "BACKOFFICE_DATABASE_ROLE": "app"}
        run_one_errand(app, environment, tmp_path)
        with psycopg.connect(conn_string(cluster)) as broker:
            assert broker.execute("select count(*) from pgmq.q_backoffice").fetchone() == (0,)

    @pytest.mark.skipif(shutil.which("redis-server") is None, reason="no redis-server program on this machine")
    def test_a_worker_on_redis_runs_a_task_and_answers(
        self, cluster: Cluster, data_folder: Path, tmp_path: Path
    ) -> None:
        socket = tmp_path / "redis.sock"
        command = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"]
        with subprocess.Popen([*command, "--dir", str(tmp_path)], stdout=subprocess.DEVNULL) as redis:
            try:
                wait_until(socket.exists)
                url = f"redis+socket://{socket}"
                app = Celery("producer", broker=url, set_as_current=False)
                environment = {
                    "BACKOFFICE_DATA_DIR": str(data_folder),
                    "BACKOFFICE_DATABASE_ROLE": "app",
                    "CELERY_BROKER_URL": url,
                }
                run_one_errand(app, environment, tmp_path)
            finally:
                redis.terminate()
