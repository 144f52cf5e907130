"""Calling a function of the database again and again: prepared once in a connection, where that is safe.

Django binds values into the text of each statement, which costs the driver, and PostgreSQL parses and plans that text,
which for one small call is a quarter of the whole. So this one statement is prepared by the driver; all others are not,
because the driver would remember the texts of the last hundred of them, the largest imports included.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

PREPARED = 0 if settings.DATABASE_PREPARES else None  # how many times unprepared first; None: always


def call(statement: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
    """Run a statement whose values all are texts (the database knows what they mean) and return its rows."""
    connection.ensure_connection()
    driver = connection.connection
    raw: Any = psycopg.Cursor(driver)  # the stubs ask for Django's wrapper, which wraps it
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    driver.prepare_threshold = PREPARED
    try:
        with wrap(raw) as cursor:
            cursor.execute(statement, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
    finally:
        driver.prepare_threshold = None
