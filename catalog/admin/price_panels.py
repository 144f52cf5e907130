"""Prices on the pages of products and variants: a grid of variants and channels, and the button that sets one."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import selectors, services
from catalog.admin.price_forms import PriceForm, price_initial
from catalog.events import PriceChanged, PriceProposalDecided, PriceProposed, PriceTakenBack
from catalog.models import Price, PriceProposal, Product, SalesChannel, Variant
from catalog.policies import can_set_prices
from catalog.selectors.pricing_grid import price_cells
from core.display import moment_text
from core.money import format_money
from core.ui import Answer, Panel, actor, register_action, register_panel, service_action
from core.ui.timeline import timeline_permission

MOST_VARIANTS = 60


@service_action(
    gettext_lazy("Set price"),
    permission="catalog.change_price",
    form=PriceForm,
    icon="sell",
    variant="primary",
    initial=price_initial,
)
def set_price(admin: Any, request: HttpRequest, obj: Variant, data: dict[str, Any]) -> Answer:
    """Let a new price begin now or later, for a while or on."""
    price = services.set_price(
        variant_id=obj.pk,
        sales_channel_id=data["sales_channel"].pk,
        amount=data["amount"],
        compare_at=data["compare_at"],
        list_price=data["list_price"],
        cost=data["cost"],
        starts_at=data["starts_at"],
        ends_at=data["ends_at"],
        reason=data["reason"],
        actor=actor(request),
    )
    return price_answer(price, is_planned=data["starts_at"] is not None, has_end=data["ends_at"] is not None)


def price_answer(price: Price | PriceProposal, *, is_planned: bool, has_end: bool) -> Answer:
    """Say what became of a wish."""
    words = {"price": format_money(price.amount, price.currency), "channel": price.sales_channel}
    if isinstance(price, PriceProposal):
        sentence = _("%(price)s on %(channel)s leaves a margin of %(margin)s %%: it waits for a second person.")
        return Answer(sentence % {**words, "margin": price.margin}, level="warning")
    if price.cost is not None and price.amount < price.cost:
        return Answer(_("%(price)s on %(channel)s is set. It lies below the cost.") % words, level="warning")
    words["start"] = moment_text(price.starts_at)
    words["end"] = moment_text(price.ends_at) if price.ends_at else ""
    if is_planned and has_end:
        return Answer(_("%(price)s on %(channel)s from %(start)s until %(end)s.") % words)
    if is_planned:
        return Answer(_("%(price)s on %(channel)s from %(start)s on.") % words)
    if has_end:
        return Answer(_("%(price)s on %(channel)s from now until %(end)s.") % words)
    return Answer(_("%(price)s on %(channel)s from now on.") % words)


def product_prices(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Give the grid: a row for each variant, a cell for each channel."""
    variants = list(product.variants.filter(is_active=True).order_by("sku")[: MOST_VARIANTS + 1])
    return _grid(request, variants[:MOST_VARIANTS], product=product, is_cut=len(variants) > MOST_VARIANTS)


def variant_prices(request: HttpRequest, variant: Variant) -> dict[str, Any]:
    """Give a row for each channel, and all prices of the variant."""
    grid = _grid(request, [variant], product=None, is_cut=False)
    return {**grid, "prices": list(selectors.price_history(variant_id=variant.pk)[:30])}


def _grid(request: HttpRequest, variants: list[Variant], *, product: Product | None, is_cut: bool) -> dict[str, Any]:
    channels = list(SalesChannel.objects.filter(is_active=True))
    return {
        "rows": price_cells(variants=variants, channels=channels),
        "channels": channels,
        "is_cut": is_cut,
        "may_set": can_set_prices(actor(request)),
        "knows_cost": any(channel.margin_floor is not None for channel in channels),
        "change_url": f"{reverse('admin:catalog_price_rule')}?product={product.pk}" if product else "",
    }


register_panel(
    Product,
    Panel(
        "prices",
        gettext_lazy("Prices"),
        "catalog/panels/price_grid.html",
        product_prices,
        "catalog.view_price",
        position=25,
        wide=True,
    ),
)
register_panel(
    Variant,
    Panel(
        "prices",
        gettext_lazy("Prices"),
        "catalog/panels/prices.html",
        variant_prices,
        "catalog.view_price",
        position=10,
        wide=True,
    ),
)
register_action(Variant, set_price)
for _event in (PriceChanged, PriceTakenBack, PriceProposed, PriceProposalDecided):
    timeline_permission(_event.name, "catalog.view_price")  # price and margin together tell the cost
