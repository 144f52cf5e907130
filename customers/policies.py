"""Who may see and change what we know about people."""

from staff.models import User


def can_see_contact_data(user: User) -> bool:
    """Tell whether the user may see phone numbers, e-mail and street addresses in full."""
    return user.has_perm("customers.see_contact_data")


def can_add_customers(user: User) -> bool:
    """Tell whether the user may enter customers."""
    return user.has_perm("customers.add_customer")


def can_change_customers(user: User) -> bool:
    """Tell whether the user may correct customers."""
    return user.has_perm("customers.change_customer")
