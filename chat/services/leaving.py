"""Visitors who left before they were answered get the answer by mail, if we know where and from which address."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Left

from chat.models import Conversation
from service.models import Outgoing, OutgoingState, OutgoingWay
from service.services.sending import send_by_mail_instead

GONE = timedelta(minutes=2)  # without a sign of the visitor's page since the answer could be read there
LATEST = timedelta(days=1)  # what is older is not sent after all
MOST_AT_ONCE = 200
_KEY = Conversation._meta.get_field("key").max_length or 0


@transaction.atomic
def mail_unseen_answers(*, now: datetime) -> int:
    """Owe by mail the answers whose visitors left before they could read them, and return how many; again finds none.

    They leave from the address of the chat's inlet, and stay in the chat for who comes back. A visitor who comes back
    in this very second reads one there and gets the mail besides. Who said no address waits for his page, and so does
    everybody where the inlet has none.
    """
    gone = Conversation.objects.filter(key=Left(OuterRef("message__in_reply_to"), _KEY), seen_at__lt=OuterRef("due_at"))
    shown = Outgoing.objects.filter(
        way=OutgoingWay.CHAT, state=OutgoingState.SENT, sent_at__range=(now - LATEST, now - GONE)
    )
    unseen = shown.exclude(message__recipient="").exclude(message__inlet__address="").filter(Exists(gone))
    rows = list(unseen.order_by("sent_at", "pk").select_for_update(skip_locked=True, of=("self",))[:MOST_AT_ONCE])
    for row in rows:
        send_by_mail_instead(outgoing=row, now=now)
    return len(rows)
