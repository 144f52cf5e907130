"""The stored file of an import as a local path."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.imports.files import Layout
from core.models import ImportBatch


@contextmanager
def local_file(batch: ImportBatch) -> Iterator[Path]:
    """Give a path that programs can open: the stored file itself, or a copy when the storage is elsewhere."""
    try:
        path = Path(batch.file.path)
    except NotImplementedError:
        path = None
    if path is not None:
        yield path
        return
    with tempfile.NamedTemporaryFile(suffix=Path(batch.filename).suffix) as copy, batch.file.open("rb") as stored:
        shutil.copyfileobj(stored, copy)
        copy.flush()
        yield Path(copy.name)


def layout_of(batch: ImportBatch) -> Layout:
    """Return how the file is read."""
    return Layout(**batch.layout)
