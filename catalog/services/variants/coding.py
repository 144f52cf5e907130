"""Other names of variants: what channels, makers and suppliers call them."""

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import CodeKind, Variant, VariantCode
from catalog.policies import can_change_codes
from core.errors import Conflict, InvalidInput, NotAllowed
from staff.models import User

MAX_CODE = 120


@transaction.atomic
def remember_code(*, variant_id: int, code: str, sales_channel_id: int | None = None) -> VariantCode:
    """From now on ``code`` means this variant on the channel (anywhere without one); Conflict when it means another.

    Whether somebody may is decided by what they did it with (matching an order line, editing a product).
    """
    kind = CodeKind.SYNONYM if sales_channel_id is None else CodeKind.CHANNEL
    VariantCode.objects.bulk_create(
        [VariantCode(variant_id=variant_id, sales_channel_id=sales_channel_id, code=code, kind=kind)],
        ignore_conflicts=True,
    )
    known = VariantCode.objects.get(sales_channel_id=sales_channel_id, code=code)
    if known.variant_id != variant_id:
        raise Conflict(_("The code “%(code)s” already stands for another variant.") % {"code": code})
    return known


@transaction.atomic
def add_code(
    *,
    variant_id: int,
    code: str,
    kind: CodeKind,
    sales_channel_id: int | None = None,
    actor: User | None = None,
) -> VariantCode:
    """Let ``code`` mean this variant, on the channel or anywhere, and return the row; its kind is the newest said.

    Conflict names the variant that has it already, by code, SKU or barcode: orders could not tell them apart.
    InvalidInput for an empty or long code, a channel's code without its channel and a channel with any other kind;
    NotAllowed without the right.
    """
    if actor is not None and not can_change_codes(actor):
        raise NotAllowed(_("You may not change the codes of variants."))
    code = code.strip()
    if not code or len(code) > MAX_CODE:
        raise InvalidInput(_("Write a code of at most %(limit)s characters.") % {"limit": MAX_CODE})
    if (kind == CodeKind.CHANNEL) != (sales_channel_id is not None):
        raise InvalidInput(_("A code of a sales channel needs its channel; every other kind of code holds everywhere."))
    _refuse_other(code, variant_id, sales_channel_id)
    row = remember_code(variant_id=variant_id, code=code, sales_channel_id=sales_channel_id)
    if row.kind != kind:
        row.kind = kind
        row.save(update_fields=["kind"])
    return row


def _refuse_other(code: str, variant_id: int, sales_channel_id: int | None) -> None:
    others = VariantCode.objects.filter(code=code, sales_channel=sales_channel_id).exclude(variant=variant_id)
    held = others.values_list("variant__sku", flat=True).first()
    if held is None and sales_channel_id is None:
        # a channel may call one thing what another one is called here; a code for everywhere may not
        same = Variant.objects.filter(sku=code) | Variant.objects.filter(barcode=code)
        held = same.exclude(pk=variant_id).values_list("sku", flat=True).first()
    if held is not None:
        raise Conflict(_("“%(code)s” means %(sku)s already. Remove it there first.") % {"code": code, "sku": held})


@transaction.atomic
def remove_code(*, code_id: int, actor: User | None = None) -> None:
    """Let the code mean nothing any more; Conflict when it is gone already, NotAllowed without the right."""
    if actor is not None and not can_change_codes(actor):
        raise NotAllowed(_("You may not change the codes of variants."))
    count, _rows = VariantCode.objects.filter(pk=code_id).delete()
    if not count:
        raise Conflict(_("This code is gone already. Reload the page."))
