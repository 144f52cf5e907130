"""Reservations while database and buyers are killed the hard way, in the small: the benchmark does it in full."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.xdist_group("postgres"),
    pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="DATABASE_URL names a server that is not ours"),
]


def test_nothing_is_lost_or_twice_when_database_and_buyers_are_killed() -> None:
    command = [sys.executable, "-m", "benchmarks", "reservation_kills"]
    sizes = ["--processes", "4", "--wishes", "40", "--kills", "2"]
    run = subprocess.run([*command, *sizes], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    assert "MISSED" not in run.stdout
