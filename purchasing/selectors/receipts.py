"""What the people at the gate see: what is expected of an order, and what came."""

from collections import defaultdict
from dataclasses import dataclass, field

from catalog.models import VariantCode
from inventory.models import StockPolicy
from purchasing.models import GoodsReceipt, GoodsReceiptLine, PurchaseOrder, PurchaseOrderLine


@dataclass(frozen=True, slots=True)
class ExpectedLine:
    """One line of an order at the gate; ``codes`` are what a scanner may read for it."""

    line: PurchaseOrderLine
    codes: list[str] = field(default_factory=list)
    tracks_lots: bool = False
    tracks_serials: bool = False

    @property
    def is_done(self) -> bool:
        """Tell whether nothing more is expected."""
        return self.line.open_count == 0


def expected_lines(*, order: PurchaseOrder) -> list[ExpectedLine]:
    """Return the lines of the order, those with open pieces first, with the codes that find them."""
    lines = list(order.lines.select_related("variant__product").order_by("pk"))
    variants = [line.variant_id for line in lines]
    policies = {policy.variant_id: policy for policy in StockPolicy.objects.filter(variant__in=variants)}
    more: dict[int, list[str]] = defaultdict(list)
    for variant_id, code in VariantCode.objects.filter(variant__in=variants).values_list("variant", "code"):
        more[variant_id].append(code)
    found = []
    for line in lines:
        policy = policies.get(line.variant_id)
        codes = [line.variant.sku, line.variant.barcode, line.supplier_code, *more[line.variant_id]]
        found.append(
            ExpectedLine(
                line,
                [code for code in dict.fromkeys(codes) if code],
                tracks_lots=policy is not None and policy.tracks_lots,
                tracks_serials=policy is not None and policy.tracks_serials,
            )
        )
    return sorted(found, key=lambda one: one.is_done)


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A receipt with the sums of its lines, as an order's page shows it."""

    receipt: GoodsReceipt
    good: int
    damaged: int
    to_inspect: int
    refused: int


def receipts_of(*, order_id: int) -> list[ReceiptRow]:
    """Return the receipts of an order, the newest first."""
    receipts = GoodsReceipt.objects.filter(order=order_id).select_related("received_by").prefetch_related("lines")
    return [
        ReceiptRow(
            receipt,
            sum(line.accepted for line in receipt.lines.all()),
            sum(line.damaged for line in receipt.lines.all()),
            sum(line.to_inspect for line in receipt.lines.all()),
            sum(line.refused for line in receipt.lines.all()),
        )
        for receipt in receipts.order_by("-pk")
    ]


def receipt_lines(*, receipt_id: int) -> list[GoodsReceiptLine]:
    """Return the lines of a receipt with what they are of."""
    lines = GoodsReceiptLine.objects.filter(receipt=receipt_id)
    return list(lines.select_related("order_line__variant__product", "lot", "hold").order_by("pk"))
