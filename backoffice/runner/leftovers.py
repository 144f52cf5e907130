"""What an earlier run left behind when it was killed."""

import os

import psutil

from backoffice.runner.parts import MARK

PART = "BACKOFFICE_PART"


def stop_leftovers(*, mark: str, patience: float = 5.0) -> list[str]:
    """Stop the parts of an earlier run of the same data folder and return their names, sorted.

    They are known by a variable in their environment, not by a pid that may be another program's by now. Call only
    when no other runner lives.
    """
    found = dict(_marked(mark))
    for process in found:
        _send(process, kill=False)
    _, alive = psutil.wait_procs(list(found), timeout=patience)
    for process in alive:
        _send(process, kill=True)
    psutil.wait_procs(alive, timeout=patience)
    return sorted(set(found.values()))


def _marked(mark: str) -> list[tuple[psutil.Process, str]]:
    found = []
    for process in psutil.process_iter():
        try:
            variables = process.environ()
            dead = process.status() == psutil.STATUS_ZOMBIE
        except (psutil.Error, OSError):
            continue
        if variables.get(MARK) == mark and process.pid != os.getpid() and not dead:
            found.append((process, variables.get(PART, process.name())))
    return found


def _send(process: psutil.Process, *, kill: bool) -> None:
    """Signal the process that was found; psutil refuses when its pid was given to another one meanwhile."""
    try:
        if kill:
            process.kill()
        else:
            process.terminate()
    except psutil.Error:
        return
