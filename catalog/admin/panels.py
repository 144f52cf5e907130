"""Variants with their prices, and pictures, on the product's page."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import selectors, services
from catalog.admin.pictures import ACCEPT, product_pictures
from catalog.models import Product, SalesChannel, Variant
from core.errors import InvalidInput
from core.files import permission_reader, register_files
from core.money import format_money, parse_amount
from core.ui import ActionForm, Panel, actor, register_action, register_panel, service_action
from staff.admin.offering import offer_tasks
from staff.models import TaskKind


class PictureForm(ActionForm):
    """A picture file with its alternative text."""

    file = forms.FileField(
        label=gettext_lazy("picture"),
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text=gettext_lazy("PNG, JPEG or WebP, at most 20 MB."),
    )
    alt_text = forms.CharField(label=gettext_lazy("alternative text"), max_length=200, required=False)


class PriceForm(ActionForm):
    """A new price from now on."""

    sales_channel = forms.ModelChoiceField(
        label=gettext_lazy("sales channel"), queryset=SalesChannel.objects.filter(is_active=True), empty_label=None
    )
    amount = forms.CharField(label=gettext_lazy("price"), max_length=20)
    compare_at = forms.CharField(label=gettext_lazy("price before"), max_length=20, required=False)

    def clean(self) -> dict[str, Any]:
        """Read both amounts in the channel's currency."""
        data = super().clean() or {}
        channel = data.get("sales_channel")
        for name in ("amount", "compare_at"):
            if channel and data.get(name):
                try:
                    data[name] = parse_amount(data[name], channel.currency)
                except InvalidInput as error:
                    self.add_error(name, str(error))
        return data


@service_action(
    gettext_lazy("Add picture"), permission="catalog.add_productimage", form=PictureForm, icon="add_photo_alternate"
)
def add_picture(admin: Any, request: HttpRequest, obj: Product, data: dict[str, Any]) -> str:
    """Add a picture after the others."""
    services.add_image(product_id=obj.pk, file=data["file"], alt_text=data["alt_text"], actor=actor(request))
    return _("The picture is added.")


@service_action(
    gettext_lazy("Set price"), permission="catalog.change_price", form=PriceForm, icon="sell", variant="primary"
)
def set_price(admin: Any, request: HttpRequest, obj: Variant, data: dict[str, Any]) -> str:
    """Let a new price begin now."""
    price = services.set_price(
        variant_id=obj.pk,
        sales_channel_id=data["sales_channel"].pk,
        amount=data["amount"],
        compare_at=data["compare_at"] or None,
        actor=actor(request),
    )
    return _("%(price)s on %(channel)s from now on.") % {
        "price": format_money(price.amount, price.currency),
        "channel": data["sales_channel"],
    }


def product_variants(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Give the variants, each with its price on each channel."""
    variants = list(product.variants.order_by("sku"))
    channels, prices = [], {}
    if request.user.has_perm("catalog.view_price"):
        channels = list(SalesChannel.objects.filter(is_active=True))
        prices = selectors.running_prices(variant_ids=[variant.pk for variant in variants])
    rows = [
        (variant, [(channel, prices.get((variant.pk, channel.pk))) for channel in channels]) for variant in variants
    ]
    return {"rows": rows, "channels": channels}


def variant_prices(request: HttpRequest, variant: Variant) -> dict[str, Any]:
    """Give all prices of a variant with their periods."""
    return {"prices": selectors.price_history(variant_id=variant.pk)}


register_panel(
    Product,
    Panel(
        "pictures",
        gettext_lazy("Pictures"),
        "catalog/panels/pictures.html",
        product_pictures,
        position=5,
        wide=True,
        above=True,
    ),
)
register_panel(
    Product,
    Panel(
        "variants",
        gettext_lazy("Variants"),
        "catalog/panels/variants.html",
        product_variants,
        position=10,
        wide=True,
        above=True,
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
    ),
)
register_action(Product, add_picture)
register_action(Variant, set_price)
register_files("products", permission_reader("catalog.view_product"))

offer_tasks(
    Product,
    kinds=(
        TaskKind.BANNER,
        TaskKind.PRODUCT_EDIT,
        TaskKind.PHOTO,
        TaskKind.COPY,
        TaskKind.PRODUCT_REGISTRATION,
    ),
)
