"""Kombu's PGMQ transport with its gaps closed; every override says which gap."""

import hashlib
from typing import Any

import psycopg
from kombu.transport import pgmq as stock
from pgmq import PGMQueue
from psycopg_pool import ConnectionPool

LONGEST_QUEUE_NAME = 47


class Channel(stock.Channel):
    """A channel whose queue names always fit, whose replies arrive, and whose producers do not listen."""

    connection: Any

    def entity_name(self, name: str, table: dict[int, int] = stock.CHARS_REPLACE_TABLE) -> str:
        """Return a name that PGMQ takes: lower case, at most 47 characters, different names staying different.

        A worker's pidbox carries its host name, and "a.b" and "a-b" would otherwise share a queue.
        """
        plain = super().entity_name(name, table).lower()
        if plain == name and len(plain) <= LONGEST_QUEUE_NAME:
            return plain
        digest = hashlib.sha256(str(name).encode()).hexdigest()[:16]
        return f"{digest}_{plain[-(LONGEST_QUEUE_NAME - 17) :]}"

    def _maybe_enable_notify(self, queue: str, queue_name: str | None = None) -> None:
        """Make the queue notify, once: repeating it would rebuild the trigger under an exclusive lock.

        Kombu names ``queue_name`` when it declares a queue, which producers do too; only a consumer listens.
        """
        if not self.use_notify:
            return
        name = queue_name or self._queue_name(queue)
        if not self._notifies(name):
            self.pgmq.enable_notify(name, throttle_interval_ms=self.notify_throttle_interval_ms)
        if queue_name is None:
            self.connection._register_notify_queue(name)  # noqa: SLF001  the transport's own hook

    def _notifies(self, name: str) -> bool:
        """Tell whether the queue notifies; the table is unlogged, so a crash of the server empties it."""
        with self.connection.broker_pool.connection() as connection:
            found = connection.execute("select 1 from pgmq.notify_insert_throttle where queue_name = %s", [name])
            return found.fetchone() is not None

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        """Bind; and keep where replies go in the database, because the answering worker is another process."""
        super()._queue_bind(exchange, routing_key, pattern, queue)  # type: ignore[no-untyped-call]
        if exchange.startswith("reply."):
            self.pgmq.bind_topic(self._reply_key(exchange, routing_key), self._queue_name(queue))

    def _lookup(self, exchange: str, routing_key: str, default: str | None = None) -> list[str]:
        """Return the queues of a message; those of a reply from the database, see ``_queue_bind``."""
        if not exchange.startswith("reply."):
            return list(super()._lookup(exchange, routing_key, default))
        with self.connection.broker_pool.connection() as connection:
            rows = connection.execute(
                "select queue_name from pgmq.topic_bindings where pattern = %s",
                [self._reply_key(exchange, routing_key)],
            )
            return [name for (name,) in rows]

    def _reply_key(self, exchange: str, routing_key: str) -> str:
        return f"kombu.reply.{self._encode_exchange(exchange)}.{self._encode_exchange(routing_key)}"


class Transport(stock.Transport):
    """The transport on a pool that checks its connections and takes any libpq connection string.

    The client's own pool loses ``sslmode`` and breaks on blanks in a path, and hands out connections that died with
    a restarted server.
    """

    client: Any

    Channel = Channel

    def _create_pgmq_client(self) -> PGMQueue:
        options = self.client.transport_options
        self.broker_pool = ConnectionPool(
            options["conn_string"],
            min_size=0,
            max_size=int(options.get("pool_size", 4)),
            timeout=float(options.get("pool_timeout", 10)),
            check=ConnectionPool.check_connection,
            open=True,
            name="broker",
        )
        return PGMQueue(
            conn_string=options["conn_string"],
            vt=int(options["visibility_timeout"]),
            init_extension=False,
            pool=self.broker_pool,
        )

    def _get_notify_waiter(self) -> Any:
        if self._notify_waiter is None:
            self._get_pgmq_client()
            self._notify_waiter = stock._NotifyWaiter(self.client.transport_options["conn_string"])  # noqa: SLF001
        return self._notify_waiter

    def _register_notify_queue(self, queue_name: str) -> None:
        """Listen; a listening connection that died with a restarted server is opened anew."""
        waiter = self._get_notify_waiter()
        try:
            waiter.register(queue_name)
        except psycopg.OperationalError:
            waiter._drop_conn(waiter._conn)  # noqa: SLF001
            waiter.register(queue_name)

    def close_connection(self, connection: Any) -> None:
        """Close the pool too: the client leaves a pool alone that it did not open."""
        opened = self._pgmq_client is not None
        try:
            super().close_connection(connection)
        finally:
            if opened:
                self.broker_pool.close(timeout=1)
