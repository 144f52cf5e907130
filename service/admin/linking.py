"""What a ticket can be about, found by typing beside the conversation; upper apps register what they have (deals)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from catalog.models import Product
from core.display import moment_text
from core.errors import DomainError
from core.search import matching
from core.ui import actor
from core.ui.sitepages import register_page
from orders.models import Order
from service import services
from service.admin.status import inbox_url
from service.models import Ticket
from staff.models import User

WORK = "service.work_on_ticket"
SEE = "customers.see_contact_data"
SHOWN = 6
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Linkable:
    """One row that can be linked."""

    id: int
    title: str
    hint: str = ""


@dataclass(frozen=True)
class LinkKind:
    """A kind of rows: ``find(user, query, limit)`` gives some, ``link(ticket_id, id, user)`` names what it linked."""

    key: str
    label: Any
    icon: str
    permission: str  # to see such rows
    find: Callable[[User, str, int], Sequence[Linkable]]
    link: Callable[[int, int, User], str]


_kinds: dict[str, LinkKind] = {}


def register_link_kind(kind: LinkKind) -> None:
    """Let tickets be linked with rows of this kind."""
    _kinds[kind.key] = kind


class LinkFoundForm(forms.Form):
    """Which row was chosen."""

    kind = forms.SlugField(max_length=40)
    row = forms.IntegerField(min_value=1, max_value=_LARGEST)


@register_page("inbox/<int:pk>/find/", name="service_find_links", permission=WORK)
@require_GET
def find_links_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show what could be linked for what was typed."""
    ticket = get_object_or_404(Ticket.objects.only("pk"), pk=pk)
    query, user = request.GET.get("q", "").strip()[:100], actor(request)
    found = [
        (kind, row)
        for kind in _kinds.values()
        if len(query) > 1 and user.has_perm(kind.permission)
        for row in kind.find(user, query, SHOWN)
    ]
    return render(request, "service/components/links.html", {"ticket": ticket, "found": found, "query": query})


@register_page("inbox/<int:pk>/link/", name="service_link_found", permission=WORK)
@require_POST
def link_found_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Link what was found, and go back to the ticket."""
    form, user = LinkFoundForm(request.POST), actor(request)
    kind = _kinds.get(request.POST.get("kind", ""))
    if kind is None or not form.is_valid():
        raise SuspiciousOperation("no such row")
    if not user.has_perm(kind.permission):
        raise PermissionDenied
    if not Ticket.objects.filter(pk=pk).exists():
        raise Http404
    try:
        what = kind.link(pk, form.cleaned_data["row"], user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Linked with %(what)s.") % {"what": what})
    return HttpResponseRedirect(inbox_url(pk))


def find_orders(user: User, query: str, limit: int) -> list[Linkable]:
    """Find orders by number, and by words for who may see whose they are."""
    named = Q(number=query.upper()) | Q(external_number=query)
    if user.has_perm(SEE):
        named |= Q(pk__in=Order.objects.filter(matching(query)).order_by("-pk").values("pk")[:limit])
    rows = Order.objects.filter(named).select_related("sales_channel").order_by("-pk")[:limit]
    return [Linkable(row.pk, row.number, f"{row.sales_channel} · {moment_text(row.placed_at)}") for row in rows]


def find_products(_user: User, query: str, limit: int) -> list[Linkable]:
    """Find products by code, SKU and name."""
    coded = Q(code=query) | Q(variants__sku__iexact=query)
    rows = Product.objects.filter(coded | matching(query)).distinct().order_by("-pk")[:limit]
    return [Linkable(row.pk, row.name, row.code) for row in rows]


def _link_order(ticket_id: int, row_id: int, user: User) -> str:
    return services.link_ticket_order(ticket_id=ticket_id, order_id=row_id, actor=user).order.number


def _link_product(ticket_id: int, row_id: int, user: User) -> str:
    return services.link_ticket_product(ticket_id=ticket_id, product_id=row_id, actor=user).product.name


register_link_kind(
    LinkKind("order", pgettext_lazy("purchase", "Order"), "receipt_long", "orders.view_order", find_orders, _link_order)
)
register_link_kind(
    LinkKind("product", gettext_lazy("Product"), "sell", "catalog.view_product", find_products, _link_product)
)
