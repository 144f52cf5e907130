"""What is in a bundle and which bundles contain a variant, on their pages; the codes of a variant beside it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import SELECT_CLASSES

from catalog import policies, services
from catalog.models import BundleComponent, CodeKind, Product, SalesChannel, Variant
from catalog.selectors.bundling import bundle_costs, bundle_rows, part_of, product_bundles
from core.errors import DomainError
from core.ui import Panel, actor, register_panel
from core.ui.sitepages import register_page

PLACE = {True: "panel-bundle", False: "panel-codes"}


class ComponentForm(forms.Form):
    """A component and how many pieces of it."""

    component = forms.ModelChoiceField(
        label=gettext_lazy("component"),
        queryset=Variant.objects.all(),
        widget=AutocompleteSelect(
            BundleComponent._meta.get_field("component"), admin.site, attrs={"class": " ".join(SELECT_CLASSES)}
        ),
    )
    quantity = forms.IntegerField(label=gettext_lazy("quantity"), min_value=1, max_value=1_000_000, initial=1)


class CodeForm(forms.Form):
    """One code with its kind."""

    kind = forms.ChoiceField(label=gettext_lazy("kind"), choices=CodeKind.choices)
    sales_channel = forms.ModelChoiceField(
        label=gettext_lazy("sales channel"),
        queryset=SalesChannel.objects.filter(is_active=True),
        required=False,
        empty_label=pgettext_lazy("code", "everywhere"),
    )
    code = forms.CharField(label=gettext_lazy("code"), max_length=120)


def variant_bundle(request: HttpRequest, variant: Variant) -> dict[str, Any] | None:
    """Give components with costs, the bundles this variant is in, and the form; None when there is nothing."""
    user = actor(request)
    rows, bundles = bundle_rows(variant_id=variant.pk), part_of(variant_id=variant.pk)
    may_change = policies.can_change_products(user)
    if not (rows or bundles or may_change):
        return None
    channels = list(SalesChannel.objects.filter(is_active=True)) if user.has_perm("catalog.view_price") else []
    return {
        "variant": variant,
        "rows": rows,
        "bundles": bundles,
        "costs": bundle_costs(variant_id=variant.pk, channels=channels) if rows else [],
        "may_change": may_change,
        "form": ComponentForm() if may_change else None,
    }


def product_bundle(request: HttpRequest, product: Product) -> dict[str, Any] | None:
    """Give what is in those variants of a product that are bundles; None hides the box."""
    bundles = product_bundles(product=product)
    return {"bundles": list(bundles.items())} if bundles else None


def variant_codes(request: HttpRequest, variant: Variant) -> dict[str, Any]:
    """Give the codes of a variant, and the form for another."""
    may_change = policies.can_change_codes(actor(request))
    codes = variant.codes.select_related("sales_channel").order_by("kind", "sales_channel__name", "code")
    return {"variant": variant, "codes": codes, "may_change": may_change, "form": CodeForm() if may_change else None}


@register_page(
    "catalog/variant/<int:variant_id>/component/", name="catalog_component", permission="catalog.change_product"
)
@require_POST
def change_bundle(request: HttpRequest, variant_id: int) -> HttpResponse:
    """Put a component into the bundle, or with ``remove`` take one out, and lead back."""
    variant = _variant(variant_id)
    if "remove" in request.POST:
        pk = _key(request.POST["remove"])
        return _answer(
            request,
            variant,
            is_bundle=True,
            run=lambda: _removed(request, variant, pk),
        )
    form = ComponentForm(request.POST)
    if not form.is_valid():
        return _refused(request, variant, form, is_bundle=True)
    component, quantity = form.cleaned_data["component"], form.cleaned_data["quantity"]

    def put() -> str:
        services.put_component(bundle_id=variant.pk, component_id=component.pk, quantity=quantity, actor=actor(request))
        return _("One piece contains %(count)s × %(sku)s now.") % {"count": quantity, "sku": component.sku}

    return _answer(request, variant, is_bundle=True, run=put)


@register_page("catalog/variant/<int:variant_id>/code/", name="catalog_code", permission="catalog.change_variantcode")
@require_POST
def change_codes(request: HttpRequest, variant_id: int) -> HttpResponse:
    """Add a code, or with ``remove`` take one away, and lead back."""
    variant = _variant(variant_id)
    if "remove" in request.POST:
        pk = _key(request.POST["remove"])
        if not variant.codes.filter(pk=pk).exists():
            raise Http404

        def remove() -> str:
            services.remove_code(code_id=pk, actor=actor(request))
            return _("The code is removed.")

        return _answer(request, variant, is_bundle=False, run=remove)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _refused(request, variant, form, is_bundle=False)
    data = form.cleaned_data

    def add() -> str:
        row = services.add_code(
            variant_id=variant.pk,
            code=data["code"],
            kind=CodeKind(data["kind"]),
            sales_channel_id=data["sales_channel"].pk if data["sales_channel"] else None,
            actor=actor(request),
        )
        return _("“%(code)s” means this variant from now on.") % {"code": row.code}

    return _answer(request, variant, is_bundle=False, run=add)


def _variant(variant_id: int) -> Variant:
    variant = Variant.objects.filter(pk=variant_id).first()
    if variant is None:
        raise Http404
    return variant


def _key(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise SuspiciousOperation("no such row")
    return int(text)


def _removed(request: HttpRequest, variant: Variant, component_id: int) -> str:
    services.remove_component(bundle_id=variant.pk, component_id=component_id, actor=actor(request))
    return _("The component is taken out.")


def _refused(request: HttpRequest, variant: Variant, form: forms.Form, *, is_bundle: bool) -> HttpResponse:
    for name, errors in form.errors.items():
        messages.error(request, f"{form.fields[name].label}: {errors[0]}")
    return HttpResponseRedirect(_page_of(variant, is_bundle=is_bundle))


def _answer(request: HttpRequest, variant: Variant, *, is_bundle: bool, run: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, run())
    except DomainError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(_page_of(variant, is_bundle=is_bundle))


def _page_of(variant: Variant, *, is_bundle: bool) -> str:
    return f"{reverse('admin:catalog_variant_change', args=[variant.pk])}#{PLACE[is_bundle]}"


register_panel(
    Variant,
    Panel(
        "codes", gettext_lazy("Codes and synonyms"), "catalog/panels/codes.html", variant_codes, position=8, wide=True
    ),
)
register_panel(
    Variant,
    Panel("bundle", gettext_lazy("Bundle"), "catalog/panels/bundle.html", variant_bundle, position=12, wide=True),
)
register_panel(
    Product,
    Panel("bundles", gettext_lazy("Bundles"), "catalog/panels/bundles.html", product_bundle, position=12, wide=True),
)
