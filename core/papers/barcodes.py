"""Barcodes as SVG of plain bars; what people read below them is text of the paper, in the paper's fonts."""

import zint
from django.utils.translation import gettext as _
from stdnum import ean

from core.errors import InvalidInput

MAX_CODE128 = 48  # characters; longer bars fit no label and no scanner's window


class BarcodeRefused(InvalidInput):
    """The text cannot be written in this kind of barcode."""


def _draw(symbology: "zint.Symbology", text: str) -> str:
    symbol = zint.Symbol()
    symbol.symbology = symbology
    symbol.show_text = False
    symbol.outfile = "bars.svg"  # names the format only: it is written into memory
    symbol.output_options |= (
        zint.OutputOptions.BARCODE_MEMORY_FILE | zint.OutputOptions.BARCODE_QUIET_ZONES  # else nobody can scan it
    )
    if symbology == zint.Symbology.EANX:
        symbol.guard_descent = 0  # all bars of one height: the digits stand below, not between
    try:
        symbol.encode(text)
        symbol.print()
    except RuntimeError as error:
        raise BarcodeRefused(_("“%(text)s” cannot be printed as this barcode.") % {"text": text}) from error
    return bytes(symbol.memfile or b"").decode()


def code128(text: str) -> str:
    """Return Code 128 of a SKU, a bin or a document number: 1 to 48 printable ASCII characters."""
    if not (0 < len(text) <= MAX_CODE128 and text.isascii() and text.isprintable()):
        # zint would turn other letters into something that scanners read as different ones
        raise BarcodeRefused(_("“%(text)s” cannot be printed as this barcode.") % {"text": text})
    return _draw(zint.Symbology.CODE128, text)


def gtin_barcode(code: str) -> str:
    """Return the bars of a GTIN of 8, 12, 13 (EAN) or 14 digits (ITF-14); a wrong check digit is refused.

    A UPC of 12 digits is the EAN-13 that starts with 0.
    """
    if not (code.isascii() and code.isdecimal() and ean.is_valid(code)):
        raise BarcodeRefused(_("“%(text)s” cannot be printed as this barcode.") % {"text": code})
    if len(code) == 14:
        return _draw(zint.Symbology.ITF14, code[:13])  # it appends the check digit itself
    return _draw(zint.Symbology.EANX, code.zfill(13) if len(code) == 12 else code)
