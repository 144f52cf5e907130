"""What colleagues want on top."""

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from service.models import Macro, MacroFavourite
from service.services.locking import check_may_work
from staff.models import User


@transaction.atomic
def like_macro(*, macro_id: int, is_liked: bool, actor: User) -> None:
    """Put a macro on top of the actor's list, or take it from there; again it changes nothing."""
    check_may_work(actor)
    if not Macro.objects.filter(pk=macro_id).exists():
        raise InvalidInput(_("There is no such macro."))
    if is_liked:
        MacroFavourite.objects.bulk_create([MacroFavourite(macro_id=macro_id, user=actor)], ignore_conflicts=True)
    else:
        MacroFavourite.objects.filter(macro=macro_id, user=actor).delete()
