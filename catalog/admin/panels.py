"""Variants with their prices, and pictures, on the product's page."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import services
from catalog.admin.pictures import ACCEPT, product_pictures
from catalog.models import Product
from core.files import permission_reader, register_files
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


@service_action(
    gettext_lazy("Add picture"),
    permission="catalog.add_productimage",
    form=PictureForm,
    icon="add_photo_alternate",
    is_shown=False,
)
def add_picture(admin: Any, request: HttpRequest, obj: Product, data: dict[str, Any]) -> str:
    """Add a picture after the others."""
    services.add_image(product_id=obj.pk, file=data["file"], alt_text=data["alt_text"], actor=actor(request))
    return _("The picture is added.")


def product_variants(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Give the variants; what they cost says the panel of prices."""
    return {"variants": list(product.variants.order_by("sku"))}


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
    ),
)
register_action(Product, add_picture)
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
