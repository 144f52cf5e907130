"""What reading a mall's file has made, left out or could not use, in sentences."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.importing.flattening import Flat
from catalog.importing.formats import ProductFormat

SHOWN = 5


def notices(*, chosen: ProductFormat, flat: Flat) -> list[str]:
    """Return the sentences for the person who imports."""
    told = [_("Read as: %(name)s.") % {"name": chosen.name}]
    if flat.stock:
        told.append(_("Stock is counted, not imported. Left out: %(names)s.") % {"names": ", ".join(flat.stock)})
    if flat.unknown:
        told.append(
            _("The format does not know these columns, they are left out: %(names)s.")
            % {"names": ", ".join(flat.unknown)}
        )
    if flat.unused:
        told.append(
            ngettext(
                "%(count)s known column has no place here and is left out.",
                "%(count)s known columns have no place here and are left out.",
                len(flat.unused),
            )
            % {"count": len(flat.unused)}
        )
    told += [_sentence(code, rows) for code, rows in flat.notices.items()]
    return told


def _sentence(code: str, rows: Sequence[int]) -> str:
    words: dict[str, Callable[[int], str]] = {
        "made_sku": lambda count: ngettext(
            "%(count)s variant has no SKU; it gets one made of the product's code and its options",
            "%(count)s variants have no SKU; they get one made of the product's code and their options",
            count,
        ),
        "no_gtin": lambda count: ngettext(
            "%(count)s barcode is no GTIN or JAN; it is kept as another code",
            "%(count)s barcodes are no GTIN or JAN; they are kept as other codes",
            count,
        ),
        "shared_barcode": lambda count: ngettext(
            "%(count)s barcode stands at several variants and is left out",
            "%(count)s barcodes stand at several variants and are left out",
            count,
        ),
        "mangled_barcode": lambda count: ngettext(
            "%(count)s barcode was mangled by a spreadsheet (3.6E+11) and is left out",
            "%(count)s barcodes were mangled by a spreadsheet (3.6E+11) and are left out",
            count,
        ),
        "compare_not_higher": lambda count: ngettext(
            "%(count)s price before is not higher than the price and is left out",
            "%(count)s prices before are not higher than the price and are left out",
            count,
        ),
        "wish": lambda count: ngettext(
            "%(count)s customers' wish has “;”, “:” or “|” in its words and is left out; add it by hand",
            "%(count)s customers' wishes have “;”, “:” or “|” in their words and are left out; add them by hand",
            count,
        ),
        "no_option_values": lambda count: ngettext(
            "%(count)s product names options, but the file does not say which its variants have",
            "%(count)s products name options, but the file does not say which their variants have",
            count,
        ),
        "too_many_options": lambda count: ngettext(
            "%(count)s product has more than three options; the first three are taken",
            "%(count)s products have more than three options; the first three are taken",
            count,
        ),
        "too_many_pictures": lambda count: ngettext(
            "%(count)s product has more than 20 pictures; the first 20 are taken",
            "%(count)s products have more than 20 pictures; the first 20 are taken",
            count,
        ),
    }
    shown = ", ".join(str(row) for row in rows[:SHOWN]) + (", …" if len(rows) > SHOWN else "")
    return _("%(told)s (rows %(rows)s).") % {"told": words[code](len(rows)) % {"count": len(rows)}, "rows": shown}
