"""What one does about an alert in one step: stop the sale, claim against the supplier, give somebody the work."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Product, SalesChannel
from catalog.services import pause_listings
from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from inventory.services import stop_lot
from purchasing.models import Supplier, SupplierItem
from purchasing.services import PiecesBack, draft_supplier_return
from staff.models import Priority, TaskKind, User
from staff.services.requests.requesting import Request, request_task
from voice.events import AlertHandled
from voice.models import Alert, AlertState
from voice.policies import can_act_on_voice
from voice.services.telling import settle_alert_bell


@transaction.atomic
def stop_alert_sale(*, alert_id: int, reason: str, whole_product: bool = False, actor: User) -> Alert:
    """Hold the alert's lot back in all warehouses, or take its product off all channels, and return the alert.

    The whole product only where the alert is about no lot, or where that is asked for. Pressed again the alert is as it
    is. InvalidInput without a product or a reason, or where nothing of the lot is free; NotAllowed, also without the
    right to hold stock or to pause products.
    """
    alert = _lock(alert_id, actor)
    product = product_of(alert)
    if alert.stopped_at is not None:
        return alert
    if product is None:
        raise InvalidInput(_("This alert is about no single product."))
    if not reason.strip():
        raise InvalidInput(_("Say why the sale is stopped."))
    is_lot = alert.lot_id is not None and not whole_product
    if is_lot:
        stop_lot(lot_id=alert.lot_id or 0, note=reason.strip(), reference=str(alert)[:80], actor=actor)
    else:
        channels = list(SalesChannel.objects.values_list("pk", flat=True))
        pause_listings(product_ids=[product.pk], sales_channel_ids=channels, reason=reason, actor=actor)
    alert.stopped_at = timezone.now()
    return _handle(alert, "stop_lot" if is_lot else "stop_sale", reason, actor)


@transaction.atomic
def claim_alert_from_supplier(
    *, alert_id: int, variant_id: int, quantity: int, warehouse_id: int, reason: str, key: str, actor: User
) -> Alert:
    """Draft what goes back to the supplier and return the alert; once for each alert, and for each ``key``.

    InvalidInput where no supplier is known or for another product's variant; NotAllowed.
    """
    alert = _lock(alert_id, actor)
    if alert.supplier_return_id is not None:
        return alert
    supplier, product = supplier_of(alert), product_of(alert)
    if supplier is None:
        raise InvalidInput(_("No supplier is known. Enter who supplies the product first."))
    if product is not None and not product.variants.filter(pk=variant_id).exists():
        raise InvalidInput(_("Choose a variant of this product."))
    alert.supplier_return = draft_supplier_return(
        supplier_id=supplier.pk,
        warehouse_id=warehouse_id,
        lines=[PiecesBack(variant_id=variant_id, quantity=quantity, lot_id=alert.lot_id)],
        reason=reason,
        key=f"voice:{alert.pk}:{key}",
        actor=actor,
    )
    return _handle(alert, "supplier_claim", reason, actor)


@transaction.atomic
def open_alert_task(*, alert_id: int, title: str, actor: User) -> Alert:
    """Ask for work about the alert, once, and return it; the task stands in the queue of its role. NotAllowed."""
    alert = _lock(alert_id, actor)
    if alert.task_id is not None:
        return alert
    words = title.strip() or str(alert)
    request = Request(
        kind=TaskKind.GENERAL,
        title=words[:200],
        brief={"what": words},
        priority=Priority.HIGH,
        subject=product_of(alert) or alert.supplier or alert,
    )
    alert.task = request_task(request=request, actor=actor)
    return _handle(alert, "task", words, actor)


@transaction.atomic
def settle_alert(*, alert_id: int, answer: str, actor: User) -> Alert:
    """Note why nothing more is done and return the alert. InvalidInput without words; InvalidTransition; NotAllowed."""
    alert = _lock(alert_id, actor)
    if alert.state != AlertState.OPEN:
        raise InvalidTransition(_("Somebody has handled this alert already. Reload the page."))
    if not answer.strip():
        raise InvalidInput(_("Say what was found."))
    return _handle(alert, "note", answer, actor)


def product_of(alert: Alert) -> Product | None:
    """Return the one product that the alert is about, by its lot too; None for a supplier's."""
    return alert.product or (alert.lot.variant.product if alert.lot is not None else None)


def supplier_of(alert: Alert) -> Supplier | None:
    """Return the alert's supplier, else the preferred one of its product."""
    product = product_of(alert)
    if alert.supplier is not None or product is None:
        return alert.supplier
    items = SupplierItem.objects.filter(variant__product=product, is_active=True).select_related("supplier")
    item = items.order_by("-is_preferred", "pk").first()
    return item.supplier if item else None


def _lock(alert_id: int, actor: User) -> Alert:
    if not can_act_on_voice(actor):
        raise NotAllowed(_("You may not act on alerts."))
    alert = Alert.objects.select_for_update().filter(pk=alert_id).first()
    if alert is None:
        raise InvalidTransition(_("There is no such alert. Reload the page."))
    return alert


def _handle(alert: Alert, what: str, answer: str, actor: User) -> Alert:
    alert.state, alert.answer = AlertState.HANDLED, answer.strip()[:300]
    alert.handled_by, alert.handled_at = actor, timezone.now()
    alert.save(
        update_fields=["state", "answer", "handled_by", "handled_at", "stopped_at", "supplier_return", "task"]
    )  # fmt: skip
    settle_alert_bell(alert)
    record(AlertHandled(alert_id=alert.pk, what=what), subject=alert, actor=actor)
    return alert
