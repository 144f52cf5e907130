"""Papers: PDF documents and labels from typst templates, with barcodes (see the README beside this file)."""

from core.papers.answering import answer_pdf
from core.papers.barcodes import BarcodeRefused, code128, gtin_barcode
from core.papers.rendering import PaperError, render_pdf

__all__ = ["BarcodeRefused", "PaperError", "answer_pdf", "code128", "gtin_barcode", "render_pdf"]
