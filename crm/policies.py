"""Who may see how people buy and do what follows; services refuse by these, screens hide by them."""

from staff.models import User

SEES_NAMES = "core.see_personal_columns"  # names in full, in files that leave


def can_note_customers(user: User | None) -> bool:
    """Tell whether the user may write notes and tags at customers; None is the system itself."""
    return user is None or user.has_perm("crm.note_customer")


def can_merge_customers(user: User | None) -> bool:
    """Tell whether the user may merge customers and keep them apart; None is the system itself."""
    return user is None or user.has_perm("crm.merge_customer")


def can_change_segments(user: User | None) -> bool:
    """Tell whether the user may write segments."""
    return user is None or user.has_perm("crm.change_segment")


def can_use_segments(user: User | None) -> bool:
    """Tell whether the user may take snapshots of segments."""
    return user is None or user.has_perm("crm.use_segment")


def can_export_segments(user: User | None) -> bool:
    """Tell whether the user may take the people of a segment out of the house."""
    return user is None or (user.has_perm("crm.export_segment") and user.has_perm("core.export_data"))
