"""Order tables out to files; orders come in through the import engine."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.widgets import Widget

from catalog.models import SalesChannel
from core.masking import hide, mask_email, mask_name, mask_phone
from core.resources import BulkResource, MoneyWidget, PersonalField, TextWidget
from core.resources.widgets import KeyWidget
from inventory.models import Warehouse
from orders.models import Order, OrderLine, Payment, Shipment

_text = TextWidget()


def _field(name: str, widget: Widget, path: str = "") -> Field:
    return Field(attribute=path or name, column_name=name, widget=widget)


def _personal(name: str, mask: Callable[[str], str]) -> PersonalField:
    return PersonalField(attribute=name, column_name=name, widget=_text, mask=mask)


class _OutOnly(BulkResource):
    """Documents of the shop: written by services, read here."""

    can_import = False


class OrderResource(_OutOnly):
    """Orders with their totals, buyer and address."""

    sales_channel = _field("sales_channel", KeyWidget(SalesChannel, field="code"))
    goods_total = _field("goods_total", MoneyWidget())
    extras_total = _field("extras_total", MoneyWidget())
    total = _field("total", MoneyWidget())
    paid_total = _field("paid_total", MoneyWidget())
    buyer_name = _personal("buyer_name", mask_name)
    buyer_email = _personal("buyer_email", mask_email)
    buyer_phone = _personal("buyer_phone", mask_phone)
    recipient_name = _personal("recipient_name", mask_name)
    recipient_kana = _personal("recipient_kana", mask_name)
    recipient_phone = _personal("recipient_phone", mask_phone)
    postcode = _personal("postcode", hide)
    address_1 = _personal("address_1", hide)
    address_2 = _personal("address_2", hide)
    customer_note = _personal("customer_note", hide)

    class Meta:
        model = Order
        import_id_fields = ["number"]
        fields = [
            "number",
            "sales_channel",
            "external_number",
            "status",
            "placed_at",
            "ship_by",
            "currency",
            "goods_total",
            "extras_total",
            "total",
            "paid_total",
            "line_count",
            "payment_method",
            "buyer_name",
            "buyer_email",
            "buyer_phone",
            "recipient_name",
            "recipient_kana",
            "recipient_phone",
            "postcode",
            "country",
            "region",
            "city",
            "address_1",
            "address_2",
            "customer_note",
            "staff_note",
            "confirmed_at",
            "shipped_at",
            "cancelled_at",
        ]
        export_order = fields
        name = _("Orders")


class OrderLineResource(_OutOnly):
    """Order lines with their order's number."""

    order = _field("order", KeyWidget(Order, field="number"))
    placed_at = _field("placed_at", BulkResource.WIDGETS_MAP["DateTimeField"](), "order__placed_at")
    currency = Field(attribute="order__currency", column_name="currency")
    variant = _field("variant", _text, "variant__sku")
    total = _field("total", MoneyWidget(currency_path="order__currency"))

    class Meta:
        model = OrderLine
        fields = [
            "order",
            "placed_at",
            "position",
            "kind",
            "sku",
            "variant",
            "name",
            "options",
            "quantity",
            "unit_price",
            "currency",
            "total",
            "shipped_count",
            "cancelled_count",
            "returned_count",
        ]
        export_order = fields
        name = _("Order lines")


class PaymentResource(_OutOnly):
    """Payments and refunds with their order's number."""

    order = _field("order", KeyWidget(Order, field="number"))
    amount = _field("amount", MoneyWidget())

    class Meta:
        model = Payment
        fields = ["order", "kind", "method", "amount", "currency", "external_id", "paid_at"]
        export_order = fields
        name = _("Payments")


class ShipmentResource(_OutOnly):
    """Shipments with carrier and tracking number."""

    order = _field("order", KeyWidget(Order, field="number"))
    warehouse = _field("warehouse", KeyWidget(Warehouse, field="code"))

    class Meta:
        model = Shipment
        fields = ["number", "order", "warehouse", "carrier", "tracking_number", "shipped_at"]
        export_order = fields
        name = _("Shipments")
