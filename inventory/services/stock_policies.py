"""How the stock of a variant is kept and sold is decided by hand."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Variant
from core.errors import InvalidInput, NotAllowed
from core.events import record
from inventory.events import StockPolicySet
from inventory.models import StockPolicy, WhenOut
from inventory.policies import can_set_stock_policy
from staff.models import User

FIELDS = (
    "tracks_lots", "tracks_serials", "block_days", "when_out", "backorder_limit", "release_on", "incoming_sold",
)  # fmt: skip


@transaction.atomic
def set_stock_policy(*, variant_id: int, values: Mapping[str, Any], actor: User | None = None) -> StockPolicy:
    """Set these fields (of ``FIELDS``) of a variant's stock policy, made on first use, and return it.

    NotAllowed without the right; InvalidInput for a sale before release that does not say when the release is.
    """
    if actor is not None and not can_set_stock_policy(actor):
        raise NotAllowed(_("You may not change how this stock is kept and sold."))
    Variant.objects.select_for_update(no_key=True).get(pk=variant_id)
    known = StockPolicy.objects.filter(variant_id=variant_id).first()
    policy = known or StockPolicy(variant_id=variant_id)
    changed = [name for name in FIELDS if name in values and getattr(policy, name) != values[name]]
    for name in changed:
        setattr(policy, name, values[name])
    if policy.when_out == WhenOut.PREORDER and policy.release_on is None:
        raise InvalidInput(_("Say when it is released: without a date nothing can be sold before its release."))
    if known is None:
        policy.save()
    elif changed:
        policy.save(update_fields=changed)
    if changed:
        record(StockPolicySet(variant_id=variant_id, fields=changed), subject=policy.variant, actor=actor)
    return policy
