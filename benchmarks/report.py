"""What a benchmark says: a table for people, JSON for machines, the limit and the verdict beside each figure."""

import json
import os
import platform
import resource as usage
import unicodedata
from dataclasses import asdict, dataclass
from pathlib import Path

import django
import psutil
from django.conf import settings
from django.db import connection


@dataclass(frozen=True)
class Figure:
    """One measured number; ``limit`` is the most it may be, None where the number is told for information.

    ``processor`` is the same in processor time: it decides where more work waits than the machine has cores.
    """

    name: str
    value: float
    unit: str = "ms"
    limit: float | None = None
    note: str = ""
    processor: float | None = None

    @property
    def digits(self) -> int:
        """Return how many decimals make sense."""
        return 0 if self.value >= 100 or self.value == int(self.value) else 1 if self.value >= 10 else 2

    @property
    def verdict(self) -> str:
        """Return "ok", "ok cpu" (see ``processor``), "MISSED" or nothing."""
        if self.limit is None:
            return ""
        if self.value <= self.limit:
            return "ok"
        crowded = os.getloadavg()[0] > (os.cpu_count() or 1)
        return "ok cpu" if crowded and self.processor is not None and self.processor <= self.limit else "MISSED"


def machine() -> dict[str, str]:
    """Describe where the figures come from, and what else ran."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        server = cursor.fetchone()[0]
        cursor.execute("SHOW shared_buffers")
        buffers = cursor.fetchone()[0]
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "software": f"Python {platform.python_version()}, Django {django.__version__}, PostgreSQL {server.split()[0]}",
        "database": f"over a socket, shared_buffers {buffers}",
        "load": ", ".join(f"{load:.1f}" for load in os.getloadavg()) + " (1, 5, 15 minutes; other work included)",
    }


def largest_memory() -> float:
    """Return the most MB that this process ever held; ``getrusage`` counts what the process held that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return usage.getrusage(usage.RUSAGE_SELF).ru_maxrss / 1024
    [line] = [line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def publish(name: str, figures: list[Figure], about: str, column: str = "") -> int:
    """Print table and machine, write var/bench/<name>.json; return 1 when a limit is missed."""
    facts = machine()
    width = max(_cells(figure.name) for figure in figures)
    print(f"\n{name}: {about}\n")
    print(f"| {'':{width}} | {'measured':>10} | {'limit':>8} | {'':6} | {column} |")
    print(f"|{'-' * (width + 2)}|-----------:|---------:|--------|---|")
    for figure in figures:
        limit = "" if figure.limit is None else f"{figure.limit:g} {figure.unit}"
        name_cell = figure.name + " " * (width - _cells(figure.name))
        value = f"{figure.value:,.{figure.digits}f}"
        print(f"| {name_cell} | {value:>10} | {limit:>8} | {figure.verdict:6} | {figure.note} |")
    print()
    for key, value in facts.items():
        print(f"{key}: {value}")
    content = {"about": about, "machine": facts, "figures": [{**asdict(f), "verdict": f.verdict} for f in figures]}
    path = settings.DATA_DIR.parent / f"{name}.json"
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
    print(f"JSON: {path.relative_to(settings.BASE_DIR)}")
    return int(any(figure.verdict == "MISSED" for figure in figures))
