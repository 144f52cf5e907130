"""A plain progress bar: redrawn in place at a terminal, a line for every tenth elsewhere."""

import sys
import time
from typing import TextIO

WIDTH = 30


class Progress:
    """Shows how much of ``total`` is done; steps may be of different weight."""

    def __init__(self, total: int, *, stream: TextIO | None = None, is_quiet: bool = False) -> None:
        self.total = max(total, 1)
        self.stream = stream or sys.stderr
        self.is_quiet = is_quiet
        self._done = 0
        self._shown = -1
        self._began = time.monotonic()

    def advance(self, weight: int, what: str) -> None:
        """Note that ``weight`` more is done and that ``what`` comes next."""
        self._done = min(self._done + weight, self.total)
        share = self._done * 100 // self.total
        if self.is_quiet:
            return
        if self.stream.isatty():
            filled = share * WIDTH // 100
            bar = "#" * filled + "." * (WIDTH - filled)
            self.stream.write(f"\r  [{bar}] {share:3d} %  {what:<28.28}")
        elif share // 10 > self._shown // 10 or self._shown < 0:
            self.stream.write(f"  {share:3d} %  {what}\n")
        self._shown = share
        self.stream.flush()

    def finish(self) -> float:
        """End the line and return how many seconds it took."""
        if not self.is_quiet and self.stream.isatty():
            self.stream.write("\n")
        return time.monotonic() - self._began
