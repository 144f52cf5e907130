"""What prices say before a product is sold: when one begins, whether the price before is proved, what waits."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.db.models import Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.checking import Check, Finding, Fix, Severity, register_check
from catalog.models import Price, Product, SalesChannel, Variant
from catalog.selectors.claims import Verdict, proofs_of
from catalog.selectors.pricing_grid import prices_by_product, waiting_proposals
from core.display import moment_text


def price_begins(products: Sequence[Product], channels: Sequence[SalesChannel]) -> Iterator[Finding]:
    """Tell which prices begin later: until then nobody can buy the variant."""
    variants = prices_by_product(product_ids=[product.pk for product in products])
    ids = [variant.pk for rows in variants.values() for variant in rows]
    now = timezone.now()
    alive = Price.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), variant__in=ids, sales_channel__in=channels)
    begins = {
        (variant, channel): first
        for variant, channel, first in alive.values_list("variant", "sales_channel").annotate(first=Min("starts_at"))
    }
    for product_id, rows in variants.items():
        for channel in channels:
            yield from _later(product_id, rows, channel, begins, now)


Begins = Mapping[tuple[int, int], datetime]


def _later(
    product_id: int, rows: Sequence[Variant], channel: SalesChannel, begins: Begins, now: datetime
) -> Iterator[Finding]:
    for row in rows:
        first = begins.get((row.pk, channel.pk))
        if first is not None and first > now:
            words = {"sku": row.sku, "moment": moment_text(first)}
            sentence = _("The price of %(sku)s begins at %(moment)s.") % words
            fix = Fix("catalog_price_history", (row.pk, channel.pk))
            yield Finding(product_id, channel.pk, Severity.WARNING, sentence, fix, row.pk)


def price_before(products: Sequence[Product], channels: Sequence[SalesChannel]) -> Iterator[Finding]:
    """Tell which prices before, shown now, the history does not prove by the rule of the channel's country."""
    now = timezone.now()
    shown = Price.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=now),
        variant__product__in=products,
        variant__is_active=True,
        sales_channel__in=channels,
        starts_at__lte=now,
        compare_at__isnull=False,
    ).select_related("variant", "sales_channel")
    prices = list(shown.order_by("variant__sku"))
    proofs = proofs_of(prices)
    for price in prices:
        proof = proofs[price.pk]
        if proof.verdict == Verdict.NOT_PROVABLE:
            sentence = _("The price before of %(sku)s cannot be proved: %(reason)s") % {
                "sku": price.variant.sku,
                "reason": proof.sentence,
            }
            fix = Fix("catalog_price_history", (price.variant_id, price.sales_channel_id))
            yield Finding(
                price.variant.product_id,
                price.sales_channel_id,
                Severity.WARNING,
                sentence,
                fix,
                price.variant_id,
            )


def approval(products: Sequence[Product], channels: Sequence[SalesChannel]) -> Iterator[Finding]:
    """Tell which prices wait for a second person."""
    variants = prices_by_product(product_ids=[product.pk for product in products])
    by_id = {row.pk: row for rows in variants.values() for row in rows}
    waiting = waiting_proposals(variant_ids=list(by_id))
    asked = {channel.pk for channel in channels}
    for (variant_id, channel_id), proposal in waiting.items():
        if channel_id in asked:
            row = by_id[variant_id]
            yield Finding(
                row.product_id,
                channel_id,
                Severity.WARNING,
                _("A price of %(sku)s waits for a second person.") % {"sku": row.sku},
                Fix("catalog_priceproposal_change", (proposal.pk,)),
                variant_id,
            )


register_check(Check("price_begins", gettext_lazy("Begin of the price"), price_begins, position=46, blocks=False))
register_check(Check("price_before", gettext_lazy("Price before"), price_before, position=47, blocks=False))
register_check(Check("price_approval", gettext_lazy("Price to approve"), approval, position=48, blocks=False))
