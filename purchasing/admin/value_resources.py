"""Tables for accounting: suppliers' invoices and what stock is worth. They go out only."""

from django.utils.translation import gettext_lazy as _
from import_export.fields import Field

from core.resources import BulkResource, MoneyWidget
from purchasing.models import SupplierInvoice, VariantValue


class InvoiceResource(BulkResource):
    """Invoices with their amounts, for whoever pays them."""

    can_import = False
    supplier = Field(attribute="supplier__code", column_name="supplier")
    supplier_name = Field(attribute="supplier__name", column_name="supplier_name")
    tax = Field(attribute="tax", column_name="tax", widget=MoneyWidget())
    total = Field(attribute="total", column_name="total", widget=MoneyWidget())

    class Meta:
        model = SupplierInvoice
        fields = [
            "supplier",
            "supplier_name",
            "number",
            "invoiced_on",
            "due_on",
            "state",
            "currency",
            "tax",
            "total",
            "note",
            "decided_at",
        ]
        export_order = fields
        name = _("Suppliers' invoices")


class StockValueResource(BulkResource):
    """What stock is worth both ways, in minor units of the shop's currency."""

    can_import = False
    variant = Field(attribute="variant__sku", column_name="variant")
    product_name = Field(attribute="variant__product__name", column_name="product_name")

    class Meta:
        model = VariantValue
        fields = [
            "variant",
            "product_name",
            "quantity",
            "average_cost",
            "average_value",
            "fifo_value",
            "is_complete",
            "updated_at",
        ]
        export_order = fields
        name = _("Stock values")
