"""Roles, database and extensions of the embedded server; the same rights are described for managed servers in the docs.

The application connects as a role that may change rows and nothing else: a superuser or owner could switch the
append-only triggers off. Migrations use the owner; the broker's role owns the schema ``pgmq`` and sees no other table.
"""

import psycopg
from psycopg import sql

DATABASE = "backoffice"
ROLES = {
    "superuser": "postgres",
    "owner": "backoffice_owner",
    "app": "backoffice_app",
    "broker": "backoffice_broker",
}
EXTENSIONS = ("pg_trgm", "btree_gin", "btree_gist")
# Written beside the data when all of this is done; raise it when a statement below changes.
REVISION = "1"

_TIMEOUTS = {
    "backoffice_app": {
        "statement_timeout": "30s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "60s",
    },
    "backoffice_broker": {
        "statement_timeout": "60s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "60s",
    },
    "backoffice_owner": {"lock_timeout": "30s"},
}
_DATABASE_RIGHTS = """
revoke all on database {database} from public;
grant connect, temporary on database {database} to backoffice_app;
grant connect on database {database} to backoffice_broker;
"""
_SCHEMA_RIGHTS = """
revoke create on schema public from public;
grant usage on schema public to backoffice_app;
alter default privileges for role backoffice_owner in schema public
    grant select, insert, update, delete on tables to backoffice_app;
alter default privileges for role backoffice_owner in schema public
    grant usage, select on sequences to backoffice_app;
create schema if not exists pgmq authorization backoffice_broker;
"""


def provision(*, conninfo: dict[str, str | int]) -> None:
    """Make roles, database, extensions and rights that are missing; safe to repeat, ``conninfo`` is the superuser's."""
    with psycopg.connect(**{**conninfo, "dbname": "postgres"}, autocommit=True) as connection:  # type: ignore[arg-type]
        for role in ("backoffice_owner", "backoffice_app", "backoffice_broker"):
            _ensure_role(connection, role)
        found = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
        if found is None:
            # locale and extensions come from template1
            _extend({**conninfo, "dbname": "template1"})
            connection.execute(sql.SQL("create database {} owner backoffice_owner").format(sql.Identifier(DATABASE)))
        connection.execute(sql.SQL(_DATABASE_RIGHTS).format(database=sql.Identifier(DATABASE)))
    _extend(conninfo)
    with psycopg.connect(**conninfo, autocommit=True) as connection:  # type: ignore[arg-type]
        connection.execute(_SCHEMA_RIGHTS)


def _ensure_role(connection: psycopg.Connection, role: str) -> None:
    name = sql.Identifier(role)
    if connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone() is None:
        connection.execute(sql.SQL("create role {} login").format(name))
    connection.execute(
        sql.SQL("alter role {} nosuperuser nocreatedb nocreaterole noreplication nobypassrls").format(name)
    )
    for setting, value in _TIMEOUTS[role].items():
        connection.execute(
            sql.SQL("alter role {} set {} = {}").format(name, sql.Identifier(setting), sql.Literal(value))
        )


def _extend(conninfo: dict[str, str | int]) -> None:
    with psycopg.connect(**conninfo, autocommit=True) as connection:  # type: ignore[arg-type]
        for extension in EXTENSIONS:
            connection.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(extension)))
