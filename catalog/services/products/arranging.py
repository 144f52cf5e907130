"""How a person arranges the grid is kept for the next time."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import GridLayout
from core.errors import InvalidInput
from staff.models import User

MOST_COLUMNS = 80
NARROWEST, WIDEST = 48, 900  # pixels


@transaction.atomic
def arrange_grid(
    *, columns: Sequence[str] | None = None, widths: Mapping[str, int] | None = None, actor: User
) -> GridLayout:
    """Remember the columns, the widths, or both, for this person; widths of other columns stay.

    InvalidInput for more than 80 columns or none at all.
    """
    if columns is not None and not 1 <= len(set(columns)) <= MOST_COLUMNS:
        raise InvalidInput(_("Choose between 1 and %(count)s columns.") % {"count": MOST_COLUMNS})
    layout, _made = GridLayout.objects.select_for_update().get_or_create(user=actor)
    if columns is not None:
        layout.columns = list(dict.fromkeys(columns))
    kept = {**layout.widths, **{key: max(NARROWEST, min(WIDEST, px)) for key, px in (widths or {}).items()}}
    layout.widths = dict(list(kept.items())[-MOST_COLUMNS * 2 :])
    layout.save(update_fields=["columns", "widths"])
    return layout
