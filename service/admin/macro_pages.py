"""Macros in the editor: found by typing, shown with their values, then used; all of it in the dialog of the page."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError
from core.ui import actor
from core.ui.sitepages import register_page
from service.admin.acting import LARGEST_ID
from service.admin.macro_words import done_by
from service.admin.status import inbox_url
from service.models import CouponCode, Draft, Macro, Outgoing, OutgoingState, Ticket
from service.selectors.coupons import why_not_given
from service.selectors.macros import macros_found, orders_to_choose
from service.selectors.variables import Resolved, Source, needs_order, resolved
from service.services.macros import like_macro, use_macro
from staff.models import Language

WORK = "service.work_on_ticket"


class UseForm(forms.Form):
    """What was chosen for one use of a macro."""

    order = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    language = forms.ChoiceField(required=False, choices=Language.choices)
    version = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    here = forms.CharField(required=False, max_length=500)
    key = forms.SlugField(required=False, max_length=64)
    typed = forms.CharField(required=False, max_length=50_000, strip=False)
    sends = forms.BooleanField(required=False)


@register_page("inbox/<int:pk>/macros/", name="service_macros", permission=WORK)
@require_GET
def macros_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the macros that fit what was typed: the dialog, or its list alone."""
    ticket = get_object_or_404(Ticket.objects.only("pk", "language", "version"), pk=pk)
    query = request.GET.get("q", "")[:100]
    rows = [
        (macro, _gist(macro, ticket), ", ".join(str(one) for one in done_by(macro)))
        for macro in macros_found(user=actor(request), query=query)
    ]
    here, version = request.GET.get("here", ""), request.GET.get("version", "")
    context = {"ticket": ticket, "rows": rows, "query": query, "here": here, "version": version}
    is_list = request.headers.get("HX-Target") == "macro-list"
    return render(request, f"service/components/{'macro_list' if is_list else 'macros'}.html", context)


@register_page("inbox/<int:pk>/macro/<int:macro_id>/", name="service_macro", permission=WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def macro_page(request: HttpRequest, pk: int, macro_id: int) -> HttpResponseBase:
    """Show what the macro would say and do, with the order that is chosen; a POST uses it."""
    ticket = Ticket.objects.select_related("customer", "merged_into").filter(pk=pk).first()
    macro = (
        Macro.objects.select_related("team", "colleague", "return_reason", "reason", "coupon")
        .filter(pk=macro_id, is_active=True)
        .first()
    )
    if ticket is None or macro is None:
        raise Http404
    form = UseForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        raise SuspiciousOperation("no such use")
    refusal = ""
    if request.method == "POST":
        try:
            return _use(request, ticket, macro, form.cleaned_data)
        except DomainError as error:
            refusal = str(error)
    return render(request, "service/components/macro.html", _shown(request, ticket, macro, form.cleaned_data, refusal))


@register_page("inbox/macro/<int:macro_id>/like/", name="service_macro_like", permission=WORK)
@require_POST
def like_page(request: HttpRequest, macro_id: int) -> HttpResponseBase:
    """Put a macro on top, or take it from there, and show its star."""
    is_liked = request.POST.get("liked") == "1"
    try:
        like_macro(macro_id=macro_id, is_liked=is_liked, actor=actor(request))
    except DomainError as error:
        raise Http404 from error
    return render(request, "service/components/macro_star.html", {"macro_id": macro_id, "is_liked": is_liked})


def _use(request: HttpRequest, ticket: Ticket, macro: Macro, data: dict[str, Any]) -> HttpResponse:
    user = actor(request)
    if "typed" in request.POST:
        typed = data["typed"].rstrip().removesuffix("/")
    else:  # without the script: what is kept stands for what is typed
        typed = Draft.objects.filter(ticket=ticket, user=user).values_list("body", flat=True).first() or ""
    use = use_macro(
        macro_id=macro.pk,
        ticket_id=ticket.pk,
        seen_version=data["version"] if data["version"] is not None else ticket.version,
        order_id=data["order"],
        language=_language(macro, ticket, data["language"]),
        typed=typed,
        sends=data["sends"],
        key=f"{user.pk}:{data['key'] or uuid.uuid4().hex}"[:60],
        actor=user,
    )
    owed = Outgoing.objects.filter(key=f"{use.key}:reply"[:80]).first() if use.has_sent else None
    if owed is not None and owed.state == OutgoingState.AWAITING:
        messages.success(request, _("Written. It waits until somebody else has approved it."))
    elif use.has_sent:
        messages.success(request, _("The answer leaves in some seconds; until then it can be taken back."))
    else:
        messages.success(request, _("“%(macro)s” is used.") % {"macro": macro})
    back = inbox_url(ticket.pk)
    if data["here"].startswith("?view="):
        back = reverse("admin:service_inbox") + data["here"]
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": back})
    return HttpResponseRedirect(back)


def _shown(request: HttpRequest, ticket: Ticket, macro: Macro, data: dict[str, Any], refusal: str) -> dict[str, Any]:
    user = actor(request)
    orders = orders_to_choose(ticket)
    order = next((one for one in orders if one.pk == data["order"]), None)
    language = _language(macro, ticket, data["language"])
    words, note = str(getattr(macro, f"body_{language}")), macro.note
    # which code it is nobody knows before the macro is used
    coupon = CouponCode(coupon=macro.coupon, code="••••••") if macro.coupon else None
    source = Source(ticket=ticket, order=order, user=user, coupon=coupon)
    told = resolved(text=words, source=source, language=language)
    noted = resolved(text=note, source=source, language=language)
    wants_order = needs_order([words, note]) or macro.return_reason_id is not None
    return {
        "ticket": ticket,
        "macro": macro,
        "orders": orders,
        "order": order,
        "asks_order": wants_order,
        "lacks_order": wants_order and order is None,
        "language": language,
        "languages": [(code, label) for code, label in Language.choices if getattr(macro, f"body_{code}")],
        "told": told,
        "noted": noted,
        "missing": _missing(told, noted),
        "no_coupon": why_not_given(macro.coupon, ticket) if macro.coupon else "",
        "done": done_by(macro),
        "along": _along(macro, ticket.language),
        "refusal": refusal,
        "version": data["version"] if data["version"] is not None else ticket.version,
        "here": data["here"],
        "typed": data["typed"],
        "key": uuid.uuid4().hex,
        "may_send": ticket.merged_into_id is None,
    }


def _along(macro: Macro, language: str) -> list[tuple[str, bool]]:
    """Return the files that go along, and whether there is one in this language."""
    rows = macro.files.filter(is_active=True).prefetch_related("versions").order_by("name", "pk")
    return [(str(row), any(one.language == language for one in row.versions.all())) for row in rows]


def _missing(*texts: Resolved) -> list[str]:
    return list(dict.fromkeys(name for text in texts for name in text.missing))


def _language(macro: Macro, ticket: Ticket, chosen: str) -> str:
    """Return the chosen language, the ticket's, or the first in which the macro has words."""
    wanted = [chosen, ticket.language, *Language.values]
    return next((code for code in wanted if code and getattr(macro, f"body_{code}")), ticket.language)


def _gist(macro: Macro, ticket: Ticket) -> str:
    words = str(getattr(macro, f"body_{_language(macro, ticket, '')}"))
    return " ".join(words.split())[:90]
