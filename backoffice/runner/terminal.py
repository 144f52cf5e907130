"""Whole lines on standard output, from several threads, each with the name of its part."""

import sys
import threading
from typing import IO

_WIDTH = 6
_lock = threading.Lock()


def say(sentence: str) -> None:
    """Write one sentence of the runner itself."""
    write_line("runner", sentence)


def write_line(name: str, text: str) -> None:
    """Write one line of a part; a closed terminal is no error."""
    with _lock:
        try:
            sys.stdout.write(f"{name:<{_WIDTH}} | {text}\n")
            sys.stdout.flush()
        except (OSError, ValueError):
            return


def pass_on(name: str, output: IO[bytes]) -> None:
    """Write a part's output until it ends."""
    with output:
        for line in output:
            write_line(name, line.decode("utf-8", errors="replace").rstrip("\r\n"))
