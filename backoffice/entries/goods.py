"""Stock, purchasing and the catalogue."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.entries.base import Entry, Group

STOCK = Group(
    "stock",
    pgettext_lazy("navigation", "Stock"),
    (
        Entry(
            _("Stock levels"),
            "inventory_2",
            "inventory_stockitem_changelist",
            "inventory.view_stockitem",
            "low_stock",
        ),
        Entry(
            pgettext_lazy("navigation", "Alerts"),
            "notification_important",
            "inventory_stockalert_changelist",
            "inventory.view_stockalert",
        ),
        Entry(
            _("Stock incidents"),
            "rule",
            "inventory_stockincident_changelist",
            "inventory.view_stockincident",
            "stock_incidents",
        ),
        Entry(_("Stock movements"), "swap_vert", "inventory_stockmovement_changelist", "inventory.view_stockmovement"),
        Entry(
            _("Transfers"),
            "local_shipping",
            "inventory_transfer_changelist",
            "inventory.view_transfer",
            "late_transfers",
        ),
        Entry(pgettext_lazy("navigation", "Put away"), "input", "inventory_put_away", "inventory.adjust_stock"),
        Entry(_("Kits"), "package_2", "inventory_assembly_changelist", "inventory.view_assembly"),
        Entry(_("Print labels"), "label", "inventory_labels", "inventory.view_stockitem"),
        Entry(
            pgettext_lazy("navigation", "Held back"),
            "front_hand",
            "inventory_stockhold_changelist",
            "inventory.view_stockhold",
        ),
        Entry(pgettext_lazy("navigation", "Lots"), "event_busy", "inventory_lot_changelist", "inventory.view_lot"),
        Entry(
            pgettext_lazy("navigation", "Serial numbers"),
            "qr_code_2",
            "inventory_serialnumber_changelist",
            "inventory.view_serialnumber",
        ),
        Entry(
            pgettext_lazy("navigation", "Bins"),
            "shelves",
            "inventory_bin_changelist",
            "inventory.view_bin",
            is_setting=True,
        ),
        Entry(
            _("Stock policies"),
            "rule_settings",
            "inventory_stockpolicy_changelist",
            "inventory.view_stockpolicy",
            is_setting=True,
        ),
        Entry(
            _("Stocktakes"),
            "checklist",
            "inventory_stocktake_changelist",
            "inventory.view_stocktake",
            "stocktakes_to_review",
        ),
        Entry(
            _("Count plans"),
            "event_repeat",
            "inventory_countplan_changelist",
            "inventory.view_countplan",
            is_setting=True,
        ),
        Entry(_("Accuracy and shrinkage"), "fact_check", "inventory_count_figures", "inventory.view_stocktake"),
        Entry(
            _("Warehouses"), "warehouse", "inventory_warehouse_changelist", "inventory.view_warehouse", is_setting=True
        ),
    ),
)
PURCHASING = Group(
    "purchasing",
    pgettext_lazy("navigation", "Purchasing"),
    (
        Entry(
            pgettext_lazy("navigation", "Reorder"),
            "add_shopping_cart",
            "purchasing_reorder",
            "purchasing.view_reorderproposal",
            "to_reorder",
        ),
        Entry(
            _("Purchase orders"),
            "shopping_cart",
            "purchasing_purchaseorder_changelist",
            "purchasing.view_purchaseorder",
            "orders_to_approve",
        ),
        Entry(
            _("Goods receipts"),
            "move_to_inbox",
            "purchasing_goodsreceipt_changelist",
            "purchasing.view_goodsreceipt",
        ),
        Entry(
            _("Returns to suppliers"),
            "undo",
            "purchasing_supplierreturn_changelist",
            "purchasing.view_supplierreturn",
        ),
        Entry(
            _("Suppliers' invoices"),
            "receipt",
            "purchasing_supplierinvoice_changelist",
            "purchasing.view_supplierinvoice",
        ),
        Entry(_("Stock value"), "savings", "purchasing_stock_value", "purchasing.view_variantvalue"),
        Entry(_("Suppliers"), "factory", "purchasing_supplier_changelist", "purchasing.view_supplier"),
        Entry(_("Suppliers' items"), "list_alt", "purchasing_supplieritem_changelist", "purchasing.view_supplieritem"),
        Entry(
            _("Dead and slow stock"),
            "hourglass_bottom",
            "purchasing_stockhealth_changelist",
            "purchasing.view_stockhealth",
        ),
        Entry(
            _("Service levels"),
            "verified",
            "purchasing_servicelevel_changelist",
            "purchasing.view_servicelevel",
            is_setting=True,
        ),
        Entry(
            _("Reorder rules"),
            "rule",
            "purchasing_reorderrule_changelist",
            "purchasing.view_reorderrule",
            is_setting=True,
        ),
        Entry(
            _("Purchase budgets"),
            "account_balance_wallet",
            "purchasing_purchasebudget_changelist",
            "purchasing.view_purchasebudget",
            is_setting=True,
        ),
        Entry(
            _("Approval limits"),
            "gavel",
            "purchasing_approvallimit_changelist",
            "purchasing.view_approvallimit",
            is_setting=True,
        ),
        Entry(
            _("Exchange rates"),
            "currency_exchange",
            "purchasing_exchangerate_changelist",
            "purchasing.view_exchangerate",
            is_setting=True,
        ),
        Entry(
            pgettext_lazy("demand", "Forecasts"),
            "query_stats",
            "purchasing_forecast_changelist",
            "purchasing.view_forecast",
        ),
        Entry(
            _("Promotions and seasons"),
            "celebration",
            "purchasing_demandevent_changelist",
            "purchasing.view_demandevent",
        ),
    ),
)
CATALOGUE = Group(
    "catalog",
    pgettext_lazy("navigation", "Catalogue"),
    (
        Entry(_("Products"), "sell", "catalog_product_changelist", "catalog.view_product", "products_to_review"),
        Entry(_("Variants"), "style", "catalog_variant_changelist", "catalog.view_variant"),
        Entry(_("Edit in grid"), "table_edit", "catalog_grid", "catalog.view_variant"),
        Entry(_("Prices"), "payments", "catalog_price_changelist", "catalog.view_price"),
        Entry(
            _("Prices to approve"),
            "price_check",
            "catalog_priceproposal_changelist",
            "catalog.view_priceproposal",
            "prices_to_approve",
        ),
        Entry(_("Scheduled prices"), "event_upcoming", "catalog_scheduled_prices", "catalog.view_price"),
        Entry(_("Change prices by rule"), "calculate", "catalog_price_rule", "catalog.change_price"),
        Entry(_("Categories"), "account_tree", "catalog_category_changelist", "catalog.view_category"),
        Entry(
            _("Category mappings"),
            "conversion_path",
            "catalog_categorymapping_changelist",
            "catalog.view_categorymapping",
            is_setting=True,
        ),
        Entry(
            _("Product types"),
            "shapes",
            "catalog_producttype_changelist",
            "catalog.change_producttype",
            is_setting=True,
        ),
        Entry(_("Attributes"), "label", "catalog_attribute_changelist", "catalog.change_attribute", is_setting=True),
        Entry(_("Collections"), "auto_awesome_mosaic", "catalog_collection_changelist", "catalog.view_collection"),
        Entry(
            _("Sales channels"),
            "storefront",
            "catalog_saleschannel_changelist",
            "catalog.view_saleschannel",
            is_setting=True,
        ),
        Entry(
            _("Connections to malls"),
            "cable",
            "channels_connection_changelist",
            "channels.view_connection",
            "connections",
            is_setting=True,
        ),
    ),
)
