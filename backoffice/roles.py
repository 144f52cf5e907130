"""What each role may do and where its day starts. `manage.py sync_roles` carries this table into the database.

No role deletes: orders are cancelled, products ended, accounts switched off. A person may have several roles.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from staff.models import Role


def _view(app: str, models: str) -> frozenset[str]:
    return frozenset(f"{app}.view_{model}" for model in models.split())


def _edit(app: str, models: str) -> frozenset[str]:
    return frozenset(f"{app}.{action}_{model}" for model in models.split() for action in ("view", "add", "change"))


def _may(*permissions: str) -> frozenset[str]:
    return frozenset(permissions)


_GOODS = _view(
    "catalog",
    "saleschannel category categorymapping collection product producttext variant variantcode productimage"
    " producttype attribute",
)
_RULES = _view("compliance", "noticetype certificatekind priceclaimrule legalrule")
_EDIT_RULES = _edit("compliance", "noticetype certificatekind priceclaimrule legalrule")
# what people who register products work on
_REGISTER = _edit(
    "catalog",
    "category categorymapping collection product producttext variant variantcode productimage price"
    " producttype typeattribute attribute attributechoice",
)
_PRICE_WISHES = _view("catalog", "priceproposal")
_APPROVE_PRICES = _PRICE_WISHES | _may("catalog.approve_price")
# where pieces lie, which exactly they are, and what is held back
_PIECES = _view("inventory", "stockhold lot serialnumber bin stockpolicy")
_STOCK = _PIECES | _view("inventory", "warehouse stockitem reservation stockentry stockmovement")
_TRANSFERS = _view("inventory", "transfer assembly")
_MOVE = _edit("inventory", "transfer") | _TRANSFERS | _may("inventory.move_stock", "inventory.assemble_kits")
# who judges counts sees every line; who counts blind must not
_COUNT = _view("inventory", "stocktake countplan") | _may("inventory.count_stock")
_JUDGE_COUNTS = (
    _COUNT | _edit("inventory", "countplan") | _view("inventory", "stocktakeline") | _may("inventory.approve_stocktake")
)
# what will sell, and what people know of it: who plans purchases
_FORESEE = _view("purchasing", "forecast") | _edit("purchasing", "demandevent") | _may("purchasing.make_forecasts")
# whoever works on orders sees which legal deadlines run for them
_ORDERS = _view(
    "orders", "order orderline allocation shipment shipmentline return returnline oversell withdrawal"
) | _view("compliance", "legalclock")
_MONEY = _view("orders", "payment") | _may("compliance.see_clock_costs")
_DECIDE_BY_LAW = _may("orders.decide_withdrawal", "compliance.stop_legalclock")
# everybody who sees orders sees what holds them; who clears it up releases it, who directs the shop writes the rules
_ORDERS |= _view("orders", "orderhold holdrule")
_RELEASE = _may("orders.hold_order", "orders.release_order")
_WRITE_HOLD_RULES = _RELEASE | _edit("orders", "holdrule channelhandling")
_SHARE = _may("core.share_savedview")
_WATCH_STOCK = _view("inventory", "stockalert stockincident")
# what was sold and is not there: who talks with customers sees it, who directs the shop decides it
_TELL_CUSTOMERS = _view("orders", "ordermessage cancelpenalty") | _may("orders.send_ordermessage")
_DECIDE_SHORTAGES = (
    _WATCH_STOCK
    | _TELL_CUSTOMERS
    | _edit("orders", "cancelpenalty")
    | _may("orders.decide_oversell", "inventory.close_stockincident")
)
_PEOPLE = _view("customers", "customer identity")
_OWN_JOBS = _view("core", "job")
_FILES = _view("core", "importformat importbatch importrow")
_BRING_FILES = _edit("core", "importformat importbatch") | _view("core", "importrow")
_HISTORY = _view("core", "eventrecord")
_EXPORT = _may("core.export_data")
_EXCHANGE = _may("core.import_data", "core.export_data", "core.view_tableimport")
# everybody may ask for work, is given work, and sees who is away
_TASKS = (
    _view("staff", "tasktemplate creativeslot taskgroup leave")
    | _edit("staff", "task")
    | _may("staff.work_on_task", "staff.add_leave")
)
_REVIEW = _may("staff.review_task")
# of two people who know the goods one registers and the other one approves
_APPROVE_PRODUCTS = _may("catalog.review_product")
_DIRECT = (
    _TASKS
    | _REVIEW
    | _edit("staff", "tasktemplate creativeslot taskgroup recurringtask leave workprofile workcalendar holiday webhook")
    | _may("staff.direct_task", "staff.view_task_figures")
)


# when and how much to order, and what lies too long
_PLAN = _view("purchasing", "reorderproposal stockhealth servicelevel purchasebudget") | _edit(
    "purchasing", "reorderrule"
)
_SET_LEVELS = _edit("purchasing", "servicelevel purchasebudget")
_SEE_ORDERS = _view("purchasing", "supplier supplieritem purchaseorder purchaseorderline")
_COSTS = _may("purchasing.view_costs") | _view("purchasing", "pricebreak exchangerate")
# who plans drafts and hands in; somebody else approves above the limit and sends
_DRAFT_ORDERS = _SEE_ORDERS | _COSTS | _PLAN | _edit("purchasing", "supplier supplieritem purchaseorder")
_PURCHASE = (
    _DRAFT_ORDERS
    | _SET_LEVELS
    | _edit("purchasing", "approvallimit exchangerate")
    | _may("purchasing.approve_purchaseorder", "purchasing.send_purchaseorder", "purchasing.receive_purchaseorder")
)


# who receives sees what came; costs are seen by those who see costs
_SEE_RECEIPTS = _view("purchasing", "goodsreceipt goodsreceiptline")
_SEE_VALUES = _view("purchasing", "supplierinvoice supplierinvoiceline variantvalue costlayer costentry matchtolerance")
# who has the goods in hand or ordered them sends them back; whoever keeps invoices writes down what is credited
_SEE_RETURNS = _view("purchasing", "supplierreturn supplierreturnline")
_SEND_BACK = _SEE_RETURNS | _may("purchasing.send_supplierreturn")
_CREDIT_RETURNS = _SEE_RETURNS | _may("purchasing.credit_supplierreturn")
_OVERSEE_RECEIPTS = (
    _SEE_RECEIPTS
    | _SEE_VALUES
    | _SEND_BACK
    | _CREDIT_RETURNS
    | _may(
        "purchasing.take_overdelivery",
        "purchasing.inspect_goodsreceipt",
        "purchasing.add_landedcost",
        "purchasing.change_variantvalue",
        "purchasing.decide_supplierinvoice",
        "purchasing.add_matchtolerance",
        "purchasing.change_matchtolerance",
    )
)
# of two people who see costs one enters an invoice and the other approves it where it differs
_KEEP_INVOICES = (
    _SEE_RECEIPTS
    | _SEE_VALUES
    | _CREDIT_RETURNS
    | _may("purchasing.add_supplierinvoice", "purchasing.add_landedcost", "purchasing.change_variantvalue")
)


@dataclass(frozen=True, kw_only=True)
class RoleDefinition:
    """A role's permissions, and the groups of the navigation that come first for it, in this order."""

    permissions: frozenset[str]
    home: tuple[str, ...]


