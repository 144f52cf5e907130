"""Who has read what, and who is there now: neither is history, and nothing is refused because of them."""

from django.db import connection
from django.utils import timezone

from service.models import Presence
from staff.models import User


def mark_ticket_read(*, ticket_id: int, version: int, actor: User) -> None:
    """Note that the colleague has read the ticket up to this version; an earlier one changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO service_readmark (ticket_id, user_id, version) VALUES (%s, %s, %s)"
            " ON CONFLICT (user_id, ticket_id) DO UPDATE SET version = excluded.version"
            " WHERE service_readmark.version < excluded.version",
            [ticket_id, actor.pk, version],
        )


def note_presence(*, ticket_id: int, is_typing: bool, actor: User) -> None:
    """Note that the colleague looks at the ticket, and whether he types; he is at one ticket at a time."""
    now = timezone.now()
    values = {"ticket_id": ticket_id, "seen_at": now, "typed_at": now if is_typing else None}
    Presence.objects.bulk_create(
        [Presence(user=actor, **values)],
        update_conflicts=True,
        unique_fields=["user"],
        update_fields=["ticket", "seen_at", "typed_at"],
    )
