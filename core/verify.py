"""Invariants that hold at every commit, each a set-based query for the rows that break it.

An app registers its invariants in ``checks.py``; ``manage.py verify`` runs them all. A query returns nothing when all
is well, otherwise one row for each breach, whose columns name it by ids and numbers: never by personal data.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Invariant:
    """One rule: ``name`` is "<app>.<rule>", ``sql`` returns the rows that break it."""

    name: str
    rule: str
    sql: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What running one invariant said; ``breaches`` holds at most the first twenty rows, ``count`` all of them."""

    invariant: Invariant
    seconds: float
    count: int
    breaches: Sequence[dict[str, Any]]

    @property
    def holds(self) -> bool:
        """Tell whether no row breaks the rule."""
        return self.count == 0


_invariants: dict[str, Invariant] = {}


def invariant(name: str, rule: str, sql: str) -> None:
    """Register a rule in words with its query; ValueError when the name is taken."""
    if name in _invariants:
        raise ValueError(f"two invariants are called {name}")
    _invariants[name] = Invariant(name, rule, sql)


def invariants() -> list[Invariant]:
    """Return all registered invariants by name."""
    return [_invariants[name] for name in sorted(_invariants)]


def verify(*, names: Sequence[str] = (), progress: Callable[[int, int], None] | None = None) -> list[Finding]:
    """Run the named invariants (all without names) on one snapshot, so that work going on meanwhile is no breach.

    ``progress`` is told (rules proved, rules) after each.
    """
    wanted = [one for one in invariants() if not names or one.name in names]
    findings: list[Finding] = []
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL work_mem = '256MB'")  # sums and chains of millions of rows, in memory
        for one in wanted:
            findings.append(_run(cursor, one))
            if progress is not None:
                progress(len(findings), len(wanted))
    return findings


def _run(cursor: Any, one: Invariant) -> Finding:
    started = time.perf_counter()
    counted = "SELECT *, count(*) OVER () AS breach_count FROM breach"
    cursor.execute(f"WITH breach AS ({one.sql}) {counted} LIMIT {SHOWN}")
    columns = [column.name for column in cursor.description]
    rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    count = rows[0]["breach_count"] if rows else 0
    breaches = [{key: value for key, value in row.items() if key != "breach_count"} for row in rows]
    return Finding(one, time.perf_counter() - started, count, breaches)
