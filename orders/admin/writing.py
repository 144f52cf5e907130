"""Writing an order on the phone: who calls, what they want, where to; kept as a draft or placed at once."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.models import SalesChannel, Variant
from core.countries import country_choices
from core.errors import DomainError
from core.ui import actor
from core.ui.sitepages import register_page, render_page
from customers.models import Customer
from orders import policies, services
from orders.admin.forms import Suggested
from orders.admin.line_grid import GridRow, amount_field, goods_json, read_rows, typed_rows, with_spare
from orders.models import ADDRESS_FIELDS, BUYER_FIELDS, DraftState, LineKind, ManualDraft, NoshiKind, NoshiPlace, Order
from orders.selectors.writing import address_of, callers_like, goods_like, open_drafts, priced_goods
from orders.services.manual.drafts import prices_hold, repriced, wanted_of
from orders.services.manual.placing import CONTACT
from orders.services.manual.wanted import GiftWish, WantedLine, WantedOrder

SEE = "customers.see_contact_data"  # names and addresses stand on these pages
METHODS = [gettext_lazy("Bank transfer"), gettext_lazy("Card"), gettext_lazy("Cash on delivery")]


def text_field(name: str, **over: Any) -> forms.CharField:
    """Return an input for a column of Order, as long as the column is."""
    column: Any = Order._meta.get_field(name)
    return forms.CharField(
        label=column.verbose_name, max_length=column.max_length, required=False, **{"strip": True, **over}
    )


class GiftForm(forms.Form):
    """How a present is made ready."""

    wrapping = forms.CharField(label=gettext_lazy("wrapping"), max_length=80, required=False)
    noshi_kind = forms.ChoiceField(
        label=pgettext_lazy("gift", "noshi"), choices=[("", "–"), *NoshiKind.choices], required=False
    )
    noshi_name = forms.CharField(label=gettext_lazy("name on the noshi"), max_length=80, required=False)
    noshi_place = forms.ChoiceField(
        label=gettext_lazy("place of the noshi"), choices=[("", "–"), *NoshiPlace.choices], required=False
    )
    message = forms.CharField(
        label=gettext_lazy("gift message"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    hides_prices = forms.BooleanField(label=gettext_lazy("packing slip without prices"), required=False, initial=True)

    def wish(self) -> GiftWish:
        """Return what was asked for; without a noshi nothing is written on one."""
        data = {name: self.cleaned_data[name] for name in self.fields if name in GIFT}
        if not data.get("noshi_kind"):
            data |= {"noshi_name": "", "noshi_place": ""}
        return GiftWish(**data)


GIFT = tuple(GiftForm.base_fields)


class WriteForm(GiftForm):
    """Everything about a written order but its lines."""

    sales_channel = forms.ModelChoiceField(
        label=gettext_lazy("Channel"), queryset=SalesChannel.objects.filter(is_active=True), empty_label=None
    )
    customer = forms.ModelChoiceField(queryset=Customer.objects.all(), required=False, widget=forms.HiddenInput)
    buyer_name, buyer_phone = text_field("buyer_name"), text_field("buyer_phone")
    buyer_email = text_field("buyer_email")
    recipient_name, recipient_kana = text_field("recipient_name"), text_field("recipient_kana")
    recipient_phone = text_field("recipient_phone")
    country = forms.ChoiceField(label=gettext_lazy("country"), required=False)
    postcode, region, city = text_field("postcode"), text_field("region"), text_field("city")
    address_1, address_2, customs_code = text_field("address_1"), text_field("address_2"), text_field("customs_code")
    delivery_on = forms.DateField(
        label=gettext_lazy("wished delivery date"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    delivery_slot = text_field("delivery_slot")
    payment_method = forms.CharField(
        label=gettext_lazy("payment method"), max_length=80, required=False, widget=Suggested(METHODS)
    )
    is_prepaid = forms.BooleanField(label=gettext_lazy("must be paid before shipping"), required=False, initial=True)
    customer_note = text_field("customer_note", widget=forms.Textarea(attrs={"rows": 2}))
    staff_note = text_field("staff_note", widget=forms.Textarea(attrs={"rows": 2}))
    prices_until = forms.DateField(
        label=gettext_lazy("prices hold until"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", "–"), *country_choices()]  # type: ignore[attr-defined]

    def group(self, *names: str) -> list[forms.BoundField]:
        """Return these fields for the page."""
        return [self[name] for name in names]

    @property
    def caller_fields(self) -> list[forms.BoundField]:
        """Who pays."""
        return self.group(*BUYER_FIELDS)

    @property
    def address_fields(self) -> list[forms.BoundField]:
        """Where it goes."""
        return self.group(*ADDRESS_FIELDS)

    @property
    def how_fields(self) -> list[forms.BoundField]:
        """When, and how it is paid."""
        return self.group(
            "delivery_on", "delivery_slot", "payment_method", "is_prepaid", "customer_note", "staff_note"
        )  # fmt: skip

    @property
    def gift_fields(self) -> list[forms.BoundField]:
        """The present."""
        return self.group(*GIFT)


@register_page("orders/write/", name="orders_write", permission=SEE)
def write_order(request: HttpRequest) -> HttpResponseBase:
    """Write a new order."""
    return _write(request, None)


@register_page("orders/write/<int:draft_id>/", name="orders_write_draft", permission=SEE)
def write_draft(request: HttpRequest, draft_id: int) -> HttpResponseBase:
    """Go on with an order that was kept."""
    draft = get_object_or_404(ManualDraft.objects.select_related("sales_channel", "order"), pk=draft_id)
    if draft.order is not None:
        return HttpResponseRedirect(reverse("admin:orders_order_change", args=[draft.order_id]))
    return _write(request, draft)


def _write(request: HttpRequest, draft: ManualDraft | None) -> HttpResponseBase:
    _check_writer(request)
    if request.method != "POST":
        return _page(request, WriteForm(initial=_begun(draft)), draft, rows=_kept_rows(draft))
    if draft is not None and request.POST.get("command") == "drop":
        services.drop_draft(draft_id=draft.pk, actor=actor(request))
        messages.success(request, _("Dropped; nothing comes of it."))
        return HttpResponseRedirect(reverse("admin:orders_write"))
    form = WriteForm(request.POST)
    if not form.is_valid():
        return _page(request, form, draft, rows=typed_rows(request.POST))
    try:
        return _done(request, form, draft)
    except DomainError as error:
        return _page(request, form, draft, rows=typed_rows(request.POST), problem=str(error))


def _done(request: HttpRequest, form: WriteForm, draft: ManualDraft | None) -> HttpResponseBase:
    """Keep or place what was written; a kept order is placed at the prices that it was told."""
    wanted = _wanted(form, request.POST)
    user, command = actor(request), request.POST.get("command")
    if draft is not None or command == "draft":
        kept = services.save_draft(
            wanted=wanted,
            draft_id=draft.pk if draft else None,
            prices_until=form.cleaned_data["prices_until"],
            actor=user,
        )
        if command == "draft":
            messages.success(request, _("Kept. Its prices are those of today until the day you chose."))
            return HttpResponseRedirect(reverse("admin:orders_write_draft", args=[kept.pk]))
        order = services.place_draft(
            draft_id=kept.pk, key=form.cleaned_data["key"], expected_total=kept.total, actor=user
        )  # fmt: skip
    else:
        order = services.place_manual_order(wanted=wanted, key=form.cleaned_data["key"], actor=user)
    messages.success(request, _("%(number)s is placed.") % {"number": order.number})
    return HttpResponseRedirect(reverse("admin:orders_order_change", args=[order.pk]))


def _wanted(form: WriteForm, posted: Mapping[str, str]) -> WantedOrder:
    data = form.cleaned_data
    channel: SalesChannel = data["sales_channel"]
    customer: Customer | None = data["customer"]
    return WantedOrder(
        sales_channel_id=channel.pk,
        lines=[
            WantedLine(
                quantity=row.quantity,
                variant_id=row.variant_id,
                kind=row.kind,
                name=row.name,
                price=row.price,
                reason=row.reason,
            )
            for row in read_rows(posted, channel.currency)
        ],
        contact={name: data[name] for name in CONTACT},
        customer_id=customer.pk if customer else None,
        is_prepaid=data["is_prepaid"],
        payment_method=data["payment_method"],
        delivery_on=data["delivery_on"],
        staff_note=data["staff_note"],
        gift=form.wish(),
    )


def _page(
    request: HttpRequest, form: WriteForm, draft: ManualDraft | None, *, rows: list[GridRow], problem: str = ""
) -> HttpResponse:
    channels = SalesChannel.objects.filter(is_active=True)
    return render_page(
        request,
        "orders/pages/write.html",
        title=_("Write an order"),
        form=form,
        draft=draft,
        rows=with_spare(rows),
        problem=problem,
        drafts=[] if draft else open_drafts(),
        holds=draft is not None and prices_hold(draft),
        repriced=repriced(draft) if draft is not None and not prices_hold(draft) else [],
        currencies={str(one.pk): one.currency for one in channels},
        may_override=policies.can_override_prices(actor(request)),
    )


def _begun(draft: ManualDraft | None) -> dict[str, Any]:
    if draft is None:
        return {"key": uuid.uuid4().hex}
    wanted = wanted_of(draft)
    gift = {name: getattr(wanted.gift, name) for name in GIFT}
    return {
        **wanted.contact,
        **gift,
        "sales_channel": draft.sales_channel_id,
        "customer": wanted.customer_id,
        "is_prepaid": wanted.is_prepaid,
        "payment_method": wanted.payment_method,
        "delivery_on": wanted.delivery_on,
        "staff_note": wanted.staff_note,
        "prices_until": draft.prices_until,
        "key": uuid.uuid4().hex,
    }


def _kept_rows(draft: ManualDraft | None) -> list[GridRow]:
    if draft is None:
        return []
    wanted, channel = wanted_of(draft), draft.sales_channel
    variants = list(Variant.objects.filter(pk__in=[line.variant_id for line in wanted.lines if line.variant_id]))
    at = draft.priced_at if prices_hold(draft) else None
    known = {one.variant.pk: one for one in priced_goods(variants=variants, channel=channel, at=at)}
    return [_kept_row(line, known, channel.currency) for line in wanted.lines]


def _kept_row(line: WantedLine, known: Mapping[int, Any], currency: str) -> GridRow:
    price = amount_field(line.price, currency)
    if line.kind != LineKind.PRODUCT:
        return GridRow(kind=line.kind, name=line.name, quantity=str(line.quantity), price=price, reason=line.reason)
    goods = known[line.variant_id or 0]
    return GridRow(
        variant_id=str(goods.variant.pk),
        sku=goods.variant.sku,
        name=goods.variant.label,
        quantity=str(line.quantity),
        price=price,
        listed=amount_field(goods.price, currency),
        reason=line.reason,
        available=str(goods.available),
    )


@register_page("orders/goods/", name="orders_goods", permission="orders.change_order")
def find_goods(request: HttpRequest) -> HttpResponseBase:
    """Answer the grid's search with goods, their price on the channel and what is free of them."""
    user = actor(request)
    if not (policies.can_write_orders(user) or policies.can_edit_orders(user)):
        raise PermissionDenied
    channel = get_object_or_404(SalesChannel, pk=_number(request.GET.get("channel", "") or "0"))
    draft = ManualDraft.objects.filter(pk=_number(request.GET.get("draft", "") or "0"), state=DraftState.OPEN).first()
    at = draft.priced_at if draft is not None and prices_hold(draft) else None
    found = goods_like(text=_term(request), channel=channel, at=at)
    return JsonResponse({"found": [goods_json(one, channel.currency) for one in found]})


@register_page("orders/callers/", name="orders_callers", permission=SEE)
def find_callers(request: HttpRequest) -> HttpResponseBase:
    """Answer the search for who calls with customers and where their last order went."""
    _check_writer(request)
    found = [
        {
            "id": one.customer.pk,
            "name": one.customer.name,
            "last": address_of(one.last) if one.last else {"buyer_name": one.customer.name},
            "said": f"{one.last.buyer_phone} {one.last.city} {one.last.address_1}".strip() if one.last else "",
        }
        for one in callers_like(text=_term(request))
    ]
    return JsonResponse({"found": found})


def _term(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()[:80]


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise SuspiciousOperation("no such number")
    return int(text)


def _check_writer(request: HttpRequest) -> None:
    if not request.user.has_perm("orders.add_order"):
        raise PermissionDenied
