"""Tables of purchasing in and out of files; what goods cost is in them only for people who may see it."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.widgets import Widget

from catalog.models import Variant
from core.masking import hide, mask_email, mask_name, mask_phone
from core.money import to_decimal
from core.resources import (
    BulkPart,
    BulkResource,
    CompositeResource,
    KeyWidget,
    MoneyWidget,
    Part,
    PersonalField,
    TextWidget,
)
from core.resources.choices import escape_mark
from inventory.models import Warehouse
from purchasing.importing import GoodsWidget, PricesPart, complete_price_list
from purchasing.models import PriceBreak, PurchaseOrder, PurchaseOrderLine, Supplier, SupplierItem
from purchasing.registration import tidy_registration_number


class CostResource(BulkResource):
    """A table with columns that only people with ``purchasing.view_costs`` meet."""

    costs: Sequence[str] = ()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if self.user is not None and not self.user.has_perm("purchasing.view_costs"):
            for name in self.costs:
                self.fields.pop(name, None)

    def get_export_order(self) -> list[str]:
        """Return the columns that this person may meet."""
        return [name for name in super().get_export_order() if name in self.fields]

    def get_import_order(self) -> list[str]:
        """Return the columns that this person may meet."""
        return [name for name in super().get_import_order() if name in self.fields]


def _field(name: str, widget: Widget, path: str = "") -> Field:
    return Field(attribute=path or name, column_name=name, widget=widget)


class RegistrationWidget(TextWidget):
    """A registration number, checked by its country."""

    needs = ("country",)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """Return it in one way of writing; refuses what cannot be one."""
        return tidy_registration_number(str((row or {}).get("country") or "").strip().upper(), super().clean(value))


class SupplierResource(BulkResource):
    """Suppliers by code; contacts are masked for people who may not see contact data."""

    registration_number = _field("registration_number", RegistrationWidget())
    minimum_amount = _field("minimum_amount", MoneyWidget())
    email = PersonalField(attribute="email", column_name="email", widget=TextWidget(), mask=mask_email)
    phone = PersonalField(attribute="phone", column_name="phone", widget=TextWidget(), mask=mask_phone)
    contact_name = PersonalField(
        attribute="contact_name", column_name="contact_name", widget=TextWidget(), mask=mask_name
    )
    address = PersonalField(attribute="address", column_name="address", widget=TextWidget(), mask=hide)
    refusals = {
        "purchasing_supplier_registered_once": _("Another supplier has this registration number."),
        "purchasing_supplier_minimum_valid": _("A minimum order is an amount from 0 on."),
    }

    class Meta:
        model = Supplier
        import_id_fields = ["code"]
        fields = ["code", "name", "country", "registration_number", "language", "currency", "email", "phone",
                  "contact_name", "address", "payment_days", "lead_days", "minimum_amount", "note",
                  "is_active"]  # fmt: skip
        export_order = fields
        name = _("Suppliers")


class SupplierItemResource(BulkResource):
    """What suppliers sell, by supplier and SKU; prices come with price lists."""

    supplier = _field("supplier", KeyWidget(Supplier, field="code"))
    sku = Field(attribute="variant", column_name="sku", widget=GoodsWidget())
    refusals = {"purchasing_supplieritem_one_preferred": _("Another supplier is preferred for this product.")}

    class Meta:
        model = SupplierItem
        import_id_fields = ["supplier", "sku"]
        fields = ["supplier", "sku", "code", "name", "pack_size", "minimum", "lead_days", "shelf_life_days",
                  "is_preferred", "is_active"]  # fmt: skip
        export_order = fields
        name = _("Suppliers' items")


class PriceListResource(CompositeResource):
    """A supplier's price list: items with their terms, and price breaks; one row for each break."""

    main = ["item", "price"]

    class Meta:
        model = SupplierItem
        name = _("Price lists of suppliers")

    def make_parts(self) -> Sequence[Part]:
        """Return items first, then what they cost."""
        names = ("supplier", "sku", "code", "name", "pack_size", "minimum", "lead_days", "shelf_life_days",
                 "is_preferred", "is_active")  # fmt: skip
        item = BulkPart("item", SupplierItemResource, columns={name: name for name in names}, always=True)
        return [item, PricesPart()]

    def import_data(self, dataset: Any, *args: Any, **kwargs: Any) -> Any:
        """Complete what suppliers leave out, then import."""
        complete_price_list(dataset)
        return super().import_data(dataset, *args, **kwargs)

    def rows_of(self, queryset: Any, names: Sequence[str]) -> Iterator[list[Any]]:
        """Yield a row for each price of each item, one without price for an item that has none."""
        sees = self.user is None or self.user.has_perm("purchasing.view_costs")
        items = queryset.order_by("pk").select_related("supplier", "variant").prefetch_related("prices")
        for item in items.iterator(chunk_size=1000):
            for one in (list(item.prices.all()) if sees else []) or [None]:
                cells = _cells(item, one)
                yield [escape_mark(cells[name]) for name in names]


def _cells(item: SupplierItem, one: PriceBreak | None) -> dict[str, Any]:
    return {
        "supplier": item.supplier.code,
        "sku": item.variant.sku,
        "code": item.code,
        "name": item.name,
        "pack_size": item.pack_size,
        "minimum": item.minimum,
        "lead_days": "" if item.lead_days is None else item.lead_days,
        "shelf_life_days": "" if item.shelf_life_days is None else item.shelf_life_days,
        "is_preferred": int(item.is_preferred),
        "is_active": int(item.is_active),
        "from_quantity": one.from_quantity if one else "",
        "starts_on": one.starts_on.isoformat() if one else "",
        "price": to_decimal(one.price, item.supplier.currency) if one else "",
    }


class PurchaseOrderResource(CostResource):
    """Purchase orders with their state and total."""

    can_import = False
    costs = ("total",)
    supplier = _field("supplier", KeyWidget(Supplier, field="code"))
    supplier_name = Field(attribute="supplier__name", column_name="supplier_name", readonly=True)
    warehouse = _field("warehouse", KeyWidget(Warehouse, field="code"))
    total = _field("total", MoneyWidget())

    class Meta:
        model = PurchaseOrder
        import_id_fields = ["number"]
        fields = ["number", "supplier", "supplier_name", "warehouse", "state", "currency", "total", "expected_on",
                  "supplier_reference", "created_at", "approved_at", "sent_at", "confirmed_at", "closed_at",
                  "close_reason", "note"]  # fmt: skip
        export_order = fields
        name = _("Purchase orders")


class PurchaseOrderLineResource(CostResource):
    """Lines of purchase orders with their order's number."""

    can_import = False
    costs = ("unit_price",)
    order = _field("order", KeyWidget(PurchaseOrder, field="number"))
    variant = _field("variant", KeyWidget(Variant, field="sku"))
    currency = Field(attribute="order__currency", column_name="currency", readonly=True)
    unit_price = _field("unit_price", MoneyWidget(currency_path="order__currency"))

    class Meta:
        model = PurchaseOrderLine
        fields = ["order", "variant", "supplier_code", "name", "quantity", "unit_price", "currency", "received",
                  "given_up", "expected_on"]  # fmt: skip
        export_order = fields
        name = _("Lines of purchase orders")
