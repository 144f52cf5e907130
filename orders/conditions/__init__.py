"""By what hold rules find orders: kinds of conditions, each with its inputs, its sentence and its condition in SQL."""

from orders.conditions.addresses import AddressCheck, address_checks, register_address_check
from orders.conditions.goods import GOODS_KINDS
from orders.conditions.people import PEOPLE_KINDS
from orders.conditions.registry import (
    ConditionKind,
    Conditions,
    condition_of,
    condition_sentences,
    kinds,
    register_kind,
    registered_kind,
)

for _kind in (*GOODS_KINDS, *PEOPLE_KINDS):
    register_kind(_kind)

__all__ = [
    "AddressCheck",
    "ConditionKind",
    "Conditions",
    "address_checks",
    "condition_of",
    "condition_sentences",
    "kinds",
    "register_address_check",
    "register_kind",
    "registered_kind",
]
