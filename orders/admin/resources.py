"""Order tables out to files; orders come in through the import engine."""

from django.utils.translation import gettext_lazy as _
from import_export.fields import Field

from catalog.models import SalesChannel
from core.masking import hide, mask_email, mask_name, mask_phone
from core.resources import BulkResource, MoneyWidget, PersonalField, TextWidget
from core.resources.widgets import KeyWidget
from inventory.models import Warehouse
from orders.models import Order, OrderLine, Payment, Shipment

_text = TextWidget()


class _OutOnly(BulkResource):
    """Documents of the shop: written by services, read here."""

    can_import = False


class OrderResource(_OutOnly):
    """Orders with their totals, buyer and address."""

    sales_channel = Field(
        attribute="sales_channel", column_name="sales_channel", widget=KeyWidget(SalesChannel, field="code")
    )
    goods_total = Field(attribute="goods_total", column_name="goods_total", widget=MoneyWidget())
    extras_total = Field(attribute="extras_total", column_name="extras_total", widget=MoneyWidget())
    total = Field(attribute="total", column_name="total", widget=MoneyWidget())
    paid_total = Field(attribute="paid_total", column_name="paid_total", widget=MoneyWidget())
    buyer_name = PersonalField(attribute="buyer_name", column_name="buyer_name", widget=_text, mask=mask_name)
    buyer_email = PersonalField(attribute="buyer_email", column_name="buyer_email", widget=_text, mask=mask_email)
    buyer_phone = PersonalField(attribute="buyer_phone", column_name="buyer_phone", widget=_text, mask=mask_phone)
    recipient_name = PersonalField(
        attribute="recipient_name", column_name="recipient_name", widget=_text, mask=mask_name
    )
    recipient_kana = PersonalField(
        attribute="recipient_kana", column_name="recipient_kana", widget=_text, mask=mask_name
    )
    recipient_phone = PersonalField(
        attribute="recipient_phone", column_name="recipient_phone", widget=_text, mask=mask_phone
    )
    postcode = PersonalField(attribute="postcode", column_name="postcode", widget=_text, mask=hide)
    address_1 = PersonalField(attribute="address_1", column_name="address_1", widget=_text, mask=hide)
    address_2 = PersonalField(attribute="address_2", column_name="address_2", widget=_text, mask=hide)
    customer_note = PersonalField(attribute="customer_note", column_name="customer_note", widget=_text, mask=hide)

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

    order = Field(attribute="order", column_name="order", widget=KeyWidget(Order, field="number"))
    placed_at = Field(
        attribute="order__placed_at", column_name="placed_at", widget=BulkResource.WIDGETS_MAP["DateTimeField"]()
    )
    currency = Field(attribute="order__currency", column_name="currency")
    variant = Field(attribute="variant__sku", column_name="variant", widget=_text)
    total = Field(attribute="total", column_name="total", widget=MoneyWidget(currency_path="order__currency"))

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

    order = Field(attribute="order", column_name="order", widget=KeyWidget(Order, field="number"))
    amount = Field(attribute="amount", column_name="amount", widget=MoneyWidget())

    class Meta:
        model = Payment
        fields = ["order", "kind", "method", "amount", "currency", "external_id", "paid_at"]
        export_order = fields
        name = _("Payments")


class ShipmentResource(_OutOnly):
    """Shipments with carrier and tracking number."""

    order = Field(attribute="order", column_name="order", widget=KeyWidget(Order, field="number"))
    warehouse = Field(attribute="warehouse", column_name="warehouse", widget=KeyWidget(Warehouse, field="code"))

    class Meta:
        model = Shipment
        fields = ["number", "order", "warehouse", "carrier", "tracking_number", "shipped_at"]
        export_order = fields
        name = _("Shipments")
