"""Layouts of exports: which columns a file has and in which order, under a name."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from core.models import ExportLayout


def layouts_for(user: Any, model: str) -> QuerySet[ExportLayout]:
    """Return the person's own layouts of this table and those that colleagues share."""
    return ExportLayout.objects.filter(Q(owner=user.pk) | Q(is_shared=True), model=model).select_related("owner")


@transaction.atomic
def save_layout(
    *, model: str, name: str, fields: Sequence[str], kind: str, is_shared: bool, actor: Any
) -> ExportLayout:
    """Keep a layout under a name; one's own of that name is overwritten. InvalidInput without columns or name."""
    if not fields or not name.strip():
        raise InvalidInput(_("A layout needs a name and at least one column."))
    row, _made = ExportLayout.objects.update_or_create(
        owner=actor, model=model, name=name.strip()[:80],
        defaults={"fields": list(fields), "kind": kind, "is_shared": is_shared},
    )  # fmt: skip
    return row


@transaction.atomic
def rename_layout(*, layout_id: int, name: str, actor: Any) -> ExportLayout:
    """Give one's own layout another name; InvalidInput when it is empty or taken, NotAllowed for a colleague's."""
    row = _own(layout_id, actor)
    name = name.strip()[:80]
    if not name:
        raise InvalidInput(_("Give the layout a name."))
    if ExportLayout.objects.filter(owner=actor, model=row.model, name=name).exclude(pk=row.pk).exists():
        raise InvalidInput(_("You have a layout of this name already."))
    row.name = name
    row.save(update_fields=["name"])
    return row


@transaction.atomic
def remove_layout(*, layout_id: int, actor: Any) -> None:
    """Delete one's own layout; NotAllowed for a colleague's."""
    _own(layout_id, actor).delete()


def _own(layout_id: int, actor: Any) -> ExportLayout:
    row = ExportLayout.objects.select_for_update().filter(pk=layout_id).first()
    if row is None or row.owner_id != actor.pk:
        raise NotAllowed(_("This layout belongs to somebody else."))
    return row
