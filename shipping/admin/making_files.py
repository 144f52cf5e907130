"""The page on which a carrier file is looked at before it is made: what fits, what does not, and where to mend it."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.errors import DomainError
from core.masking import mask_name
from core.ui import actor
from core.ui.listlinks import ListLink, register_list_link
from core.ui.sitepages import register_page, render_page
from inventory.selectors import shop_day
from orders.models import Order
from shipping import policies
from shipping.models import Carrier, FormatKind, OutFormat, SlipKind, Temperature, Wave, WaveOrder
from shipping.selectors.handing import orders_to_hand_over
from shipping.selectors.usual import Usual, carriers_by_rule, usual_carrier
from shipping.services import Parcel, Wanted, make_carrier_file, preview_carrier_file

PERMISSION = "shipping.add_carrierfile"
MOST = 500


class FileForm(forms.Form):
    """For which carrier, how, and what holds for all parcels."""

    carrier = forms.ModelChoiceField(label=gettext_lazy("Carrier"), queryset=Carrier.objects.filter(is_active=True))
    format = forms.ModelChoiceField(
        label=gettext_lazy("Format"),
        queryset=OutFormat.objects.filter(kind=FormatKind.CARRIER, is_active=True),
        required=False,
        empty_label=gettext_lazy("The carrier’s own"),
    )
    ship_on = forms.DateField(
        label=gettext_lazy("Leaves on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    temperature = forms.TypedChoiceField(
        label=gettext_lazy("Temperature"), choices=Temperature.choices, coerce=Temperature
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Slip"),
        choices=[("", gettext_lazy("As the order is paid")), *SlipKind.choices],
        required=False,
    )
    box_count = forms.IntegerField(label=gettext_lazy("Boxes"), min_value=1, max_value=99, initial=1)
    again = forms.BooleanField(label=gettext_lazy("Also those in another file (print again)"), required=False)

    def clean(self) -> dict[str, Any]:
        """Choose the carrier's own format where none was."""
        data = super().clean() or {}
        carrier = data.get("carrier")
        if carrier is not None and data.get("format") is None:
            own = OutFormat.objects.filter(kind=FormatKind.CARRIER, is_active=True, belongs_to=carrier.code)
            data["format"] = own.order_by("is_builtin", "-version").first()
            if data["format"] is None:
                self.add_error("format", _("This carrier has no format of its own. Choose one, or write it."))
        return data

    def wanted(self) -> Wanted:
        """Return what the service takes."""
        data = self.cleaned_data
        kind = SlipKind(data["kind"]) if data["kind"] else None
        return Wanted(ship_on=data["ship_on"], temperature=data["temperature"], box_count=data["box_count"], kind=kind)


@register_page("shipping/carrier-files/new/", name="shipping_make_file", permission=PERMISSION)
def make_file_page(request: HttpRequest) -> HttpResponseBase:
    """GET previews the orders asked for (``ids``, ``wave``), else what is ready for the carrier; POST makes the file.

    Of all that is ready, what the rules give another carrier is that one's file.
    """
    user = actor(request)
    asked = request.POST if request.method == "POST" else request.GET
    ids = _ids(request, asked.get("ids", ""), asked.get("wave", ""))
    by_rule = carriers_by_rule(ids)
    usual = None if asked.get("carrier") else usual_carrier(order_ids=ids, by_rule=by_rule, wave=_wave(asked))
    is_all = not (asked.get("ids") or asked.get("wave"))
    meant = ids
    form = FileForm(_begun(usual) if usual else asked if asked.get("carrier") else None, initial=_initial())
    parcels: list[Parcel] = []
    if form.is_bound and form.is_valid() and ids:
        data = form.cleaned_data
        if is_all:
            meant = [pk for pk in ids if by_rule.get(pk, data["carrier"]) == data["carrier"]]
        options: dict[str, Any] = {
            "order_ids": meant,
            "carrier_id": data["carrier"].pk,
            "format_id": data["format"].pk,
            "wanted": form.wanted(),
            "again": data["again"],
            "actor": user,
        }
        try:
            if request.method == "POST":
                return _made(request, options)
            parcels = preview_carrier_file(**options)
        except DomainError as error:
            messages.error(request, str(error))
    sees = policies.can_download_carrier_files(user)
    rows = sorted((_row(parcel, sees=sees) for parcel in parcels), key=lambda row: not row["problems"])
    context: dict[str, Any] = {
        "form": form,
        "rows": rows,
        "good": sum(1 for row in rows if not row["problems"]),
        "bad": sum(1 for row in rows if row["problems"]),
        "count": len(ids),
        "is_all": is_all,
        "ids": ",".join(map(str, meant)),
        "wave": asked.get("wave", ""),
        "usual": usual,
        "shares": _shares(ids, by_rule),
        "key": uuid.uuid4().hex,
    }
    return render_page(request, "shipping/pages/make_file.html", title=_("Carrier file"), **context)


