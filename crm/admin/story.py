"""The customer's whole story on one page: key figures, identities, tags, notes, and everything that happened."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.masking import mask_name
from core.money import format_money
from core.ui.sitepages import register_page, render_page
from crm.admin.status import group_badge
from crm.selectors.families import with_families
from crm.selectors.patterns import pattern_of
from crm.selectors.story import Place, story_of
from customers.models import Customer
from customers.selectors import identities_of
from customers.story import story_sources

SEE = "customers.see_contact_data"


@register_page("customers/<int:pk>/story/", name="crm_story", permission="customers.view_customer")
@require_GET
def story_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show a page of the story, the latest first; 404 for a customer that the person may not meet."""
    if set(request.GET) - {"before", "only"}:
        raise SuspiciousOperation("no such parameter")
    customer = _customer(request, pk)
    sees = request.user.has_perm(SEE)
    ids = customer.family
    sources = story_sources(request.user)
    only = request.GET.get("only", "")
    if only and only not in {source.code for source in sources}:
        raise SuspiciousOperation("no such kind")
    entries, following = story_of(customer_ids=ids, request=request, before=_place(request), only=only)
    context = {
        "customer": customer,
        "name": (customer.name if sees else mask_name(customer.name)) or "–",
        "identities": identities_of(customer_id=pk, masked=not sees),
        "tags": customer.tag_names,
        "others": [one for one in ids if one != pk],
        "figures": _figures(request, pk),
        "entries": entries,
        "sources": sources,
        "only": only,
        "next_url": _next_url(following, only),
        "back": reverse("admin:customers_customer_change", args=[pk]),
        "note_url": _note_url(request, pk),
    }
    return render_page(request, "crm/pages/story.html", title=_("Whole story"), **context)


def _customer(request: HttpRequest, pk: int) -> Any:
    if pk >= 2**63:
        raise Http404
    pages: Any = admin.site.get_model_admin(Customer)
    row = with_families(pages.get_queryset(request).filter(pk=pk)).first()
    if row is None:
        raise Http404
    if not pages.has_view_permission(request, row):
        raise PermissionDenied
    return row


def _figures(request: HttpRequest, pk: int) -> dict[str, Any] | None:
    if not request.user.has_perm("crm.view_pattern"):
        return None
    found = pattern_of(pk)
    if found is None:
        return None
    money = request.user.has_perm("orders.view_payment")
    return {
        "pattern": found,
        "badge": group_badge(found.group),
        "spent": format_money(found.spent, found.currency) if money else "",
        "year_value": format_money(found.year_value, found.currency) if money else "",
    }


def _note_url(request: HttpRequest, pk: int) -> str:
    allowed = request.user.has_perm("crm.note_customer")
    return reverse("admin:customers_customer_press", args=[pk, "note_customer"]) if allowed else ""


def _place(request: HttpRequest) -> Place | None:
    given = request.GET.get("before", "")
    if not given:
        return None
    parts = given.split("_")
    at: datetime | None = parse_datetime(parts[0]) if len(parts) == 3 else None
    if at is None or at.tzinfo is None or not (parts[2].isascii() and parts[2].isdigit() and len(parts[2]) < 19):
        raise SuspiciousOperation("no such place")
    return Place(at, parts[1], int(parts[2]))


def _next_url(place: Place | None, only: str) -> str:
    if place is None:
        return ""
    at = place.at.isoformat().replace("+00:00", "Z")
    return f"?before={at}_{place.source}_{place.pk}" + (f"&only={only}" if only else "")
