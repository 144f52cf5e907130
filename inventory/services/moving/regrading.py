"""Pieces that are not new any more become goods of their own: a B grade with its own SKU, price and listings."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Variant
from catalog.selectors.bundling import bundle_contents
from core.commands import once
from core.errors import InvalidInput, NotAllowed
from core.events import record
from core.sequences import document_number, next_numbers
from inventory.events import KitsAssembled
from inventory.models import Assembly, AssemblyKind, EntryKind, HoldKind, Lot, StockHold
from inventory.policies import can_adjust_stock
from inventory.services.entries import post_document
from inventory.services.entry_lines import EntryCause, EntryLine, LotGiven, locked_items
from inventory.services.moving.assembling import SERIES
from inventory.services.setting_aside import free_holds
from staff.models import User

# kinds of hold that say what state the pieces are in, not whom they wait for
CONDITIONS = frozenset({HoldKind.QUARANTINE, HoldKind.INSPECTION, HoldKind.DAMAGED, HoldKind.OPENED, HoldKind.DISPLAY})


def regrade_held(
    *,
    hold_id: int,
    variant_id: int,
    quantity: int,
    serials: tuple[str, ...] = (),
    key: str = "",
    actor: User | None = None,
) -> Assembly:
    """Make pieces of a hold into pieces of another variant, free for sale, and return the assembly that says so.

    One entry, both sides: the pieces keep what they cost, and their lot's number and dates. The same ``key`` does it
    once. InvalidInput for more than the hold keeps, a hold that waits for somebody or follows its lot, the variant
    itself, a bundle; NotAllowed without the right to adjust stock.
    """
    if actor is not None and not can_adjust_stock(actor):
        raise NotAllowed(_("You may not change stock. Ask somebody of the warehouse."))

    def run() -> int:
        return _regrade(hold_id, variant_id, quantity, serials, actor).pk

    if not key:
        return Assembly.objects.get(pk=run())
    parameters: dict[str, Any] = {"hold": hold_id, "variant": variant_id, "quantity": quantity}
    return Assembly.objects.get(pk=once(key=f"inventory.regrade:{key}", parameters=parameters, run=run))


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _regrade(hold_id: int, variant_id: int, quantity: int, serials: tuple[str, ...], actor: User | None) -> Assembly:
    became = Variant.objects.select_for_update(no_key=True).get(pk=variant_id)
    hold = StockHold.objects.select_related("stock_item", "lot").get(pk=hold_id)
    item = hold.stock_item
    if hold.kind not in CONDITIONS:
        raise InvalidInput(_("These pieces wait for somebody or for their lot. Free them first."))
    if became.pk == item.variant_id:
        raise InvalidInput(_("Choose another variant: the one as which these pieces are to be sold."))
    if bundle_contents(variant_ids=[became.pk]).get(became.pk):
        raise InvalidInput(_("%(sku)s is a bundle. Choose a variant that is no bundle.") % {"sku": became.sku})
    lines = [
        EntryLine(
            variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=-quantity, lot_id=hold.lot_id,
            bin_id=hold.bin_id, serials=serials,
        ),
        EntryLine(
            variant_id=became.pk, warehouse_id=item.warehouse_id, quantity=quantity, lot=_same_lot(hold.lot),
            bin_id=hold.bin_id, serials=serials,
        ),
    ]  # fmt: skip
    locked_items(lines)
    hold.refresh_from_db(fields=["quantity", "released"])
    if not 0 < quantity <= hold.held:
        raise InvalidInput(_("This hold keeps %(count)s pieces. Write at most so many.") % {"count": hold.held})
    free_holds({hold.pk: quantity}, actor)  # under the item's lock: nobody can take them in between
    [value] = next_numbers(series=SERIES)
    made = Assembly.objects.create(
        number=document_number("K", value), kind=AssemblyKind.REGRADE, bundle=became, warehouse_id=item.warehouse_id,
        quantity=quantity, created_by=actor,
    )  # fmt: skip
    post_document(
        kind=EntryKind.ASSEMBLY, lines=lines, reference=made.number, cause=EntryCause(assembly_id=made.pk), actor=actor
    )
    record(
        KitsAssembled(
            assembly_id=made.pk, bundle_id=became.pk, warehouse_id=item.warehouse_id, kind=made.kind, quantity=quantity
        ),
        subject=made,
        actor=actor,
    )
    return made


def _same_lot(lot: Lot | None) -> LotGiven | None:
    return None if lot is None else LotGiven(number=lot.number, expires_on=lot.expires_on, made_on=lot.made_on)
