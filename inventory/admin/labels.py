"""The page on which labels are chosen and printed; lists, transfers and receipts lead to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from catalog.models import SalesChannel, Variant
from core.errors import DomainError
from core.papers import answer_pdf
from core.ui.listlinks import ListLink, register_list_link
from core.ui.sitepages import register_page, render_page
from inventory.models import Bin, StockItem
from inventory.services.labelling import MOST_LABELS, LabelSize, Wanted, bin_labels, product_labels

PERMISSION = "inventory.view_stockitem"
MOST_ROWS = 1_000
SHEET = 44
LISTS: Mapping[str, type[Any]] = {"variant": Variant, "stock": StockItem, "bin": Bin}


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One thing to label, and how many labels it gets."""

    pk: int
    code: str
    label: str
    barcode: str
    copies: int


class LabelForm(forms.Form):
    """On what the labels are printed; the price of a channel may stand on those of products."""

    size = forms.ChoiceField(label=gettext_lazy("Size"), choices=LabelSize.choices, initial=LabelSize.LARGE)
    skip = forms.IntegerField(
        label=gettext_lazy("Labels gone from the first sheet"),
        min_value=0,
        max_value=SHEET - 1,
        initial=0,
        required=False,
        help_text=gettext_lazy("For a sheet that was used before."),
    )
    channel = forms.ModelChoiceField(
        label=gettext_lazy("Price of"),
        queryset=SalesChannel.objects.none(),
        required=False,
        empty_label=pgettext_lazy("label", "no price"),
    )

    def __init__(self, *args: Any, has_prices: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_prices:
            self.fields["channel"].queryset = SalesChannel.objects.filter(is_active=True)  # type: ignore[attr-defined]
        else:
            del self.fields["channel"]


@register_page("inventory/labels/", name="inventory_labels", permission=PERMISSION)
def labels_view(request: HttpRequest) -> HttpResponseBase:
    """GET shows what is labelled (``list``, ``ids``, ``pieces``, ``code`` adds one); POST answers the PDF."""
    list_name = request.GET.get("list", "variant")
    if list_name not in LISTS:
        raise SuspiciousOperation("no such list")
    is_bins = list_name == "bin"
    rows = _rows(request, list_name)
    has_prices = not is_bins and request.user.has_perm("catalog.view_price")
    posted = request.method == "POST"
    form = LabelForm(request.POST if posted else None, has_prices=has_prices)
    if posted and form.is_valid():
        try:
            return _printed(request, rows, form.cleaned_data, is_bins=is_bins)
        except DomainError as error:
            messages.error(request, str(error))
    return render_page(
        request,
        "inventory/pages/labels.html",
        title=_("Print labels"),
        form=form,
        rows=rows,
        is_bins=is_bins,
        list_name="bin" if is_bins else "variant",
        ids=",".join(str(row.pk) for row in rows),
        pieces=",".join(str(row.copies) for row in rows),
        most=MOST_LABELS,
    )


def _printed(request: HttpRequest, rows: list[LabelRow], data: dict[str, Any], *, is_bins: bool) -> HttpResponseBase:
    wanted = [Wanted(pk=row.pk, copies=_number(request.POST.get(f"copies_{row.pk}", "0") or "0")) for row in rows]
    options: dict[str, Any] = {
        "size": LabelSize(data["size"]),
        "language": get_language() or "en",
        "skip": data["skip"] or 0,
    }
    if is_bins:
        return answer_pdf(bin_labels(wanted=wanted, **options), name=_("Bin labels"))
    channel = data.get("channel")
    pdf = product_labels(wanted=wanted, channel_id=channel.pk if channel else None, **options)
    return answer_pdf(pdf, name=_("Labels"))


def _rows(request: HttpRequest, list_name: str) -> list[LabelRow]:
    """Return what the address names, in its order, of what this person may see."""
    ids = _numbers(request.GET.get("ids", ""))
    pieces = _numbers(request.GET.get("pieces", ""))
    if len(ids) > MOST_ROWS or (pieces and len(pieces) != len(ids)):
        raise SuspiciousOperation("too many, or not a number for each")
    copies: dict[int, int] = {}
    for place, pk in enumerate(ids):
        copies[pk] = copies.get(pk, 0) + (pieces[place] if pieces else 1)
    if list_name == "bin":
        return _bin_rows(request, copies)
    if list_name == "stock":
        copies = _variants_of(request, copies)
    return _variant_rows(request, copies)


def _reach(request: HttpRequest, model: type[Any]) -> Any:
    """Return the rows of a model that this person may meet."""
    if not admin.site.is_registered(model):
        if not request.user.has_perm(f"inventory.view_{model._meta.model_name}"):
            raise PermissionDenied
        return model.objects.all()
    model_admin: Any = admin.site.get_model_admin(model)
    if not model_admin.has_view_or_change_permission(request):
        raise PermissionDenied
    return model_admin.get_queryset(request)


def _bin_rows(request: HttpRequest, copies: Mapping[int, int]) -> list[LabelRow]:
    found = _reach(request, Bin).select_related("warehouse").in_bulk(list(copies))
    return [
        LabelRow(pk, place.code, f"{place.warehouse} {place.zone}".strip(), "", copies[pk])
        for pk in copies
        if (place := found.get(pk)) is not None
    ]


def _variants_of(request: HttpRequest, copies: Mapping[int, int]) -> dict[int, int]:
    owner = dict(_reach(request, StockItem).filter(pk__in=list(copies)).values_list("pk", "variant_id"))
    found: dict[int, int] = {}
    for pk, count in copies.items():
        if pk in owner:
            found[owner[pk]] = found.get(owner[pk], 0) + count
    return found


def _variant_rows(request: HttpRequest, copies: dict[int, int]) -> list[LabelRow]:
    variants = _reach(request, Variant)
    if code := request.GET.get("code", "").strip():
        added = _by_code(variants, code)
        if added is None:
            messages.error(request, _("Nobody knows “%(code)s”. Scan a barcode or write a SKU.") % {"code": code})
        else:
            copies[added] = copies.get(added, 0) + 1
    found = variants.select_related("product").in_bulk(list(copies))
    return [
        LabelRow(pk, variant.sku, variant.label, variant.barcode, copies[pk])
        for pk in copies
        if (variant := found.get(pk)) is not None
    ]


def _by_code(variants: Any, code: str) -> int | None:
    if "\x00" in code:
        return None
    for name in ("sku", "barcode"):
        found: int | None = variants.filter(**{name: code}).values_list("pk", flat=True).first()
        if found is not None:
            return found
    return None


def _numbers(text: str) -> list[int]:
    return [_number(part) for part in text.split(",")] if text else []


def _number(text: str) -> int:
    cleaned = text.strip()
    if not (cleaned.isascii() and cleaned.isdigit() and len(cleaned) < 19):
        raise SuspiciousOperation("no number")
    return int(cleaned)


for _list, _model in LISTS.items():
    register_list_link(_model, ListLink(gettext_lazy("Print labels"), "label", "inventory_labels", _list, PERMISSION))
