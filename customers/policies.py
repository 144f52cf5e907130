"""Who may see and change what we know about people."""

from staff.models import User


def can_add_customers(user: User) -> bool:
    """Tell whether the user may enter customers."""
    return user.has_perm("customers.add_customer")


def can_change_customers(user: User) -> bool:
    """Tell whether the user may correct customers."""
    return user.has_perm("customers.change_customer")
