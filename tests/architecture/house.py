"""What the architecture tests look at: our apps from ground to top floor, their files and syntax trees."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
_FLOORS = [
    [name.strip(" ()") for name in floor.split("|")] for floor in CONFIG["importlinter"]["contracts"][0]["layers"]
]
# the ground has height 0
HEIGHT = {name: height for height, floor in enumerate(reversed(_FLOORS)) for name in floor}
APPS = [name for name in HEIGHT if (ROOT / name / "__init__.py").exists()]


@cache
def modules() -> tuple[Path, ...]:
    """Return every Python file of the apps but migrations."""
    return tuple(path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def named(path: Path) -> str:
    """Return the path as people write it."""
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    """Yield the functions at the top of a module."""
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef):
            yield node


def templates() -> list[Path]:
    """Return every template of ours."""
    found = list((ROOT / "templates").rglob("*"))
    for app in APPS:
        found += (ROOT / app).glob("templates/**/*")
    return sorted(path for path in found if path.is_file())


def calls(path: Path) -> Iterator[ast.Call]:
    """Yield every call in a module."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield node


def called_name(call: ast.Call) -> str:
    """Return the last part of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
