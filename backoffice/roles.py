"""What each role may do and where its day starts. `manage.py sync_roles` carries this table into the database.

No role deletes: orders are cancelled, products ended, accounts switched off. A person may have several roles.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from backoffice.rights import (
    ANSWER,
    ANSWER_PERSONS,
    APPROVE_PRICES,
    APPROVE_PRODUCTS,
    ASK_CONSENT,
    BRING_FILES,
    CHARGE_OTHERS,
    COSTS,
    COUNT,
    DECIDE_BY_LAW,
    DECIDE_SHORTAGES,
    DIRECT,
    DRAFT_ORDERS,
    EDIT_RULES,
    EXCHANGE,
    EXPORT,
    FILES,
    FORESEE,
    GOODS,
    GRANT_REFUNDS,
    GUARD_DATA,
    HAND_OUT_RECEIPTS,
    HAND_OVER,
    HEAR_CUSTOMERS,
    HISTORY,
    INSPECT_CASES,
    JUDGE_CASES,
    JUDGE_COUNTS,
    KEEP_BOOKS,
    KEEP_INVOICES,
    LEAD_ANSWERS,
    LEAD_CASES,
    MAKE_WAVES,
    MONEY,
    MOVE,
    OPEN_CASES,
    ORDERS,
    OVERSEE_RECEIPTS,
    OWN_JOBS,
    PARCEL_COSTS,
    PEOPLE,
    PIECES,
    PRICE_WISHES,
    PRINT_SLIPS,
    PURCHASE,
    REACH_MALLS,
    REGISTER,
    RELEASE,
    REVEAL,
    REVIEW,
    RULE_RETURNS,
    RULES,
    SEE_ORDERS,
    SEE_PROFITS,
    SEE_RECEIPTS,
    SEND_BACK,
    SEND_REFUNDS,
    SET_CARRIERS,
    SET_REFUND_LIMITS,
    SHARE,
    STOCK,
    TASKS,
    TELL_CUSTOMERS,
    TRANSFERS,
    WATCH_STOCK,
    WRITE_HOLD_RULES,
    edit,
    may,
    view,
)
from staff.models import Role


@dataclass(frozen=True, kw_only=True)
class RoleDefinition:
    """A role's permissions, and the groups of the navigation that come first for it, in this order."""

    permissions: frozenset[str]
    home: tuple[str, ...]


