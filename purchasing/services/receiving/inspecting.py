"""Goods that waited for inspection are judged."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition
from core.events import record
from inventory.services import judge_held
from purchasing.events import GoodsInspected
from purchasing.models import GoodsReceipt, GoodsReceiptLine, InspectionState
from purchasing.policies import can_inspect_goods
from purchasing.services.ordering.orders import check_right
from staff.models import User


@transaction.atomic
def inspect_goods(
    *, receipt_line_id: int, failed: int = 0, note: str = "", actor: User | None = None
) -> GoodsReceiptLine:
    """Judge what waits of a receipt's line: ``failed`` pieces stay held as damaged, the others are for sale now.

    InvalidTransition when nothing of it waits; InvalidInput for more failed pieces than wait, or failed ones without a
    note; NotAllowed without the right to inspect.
    """
    check_right(can_inspect_goods, actor)
    receipt_id = GoodsReceiptLine.objects.values_list("receipt", flat=True).get(pk=receipt_line_id)
    receipt = GoodsReceipt.objects.select_for_update(no_key=True, of=("self",)).get(pk=receipt_id)
    line = GoodsReceiptLine.objects.select_related("order_line__variant", "hold").get(pk=receipt_line_id)
    hold = line.hold
    if line.inspection != InspectionState.WAITING or hold is None or not hold.held:
        raise InvalidTransition(_("Nothing of this line waits for inspection. Reload the page."))
    if not 0 <= failed <= hold.held:
        raise InvalidInput(_("Only %(count)s pieces wait for inspection.") % {"count": hold.held})
    if failed and not note.strip():
        raise InvalidInput(_("Say what is wrong with the pieces that failed."))
    passed = hold.held - failed
    judge_held(hold_id=hold.pk, passed=passed, failed=failed, note=note.strip()[:200], actor=actor)
    line.inspection = InspectionState.FAILED if failed else InspectionState.PASSED
    line.failed, line.inspected_by, line.inspected_at = failed, actor, timezone.now()
    line.note = " ".join(part for part in (line.note, note.strip()) if part)[:300]
    line.save(update_fields=["inspection", "failed", "inspected_by", "inspected_at", "note"])
    fact = GoodsInspected(
        order_id=receipt.order_id,
        receipt_id=receipt.pk,
        number=receipt.number,
        sku=line.order_line.variant.sku,
        passed=passed,
        failed=failed,
    )
    record(fact, subject=receipt.order, actor=actor)
    return line
