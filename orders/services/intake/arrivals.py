"""What arriving orders and returns share: whose they are, and which variants they mean."""

from collections.abc import Iterable

from catalog.models import SalesChannel
from catalog.selectors.matching import match_variants
from catalog.services.products.registering import register_skus
from customers.services.identifying import Buyer
from orders.models import LineKind
from orders.services.intake.drafts import LineDraft, OrderDraft, ReturnDraft


def match_goods(
    drafts: Iterable[OrderDraft | ReturnDraft], channel: SalesChannel, *, create_missing_variants: bool
) -> dict[str, int]:
    """Return SKU -> variant id of the drafts' goods; unknown ones get a draft product when asked for."""
    goods: dict[str, LineDraft] = {
        line.sku: line for draft in drafts for line in draft.lines if line.kind == LineKind.PRODUCT and line.sku
    }
    found = match_variants(codes=goods.keys(), sales_channel_id=channel.pk)
    missing = {sku: line.name for sku, line in goods.items() if sku not in found}
    if create_missing_variants and missing:
        found |= register_skus(names=missing)
    return found


def buyer_of(draft: OrderDraft | ReturnDraft, channel: SalesChannel) -> Buyer:
    """Return what identifies the buyer."""
    return Buyer(
        name=draft.buyer_name,
        kana=draft.buyer_kana,
        country=draft.country,
        email=draft.buyer_email,
        phone=draft.buyer_phone,
        code=draft.customer_code,
        scope=channel.code,
    )