ROLES: Mapping[Role, RoleDefinition] = {
    Role.EC_MANAGER: RoleDefinition(
        permissions=DIRECT
        | GUARD_DATA
        | LEAD_ANSWERS
        | SET_CARRIERS
        | HAND_OVER
        | PARCEL_COSTS
        | MAKE_WAVES
        | WRITE_HOLD_RULES
        | SHARE
        | DECIDE_SHORTAGES
        | PURCHASE
        | OVERSEE_RECEIPTS
        | RULES
        | FORESEE
        | APPROVE_PRODUCTS
        | GOODS
        | REACH_MALLS
        | REGISTER
        | APPROVE_PRICES
        | STOCK
        | edit("inventory", "warehouse bin stockpolicy")
        | MOVE
        | JUDGE_COUNTS
        | RULE_RETURNS
        | may("inventory.adjust_stock", "inventory.change_stockitem", "inventory.hold_stock")
        | ORDERS
        | DECIDE_BY_LAW
        | MONEY
        | KEEP_BOOKS
        | SEE_PROFITS
        | SEND_REFUNDS
        | SET_REFUND_LIMITS
        | edit("customers", "customer")
        | PEOPLE
        | BRING_FILES
        | OWN_JOBS
        | EXCHANGE
        | HISTORY
        | may(
            "crm.export_segment",
            "orders.add_order",
            "orders.override_price",
            "orders.plan_parcel",
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
        home=("orders", "shipping", "money", "returns", "work", "stock", "purchasing", "catalog", "customers", "data"),
    ),
    Role.CS_AGENT: RoleDefinition(
        permissions=TASKS
        | ASK_CONSENT
        | ANSWER
        | WATCH_STOCK
        | RELEASE
        | TELL_CUSTOMERS
        | GOODS
        | ORDERS
        | MONEY
        | HAND_OUT_RECEIPTS
        | GRANT_REFUNDS
        | view("inventory", "warehouse stockitem stockhold lot serialnumber transfer")
        | edit("customers", "customer")
        | view("customers", "identity")
        | OWN_JOBS
        | OPEN_CASES
        | may(
            "orders.add_order",
            "orders.change_order",
            "orders.cancel_order",
            "orders.record_return",
            "shipping.close_parcelalert",
            "orders.record_delivery",
            "customers.see_contact_data",
        ),
        home=("service", "customers", "orders", "returns", "stock", "catalog"),
    ),
    Role.CS_LEAD: RoleDefinition(
        permissions=TASKS
        | ANSWER_PERSONS
        | LEAD_ANSWERS
        | WATCH_STOCK
        | RELEASE
        | SHARE
        | TELL_CUSTOMERS
        | RULES
        | REVIEW
        | GOODS
        | ORDERS
        | DECIDE_BY_LAW
        | MONEY
        | HAND_OUT_RECEIPTS
        | SEND_REFUNDS
        | view("inventory", "warehouse stockitem reservation stockhold lot serialnumber transfer")
        | edit("customers", "customer")
        | view("customers", "identity")
        | FILES
        | OWN_JOBS
        | EXPORT
        | HISTORY
        | LEAD_CASES
        | may(
            "orders.add_order",
            "orders.override_price",
            "orders.change_order",
            "orders.confirm_order",
            "orders.cancel_order",
            "orders.record_payment",
            "orders.record_return",
            "shipping.close_parcelalert",
            "orders.record_delivery",
            "customers.see_contact_data",
            "core.see_personal_columns",
        ),
        home=("service", "customers", "orders", "returns", "stock", "catalog", "data"),
    ),
    Role.DESIGNER: RoleDefinition(
        # pictures only: who may change a product may also put it on sale
        permissions=TASKS | view("catalog", "category product producttext variant") | edit("catalog", "productimage"),
        home=("work", "catalog"),
    ),
    Role.MERCHANDISER: RoleDefinition(
        permissions=TASKS
        | WATCH_STOCK
        | view("orders", "oversell")
        | DRAFT_ORDERS
        | SEE_RECEIPTS
        | SEND_BACK
        | may("purchasing.take_overdelivery", "crm.view_pattern")
        | RULES
        | FORESEE
        | REVIEW
        | view("catalog", "saleschannel")
        | REGISTER
        | PRICE_WISHES
        | view("inventory", "warehouse stockitem stockmovement stockhold lot")
        | edit("inventory", "stockpolicy")
        | TRANSFERS
        | view("inventory", "stocktake countplan")
        | may("inventory.change_stockitem")
        | may("returns.view_return_figures")
        | OWN_JOBS
        | EXCHANGE,
        home=("catalog", "work", "stock", "purchasing", "data"),
    ),
    Role.WAREHOUSE: RoleDefinition(
        permissions=TASKS
        | REVEAL
        | WATCH_STOCK
        | SEE_ORDERS
        | SEE_RECEIPTS
        | SEND_BACK
        | INSPECT_CASES
        | may("purchasing.receive_purchaseorder", "purchasing.inspect_goodsreceipt")
        | view("catalog", "product variant variantcode productimage")
        | STOCK
        | edit("inventory", "bin")
        | MOVE
        | HAND_OVER
        | COUNT
        | ORDERS
        | PRINT_SLIPS
        | OWN_JOBS
        | may(
            "orders.hold_order",
            "orders.plan_parcel",
            "orders.ship_order",
            "orders.record_return",
            "orders.record_delivery",
            "inventory.adjust_stock",
            "inventory.change_stockitem",
            "inventory.hold_stock",
        ),
        home=("orders", "shipping", "stock", "returns", "purchasing", "data"),
    ),
    Role.QUALITY_MANAGER: RoleDefinition(
        permissions=TASKS
        | REVEAL
        | WATCH_STOCK
        | EDIT_RULES
        | REVIEW
        | APPROVE_PRODUCTS
        | GOODS
        | ORDERS
        | PIECES
        | view("inventory", "warehouse stockitem reservation stockentry stockmovement")
        | TRANSFERS
        | OWN_JOBS
        | EXPORT
        | JUDGE_CASES
        | HEAR_CUSTOMERS
        | may("orders.record_return", "inventory.hold_stock"),
        home=("orders", "returns", "service", "catalog", "stock", "law"),
    ),
    Role.ACCOUNTANT: RoleDefinition(
        permissions=TASKS
        | REVEAL
        | SEE_ORDERS
        | COSTS
        | KEEP_INVOICES
        | view("purchasing", "stockhealth purchasebudget")
        | edit("purchasing", "exchangerate")
        | view("catalog", "saleschannel product variant price")
        | ORDERS
        | PARCEL_COSTS
        | MONEY
        | KEEP_BOOKS
        | SEE_PROFITS
        | SEND_REFUNDS
        | FILES
        | OWN_JOBS
        | EXPORT
        | CHARGE_OTHERS
        | may("orders.record_payment"),
        home=("orders", "money", "purchasing", "data"),
    ),
    Role.ADMINISTRATOR: RoleDefinition(
        permissions=DIRECT
        | GUARD_DATA
        | LEAD_ANSWERS
        | SET_CARRIERS
        | HAND_OVER
        | PARCEL_COSTS
        | MAKE_WAVES
        | WRITE_HOLD_RULES
        | SHARE
        | DECIDE_SHORTAGES
        | PURCHASE
        | OVERSEE_RECEIPTS
        | EDIT_RULES
        | FORESEE
        | REACH_MALLS
        | REGISTER
        | APPROVE_PRICES
        | APPROVE_PRODUCTS
        | STOCK
        | edit("inventory", "warehouse bin stockpolicy")
        | MOVE
        | JUDGE_COUNTS
        | ORDERS
        | DECIDE_BY_LAW
        | MONEY
        | KEEP_BOOKS
        | SEE_PROFITS
        | SEND_REFUNDS
        | SET_REFUND_LIMITS
        | edit("customers", "customer")
        | PEOPLE
        | BRING_FILES
        | OWN_JOBS
        | EXCHANGE
        | HISTORY
        | view("core", "delivery heartbeat sequence")
        | edit("staff", "user")
        | view("auth", "group")
        | view("django_celery_beat", "periodictask intervalschedule crontabschedule")
        | RULE_RETURNS
        | may(
            "crm.export_segment",
            "inventory.adjust_stock",
            "inventory.change_stockitem",
            "inventory.hold_stock",
            "orders.add_order",
            "orders.override_price",
            "orders.plan_parcel",
            "orders.change_order",
            "orders.confirm_order",
            "orders.ship_order",
            "orders.cancel_order",
            "orders.record_payment",
            "orders.record_return",
            "orders.record_delivery",
            "core.see_personal_columns",
            "core.view_all_jobs",
            "core.retry_delivery",
        ),
        home=(
            "system",
            "orders",
            "shipping",
            "money",
            "returns",
            "stock",
            "purchasing",
            "catalog",
            "customers",
            "data",
        ),
    ),
}


def permission_table() -> dict[str, frozenset[str]]:
    """Return role key → permissions, as staff.services.sync_roles takes it."""
    return {role.value: definition.permissions for role, definition in ROLES.items()}


def home_order(roles: list[Role]) -> tuple[str, ...]:
    """Return the groups of the navigation that come first for a person of these roles, without doubles."""
    return tuple(dict.fromkeys(group for role in roles for group in ROLES[role].home))
