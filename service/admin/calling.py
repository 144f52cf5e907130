"""A phone call: what was said is written down while one sees who calls, what they bought and what they asked before."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError
from core.masking import mask_name
from core.ui import actor
from core.ui.sitepages import register_page, render_page
from orders.admin.status import status_badge
from service import services
from service.admin.acting import LARGEST_ID
from service.admin.status import inbox_url, ticket_badge
from service.models import Inlet, InletKind
from service.selectors.calling import who_calls
from staff.models import Language

SEE = "customers.see_contact_data"
_PHONES = {"kind": InletKind.PHONE, "is_active": True}


class CallerForm(forms.Form):
    """Who called, and about which order."""

    sender_phone = forms.CharField(
        label=gettext_lazy("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autofocus": True, "inputmode": "tel"}),
    )
    sender_name = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)
    sender_address = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    order_number = forms.CharField(label=gettext_lazy("Order number"), max_length=80, required=False)


class CallForm(forms.Form):
    """What was said."""

    inlet = forms.ModelChoiceField(label=gettext_lazy("Inlet"), queryset=Inlet.objects.filter(**_PHONES))
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=Language.choices)
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Left empty, the first words of what was said."),
    )
    body = forms.CharField(
        label=gettext_lazy("What was said"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 10})
    )
    key = forms.SlugField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inlets = list(Inlet.objects.filter(**_PHONES).order_by("pk")[:2])
        if len(inlets) == 1:
            self.initial["inlet"] = inlets[0].pk
            self.fields["inlet"].widget = forms.HiddenInput()


class GoingOnForm(forms.Form):
    """The open ticket that the call belongs to; it is chosen in the panel of the caller."""

    ticket = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)


@register_page("inbox/call/", name="service_call", permission="service.add_ticket")
@require_http_methods(["GET", "HEAD", "POST"])
def call_page(request: HttpRequest) -> HttpResponseBase:
    """Write down what somebody said on the phone, in a new ticket or in one that is open."""
    user = actor(request)
    initial = {"key": uuid.uuid4().hex, "language": user.language}
    data = request.POST if request.method == "POST" else None
    caller, form = CallerForm(data), CallForm(data, initial=initial)
    if caller.is_valid() and form.is_valid():
        values: dict[str, Any] = {**caller.cleaned_data, **form.cleaned_data}
        inlet, key = values.pop("inlet"), values.pop("key")
        values["subject"] = values["subject"] or " ".join(values["body"].split())[:60]
        try:
            incoming = services.Incoming(external_id=f"call:{key}", ticket_id=_going_on(request), **values)
            taken = services.note_call(inlet_id=inlet.pk, incoming=incoming, actor=user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Written down as %(number)s.") % {"number": taken.message.ticket.number})
            return HttpResponseRedirect(inbox_url(taken.message.ticket_id))
    context = {"form": form, **_caller_context(request, caller)}
    return render_page(request, "service/pages/call.html", title=_("Phone note"), **context)


@register_page("inbox/call/who/", name="service_caller", permission="service.add_ticket")
@require_POST
def caller_panel(request: HttpRequest) -> HttpResponseBase:
    """Show whose phone, address or order this is; asked by POST, so that none of it stands in an address."""
    return render(request, "service/components/caller.html", _caller_context(request, CallerForm(request.POST)))


def _caller_context(request: HttpRequest, caller: CallerForm) -> dict[str, Any]:
    caller.is_valid()  # what of it is usable is asked, an address that is half typed is not
    given = getattr(caller, "cleaned_data", {})
    phone, address, number = (given.get(name) or "" for name in ("sender_phone", "sender_address", "order_number"))
    may_see_orders = request.user.has_perm("orders.view_order")
    who = who_calls(phone=phone, email=address, order_number=number)
    sees = request.user.has_perm(SEE)
    name = who.customer.name if who.customer else ""
    return {
        "caller": caller,
        "who": who,
        "is_asked": bool(phone or address or number),
        "name": name if sees else mask_name(name),
        "orders": [(row, status_badge(row)) for row in who.orders if may_see_orders],
        "tickets": [(row, ticket_badge(row)) for row in who.tickets],
        "chosen": _going_on(request),
        "sees_customer": request.user.has_perm("customers.view_customer"),
        "caller_url": reverse("admin:service_caller"),
    }


def _going_on(request: HttpRequest) -> int | None:
    form = GoingOnForm(request.POST)
    if not form.is_valid():
        raise SuspiciousOperation("no such ticket")
    ticket_id: int | None = form.cleaned_data["ticket"]
    return ticket_id
