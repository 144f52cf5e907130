"""The words and numbers of the invented shop, read from the TOML files beside this module."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """Return the contents of ``data/<name>.toml``; callers must not change it."""
    return tomllib.loads((Path(__file__).parent / "data" / f"{name}.toml").read_text(encoding="utf-8"))
