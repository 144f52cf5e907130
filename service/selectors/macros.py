"""Macros as the editor finds them."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from orders.models import Order
from service.models import Macro, MacroFavourite, Ticket, TicketOrder, told_in
from staff.models import User

SHOWN = 12


def macros_found(*, user: User, query: str) -> QuerySet[Macro]:
    """Return active macros for what was typed: shortcut, name or words; liked ones first, then those used most."""
    rows = Macro.objects.filter(is_active=True).select_related("team", "colleague", "return_reason", "reason")
    for word in query.strip().lstrip("/").split()[:5]:
        rows = rows.filter(
            Q(shortcut__istartswith=word)
            | Q(name__icontains=word)
            | Q(body_en__icontains=word)
            | Q(body_ko__icontains=word)
            | Q(body_ja__icontains=word)
        )
    liked = MacroFavourite.objects.filter(macro=OuterRef("pk"), user=user)
    return rows.annotate(is_liked=Exists(liked)).order_by("-is_liked", F("use_count").desc(), "name", "pk")[:SHOWN]


def orders_to_choose(ticket: Ticket) -> list[Order]:
    """Return the orders that the ticket, with what is merged into it, is about."""
    links = TicketOrder.objects.filter(told_in(ticket))
    return list(Order.objects.filter(pk__in=links.values("order_id")).order_by("-placed_at", "-pk"))
