"""Becomes another program that ends when its parent ends, even when the parent was killed. Linux does it; elsewhere
the next start stops what was left. Run as a file: leash.py PARENT PROGRAM ARGUMENTS..."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask for the signal, make sure that the parent is still there, and become the program."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
