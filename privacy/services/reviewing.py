"""Saying that somebody looked at the access log, and what they found."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from privacy.models import AccessReview
from privacy.policies import can_review_access
from privacy.selectors.access import count_access
from staff.models import User


@transaction.atomic
def review_access_log(*, starts_on: date, ends_on: date, finding: str, actor: User) -> AccessReview:
    """Keep who looked at the log of these days (both belong to it) and what they found.

    NotAllowed without the right; InvalidInput without a finding or for days that are not over.
    """
    if not can_review_access(actor):
        raise NotAllowed(_("You may not review the access log."))
    if not finding.strip():
        raise InvalidInput(_("Write down what you found, even if it is nothing."))
    if ends_on < starts_on or ends_on >= timezone.localdate():
        raise InvalidInput(_("This time is not over yet: review it when nothing can be added any more."))
    looks, downloads = count_access(starts_on=starts_on, ends_on=ends_on)
    return AccessReview.objects.create(
        starts_on=starts_on,
        ends_on=ends_on,
        access_count=looks,
        download_count=downloads,
        finding=finding.strip(),
        reviewed_by=actor,
    )
