"""Real processes that start together, each with a connection of its own."""

import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from django.db import connection, connections

from core.errors import DomainError

PATIENCE = 60


@dataclass(frozen=True)
class Result:
    """What a process answered: "done" with a value, "refused" with a sentence, "failed" with anything unexpected."""

    kind: str
    value: Any


def race(*tasks: Callable[[], Any]) -> list[Result]:
    """Run each task in a forked process, all let go at one barrier; return their results in order.

    Needs a transactional test: what the tasks see must be committed.
    """
    connections.close_all()  # a forked process must not share a socket with its parent
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(len(tasks))
    runs = []
    for task in tasks:
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_run, args=(task, barrier, theirs), daemon=True)
        process.start()
        theirs.close()
        runs.append((process, mine))
    results = [Result(*pipe.recv()) if pipe.poll(PATIENCE) else Result("failed", "no answer") for _p, pipe in runs]
    for process, pipe in runs:
        pipe.close()
        process.join(PATIENCE)
    return results


def barrier_of(parties: int) -> Any:
    """Return a barrier that tasks of one race can share (to be made before it)."""
    return multiprocessing.get_context("fork").Barrier(parties)


def _run(task: Callable[[], Any], barrier: Any, pipe: Connection) -> None:
    try:
        connection.ensure_connection()
        barrier.wait(PATIENCE)
        answer = ("done", task())
    except DomainError as error:
        answer = ("refused", str(error))
    except Exception as error:  # noqa: BLE001 the parent judges it
        answer = ("failed", f"{type(error).__name__}: {error}")
    pipe.send(answer)
    connections.close_all()
    os._exit(0)  # nothing of the test runner's own may run in here
