"""An answer that fits a rule waits: who may approve is told, and the customer goes on waiting for us."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from core.events import record
from service.events import ReplyAwaits
from service.models import ApprovalDecision, ApprovalGround, Message, Outgoing, ReplyApproval, Ticket
from service.selectors.approvals import Ground
from staff.models import Topic, User
from staff.selectors import users_with_permission
from staff.services.notifications.notifying import Telling, notify_many, settle_key

APPROVE = "service.approve_reply"
_BETWEEN = "\x1f"  # a sign that the database can hold too: an invariant computes the same digest


def ask_for_approval(
    *,
    ticket: Ticket,
    outgoing: Outgoing,
    grounds: Sequence[Ground],
    resolve: bool,
    send_at: datetime | None,
    actor: User | None,
) -> ReplyApproval:
    """Note why the answer waits and tell everybody who may decide, the writer left out; the ticket is locked."""
    approval = ReplyApproval.objects.create(
        outgoing=outgoing,
        writer=actor,
        sha256=digest_of(outgoing.message),
        resolves=resolve,
        send_at=send_at,
    )
    ApprovalGround.objects.bulk_create(
        [ApprovalGround(approval=approval, rule=one.rule, word=one.word, amount=one.amount) for one in grounds]
    )
    deciders = users_with_permission(APPROVE).order_by("pk")
    if actor is not None:
        deciders = deciders.exclude(pk=actor.pk)
    data: dict[str, Any] = {"about": f"service.ticket:{ticket.pk}", "number": ticket.number, "title": ""}
    if actor is not None:
        data["by"] = actor.pk
    key = key_of(outgoing)
    people = deciders.values_list("pk", flat=True)
    notify_many(tellings=[Telling(user_id=pk, topic=Topic.REVIEW_ASKED, key=key, data=data) for pk in people])
    fact = ReplyAwaits(ticket_id=ticket.pk, message_id=outgoing.message_id, rules=[one.rule.name for one in grounds])
    record(fact, subject=ticket, actor=actor)
    return approval


def withdraw_question(*, outgoing: Outgoing, actor: User | None) -> None:
    """Note that the answer was taken back before anybody decided; it is locked."""
    approval = ReplyApproval.objects.select_for_update(of=("self",)).get(outgoing=outgoing)
    approval.decision, approval.decided_by, approval.decided_at = ApprovalDecision.WITHDRAWN, actor, timezone.now()
    approval.save(update_fields=["decision", "decided_by", "decided_at"])
    stop_asking(outgoing)


def digest_of(message: Message) -> str:
    """Return the digest of what is approved: the words, to whom, and the files with it."""
    parts = [message.recipient, message.subject, message.body]
    parts += message.attachments.order_by("pk").values_list("sha256", flat=True)
    return hashlib.sha256(_BETWEEN.join(parts).encode()).hexdigest()


def key_of(outgoing: Outgoing) -> str:
    """Return under which key deciders were told."""
    return f"reply:{outgoing.pk}"


def stop_asking(outgoing: Outgoing) -> None:
    """Take the question from everybody's bell: it is decided."""
    settle_key(key=key_of(outgoing), user_ids=list(users_with_permission(APPROVE).values_list("pk", flat=True)))
