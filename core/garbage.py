"""The garbage collector while many rows are in memory."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_RARE = (100_000, 50, 100)
_lock = Lock()
_usual: list[tuple[int, int, int]] = []  # of everybody who is within: threads share one collector


@contextmanager
def rare_collections() -> Iterator[None]:
    """Let the garbage collector look less often: rows are many small objects without cycles, up to half of the time."""
    with _lock:
        _usual.append(_usual[-1] if _usual else gc.get_threshold())
        gc.set_threshold(*_RARE)
    try:
        yield
    finally:
        with _lock:
            usual = _usual.pop()
            if not _usual:
                gc.set_threshold(*usual)
