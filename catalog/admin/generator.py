"""The page of a product's options: axes with values, and every variant they make, drafted until it is saved."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from catalog import policies, services
from catalog.admin.generator_input import Problems, Wanted, drafts_of, problems_of, read_wanted
from catalog.models import Price, Product, SalesChannel, Variant
from catalog.selectors import running_prices
from catalog.selectors.abbreviating import swatch_of
from catalog.selectors.options import (
    MAX_COMBINATIONS,
    Combination,
    Drafted,
    OptionsState,
    draft_variants,
    options_state,
    usual_pattern,
)
from core.errors import DomainError
from core.money import format_money, to_decimal
from core.ui import link_action, register_action
from core.ui.acting import actor
from core.ui.sitepages import register_page, render_page
from staff.models import User


@register_page("catalog/product/<int:product_id>/options/", name="catalog_options", permission="catalog.change_product")
@require_http_methods(["GET", "HEAD", "POST"])
def options_page(request: HttpRequest, product_id: int) -> HttpResponseBase:
    """GET shows axes and variants; POST saves all at once and answers with an address, or with what is wrong."""
    product = _product(product_id)
    if request.method == "POST":
        return _save(request, product)
    return _show(request, product)


@register_page(
    "catalog/product/<int:product_id>/options/draft/",
    name="catalog_options_draft",
    permission="catalog.change_product",
)
@require_POST
def draft_options(request: HttpRequest, product_id: int) -> HttpResponse:
    """Answer with the variants that the sent axes make, or (``check``) with what is wrong with the sent cells."""
    product, wanted = _product(product_id), read_wanted(request)
    if wanted.is_check:
        return JsonResponse({"problems": problems_of(wanted.rows)})
    state = options_state(product_id=product.pk)
    drafted = draft_variants(
        product=product, state=state, axes=wanted.axes, pattern=wanted.pattern, placed=wanted.placed
    )
    return JsonResponse(_answer(drafted, state, _channels(actor(request)), wanted))


def _product(product_id: int) -> Product:
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        raise Http404
    return product


def _channels(user: User) -> list[SalesChannel]:
    """Return the channels whose prices this person may see."""
    if not (user.has_perm("catalog.view_price") and user.has_perm("catalog.view_saleschannel")):
        return []
    return list(SalesChannel.objects.filter(is_active=True))


def _show(request: HttpRequest, product: Product) -> HttpResponse:
    user = actor(request)
    state, channels = options_state(product_id=product.pk), _channels(user)
    axes = state.drafts()
    drafted = draft_variants(product=product, state=state, axes=axes)
    prices = running_prices(variant_ids=[variant.pk for variant in state.variants])
    data = {
        **_answer(drafted, state, channels, None),
        "opened": state.fingerprint,
        "axes": [
            {
                "id": axis.id,
                "name": axis.name,
                "values": [{"id": value.id, "name": value.name, "colour": value.colour} for value in axis.values],
            }
            for axis in axes
        ],
        "channels": [{"id": channel.pk, "name": channel.name, "currency": channel.currency} for channel in channels],
        "defaults": _defaults(state.variants, channels, prices),
        "mayPrice": policies.can_set_prices(user),
        "mayAdd": policies.can_add_variants(user),
        "patterns": [usual_pattern(count) for count in range(4)],
        "words": _words(),
    }
    return render_page(
        request,
        "catalog/pages/options.html",
        title=_("Options and variants of %(product)s") % {"product": product},
        product=product,
        data=data,
        back=_back(product),
        draft_url=reverse("admin:catalog_options_draft", args=[product.pk]),
        limit=MAX_COMBINATIONS,
    )


def _defaults(
    variants: Sequence[Variant], channels: Sequence[SalesChannel], prices: Mapping[tuple[int, int], Price]
) -> dict[str, Any]:
    """Return what new variants begin with: weight and prices of the first variant that has them."""
    weight = next((variant.weight_g for variant in variants if variant.weight_g), None)
    amounts = {}
    for channel in channels:
        found = next((prices[v.pk, channel.pk] for v in variants if (v.pk, channel.pk) in prices), None)
        amounts[channel.pk] = f"{to_decimal(found.amount, channel.currency)}" if found else ""
    return {"weight": str(weight or ""), "prices": amounts}


def _answer(
    drafted: Drafted, state: OptionsState, channels: Sequence[SalesChannel], wanted: Wanted | None
) -> dict[str, Any]:
    prices = running_prices(variant_ids=[variant.pk for variant in state.variants]) if channels else {}
    shown = {variant.pk: _variant(variant, channels, prices) for variant in state.variants}
    problems: Problems = problems_of(wanted.rows) if wanted and wanted.rows else {}
    return {
        "count": drafted.count,
        "limit": MAX_COMBINATIONS,
        "rows": [
            {
                "key": row.key,
                "values": row.values,
                "name": row.name,
                "sku": row.sku,
                "variant": shown[row.variant.pk] if row.variant else None,
            }
            for row in drafted.rows
        ],
        "loose": [{**shown[pk], "key": key} for pk, key in drafted.loose.items()],
        "swatches": {
            value.name: swatch_of(value.name) for axis in (wanted.axes if wanted else []) for value in axis.values
        },
        "problems": problems,
    }


def _variant(
    variant: Variant, channels: Sequence[SalesChannel], prices: Mapping[tuple[int, int], Price]
) -> dict[str, Any]:
    return {
        "id": variant.pk,
        "sku": variant.sku,
        "name": variant.name,
        "barcode": variant.barcode,
        "weight": str(variant.weight_g or ""),
        "active": variant.is_active,
        "url": reverse("admin:catalog_variant_change", args=[variant.pk]),
        "prices": {
            channel.pk: format_money(prices[variant.pk, channel.pk].amount, channel.currency)
            for channel in channels
            if (variant.pk, channel.pk) in prices
        },
    }


def _save(request: HttpRequest, product: Product) -> HttpResponse:
    wanted, user = read_wanted(request), actor(request)
    drafts, problems = drafts_of(wanted.rows, _channels(user))
    if problems:
        sentence = ngettext(
            "Nothing is saved: %(count)s row has to be put right.",
            "Nothing is saved: %(count)s rows have to be put right.",
            len(problems),
        ) % {"count": len(problems)}
        return JsonResponse({"sentence": sentence, "problems": problems}, status=422)
    try:
        change = services.OptionsChange(
            opened=wanted.opened, axes=wanted.axes, variants=drafts, placed=_placed(product, wanted)
        )
        new = services.save_options(product_id=product.pk, change=change, actor=user)
    except DomainError as error:
        return JsonResponse({"sentence": str(error), "problems": {}}, status=422)
    messages.success(request, _said(len(new)))
    return JsonResponse({"url": _back(product)})


def _said(count: int) -> str:
    if not count:
        return _("The options are saved.")
    return ngettext(
        "The options are saved, %(count)s variant is new.", "The options are saved, %(count)s variants are new.", count
    ) % {"count": count}


def _placed(product: Product, wanted: Wanted) -> dict[int, Combination]:
    """Return the places of variants that had none, as the page showed them."""
    state = options_state(product_id=product.pk)
    drafted = draft_variants(product=product, state=state, axes=wanted.axes, placed=wanted.placed)
    places = {row.key: row.values for row in drafted.rows}
    return {pk: places[key] for pk, key in drafted.loose.items() if key in places}


def _back(product: Product) -> str:
    return reverse("admin:catalog_product_change", args=[product.pk]) + "#panel-variants"


def _words() -> dict[str, str]:
    """Return what the script says."""
    return {
        "name": _("Option"),
        "namePlaceholder": _("Such as colour or size"),
        "values": _("Values"),
        "add": _("Add a value"),
        "addPlaceholder": _("Type, then comma or Enter"),
        "remove": _("Remove"),
        "colours": _("Colours"),
        "colour": _("Colour"),
        "up": _("Move up"),
        "down": _("Move down"),
        "make": _("Make this variant"),
        "all": _("All new ones"),
        "combination": _("Combination"),
        "variantName": _("Name"),
        "sku": _("SKU"),
        "barcode": _("Barcode"),
        "weight": _("Weight (g)"),
        "exists": _("Exists"),
        "off": pgettext("variant", "Switched off"),
        "leftOut": _("Left out"),
        "nowhere": _("None of these"),
        "twice": _("“%s” stands twice."),
        "new": _("New: %s"),
        "existing": _("Existing: %s"),
        "tooMany": _(
            "These values make %s combinations; at most %s are drafted at once. Use fewer values, or make two products."
        ),
        "failed": _("The server did not answer. Nothing is saved; try again."),
        "nothing": _("Write an option and its values: every combination appears here."),
    }


register_action(
    Product,
    link_action(
        "options",
        gettext_lazy("Options and variants"),
        permission="catalog.change_product",
        icon="tune",
        link=lambda product: reverse("admin:catalog_options", args=[product.pk]),
    ),
)
