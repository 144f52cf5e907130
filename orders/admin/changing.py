"""The page on which lines, address and present of a placed order are changed: the difference first, then the deed."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.countries import country_choices
from core.errors import DomainError
from core.ui import actor
from core.ui.sitepages import register_page, render_page
from inventory.selectors import availability_of
from orders import policies, services
from orders.admin.line_grid import GridRow, TypedLine, amount_field, read_rows, typed_rows, with_spare
from orders.admin.writing import GIFT, GiftForm, text_field
from orders.models import ADDRESS_FIELDS, OPEN_STATUSES, Gift, LineKind, Order
from orders.services.changing.planning import Plan, standing

CHANGE = "orders.change_order"


class ChangeForm(GiftForm):
    """Address, wishes and present, and why it changes."""

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
    reason = forms.CharField(label=gettext_lazy("why it changes"), max_length=200, required=False)
    in_parts = forms.BooleanField(label=gettext_lazy("What is not there leaves later"), required=False)
    expected_total = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sees_address: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", "–"), *country_choices()]  # type: ignore[attr-defined]
        self.sees_address = sees_address
        if not sees_address:
            for name in ADDRESS_FIELDS:
                del self.fields[name]
            for name in ("noshi_name", "message"):
                del self.fields[name]

    @property
    def address_fields(self) -> list[forms.BoundField]:
        """Where it goes, for who may see that."""
        return [self[name] for name in ADDRESS_FIELDS if name in self.fields]

    @property
    def wish_fields(self) -> list[forms.BoundField]:
        """When it shall arrive."""
        return [self["delivery_on"], self["delivery_slot"]]

    @property
    def gift_fields(self) -> list[forms.BoundField]:
        """The present."""
        return [self[name] for name in GIFT if name in self.fields]

    def texts(self) -> dict[str, Any]:
        """Return what edit takes; columns that the person does not see are left out."""
        names = [*ADDRESS_FIELDS, "delivery_on", "delivery_slot"]
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


@dataclass(frozen=True, slots=True)
class ShownSum:
    """A line of the preview: pieces, price and total before and after."""

    name: str
    before: list[int] | None
    after: list[int] | None


@register_page("orders/<int:order_id>/edit/", name="orders_edit", permission=CHANGE)
def change_page(request: HttpRequest, order_id: int) -> HttpResponseBase:
    """Write what shall be different, see the difference, and do it."""
    order = get_object_or_404(Order.objects.select_related("sales_channel"), pk=order_id)
    user = actor(request)
    if not policies.can_see_money(user):
        raise PermissionDenied
    page = reverse("admin:orders_order_change", args=[order.pk])
    if order.status not in OPEN_STATUSES:
        messages.warning(request, _("The order is closed; its lines can no longer change."))
        return HttpResponseRedirect(page)
    sees = request.user.has_perm("customers.see_contact_data")
    if request.method != "POST":
        form = ChangeForm(initial=_begun(order), sees_address=sees)
        return _page(request, order, form, rows=_standing_rows(order))
    form = ChangeForm(request.POST, sees_address=sees)
    rows = _typed(order, request.POST)
    if not form.is_valid():
        return _page(request, order, form, rows=rows)
    try:
        edit = _edit(order, form, request.POST, sees=sees)
        if request.POST.get("command") != "apply":
            plan = services.preview_change(order_id=order.pk, edit=edit, actor=user)
            return _page(request, order, form, rows=rows, plan=plan)
        services.change_order(order_id=order.pk, edit=edit, key=form.cleaned_data["key"], actor=user)
    except DomainError as error:
        return _page(request, order, form, rows=rows, problem=str(error))
    messages.success(request, _("%(number)s is changed.") % {"number": order.number})
    return HttpResponseRedirect(page)


def _edit(order: Order, form: ChangeForm, posted: Mapping[str, str], *, sees: bool) -> services.OrderEdit:
    known = order.lines.in_bulk()
    lines = [_line(row, known, order.currency) for row in read_rows(posted, order.currency)]
    return services.OrderEdit(
        lines=[line for line in lines if line is not None],
        texts=form.texts(),
        gift=form.wish() if sees else None,
        reason=form.cleaned_data["reason"],
        in_parts=form.cleaned_data["in_parts"],
        expected_total=form.cleaned_data["expected_total"] if posted.get("command") == "apply" else None,
    )


def _line(row: TypedLine, known: Mapping[int, Any], currency: str) -> services.LineEdit | None:
    """Return what is different about a row; None for a line that stays as it is."""
    if row.line_id is None:
        return services.LineEdit(
            quantity=row.quantity,
            price=row.price,
            variant_id=row.variant_id,
            kind=row.kind,
            name=row.name,
            reason=row.reason,
        )
    line = known.get(row.line_id)
    if line is not None:
        count, price, _total = standing(line, currency)
        if row.quantity == count and row.price in {None, price}:
            return None
    return services.LineEdit(line_id=row.line_id, quantity=row.quantity, price=row.price, reason=row.reason)


def _page(
    request: HttpRequest,
    order: Order,
    form: ChangeForm,
    *,
    rows: list[GridRow],
    plan: Plan | None = None,
    problem: str = "",
) -> HttpResponse:
    return render_page(
        request,
        "orders/pages/change.html",
        title=_("Change %(number)s") % {"number": order.number},
        order=order,
        form=form,
        rows=with_spare(rows),
        plan=plan,
        is_moved=plan is not None and bool(plan.lines),
        problem=problem,
        waits=plan is not None and bool(plan.extra) and order.is_prepaid,
        may_override=policies.can_override_prices(actor(request)),
    )


def _begun(order: Order) -> dict[str, Any]:
    gift = Gift.objects.filter(order=order).first()
    present = {name: getattr(gift, name) for name in GIFT} if gift else {}
    names = (*ADDRESS_FIELDS, "delivery_on", "delivery_slot")
    return {**{name: getattr(order, name) for name in names}, **present, "key": uuid.uuid4().hex}


def _standing_rows(order: Order) -> list[GridRow]:
    lines = list(order.lines.select_related("variant__product").order_by("position", "pk"))
    stock = availability_of(variant_ids=[line.variant_id for line in lines if line.variant_id is not None])
    rows = []
    for line in lines:
        count, price, _total = standing(line, order.currency)
        if not count:
            continue
        rows.append(
            GridRow(
                line_id=str(line.pk),
                kind=line.kind,
                sku=line.sku,
                name=f"{line.name} {line.options}".strip() if line.kind == LineKind.PRODUCT else line.name,
                quantity=str(count),
                price=amount_field(price, order.currency),
                listed=amount_field(price, order.currency),
                available=str(stock[line.variant_id].available) if line.variant_id in stock else "",
                least=line.shipped_count,
                note=line.price_reason,
            )
        )
    return rows


def _typed(order: Order, posted: Mapping[str, str]) -> list[GridRow]:
    """Return the rows as typed, known lines under their own names."""
    known = {row.line_id: row for row in _standing_rows(order)}
    rows = typed_rows(posted)
    for row in rows:
        if (line := known.get(row.line_id)) is not None:
            row.kind, row.sku, row.name, row.available = line.kind, line.sku, line.name, line.available
            row.listed, row.least, row.note = line.listed, line.least, line.note
    return rows
