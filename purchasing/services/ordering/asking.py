"""Who may approve a purchase order is asked, and who handed it in hears what became of it."""

from django.contrib.contenttypes.models import ContentType

from core.models import EventRecord
from purchasing.events import PurchaseOrderSubmitted
from purchasing.models import PurchaseOrder
from staff.models import Topic, User
from staff.selectors import users_with_permission
from staff.services.notifications.notifying import Telling, notify_many, settle_key

APPROVE = "purchasing.approve_purchaseorder"


def ask_for_approval(order: PurchaseOrder, *, actor: User | None) -> int:
    """Tell all who may approve, but for who handed it in, that their decision is asked; return how many were told."""
    key = _key(order)
    data = _data(order, actor)
    return notify_many(
        tellings=[
            Telling(user_id=pk, topic=Topic.REVIEW_ASKED, key=key, data=data)
            for pk in _approvers()
            if actor is None or pk != actor.pk
        ]
    )


def stop_asking(order: PurchaseOrder) -> None:
    """Ask nobody any more: the order is decided, or called off."""
    settle_key(key=_key(order), user_ids=_approvers())


def tell_decided(order: PurchaseOrder, *, buyer_id: int | None, is_approved: bool, actor: User | None) -> None:
    """Tell the buyer that it is approved or sent back, and ask nobody any more."""
    stop_asking(order)
    if buyer_id is None or (actor is not None and actor.pk == buyer_id):
        return
    topic = Topic.APPROVED if is_approved else Topic.CHANGES_REQUESTED
    telling = Telling(user_id=buyer_id, topic=topic, key=f"{_key(order)}:{topic}", data=_data(order, actor))
    notify_many(tellings=[telling])


def _approvers() -> list[int]:
    return list(users_with_permission(APPROVE).order_by("pk").values_list("pk", flat=True))


def _key(order: PurchaseOrder) -> str:
    """Name this handing in: sent back and handed in again it is another occasion."""
    times = EventRecord.objects.filter(
        subject_type=ContentType.objects.get_for_model(PurchaseOrder),
        subject_id=order.pk,
        name=PurchaseOrderSubmitted.name,
    ).count()
    return f"purchase-order:{order.pk}:{times}"


def _data(order: PurchaseOrder, actor: User | None) -> dict[str, object]:
    about = {
        "about": f"purchasing.purchaseorder:{order.pk}", "number": order.number, "title": order.supplier.name,
    }  # fmt: skip
    return {**about, **({"by": actor.pk} if actor else {})}
