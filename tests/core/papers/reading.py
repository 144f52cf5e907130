"""Reads PDFs as people and scanners do: the text of a page, the fonts of its letters, the bars on its picture."""

from itertools import groupby

import pypdfium2
from PIL import Image

_LEFT = ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011"]
_FIRST = ["LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL"]
_RIGHT = ["".join("10"[int(bit)] for bit in code) for code in _LEFT]
_DIGIT = {
    **{code: ("L", digit) for digit, code in enumerate(_LEFT)},
    **{code[::-1]: ("G", digit) for digit, code in enumerate(_RIGHT)},
    **{code: ("R", digit) for digit, code in enumerate(_RIGHT)},
}


def page_texts(pdf: bytes) -> list[str]:
    """Return the text of each page."""
    document = pypdfium2.PdfDocument(pdf)
    return [document[number].get_textpage().get_text_range() for number in range(len(document))]


def page_sizes(pdf: bytes) -> list[tuple[int, int]]:
    """Return width and height of each page in whole millimetres."""
    document = pypdfium2.PdfDocument(pdf)
    return [(round(width * 25.4 / 72), round(height * 25.4 / 72)) for width, height in map(_size, document)]


def _size(page: "pypdfium2.PdfPage") -> tuple[float, float]:
    return page.get_size()


def picture(pdf: bytes, page: int = 0, scale: float = 6) -> Image.Image:
    """Return the page as black and white eyes see it."""
    return pypdfium2.PdfDocument(pdf)[page].render(scale=scale).to_pil().convert("L")


def bars(row: list[int]) -> list[tuple[bool, int]]:
    """Return runs of dark and light dots of one row of a picture, from the first dark to the last dark dot."""
    runs = [(dark, len(list(dots))) for dark, dots in groupby(value < 128 for value in row)]
    return runs[0 if runs[0][0] else 1 : len(runs) if runs[-1][0] else -1]


def read_ean13(seen: Image.Image) -> str:
    """Return the digits of the first row of the picture that is an EAN-13, an empty text when none is."""
    for height in range(seen.height):
        row = bars([seen.getpixel((x, height)) for x in range(seen.width)] + [255])
        if len(row) == 59:  # 3 + 24 + 5 + 24 + 3 bars and gaps
            return _digits(row)
    return ""


def _digits(runs: list[tuple[bool, int]]) -> str:
    module = sum(width for _dark, width in runs) / 95
    bits = "".join(("1" if dark else "0") * round(width / module) for dark, width in runs)
    halves = [bits[3:45], bits[50:92]]
    codes = [half[at : at + 7] for half in halves for at in range(0, 42, 7)]
    read = [_DIGIT[code] for code in codes]
    first = _FIRST.index("".join(kind for kind, _digit in read[:6]))
    return str(first) + "".join(str(digit) for _kind, digit in read)