ROLES: Mapping[Role, RoleDefinition] = {
    Role.EC_MANAGER: RoleDefinition(
        permissions=_DIRECT
        | _WRITE_HOLD_RULES
        | _SHARE
        | _DECIDE_SHORTAGES
        | _PURCHASE
        | _OVERSEE_RECEIPTS
        | _RULES
        | _FORESEE
        | _APPROVE_PRODUCTS
        | _GOODS
        | _edit("catalog", "saleschannel")
        | _REGISTER
        | _APPROVE_PRICES
        | _STOCK
        | _edit("inventory", "warehouse bin stockpolicy")
        | _MOVE
        | _JUDGE_COUNTS
        | _may("inventory.adjust_stock", "inventory.change_stockitem", "inventory.hold_stock")
        | _ORDERS
        | _DECIDE_BY_LAW
        | _MONEY
        | _edit("customers", "customer")
        | _PEOPLE
        | _BRING_FILES
        | _OWN_JOBS
        | _EXCHANGE
        | _HISTORY
        | _may(
            "orders.add_order",
            "orders.change_order",
            "orders.confirm_order",
            "orders.ship_order",
            "orders.cancel_order",
            "orders.record_payment",
            "orders.record_return",
            "orders.record_delivery",
            "customers.see_contact_data",
            "core.see_personal_columns",
            "core.view_all_jobs",
        ),
        home=("orders", "work", "stock", "purchasing", "catalog", "customers", "data"),
    ),
    Role.CS_AGENT: RoleDefinition(
        permissions=_TASKS
        | _WATCH_STOCK
        | _RELEASE
        | _TELL_CUSTOMERS
        | _GOODS
        | _ORDERS
        | _MONEY
        | _view("inventory", "warehouse stockitem stockhold lot serialnumber transfer")
        | _edit("customers", "customer")
        | _view("customers", "identity")
        | _OWN_JOBS
        | _may(
            "orders.change_order",
            "orders.cancel_order",
            "orders.record_return",
            "orders.record_delivery",
            "customers.see_contact_data",
        ),
        home=("customers", "orders", "stock", "catalog"),
    ),
    Role.CS_LEAD: RoleDefinition(
        permissions=_TASKS
        | _WATCH_STOCK
        | _RELEASE
        | _SHARE
        | _TELL_CUSTOMERS
        | _RULES
        | _REVIEW
        | _GOODS
        | _ORDERS
        | _DECIDE_BY_LAW
        | _MONEY
        | _view("inventory", "warehouse stockitem reservation stockhold lot serialnumber transfer")
        | _edit("customers", "customer")
        | _view("customers", "identity")
        | _FILES
        | _OWN_JOBS
        | _EXPORT
        | _HISTORY
        | _may(
            "orders.change_order",
            "orders.confirm_order",
            "orders.cancel_order",
            "orders.record_payment",
            "orders.record_return",
            "orders.record_delivery",
            "customers.see_contact_data",
            "core.see_personal_columns",
        ),
        home=("customers", "orders", "stock", "catalog", "data"),
    ),
    Role.DESIGNER: RoleDefinition(
        # pictures only: who may change a product may also put it on sale
        permissions=_TASKS
        | _view("catalog", "category product producttext variant")
        | _edit("catalog", "productimage"),
        home=("work", "catalog"),
    ),
    Role.MERCHANDISER: RoleDefinition(
        permissions=_TASKS
        | _WATCH_STOCK
        | _view("orders", "oversell")
        | _DRAFT_ORDERS
        | _SEE_RECEIPTS
        | _SEND_BACK
        | _may("purchasing.take_overdelivery")
        | _RULES
        | _FORESEE
        | _REVIEW
        | _view("catalog", "saleschannel")
        | _REGISTER
        | _PRICE_WISHES
        | _view("inventory", "warehouse stockitem stockmovement stockhold lot")
        | _edit("inventory", "stockpolicy")
        | _TRANSFERS
        | _view("inventory", "stocktake countplan")
        | _may("inventory.change_stockitem")
        | _OWN_JOBS
        | _EXCHANGE,
        home=("catalog", "work", "stock", "purchasing", "data"),
    ),
    Role.WAREHOUSE: RoleDefinition(
        permissions=_TASKS
        | _WATCH_STOCK
        | _SEE_ORDERS
        | _SEE_RECEIPTS
        | _SEND_BACK
        | _may("purchasing.receive_purchaseorder", "purchasing.inspect_goodsreceipt")
        | _view("catalog", "product variant variantcode productimage")
        | _STOCK
        | _edit("inventory", "bin")
        | _MOVE
        | _COUNT
        | _ORDERS
        | _OWN_JOBS
        | _may(
            "orders.hold_order",
            "orders.ship_order",
            "orders.record_return",
            "orders.record_delivery",
            "inventory.adjust_stock",
            "inventory.change_stockitem",
            "inventory.hold_stock",
        ),
        home=("orders", "stock", "purchasing"),
    ),
    Role.QUALITY_MANAGER: RoleDefinition(
        permissions=_TASKS
        | _WATCH_STOCK
        | _EDIT_RULES
        | _REVIEW
        | _APPROVE_PRODUCTS
        | _GOODS
        | _ORDERS
        | _PIECES
        | _view("inventory", "warehouse stockitem reservation stockentry stockmovement")
        | _TRANSFERS
        | _OWN_JOBS
        | _EXPORT
        | _may("orders.record_return", "inventory.hold_stock"),
        home=("orders", "catalog", "stock", "law"),
    ),
    Role.ACCOUNTANT: RoleDefinition(
        permissions=_TASKS
        | _SEE_ORDERS
        | _COSTS
        | _KEEP_INVOICES
        | _view("purchasing", "stockhealth purchasebudget")
        | _edit("purchasing", "exchangerate")
        | _view("catalog", "saleschannel product variant price")
        | _ORDERS
        | _MONEY
        | _FILES
        | _OWN_JOBS
        | _EXPORT
        | _may("orders.record_payment"),
        home=("orders", "purchasing", "data"),
    ),
    Role.ADMINISTRATOR: RoleDefinition(
        permissions=_DIRECT
        | _WRITE_HOLD_RULES
        | _SHARE
        | _DECIDE_SHORTAGES
        | _PURCHASE
        | _OVERSEE_RECEIPTS
        | _EDIT_RULES
        | _FORESEE
        | _edit("catalog", "saleschannel")
        | _REGISTER
        | _APPROVE_PRICES
        | _APPROVE_PRODUCTS
        | _STOCK
        | _edit("inventory", "warehouse bin stockpolicy")
        | _MOVE
        | _JUDGE_COUNTS
        | _ORDERS
        | _DECIDE_BY_LAW
        | _MONEY
        | _edit("customers", "customer")
        | _PEOPLE
        | _BRING_FILES
        | _OWN_JOBS
        | _EXCHANGE
        | _HISTORY
        | _view("core", "delivery heartbeat sequence")
        | _edit("staff", "user")
        | _view("auth", "group")
        | _view("django_celery_beat", "periodictask intervalschedule crontabschedule")
        | _may(
            "inventory.adjust_stock",
            "inventory.change_stockitem",
            "inventory.hold_stock",
            "orders.add_order",
            "orders.change_order",
            "orders.confirm_order",
            "orders.ship_order",
            "orders.cancel_order",
            "orders.record_payment",
            "orders.record_return",
            "orders.record_delivery",
            "customers.see_contact_data",
            "core.see_personal_columns",
            "core.view_all_jobs",
            "core.retry_delivery",
        ),
        home=("system", "orders", "stock", "purchasing", "catalog", "customers", "data"),
    ),
}


def permission_table() -> dict[str, frozenset[str]]:
    """Return role key → permissions, as staff.services.sync_roles takes it."""
    return {role.value: definition.permissions for role, definition in ROLES.items()}


def home_order(roles: list[Role]) -> tuple[str, ...]:
    """Return the groups of the navigation that come first for a person of these roles, without doubles."""
    return tuple(dict.fromkeys(group for role in roles for group in ROLES[role].home))