def _made(request: HttpRequest, options: dict[str, Any]) -> HttpResponseBase:
    report = make_carrier_file(**options, key=_key(request))
    if report.refused:
        said = ngettext(
            "%(count)s order stayed out: %(why)s", "%(count)s orders stayed out: %(why)s", len(report.refused)
        )
        why = "; ".join(f"{one.number}: {one.reason}" for one in report.refused[:5])
        messages.warning(request, said % {"count": len(report.refused), "why": why})
    file = report.file
    if file is None:
        return HttpResponseRedirect(reverse("admin:shipping_carrierfile_changelist"))
    messages.success(request, _("%(file)s is made. Download it below.") % {"file": file.number})
    return HttpResponseRedirect(reverse("admin:shipping_carrierfile_change", args=[file.pk]))


def _row(parcel: Parcel, *, sees: bool) -> dict[str, Any]:
    name = parcel.order.recipient_name
    lines = parcel.address.rows if parcel.address and sees else []
    return {
        "order": parcel.order,
        "recipient": name if sees else mask_name(name),
        "lines": [{"text": text, "taken": taken, "width": line.width} for line, text, taken in lines],
        "kind": parcel.kind.label,
        "problems": parcel.problems,
        "warnings": parcel.warnings,
    }


def _begun(usual: Usual) -> dict[str, Any]:
    """Return the form as if the usual carrier had been chosen: its preview is there at once."""
    return {**_initial(), "ship_on": shop_day().isoformat(), "carrier": usual.carrier.pk}


def _shares(ids: Sequence[int], by_rule: Mapping[int, Carrier]) -> list[dict[str, Any]]:
    """Return which carrier the rules give how many, with a link to those alone; nothing where all go one way."""
    groups: dict[int, list[int]] = defaultdict(list)
    for pk in ids:
        groups[by_rule[pk].pk if pk in by_rule else 0].append(pk)
    if len(groups) < 2:
        return []
    carriers = {carrier.pk: carrier for carrier in by_rule.values()}
    return [
        {
            "carrier": carriers.get(pk),
            "count": len(part),
            "query": urlencode({"ids": ",".join(map(str, part)), **({"carrier": pk, **_initial()} if pk else {})}),
        }
        for pk, part in sorted(groups.items(), key=lambda group: (not group[0], -len(group[1])))
    ]


def _wave(asked: QueryDict) -> Wave | None:
    text = asked.get("wave", "")
    return Wave.objects.filter(pk=int(text)).first() if text else None


def _initial() -> dict[str, Any]:
    return {"ship_on": shop_day(), "temperature": Temperature.NORMAL, "box_count": 1}


def _key(request: HttpRequest) -> str:
    key = request.POST.get("key", "")
    if not (len(key) == 32 and key.isalnum()):
        raise SuspiciousOperation("no key")
    return key


def _ids(request: HttpRequest, text: str, wave: str) -> list[int]:
    if text:
        parts = text.split(",")
        if len(parts) > MOST or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
            raise SuspiciousOperation("no list of orders")
        return list(Order.objects.filter(pk__in=map(int, parts)).order_by("pk").values_list("pk", flat=True))
    if wave:
        if not (wave.isascii() and wave.isdigit() and len(wave) < 19):
            raise SuspiciousOperation("no wave")
        waiting = WaveOrder.objects.filter(wave=int(wave), left_at=None, packed_at=None)
        return list(waiting.order_by("order_id").values_list("order_id", flat=True)[:MOST])
    return list(orders_to_hand_over(today=_today()).values_list("pk", flat=True)[:MOST])


def _today() -> date:
    return shop_day()


register_list_link(
    Order,
    ListLink(pgettext_lazy("button", "Carrier file"), "description", "shipping_make_file", "order", PERMISSION),
)
