"""Inventory tables in and out of files; the counters change by services only."""

from django.utils.translation import gettext_lazy as _
from import_export.fields import Field

from catalog.models import Variant
from core.resources import BulkResource, KeyWidget
from inventory.models import Bin, StockItem, StockPolicy, Warehouse


class WarehouseResource(BulkResource):
    """Warehouses by code."""

    class Meta:
        model = Warehouse
        import_id_fields = ["code"]
        fields = ["code", "name", "country", "rank", "is_active"]
        name = _("Warehouses")


class StockItemResource(BulkResource):
    """Stock by variant and warehouse; only the alert level can be imported."""

    variant = Field(attribute="variant", column_name="variant", widget=KeyWidget(Variant, field="sku"))
    warehouse = Field(attribute="warehouse", column_name="warehouse", widget=KeyWidget(Warehouse, field="code"))
    product_name = Field(attribute="variant__product__name", column_name="product_name", readonly=True)

    class Meta:
        model = StockItem
        import_id_fields = ["variant", "warehouse"]
        fields = ["variant", "warehouse", "product_name", "on_hand", "reserved", "held", "low_at"]
        name = _("Stock items")


class BinResource(BulkResource):
    """Bins by warehouse and code."""

    warehouse = Field(attribute="warehouse", column_name="warehouse", widget=KeyWidget(Warehouse, field="code"))

    class Meta:
        model = Bin
        import_id_fields = ["warehouse", "code"]
        fields = ["warehouse", "code", "zone", "pick_rank", "is_active"]
        name = _("Bins")


class StockPolicyResource(BulkResource):
    """Stock policies by SKU."""

    variant = Field(attribute="variant", column_name="variant", widget=KeyWidget(Variant, field="sku"))
    product_name = Field(attribute="variant__product__name", column_name="product_name", readonly=True)

    class Meta:
        model = StockPolicy
        import_id_fields = ["variant"]
        fields = [
            "variant", "product_name", "tracks_lots", "tracks_serials", "block_days", "when_out", "backorder_limit",
            "release_on", "incoming_sold",
        ]  # fmt: skip
        name = _("Stock policies")
