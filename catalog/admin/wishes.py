"""What customers may wish beside the variant, on the product's page."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from catalog import policies, services
from catalog.models import CustomOption, Product, WishKind
from catalog.services.products.copying import MAX_CODE, MAX_NAME
from core.errors import DomainError
from core.ui import ActionForm, Answer, Panel, actor, register_action, register_panel, service_action
from core.ui.sitepages import register_page, render_page


class WishForm(forms.Form):
    """One wish; what its kind does not need is left empty."""

    name = forms.CharField(label=gettext_lazy("name"), max_length=80, help_text=gettext_lazy("Such as engraving."))
    kind = forms.ChoiceField(label=gettext_lazy("kind"), choices=WishKind.choices)
    choices = forms.CharField(
        label=gettext_lazy("choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Of a choice: one on each line."),
    )
    max_length = forms.IntegerField(
        label=gettext_lazy("longest text"),
        required=False,
        min_value=1,
        max_value=1000,
        help_text=gettext_lazy("Of a text, in characters; empty means no limit."),
    )
    is_required = forms.BooleanField(label=gettext_lazy("required"), required=False)


class CopyForm(ActionForm):
    """Code and name of the copy, and what is copied."""

    code = forms.CharField(label=gettext_lazy("product code"), max_length=MAX_CODE)
    name = forms.CharField(label=gettext_lazy("name"), max_length=MAX_NAME)
    parts = forms.MultipleChoiceField(
        label=gettext_lazy("What is copied"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=[
            (services.CopyPart.TEXTS.value, gettext_lazy("Texts")),
            (services.CopyPart.VARIANTS.value, gettext_lazy("Options and variants, with new SKUs")),
            (services.CopyPart.PRICES.value, gettext_lazy("Prices")),
            (services.CopyPart.ATTRIBUTES.value, gettext_lazy("Attributes")),
            (services.CopyPart.NOTICES.value, gettext_lazy("Product information notices")),
            (services.CopyPart.PICTURES.value, gettext_lazy("Pictures")),
        ],
    )


def _copy_initial(request: HttpRequest, product: Product) -> dict[str, Any]:
    parts = [part.value for part in services.CopyPart]
    if not policies.can_set_prices(actor(request)):
        parts.remove(services.CopyPart.PRICES.value)
    return {
        "code": f"{product.code}-2"[:MAX_CODE],
        "name": (_("%(name)s (copy)") % {"name": product.name})[:MAX_NAME],
        "parts": parts,
    }


@service_action(
    gettext_lazy("Copy"),
    permission="catalog.add_product",
    form=CopyForm,
    icon="content_copy",
    is_rare=True,
    initial=_copy_initial,
    question=gettext_lazy("The copy is a draft. Barcodes, codes of channels and certificates stay with this product."),
)
def copy_product(admin: Any, request: HttpRequest, obj: Product, data: dict[str, Any]) -> Answer:
    """Register a draft that is like this product and lead to it."""
    copy = services.copy_product(
        product_id=obj.pk,
        code=data["code"],
        name=data["name"],
        parts=[services.CopyPart(part) for part in data["parts"]],
        actor=actor(request),
    )
    sentence = _("%(code)s is a copy of %(source)s, as a draft.") % {"code": copy.code, "source": obj.code}
    return Answer(sentence, url=reverse("admin:catalog_product_change", args=[copy.pk]))


def product_wishes(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Give the wishes in their order."""
    wishes = list(product.custom_options.all())
    return {
        "product": product,
        "is_folded": not wishes,
        "gist": _("No wishes"),
        "wishes": wishes,
        "may_change": policies.can_change_products(actor(request)),
    }


@register_page("catalog/product/<int:product_id>/wish/", name="catalog_wish_add", permission="catalog.change_product")
@require_http_methods(["GET", "HEAD", "POST"])
def add_wish(request: HttpRequest, product_id: int) -> HttpResponse:
    """GET shows an empty form; POST adds the wish and leads back, or says why not."""
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        raise Http404
    return _wish_page(request, product, None)


@register_page("catalog/wish/<int:wish_id>/", name="catalog_wish", permission="catalog.change_product")
@require_http_methods(["GET", "HEAD", "POST"])
def wish_page(request: HttpRequest, wish_id: int) -> HttpResponse:
    """GET shows the wish; POST changes, moves (``position``) or removes it and leads back, or says why not."""
    wish = CustomOption.objects.select_related("product").filter(pk=wish_id).first()
    if wish is None:
        raise Http404
    if request.method == "POST" and "position" in request.POST:
        place = request.POST["position"]
        if not (place.isascii() and place.isdigit() and len(place) < 4):
            raise SuspiciousOperation("no such place")
        return _do(request, wish.product, lambda: _moved(request, wish, int(place)))
    if request.method == "POST" and "remove" in request.POST:
        return _do(request, wish.product, lambda: _removed(request, wish))
    return _wish_page(request, wish.product, wish)


def _wish_page(request: HttpRequest, product: Product, wish: CustomOption | None) -> HttpResponse:
    initial = {} if wish is None else {
        "name": wish.name, "kind": wish.kind, "choices": "\n".join(wish.choices),
        "max_length": wish.max_length, "is_required": wish.is_required,
    }  # fmt: skip
    form = WishForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.save_wish(
                product_id=product.pk,
                wish_id=wish.pk if wish else None,
                name=data["name"],
                kind=WishKind(data["kind"]),
                choices=data["choices"].splitlines(),
                max_length=data["max_length"],
                is_required=data["is_required"],
                actor=actor(request),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The wish is saved."))
            return HttpResponseRedirect(_back(product))
    title = _("Wish “%(name)s”") % {"name": wish.name} if wish else _("A wish of customers")
    return render_page(
        request, "catalog/pages/wish.html", title=title, form=form, wish=wish, product=product, back=_back(product)
    )


def _moved(request: HttpRequest, wish: CustomOption, position: int) -> str:
    services.move_wish(wish_id=wish.pk, position=position, actor=actor(request))
    return ""


def _removed(request: HttpRequest, wish: CustomOption) -> str:
    services.remove_wish(wish_id=wish.pk, actor=actor(request))
    return _("“%(name)s” is offered no longer.") % {"name": wish.name}


def _do(request: HttpRequest, product: Product, run: Callable[[], str]) -> HttpResponse:
    try:
        if sentence := run():
            messages.success(request, sentence)
    except DomainError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(_back(product))


def _back(product: Product) -> str:
    return f"{reverse('admin:catalog_product_change', args=[product.pk])}#panel-options"


register_panel(
    Product,
    Panel(
        "options",
        gettext_lazy("Customer's wishes"),
        "catalog/panels/wishes.html",
        product_wishes,
        position=22,
        wide=True,
    ),
)
register_action(Product, copy_product)
