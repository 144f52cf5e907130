"""A PDF as the answer to a request."""

from io import BytesIO

from django.http import FileResponse


def answer_pdf(pdf: bytes, *, name: str, download: bool = True) -> FileResponse:
    """Return the PDF in pieces, named ``name`` (any language) with ".pdf", never kept by a cache on the way.

    ``download=False`` lets the browser show it in its own viewer.
    """
    answer = FileResponse(BytesIO(pdf), as_attachment=download, filename=f"{name}.pdf", content_type="application/pdf")
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
