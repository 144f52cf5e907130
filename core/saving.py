"""Saved views are kept, renamed, shared and thrown away here."""

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from core.models import SavedView

LONGEST_NAME = 40


@transaction.atomic
def save_view(
    *, model: str, name: str, query: str, is_shared: bool = False, rank: int = 100, owner_id: int, may_share: bool
) -> SavedView:
    """Keep a checked query as a tab of its owner's lists and return it; the same name again replaces it.

    NotAllowed for sharing without the right; InvalidInput for no or too long a name.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInput(_("Give the view a name of at most %(count)d characters.") % {"count": LONGEST_NAME})
    if is_shared and not may_share:
        raise NotAllowed(_("Your role does not include this. Ask an administrator if you need it."))
    view, _made = SavedView.objects.update_or_create(
        owner_id=owner_id, model=model, name=name, defaults={"query": query, "is_shared": is_shared, "rank": rank}
    )
    return view


@transaction.atomic
def change_view(*, view_id: int, name: str, rank: int, is_shared: bool, actor_id: int, may_share: bool) -> SavedView:
    """Rename, move or share a view and return it; NotAllowed for somebody else's, unless it is shared and one may."""
    view = _own(view_id, actor_id, may_share=may_share)
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInput(_("Give the view a name of at most %(count)d characters.") % {"count": LONGEST_NAME})
    if is_shared and not view.is_shared and not may_share:
        raise NotAllowed(_("Your role does not include this. Ask an administrator if you need it."))
    if SavedView.objects.filter(owner=view.owner_id, model=view.model, name=name).exclude(pk=view.pk).exists():
        raise InvalidInput(_("Another view is called “%(name)s”.") % {"name": name})
    view.name, view.rank, view.is_shared = name, rank, is_shared
    view.save(update_fields=["name", "rank", "is_shared"])
    return view


@transaction.atomic
def drop_view(*, view_id: int, actor_id: int, may_share: bool) -> None:
    """Throw a view away; NotAllowed for somebody else's, unless it is shared and one may share."""
    view = _own(view_id, actor_id, may_share=may_share)
    view.delete()


def _own(view_id: int, actor_id: int, *, may_share: bool) -> SavedView:
    view = SavedView.objects.select_for_update().get(pk=view_id)
    if view.owner_id != actor_id and not (view.is_shared and may_share):
        raise NotAllowed(_("That view belongs to somebody else."))
    return view
