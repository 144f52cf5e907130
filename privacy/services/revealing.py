"""Showing personal data in full, and keeping who saw whose."""

from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from privacy.models import Access, AccessKind, AccessReason
from privacy.policies import can_reveal
from privacy.subjects import Known, SubjectKind
from staff.models import User

SAME_LOOK = timedelta(minutes=10)  # reloading a page is one look


@transaction.atomic
def reveal_personal_data(
    *, kind: SubjectKind, row: Model, reason: AccessReason, note: str, address: str, actor: User
) -> Known:
    """Return what is known of the person in full; the look is in the log first, for good.

    NotAllowed without the right; InvalidInput when "something else" is not explained. ``address``: of the request.
    """
    if not can_reveal(actor):
        raise NotAllowed(_("You may not see personal data in full."))
    if reason == AccessReason.OTHER and not note.strip():
        raise InvalidInput(_("Write into the note what it is needed for."))
    Access.objects.create(
        kind=AccessKind.REVEAL,
        actor=actor,
        address=address[:45],
        subject_type=ContentType.objects.get_for_model(kind.model),
        subject_id=row.pk,
        subject_label=kind.label(row)[:60],
        what=str(kind.what)[:200],
        reason=reason,
        note=note.strip()[:300],
    )
    return kind.reveal(row)


def note_opened_page(*, kind: SubjectKind, subject_id: int, address: str, actor: User) -> Access | None:
    """Log that somebody who sees all by role opened a person's page; None for the same look within ten minutes.

    One statement for the same look, one more for a new one.
    """
    seen = Access.objects.filter(
        kind=AccessKind.PAGE,
        actor=actor,
        subject_type=ContentType.objects.get_for_model(kind.model),
        subject_id=subject_id,
        at__gt=timezone.now() - SAME_LOOK,
    )
    row = kind.model._default_manager.filter(~Exists(seen), pk=subject_id).first()
    if row is None:
        return None
    return Access.objects.create(
        kind=AccessKind.PAGE,
        actor=actor,
        address=address[:45],
        subject_type=ContentType.objects.get_for_model(kind.model),
        subject_id=subject_id,
        subject_label=kind.label(row)[:60],
        what=str(kind.what)[:200],
    )
