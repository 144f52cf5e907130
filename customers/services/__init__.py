"""Everything that writes customers."""

from customers.services.deadlines import follow_request_clock, start_request_clock, stop_request_clock
from customers.services.forgetting import forget_customer
from customers.services.identifying import Buyer, identify_customers
from customers.services.keeping import add_identity, create_customer, update_customer
from customers.services.locking import customers_known_by, lock_identities, relock_identities
from customers.services.normalising import normal_email, normal_phone
from customers.services.searching import refresh_customer_search_text

__all__ = [
    "Buyer",
    "add_identity",
    "create_customer",
    "customers_known_by",
    "follow_request_clock",
    "forget_customer",
    "identify_customers",
    "lock_identities",
    "normal_email",
    "normal_phone",
    "refresh_customer_search_text",
    "relock_identities",
    "start_request_clock",
    "stop_request_clock",
    "update_customer",
]
