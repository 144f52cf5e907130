"""A program of its own: draws the first page of a PDF from standard input as PNG to standard output.

``rendering`` starts it with the longer side in pixels; its limits of memory and time end it, and nothing else.
"""

import resource
import sys
from io import BytesIO

import pypdfium2

MAX_MEMORY = 1024**3
MAX_SECONDS = 20
MAX_PIXELS = 16_000_000


def draw_first_page(data: bytes, long_edge: int) -> bytes:
    """Return the page as PNG on white; what PDFium raises when it cannot: PdfiumError."""
    document = pypdfium2.PdfDocument(data)
    page = document[0]
    width, height = page.get_size()
    scale = min(long_edge / max(width, height), (MAX_PIXELS / (width * height)) ** 0.5)
    out = BytesIO()
    page.render(scale=scale).to_pil().convert("RGB").save(out, "PNG", compress_level=1)
    return out.getvalue()


def limit_resources() -> None:
    """Let the system end this process when it takes too much, where the system can."""
    for kind, limit in ((resource.RLIMIT_AS, MAX_MEMORY), (resource.RLIMIT_CPU, MAX_SECONDS)):
        try:
            resource.setrlimit(kind, (limit, limit))
        except (ValueError, OSError):  # macOS knows no limit of addresses
            continue


if __name__ == "__main__":
    limit_resources()
    sys.stdout.buffer.write(draw_first_page(sys.stdin.buffer.read(), int(sys.argv[1])))
