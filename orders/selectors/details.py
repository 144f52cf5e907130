"""What the page of one order shows."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from inventory.selectors import availability_of
from orders.models import LineKind, Order, OrderLine
from orders.selectors.checking import sentences


@dataclass(frozen=True, slots=True)
class OrderLineRow:
    """A line with its product and how many of its pieces are reserved now."""

    line: OrderLine
    product_id: int | None
    image_path: str
    held_count: int

    @property
    def unit_price(self) -> Decimal:
        """The price of one piece in major units, without meaningless zeros."""
        price = self.line.unit_price
        return price.quantize(Decimal(1)) if price == price.to_integral_value() else price.normalize()

    @property
    def badges(self) -> list[tuple[str, str]]:
        """What became of the pieces: (words, colour)."""
        line = self.line
        if line.kind != LineKind.PRODUCT:
            return []
        if line.variant_id is None:
            return [(_("Product unknown"), "red")]
        shown = [
            (_("%(count)d reserved"), self.held_count, "blue"),
            (_("%(count)d waiting"), line.open_count - self.held_count, "amber"),
            (_("%(count)d shipped"), line.shipped_count, "green"),
            (_("%(count)d returned"), line.returned_count, "violet"),
            (_("%(count)d cancelled"), line.cancelled_count, "grey"),
        ]
        return [(words % {"count": count}, colour) for words, count, colour in shown if count > 0]


def lines_of_order(order_id: int) -> list[OrderLineRow]:
    """Return an order's lines in their order, each with its product and reserved pieces, in one query."""
    reservation = "allocations__reservation__"
    held = F(f"{reservation}quantity") - F(f"{reservation}shipped") - F(f"{reservation}released")
    lines = (
        OrderLine.objects.filter(order_id=order_id)
        .select_related("variant__product")
        .annotate(held=Coalesce(Sum(held), 0))
        .order_by("position", "pk")
    )
    return [
        OrderLineRow(
            line=line,
            product_id=line.variant.product_id if line.variant else None,
            image_path=line.variant.product.thumbnail_path if line.variant else "",
            held_count=line.held,
        )
        for line in lines
    ]


def short_skus(order_id: int) -> list[str]:
    """Return the SKUs that keep the order waiting: less is available over all warehouses than it still lacks."""
    lacking: dict[int, int] = {}
    names: dict[int, str] = {}
    for row in lines_of_order(order_id):
        variant = row.line.variant
        if variant is not None and row.line.kind == LineKind.PRODUCT:
            lacking[variant.pk] = lacking.get(variant.pk, 0) + row.line.open_count - row.held_count
            names[variant.pk] = variant.sku
    stock = availability_of(variant_ids=lacking)
    return [names[pk] for pk, count in lacking.items() if stock[pk].available < count]


def problems_of_order(order: Order) -> list[str]:
    """Return sentences of what a person has to check before the order can go on."""
    return sentences(order)


def latest_orders_of_product(product_id: int, *, limit: int = 10) -> QuerySet[Order]:
    """Return the newest orders that contain a variant of the product, with their channels."""
    lines = OrderLine.objects.filter(variant__product_id=product_id)
    return Order.objects.filter(pk__in=lines.values("order_id")).select_related("sales_channel")[:limit]
