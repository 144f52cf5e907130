"""What the catalogue itself asks before customers can buy: state, listing, dates, variants, picture."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.checking import Check, Finding, Fix, Severity, product_fix, register_check
from catalog.models import Listing, ListingState, Product, ProductStatus, SalesChannel, Variant
from catalog.selectors.picturing import main_picture_problems
from catalog.selectors.pricing import running_prices
from core.display import moment_text

_SOON = timedelta(days=3)
_S, _L = ProductStatus, ListingState


def status(products: Sequence[Product], _channels: Sequence[SalesChannel]) -> Iterator[Finding]:
    """Only what was approved is sold."""
    for product in products:
        said = {
            _S.DRAFT: _("The product is a draft. Submit it for review."),
            _S.IN_REVIEW: _("The product waits for its reviewer."),
            _S.CHANGES_REQUESTED: _("The reviewer wants something changed."),
            _S.ENDED: _("The product has ended."),
        }.get(_S(product.status))
        if said:
            fix = Fix("catalog_product_review", (product.pk,))
            where = product_fix(product.pk) if product.status in (_S.DRAFT, _S.ENDED) else fix
            yield Finding(product.pk, None, Severity.ERROR, said, where)


def listing(products: Sequence[Product], channels: Sequence[SalesChannel]) -> Iterator[Finding]:
    """It has to be live on the channel."""
    rows = _listings(products, channels)
    for product in products:
        for channel in channels:
            found = _of_listing(product, channel, rows.get((product.pk, channel.pk)))
            if found is not None:
                yield found


def _of_listing(product: Product, channel: SalesChannel, row: Listing | None) -> Finding | None:
    words = {"channel": channel.name, "reason": row.reason if row else ""}
    add = Fix("catalog_product_press", (product.pk, "list_on"), query=urlencode({"channel": channel.pk}))
    if row is None or row.state == _L.PLANNED:
        return Finding(product.pk, channel.pk, Severity.ERROR, _("Not listed on %(channel)s.") % words, add)
    if row.state == _L.ENDED:
        return Finding(product.pk, channel.pk, Severity.ERROR, _("Ended on %(channel)s.") % words, add)
    if row.state == _L.PAUSED:
        said = _("Paused: %(reason)s") % words
        resume = Fix("catalog_product_press", (product.pk, "resume_on"), query=urlencode({"channel": channel.pk}))
        return Finding(product.pk, channel.pk, Severity.ERROR, said, resume)
    return None


def dates(products: Sequence[Product], channels: Sequence[SalesChannel]) -> Iterator[Finding]:
    """Its time must have come and not be over."""
    now = timezone.now()
    for (product_id, channel_id), row in _listings(products, channels).items():
        fix = Fix("catalog_product_press", (product_id, "list_on"), query=urlencode({"channel": channel_id}))
        if row.state == _L.SCHEDULED and row.starts_at is not None:
            said = _("Starts on %(day)s.") if row.starts_at > now else _("Should have started on %(day)s.")
            severity = Severity.WARNING if row.starts_at > now else Severity.ERROR
            yield Finding(product_id, channel_id, severity, said % {"day": moment_text(row.starts_at)}, fix)
        elif row.state == _L.LIVE and row.ends_at is not None and row.ends_at < now + _SOON:
            said = _("Ends on %(day)s.") % {"day": moment_text(row.ends_at)}
            yield Finding(product_id, channel_id, Severity.WARNING, said, fix)


def variant(products: Sequence[Product], _channels: Sequence[SalesChannel]) -> Iterator[Finding]:
    """At least one variant can be bought; the ones that are switched off cannot."""
    active: dict[int, int] = dict.fromkeys([product.pk for product in products], 0)
    off: list[tuple[int, int, str]] = []
    rows = Variant.objects.filter(product__in=products).values_list("product", "pk", "sku", "is_active")
    for product_id, pk, sku, is_active in rows:
        if is_active:
            active[product_id] += 1
        else:
            off.append((product_id, pk, sku))
    for product_id, count in active.items():
        if not count:
            said = _("There is no active variant.")
            yield Finding(product_id, None, Severity.ERROR, said, product_fix(product_id, "panel-variants"))
    for product_id, pk, sku in off:
        said = _("Variant %(sku)s is switched off.") % {"sku": sku}
        fix = Fix("catalog_variant_change", (pk,))
        yield Finding(product_id, None, Severity.WARNING, said, fix, variant_id=pk)


def picture(products: Sequence[Product], channels: Sequence[SalesChannel]) -> Iterator[Finding]:
    """A picture there must be; whether a channel takes it is said, but does not block: people decide."""
    for product in products:
        if not product.image_path:
            said = _("There is no picture.")
            yield Finding(product.pk, None, Severity.ERROR, said, product_fix(product.pk, "panel-pictures"))
    shown = [product for product in products if product.image_path]
    for (product_id, channel_id), problems in main_picture_problems(products=shown, channels=channels).items():
        fix = product_fix(product_id, "panel-pictures")
        for problem in problems:
            yield Finding(product_id, channel_id, Severity.WARNING, problem, fix)


def price(products: Sequence[Product], channels: Sequence[SalesChannel]) -> Iterator[Finding]:
    """Every active variant has a price there today; without any the product cannot be listed."""
    rows = list(
        Variant.objects.filter(product__in=products, is_active=True).values_list("product", "pk", "sku").order_by("sku")
    )
    prices = running_prices(variant_ids=[pk for _product, pk, _sku in rows])
    for channel in channels:
        missing: dict[int, list[tuple[int, str]]] = {}
        priced: set[int] = set()
        for product_id, pk, sku in rows:
            if (pk, channel.pk) in prices:
                priced.add(product_id)
            else:
                missing.setdefault(product_id, []).append((pk, sku))
        for product_id, variants in missing.items():
            yield from _unpriced(product_id, channel, variants, is_any=product_id in priced)


def _unpriced(
    product_id: int, channel: SalesChannel, variants: Sequence[tuple[int, str]], *, is_any: bool
) -> Iterator[Finding]:
    if not is_any:
        fix = Fix("catalog_variant_press", (variants[0][0], "set_price"))
        words = {"channel": channel.name}
        yield Finding(product_id, channel.pk, Severity.ERROR, _("No price on %(channel)s.") % words, fix)
        return
    for pk, sku in variants:
        said = _("%(sku)s has no price on %(channel)s.") % {"sku": sku, "channel": channel.name}
        fix = Fix("catalog_variant_press", (pk, "set_price"))
        yield Finding(product_id, channel.pk, Severity.WARNING, said, fix, variant_id=pk)


def _listings(products: Sequence[Product], channels: Sequence[SalesChannel]) -> Mapping[tuple[int, int], Listing]:
    rows: Iterable[Listing] = Listing.objects.filter(product__in=products, sales_channel__in=channels)
    return {(row.product_id, row.sales_channel_id): row for row in rows}


register_check(Check("status", gettext_lazy("Status"), status, position=10, blocks=False))
register_check(Check("listing", pgettext_lazy("check", "Listing"), listing, position=20, blocks=False))
register_check(Check("dates", pgettext_lazy("check", "Dates"), dates, position=30, blocks=False))
register_check(Check("variant", gettext_lazy("Variants"), variant, position=40))
register_check(Check("price", pgettext_lazy("check", "Price"), price, position=45))
register_check(Check("picture", gettext_lazy("Pictures"), picture, position=70))
