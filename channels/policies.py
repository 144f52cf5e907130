"""Who may do what with connections; services refuse by these, screens hide by them."""

from staff.models import User


def can_keep_connections(user: User | None) -> bool:
    """Tell whether the user may say how malls are reached; None is the system itself."""
    return user is None or user.has_perm("channels.change_connection")
