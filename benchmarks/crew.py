"""Processes that do the same for some seconds, and what their work cost in processor time, the server's included."""

import multiprocessing
import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

from backoffice.runner.preparation import disconnect

WARM_UP = 5
Work = Callable[[int, int], int]  # (who, which turn) -> how many units were done


@dataclass(frozen=True, slots=True)
class Pace:
    """Units a second, and microseconds of processor for each."""

    rate: float
    processor: float


def pace(work: Work, *, processes: int, seconds: float) -> Pace:
    """Let ``processes`` do ``work`` again and again for ``seconds``; starting and ending them is in no figure."""
    disconnect()  # a forked process must not share a socket with its parent
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(processes + 1)
    crew = []
    for who in range(processes):
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(work, who, seconds, barrier, theirs), daemon=True)
        process.start()
        crew.append((process, mine))
    barrier.wait(60)  # everybody is warm
    before = server_spent()
    began = time.perf_counter()
    done, processor = 0, 0.0
    for _process, pipe in crew:
        units, own = pipe.recv()
        done += units
        processor += own
    elapsed = time.perf_counter() - began
    processor += server_spent() - before
    barrier.wait(60)  # only now they may go
    for process, _pipe in crew:
        process.join(60)
    return Pace(done / elapsed, processor * 1e6 / max(done, 1))


def watched(measure: Callable[[], float], *, idle: Callable[[], float], seconds: float) -> Pace:
    """Return the pace of a program that measures its own rate, such as pgbench.

    ``idle`` runs the same program with nothing to do: what starting it and connecting costs is taken off.
    """
    disconnect()
    start, _rate = _cost(idle)
    whole, rate = _cost(measure)
    return Pace(rate, max(whole - start, 0) * 1e6 / max(rate * seconds, 1))


def _cost(measure: Callable[[], float]) -> tuple[float, float]:
    before = server_spent() + _children_spent()
    rate = measure()
    time.sleep(0.2)  # ended backends are counted by their parent a moment later
    return server_spent() + _children_spent() - before, rate


def _children_spent() -> float:
    below = resource.getrusage(resource.RUSAGE_CHILDREN)
    return below.ru_utime + below.ru_stime


def server_spent() -> float:
    """Return the processor seconds of the whole database server so far, ended backends included."""
    postmaster = psutil.Process(int(next(_pidfile().open(encoding="utf-8"))))
    times = postmaster.cpu_times()
    server: float = times.user + times.system + times.children_user + times.children_system
    for backend in postmaster.children():
        try:
            own = backend.cpu_times()
        except psutil.NoSuchProcess:
            continue
        server += own.user + own.system
    return server


def _pidfile() -> Path:
    return next(Path(settings.DATA_DIR / "postgres").rglob("postmaster.pid"))


def _work(work: Work, who: int, seconds: float, barrier: Any, pipe: Connection) -> None:
    for turn in range(WARM_UP):  # connections, caches and plans are made once in the life of a process
        work(who, -turn)
    barrier.wait(60)
    before = time.process_time()
    until = time.perf_counter() + seconds
    done = turn = 0
    while time.perf_counter() < until:
        done += work(who, turn)
        turn += 1
    pipe.send((done, time.process_time() - before))
    barrier.wait(60)
    disconnect()
    os._exit(0)
