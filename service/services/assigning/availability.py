"""Who is here: said by oneself, or by who directs. Days of leave are entered in ``staff`` and count by themselves."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from core.events import record
from service.events import AvailabilityChanged
from service.models import AgentProfile, Availability
from service.policies import can_set_availability_of
from staff.models import User


@transaction.atomic
def set_availability(
    *, user_id: int, availability: str, until: datetime | None = None, actor: User | None
) -> AgentProfile:
    """Say that a colleague is here, takes nothing new or is away, until a moment if one is given; return the profile.

    What waits is given out soon after somebody is here again; the tickets of who is away are handed over within a
    minute. NotAllowed for somebody else's without the right to direct; InvalidInput for a moment that is over, and for
    who has no profile. Saying again what is so changes nothing.
    """
    if not can_set_availability_of(actor, user_id):
        raise NotAllowed(_("Only the colleague, or who directs customer service, may say so."))
    if availability not in Availability.values:
        raise InvalidInput(_("This value cannot be used here."))
    if availability == Availability.HERE:
        until = None
    if until is not None and until <= timezone.now():
        raise InvalidInput(_("Choose a time that lies ahead."))
    profile = AgentProfile.objects.select_related("user").filter(user=user_id).select_for_update(of=("self",)).first()
    if profile is None:
        raise InvalidInput(_("This colleague is no agent yet. Who directs customer service enters agents."))
    if (profile.availability, profile.until) == (availability, until):
        return profile
    profile.availability, profile.until = availability, until
    profile.save(update_fields=["availability", "until", "updated_at"])
    record(AvailabilityChanged(profile_id=profile.pk, availability=availability), subject=profile, actor=actor)
    return profile
