"""Reads of issued papers."""

import hashlib
from collections.abc import Sequence
from io import BytesIO

import pypdfium2
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from accounting.models import IssuedDocument, IssuedFile
from core.errors import Conflict


class FileChanged(Conflict):
    """The stored file is not what was issued."""


def intact_file(file: IssuedFile) -> bytes:
    """Return the stored file; FileChanged when it is missing or its digest is another one."""
    content = b""
    if default_storage.exists(file.path):
        with default_storage.open(file.path) as stored:
            content = stored.read()
    if hashlib.sha256(content).hexdigest() != file.digest:
        raise FileChanged(_("The stored file is not the one that was issued. Tell an administrator."))
    return content


def pdf_of(document: IssuedDocument) -> bytes:
    """Return the paper as it was issued; of a file with the papers of many orders its own pages."""
    file = document.file
    if file is None:
        raise FileChanged(_("The stored file is not the one that was issued. Tell an administrator."))
    whole = intact_file(file)
    source = pypdfium2.PdfDocument(whole)
    try:
        if len(source) == document.page_count:
            return whole
        cut = pypdfium2.PdfDocument.new()
        pages = range(document.first_page, document.first_page + document.page_count)
        cut.import_pages(source, pages=list(pages))
        out = BytesIO()
        cut.save(out)
        cut.close()
        return out.getvalue()
    finally:
        source.close()


def pdf_of_many(documents: Sequence[IssuedDocument]) -> bytes:
    """Return the papers (with their ``file``) as one PDF in their order; FileChanged names one that is not intact."""
    book = pypdfium2.PdfDocument.new()
    opened: dict[int, pypdfium2.PdfDocument] = {}
    try:
        for document in documents:
            file = document.file
            if file is None:
                raise _changed(document)
            if file.pk not in opened:
                try:
                    opened[file.pk] = pypdfium2.PdfDocument(intact_file(file))
                except FileChanged as error:
                    raise _changed(document) from error
            pages = range(document.first_page, document.first_page + document.page_count)
            book.import_pages(opened[file.pk], pages=list(pages))
        out = BytesIO()
        book.save(out)
        return out.getvalue()
    finally:
        for one in opened.values():
            one.close()
        book.close()


def _changed(document: IssuedDocument) -> FileChanged:
    said = _("The stored file of %(number)s is not the one that was issued. Tell an administrator.")
    return FileChanged(said % {"number": document.number})


def papers_of_order(order_id: int) -> list[IssuedDocument]:
    """Return the papers of an order, the newest first, with what they correct."""
    rows = IssuedDocument.objects.filter(order=order_id).select_related("corrects").defer("data", "corrects__data")
    return list(rows.order_by("-pk"))
