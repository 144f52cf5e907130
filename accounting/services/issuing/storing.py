"""Papers as files: printed in one go, kept in private storage with their digest."""

import hashlib
import uuid
from collections.abc import Sequence

import pypdfium2
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounting.models import IssuedDocument, IssuedFile
from accounting.selectors.papers import paper_of
from core.papers import render_pdf

FOLDER = "documents"


def print_documents(documents: Sequence[IssuedDocument], *, language: str, written: list[str]) -> None:
    """Print unsaved papers of one language by one compile; each then knows its file and its pages.

    The path is added to ``written``: whoever's transaction fails discards it. A kill leaves a file that nothing points
    to, never a paper without its file.
    """
    papers = [paper_of(document, language) for document in documents]
    pdf = render_pdf("accounting/papers/document.typ", {"documents": papers}, language=language)
    path = f"{FOLDER}/{timezone.now():%Y/%m}/{uuid.uuid4().hex}.pdf"
    written.append(path)
    stored = default_storage.save(path, ContentFile(pdf))
    file = IssuedFile.objects.create(path=stored, digest=hashlib.sha256(pdf).hexdigest(), size=len(pdf))
    book = pypdfium2.PdfDocument(pdf)
    try:
        # each paper begins with a heading, which the compiler notes in the file's table of contents
        starts = [mark.get_dest().get_index() for mark in book.get_toc(max_depth=1)]
        ends = [*starts[1:], len(book)]
    finally:
        book.close()
    for document, start, end in zip(documents, starts, ends, strict=True):
        document.file, document.first_page, document.page_count = file, start, end - start


def discard_files(paths: Sequence[str]) -> None:
    """Remove files of papers that were not issued after all."""
    for path in paths:
        default_storage.delete(path)
