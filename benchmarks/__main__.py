"""Run one benchmark, or all of them, each in a process and on a PostgreSQL of its own.

    python -m benchmarks                      all, one after the other
    python -m benchmarks order_list [...]     one; `--help` tells its options

A benchmark is a module of this package with ``main() -> int | None`` that reads ``sys.argv``.
"""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.server import start

FOLDER = Path(__file__).resolve().parent
PARTS = {"__init__", "__main__", "crew", "filling", "goods", "loading", "people", "pgbench", "report", "server"}
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in PARTS)
SCRIPTS = {"imports"}  # brings a server of its own for each of its runs


def main(arguments: list[str]) -> int:
    """Return 0 when every figure is within its limit."""
    if not arguments:
        return max(subprocess.run([sys.executable, "-m", "benchmarks", name], check=False).returncode for name in NAMES)
    name, *rest = arguments
    if name not in NAMES:
        print(f"There is no benchmark {name!r}. Choose from: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    if name in SCRIPTS:
        return subprocess.run([sys.executable, str(FOLDER / f"{name}.py"), *rest], check=False).returncode
    sys.argv = [f"benchmarks {name}", *rest]
    start(name)
    return int(import_module(f"benchmarks.{name}").main() or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
