"""Three-way match: what was ordered, what came, what the supplier asks to be paid."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from core.display import number_text
from core.money import format_money
from purchasing.models import (
    InvoiceState,
    MatchTolerance,
    PurchaseOrderLine,
    SupplierInvoice,
    SupplierInvoiceLine,
)


@dataclass(frozen=True, slots=True)
class MatchRow:
    """One line of an invoice beside its order and its receipts; ``earlier`` pieces stand on other invoices."""

    line: SupplierInvoiceLine
    ordered: PurchaseOrderLine | None
    earlier: int
    quantity_differs: bool
    price_differs: bool
    sentences: tuple[str, ...]

    @property
    def billable(self) -> int:
        """Pieces that came and stand on no other invoice."""
        return max(0, self.ordered.received - self.earlier) if self.ordered else 0


@dataclass(frozen=True, slots=True)
class Match:
    """All lines of an invoice compared, and what is to be said about it as a whole."""

    rows: tuple[MatchRow, ...]
    sentences: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Tell whether nothing differs by more than is tolerated."""
        return not self.sentences and not any(row.sentences for row in self.rows)

    @property
    def all_sentences(self) -> list[str]:
        """Return what differs, a sentence each."""
        return [*(sentence for row in self.rows for sentence in row.sentences), *self.sentences]


def match_invoice(*, invoice: SupplierInvoice) -> Match:
    """Compare the invoice with its orders and receipts as they are now."""
    lines = list(invoice.lines.select_related("order_line__variant", "order_line__order").order_by("pk"))
    earlier = invoiced_elsewhere(
        order_line_ids=[line.order_line_id for line in lines if line.order_line_id], but=invoice.pk
    )
    tolerance = MatchTolerance.objects.filter(currency=invoice.currency).first()
    rows = tuple(_row(line, earlier.get(line.order_line_id or 0, 0), tolerance, invoice.currency) for line in lines)
    added = sum(line.amount for line in lines) + invoice.tax
    whole: tuple[str, ...] = ()
    if added != invoice.total:
        whole = (
            _("The lines and the tax add up to %(added)s, the invoice says %(total)s.")
            % {
                "added": format_money(added, invoice.currency),
                "total": format_money(invoice.total, invoice.currency),
            },
        )
    return Match(rows, whole)


def invoiced_elsewhere(*, order_line_ids: Collection[int], but: int | None = None) -> dict[int, int]:
    """Return how many pieces of each order line stand on invoices (not rejected, and not ``but``)."""
    rows = SupplierInvoiceLine.objects.filter(order_line__in=order_line_ids).exclude(
        invoice__state=InvoiceState.REJECTED
    )
    if but is not None:
        rows = rows.exclude(invoice=but)
    return dict(rows.values("order_line").annotate(pieces=Sum("quantity")).values_list("order_line", "pieces"))


def _row(line: SupplierInvoiceLine, earlier: int, tolerance: MatchTolerance | None, currency: str) -> MatchRow:
    ordered = line.order_line
    if ordered is None:
        said = _("Not on an order: %(what)s, %(amount)s.") % {
            "what": line.description or "–",
            "amount": format_money(line.amount, currency),
        }
        return MatchRow(line, None, 0, quantity_differs=False, price_differs=True, sentences=(said,))
    sentences = []
    billable = max(0, ordered.received - earlier)
    too_many = line.quantity > billable
    if too_many:
        sentences.append(
            _("%(sku)s: %(invoiced)s pieces invoiced, %(billable)s came and are not invoiced yet.")
            % {
                "sku": ordered.variant.sku,
                "invoiced": number_text(line.quantity),
                "billable": number_text(billable),
            }
        )
    differs = not is_tolerated(line.unit_price, ordered.unit_price, line.quantity, tolerance)
    if differs:
        sentences.append(
            _("%(sku)s: %(invoiced)s for a piece, ordered at %(ordered)s.")
            % {
                "sku": ordered.variant.sku,
                "invoiced": format_money(line.unit_price, currency),
                "ordered": format_money(ordered.unit_price, currency),
            }
        )
    return MatchRow(line, ordered, earlier, too_many, differs, tuple(sentences))


def is_tolerated(invoiced: int, ordered: int, quantity: int, tolerance: MatchTolerance | None) -> bool:
    """Tell whether a unit price is near enough to the ordered one: by percent of it, and by amount for the line."""
    difference = abs(invoiced - ordered)
    if not difference:
        return True
    if tolerance is None:
        return False
    return Decimal(difference * 100) <= tolerance.percent * ordered and difference * quantity <= tolerance.amount


@dataclass(frozen=True, slots=True)
class Billable:
    """Pieces of an order line that came and stand on no invoice, at the ordered price."""

    line: PurchaseOrderLine
    quantity: int


def billable_lines(*, order_id: int) -> list[Billable]:
    """Return what the supplier may invoice for an order now."""
    lines = list(
        PurchaseOrderLine.objects.filter(order=order_id, received__gt=0)
        .select_related("variant__product")
        .order_by("pk")
    )
    earlier = invoiced_elsewhere(order_line_ids=[line.pk for line in lines])
    found = [Billable(line, line.received - earlier.get(line.pk, 0)) for line in lines]
    return [one for one in found if one.quantity > 0]
