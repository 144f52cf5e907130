"""What lies in the storage of a test."""

from pathlib import Path

from django.conf import settings


def stored_files() -> list[Path]:
    """Return all files, sorted."""
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())
