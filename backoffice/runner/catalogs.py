"""Compiles translations with Babel: the gettext programs need not be installed."""

import os
from collections.abc import Iterable
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings


def compile_stale_catalogs() -> list[Path]:
    """Compile our own catalogs that are newer than their compiled form; return the files written."""
    return [_compile(source) for source in _sources() if _is_stale(source)]


def _sources() -> Iterable[Path]:
    root = Path(settings.BASE_DIR)
    own = [Path(config.path) / "locale" for config in apps.get_app_configs() if Path(config.path).parent == root]
    for folder in [*map(Path, settings.LOCALE_PATHS), *own]:
        yield from sorted(folder.glob("*/LC_MESSAGES/*.po"))


def _is_stale(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns


def _compile(source: Path) -> Path:
    target = source.with_suffix(".mo")
    partial = target.with_suffix(f".mo.{os.getpid()}")
    with source.open("rb") as readable, partial.open("wb") as writable:
        write_mo(writable, read_po(readable, locale=source.parent.parent.name))
    partial.replace(target)
    return target
