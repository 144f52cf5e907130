"""Other names of variants: what channels call them."""

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import VariantCode
from core.errors import Conflict


@transaction.atomic
def remember_code(*, variant_id: int, code: str, sales_channel_id: int | None = None) -> VariantCode:
    """From now on ``code`` means this variant on the channel (anywhere without one); Conflict when it means another.

    Whether somebody may is decided by what they did it with (matching an order line, editing a product).
    """
    VariantCode.objects.bulk_create(
        [VariantCode(variant_id=variant_id, sales_channel_id=sales_channel_id, code=code)], ignore_conflicts=True
    )
    known = VariantCode.objects.get(sales_channel_id=sales_channel_id, code=code)
    if known.variant_id != variant_id:
        raise Conflict(_("The code “%(code)s” already stands for another variant.") % {"code": code})
    return known
