"""Who may do what with articles."""

from staff.models import User


def can_write_articles(user: User | None) -> bool:
    """Tell whether the user may write drafts; None is the system itself."""
    return user is None or user.has_perm("knowledge.change_article")


def can_publish_articles(user: User | None) -> bool:
    """Tell whether the user may publish articles, take them back and say that they are looked through."""
    return user is None or user.has_perm("knowledge.publish_article")
