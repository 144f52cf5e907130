"""PGMQ's tables and functions in the schema ``pgmq``: plain SQL, no extension, no superuser."""

import psycopg
from pgmq.install import get_embedded_install_sql, get_embedded_sql_version
from psycopg import sql

# Raise when OVERLOAD changes.
REVISION = 1
# The client calls send_topic with headers and without delay, which the SQL does not have: fanout would raise.
OVERLOAD = """
create or replace function pgmq.send_topic(routing_key text, msg jsonb, headers jsonb)
returns integer language sql volatile
as $$ select pgmq.send_topic(routing_key, msg, headers, 0) $$;
"""
_MAKE_SCHEMA = "CREATE SCHEMA IF NOT EXISTS pgmq;"
_EMPTY_SCHEMA = """
do $$
declare found record;
begin
    for found in select c.oid::regclass as name from pg_class c
                 where c.relnamespace = 'pgmq'::regnamespace and c.relkind in ('r', 'p') loop
        execute format('drop table if exists %s cascade', found.name);
    end loop;
    for found in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'pgmq'::regnamespace loop
        execute format('drop function if exists %s cascade', found.name);
    end loop;
    for found in select t.oid::regtype as name from pg_type t join pg_class c on c.oid = t.typrelid
                 where t.typnamespace = 'pgmq'::regnamespace and c.relkind = 'c' loop
        execute format('drop type if exists %s cascade', found.name);
    end loop;
end $$;
"""
# Replies that nobody collected, because the asking process was killed.
_STALE_REPLY_QUEUES = """
select pgmq.drop_queue(queue_name) from pgmq.meta
where queue_name like '%reply\\_celery\\_pidbox' and created_at < now() - interval '1 day';
"""


def prepare_schema(*, conn_string: str) -> bool:
    """Install PGMQ for the role of ``conn_string``; return whether anything had to be done.

    Safe to repeat and to run twice at once. Another version empties the schema first: messages are only alarm
    clocks, the work itself is in rows.
    """
    wanted = f"PGMQ {get_embedded_sql_version()} revision {REVISION}"
    with psycopg.connect(conn_string) as connection:
        connection.execute("select pg_advisory_xact_lock(hashtext('backoffice.broker'))")
        changed = _installed(connection) != wanted
        if changed:
            _install(connection, wanted)
        connection.execute(_STALE_REPLY_QUEUES)
    return changed


def _installed(connection: psycopg.Connection) -> str | None:
    row = connection.execute(
        "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = 'pgmq'"
    ).fetchone()
    return None if row is None else row[0]


def _install(connection: psycopg.Connection, wanted: str) -> None:
    # checked by hand: "if not exists" asks for the right to make schemas even when there is nothing to make
    if connection.execute("select 1 from pg_namespace where nspname = 'pgmq'").fetchone() is None:
        connection.execute("create schema pgmq")
    connection.execute(_EMPTY_SCHEMA)
    connection.execute(get_embedded_install_sql().replace(_MAKE_SCHEMA, "NULL;").encode())
    connection.execute(OVERLOAD)
    connection.execute(sql.SQL("comment on schema pgmq is {}").format(sql.Literal(wanted)))


def release_messages(*, conn_string: str) -> int:
    """Give every message in work back to its queue and return their number; only when no worker lives."""
    with psycopg.connect(conn_string) as connection:
        queues = connection.execute("select queue_name from pgmq.meta order by queue_name").fetchall()
        return sum(
            connection.execute(
                sql.SQL(
                    "update pgmq.{} set vt = clock_timestamp() where vt > clock_timestamp() and read_ct > 0"
                ).format(sql.Identifier(f"q_{name}"))
            ).rowcount
            for (name,) in queues
        )
