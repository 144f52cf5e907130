"""Everything that writes customers."""

from customers.services.identifying import Buyer, identify_customers, normal_email, normal_phone
from customers.services.keeping import add_identity, create_customer, update_customer
from customers.services.searching import refresh_customer_search_text

__all__ = [
    "Buyer",
    "add_identity",
    "create_customer",
    "identify_customers",
    "normal_email",
    "normal_phone",
    "refresh_customer_search_text",
    "update_customer",
]
