"""Who may approve a refund is asked, and who granted it hears what became of it."""

from payments.models import Refund
from staff.models import Topic, User
from staff.selectors import users_with_permission
from staff.services.notifications.notifying import Telling, notify_many, settle_key

APPROVE = "payments.approve_refund"


def ask_for_refund_approval(refund: Refund, *, actor: User | None) -> int:
    """Tell all who may approve, but for who granted it, that their decision is asked; return how many were told."""
    data = _data(refund, actor)
    return notify_many(
        tellings=[
            Telling(user_id=pk, topic=Topic.REVIEW_ASKED, key=_key(refund), data=data)
            for pk in _approvers()
            if actor is None or pk != actor.pk
        ]
    )


def tell_refund_decided(refund: Refund, *, is_approved: bool, actor: User | None) -> None:
    """Tell who granted it that it is approved or withdrawn, and ask nobody any more."""
    settle_key(key=_key(refund), user_ids=_approvers())
    granter = refund.granted_by_id
    if granter is None or (actor is not None and actor.pk == granter):
        return
    topic = Topic.APPROVED if is_approved else Topic.CHANGES_REQUESTED
    notify_many(
        tellings=[Telling(user_id=granter, topic=topic, key=f"{_key(refund)}:{topic}", data=_data(refund, actor))]
    )


def _approvers() -> list[int]:
    return list(users_with_permission(APPROVE).order_by("pk").values_list("pk", flat=True))


def _key(refund: Refund) -> str:
    return f"refund:{refund.pk}"


def _data(refund: Refund, actor: User | None) -> dict[str, object]:
    about = {"about": f"payments.refund:{refund.pk}", "number": refund.number, "title": refund.order.number}
    return {**about, **({"by": actor.pk} if actor else {})}
