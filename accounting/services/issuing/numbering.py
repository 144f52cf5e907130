"""Numbers without gaps: drawn from the locked row of a series, inside the transaction of the papers."""

from django.db import connection

from accounting.models import LETTERS, DocumentKind, DocumentSeries, Seller


def draw_serials(*, seller: Seller, kind: str, year: int, count: int) -> tuple[DocumentSeries, range]:
    """Return the series (made on first use) and ``count`` consecutive numbers; its row is locked until the end.

    RuntimeError outside a transaction: a rollback must give the numbers back.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("numbers of papers are drawn inside the transaction that uses them")
    prefix = f"{seller.code.upper()}-{LETTERS[DocumentKind(kind)]}-{year}"
    made = DocumentSeries(seller=seller, kind=kind, year=year, prefix=prefix)
    DocumentSeries.objects.bulk_create([made], ignore_conflicts=True)
    series = DocumentSeries.objects.select_for_update(no_key=True).get(seller=seller, kind=kind, year=year)
    first = series.next_serial
    series.next_serial = first + count
    series.save(update_fields=["next_serial"])
    return series, range(first, first + count)


def numbered(series: DocumentSeries, serial: int) -> str:
    """Return e.g. ``JP-INV-2026-000123``."""
    return f"{series.prefix}-{serial:06d}"
