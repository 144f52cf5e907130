"""The navigation: one explicit list, grouped by the day's work, a permission for each entry."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.entries import Entry, Group
from backoffice.roles import home_order
from core.ui.acting import actor
from core.ui.badges import badges_and_own
from staff.selectors import roles_of
from staff.selectors.notifications import Unread, unread_rows

NAVIGATION: tuple[Group, ...] = (
    Group(
        "orders",
        pgettext_lazy("navigation", "Orders"),
        (
            Entry(
                pgettext_lazy("navigation", "Orders"),
                "receipt_long",
                "orders_order_changelist",
                "orders.view_order",
                "orders_to_ship",
            ),
            Entry(_("Packing"), "package_2", "orders_packing", "orders.ship_order"),
            Entry(_("Hold rules"), "pause_circle", "orders_holdrule_changelist", "orders.view_holdrule"),
            Entry(
                _("Oversells"),
                "production_quantity_limits",
                "orders_oversell_changelist",
                "orders.view_oversell",
                "oversold",
            ),
            Entry(
                _("Messages to customers"),
                "outgoing_mail",
                "orders_ordermessage_changelist",
                "orders.view_ordermessage",
            ),
            Entry(_("Shipments"), "local_shipping", "orders_shipment_changelist", "orders.view_shipment"),
            Entry(
                pgettext_lazy("navigation", "Returns"),
                "assignment_return",
                "orders_return_changelist",
                "orders.view_return",
            ),
            Entry(_("Withdrawals"), "undo", "orders_withdrawal_changelist", "orders.view_withdrawal", "withdrawals"),
            Entry(
                _("Legal deadlines"),
                "alarm",
                "compliance_legalclock_changelist",
                "compliance.view_legalclock",
                "late_law",
            ),
            Entry(_("Payments"), "payments", "orders_payment_changelist", "orders.view_payment"),
            Entry(
                _("Handling of channels"),
                "rule_settings",
                "orders_channelhandling_changelist",
                "orders.view_channelhandling",
            ),
            Entry(_("Penalties of malls"), "gavel", "orders_cancelpenalty_changelist", "orders.view_cancelpenalty"),
        ),
    ),
    Group(
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
            Entry(
                _("Stock movements"), "swap_vert", "inventory_stockmovement_changelist", "inventory.view_stockmovement"
            ),
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
            Entry(pgettext_lazy("navigation", "Bins"), "shelves", "inventory_bin_changelist", "inventory.view_bin"),
            Entry(
                _("Stock policies"), "rule_settings", "inventory_stockpolicy_changelist", "inventory.view_stockpolicy"
            ),
            Entry(
                _("Stocktakes"),
                "checklist",
                "inventory_stocktake_changelist",
                "inventory.view_stocktake",
                "stocktakes_to_review",
            ),
            Entry(_("Count plans"), "event_repeat", "inventory_countplan_changelist", "inventory.view_countplan"),
            Entry(_("Accuracy and shrinkage"), "fact_check", "inventory_count_figures", "inventory.view_stocktake"),
            Entry(_("Warehouses"), "warehouse", "inventory_warehouse_changelist", "inventory.view_warehouse"),
        ),
    ),
    Group(
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
            Entry(
                _("Suppliers' items"), "list_alt", "purchasing_supplieritem_changelist", "purchasing.view_supplieritem"
            ),
            Entry(
                _("Dead and slow stock"),
                "hourglass_bottom",
                "purchasing_stockhealth_changelist",
                "purchasing.view_stockhealth",
            ),
            Entry(
                _("Service levels"), "verified", "purchasing_servicelevel_changelist", "purchasing.view_servicelevel"
            ),
            Entry(_("Reorder rules"), "rule", "purchasing_reorderrule_changelist", "purchasing.view_reorderrule"),
            Entry(
                _("Purchase budgets"),
                "account_balance_wallet",
                "purchasing_purchasebudget_changelist",
                "purchasing.view_purchasebudget",
            ),
            Entry(
                _("Approval limits"), "gavel", "purchasing_approvallimit_changelist", "purchasing.view_approvallimit"
            ),
            Entry(
                _("Exchange rates"),
                "currency_exchange",
                "purchasing_exchangerate_changelist",
                "purchasing.view_exchangerate",
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
    ),
    Group(
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
            ),
            Entry(_("Product types"), "shapes", "catalog_producttype_changelist", "catalog.change_producttype"),
            Entry(_("Attributes"), "label", "catalog_attribute_changelist", "catalog.change_attribute"),
            Entry(_("Collections"), "auto_awesome_mosaic", "catalog_collection_changelist", "catalog.view_collection"),
            Entry(_("Sales channels"), "storefront", "catalog_saleschannel_changelist", "catalog.view_saleschannel"),
        ),
    ),
    Group(
        "customers",
        pgettext_lazy("navigation", "Customers"),
        (
            Entry(
                pgettext_lazy("navigation", "Customers"),
                "group",
                "customers_customer_changelist",
                "customers.view_customer",
            ),
        ),
    ),
    Group(
        "work",
        pgettext_lazy("navigation", "Tasks"),
        (
            Entry(_("My day"), "today", "staff_my_day", "staff.view_task"),
            Entry(_("Board"), "view_kanban", "staff_board", "staff.view_task", "unclaimed_tasks"),
            Entry(pgettext_lazy("navigation", "Tasks"), "task_alt", "staff_task_changelist", "staff.view_task"),
            Entry(_("Task calendar"), "calendar_month", "staff_task_calendar", "staff.view_task"),
            Entry(_("Task groups"), "account_tree", "staff_taskgroup_changelist", "staff.view_taskgroup"),
            Entry(_("Load"), "groups", "staff_load", "staff.view_task_figures"),
            Entry(_("Figures about tasks"), "monitoring", "staff_task_figures", "staff.view_task_figures"),
        ),
    ),
    Group(
        "data",
        _("Files in and out"),
        (
            Entry(
                _("Imports"), "upload_file", "core_importbatch_changelist", "core.view_importbatch", "failed_imports"
            ),
            Entry(_("Table imports"), "dataset", "core_tableimport_changelist", "core.view_tableimport"),
            Entry(_("File formats"), "table_chart", "core_importformat_changelist", "core.view_importformat"),
            Entry(pgettext_lazy("navigation", "Jobs"), "progress_activity", "core_job_changelist", "core.view_job"),
        ),
    ),
    Group(
        "work_rules",
        _("Rules of work"),
        (
            Entry(_("Task templates"), "checklist", "staff_tasktemplate_changelist", "staff.change_tasktemplate"),
            Entry(_("Recurring tasks"), "event_repeat", "staff_recurringtask_changelist", "staff.view_recurringtask"),
            Entry(_("Creative slots"), "aspect_ratio", "staff_creativeslot_changelist", "staff.view_creativeslot"),
            Entry(_("Leave"), "beach_access", "staff_leave_changelist", "staff.view_leave"),
            Entry(_("Work profiles"), "person_apron", "staff_workprofile_changelist", "staff.view_workprofile"),
            Entry(_("Work calendars"), "edit_calendar", "staff_workcalendar_changelist", "staff.view_workcalendar"),
            Entry(_("Webhooks"), "webhook", "staff_webhook_changelist", "staff.view_webhook"),
        ),
    ),
    Group(
        "law",
        _("Legal rules"),
        (
            Entry(_("Notice types"), "fact_check", "compliance_noticetype_changelist", "compliance.view_noticetype"),
            Entry(
                _("Certificate kinds"),
                "workspace_premium",
                "compliance_certificatekind_changelist",
                "compliance.view_certificatekind",
            ),
            Entry(
                _("Price claim rules"),
                "percent",
                "compliance_priceclaimrule_changelist",
                "compliance.view_priceclaimrule",
            ),
            Entry(_("Legal terms"), "gavel", "compliance_legalrule_changelist", "compliance.view_legalrule"),
        ),
    ),
    Group(
        "system",
        _("System"),
        (
            Entry(pgettext_lazy("navigation", "Users"), "badge", "staff_user_changelist", "staff.view_user"),
            Entry(_("Roles"), "shield_person", "auth_group_changelist", "auth.view_group"),
            Entry(_("Events"), "history", "core_eventrecord_changelist", "core.view_eventrecord"),
            Entry(_("Deliveries"), "outbox", "core_delivery_changelist", "core.view_delivery", "failed_deliveries"),
            Entry(_("Background processes"), "monitor_heart", "core_heartbeat_changelist", "core.view_heartbeat"),
        ),
    ),
)
_VARIANTS = {"info": "primary", "warning": "warning", "danger": "danger"}


def groups_for(request: HttpRequest) -> list[Group]:
    """Return the groups with the entries this person may open, those of the own work first."""
    first = home_order(roles_of(actor(request)))
    rank = {key: place for place, key in enumerate(first)}
    shown = []
    for group in sorted(NAVIGATION, key=lambda g: rank.get(g.key, len(rank))):
        entries = tuple(entry for entry in group.entries if request.user.has_perm(entry.permission))
        if entries:
            shown.append(Group(group.key, group.title, entries))
    return shown


def entry_url(entry: Entry) -> str:
    """Return the entry's address, empty when no page of that name is registered."""
    try:
        return reverse(f"admin:{entry.url}")
    except NoReverseMatch:
        return ""


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the navigation as Unfold's template reads it; ``request.bell`` says then how much is unread."""
    home = {"title": _("Home"), "icon": "home", "link": reverse("admin:index"), "has_permission": True}
    home["active"] = request.path == home["link"]
    shown: list[dict[str, Any]] = [{"title": "", "items": [home]}]
    groups = groups_for(request)
    keys = [entry.badge for group in groups for entry in group.entries if entry.badge]
    badges, unread = badges_and_own(keys, unread_rows(actor(request).pk))
    request.bell = Unread(unread)  # type: ignore[attr-defined]
    for group in groups:
        items = [_item(entry, request.path, badges) for entry in group.entries if entry_url(entry)]
        if items:
            shown.append({"title": group.title, "items": items})
    return shown


def _item(entry: Entry, path: str, badges: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    link = entry_url(entry)
    number, level = badges.get(entry.badge, ("", ""))
    return {
        "title": entry.title,
        "icon": entry.icon,
        "link": link,
        "has_permission": True,
        "active": path.startswith(link),
        "badge": number,
        "badge_variant": _VARIANTS.get(level, "primary"),
        "badge_style": "solid" if level == "danger" else "",
    }


def account_links(_request: HttpRequest) -> list[dict[str, Any]]:
    """Return the links of the menu at the person's name."""
    return [
        {"title": _("My profile"), "link": reverse("admin:profile")},
        {"title": _("Notification settings"), "link": reverse("admin:staff_notification_settings")},
        {"title": _("Change password"), "link": reverse("admin:password_change")},
    ]
