"""The present on the order's page: how it is wrapped, what the strip says, and the words on the card."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from core.masking import hide, mask_name
from core.ui import Panel, register_panel
from orders.models import Gift, Order


def order_gift(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give what the present asks for, names and messages masked for who may not see people; None where it is none."""
    gift = Gift.objects.filter(order=order).first()
    if gift is None:
        return None
    sees = request.user.has_perm("customers.see_contact_data")
    noshi = " · ".join(str(word) for word in (gift.get_noshi_kind_display(), gift.get_noshi_place_display()) if word)
    rows = [
        (_("wrapping"), gift.wrapping),
        (pgettext("gift", "noshi"), noshi),
        (_("name on the noshi"), gift.noshi_name if sees else mask_name(gift.noshi_name)),
        (_("gift message"), gift.message if sees else hide(gift.message)),
        (_("packing slip without prices"), _("yes") if gift.hides_prices else _("no")),
    ]
    return {"rows": [(label, words) for label, words in rows if words]}


register_panel(Order, Panel("gift", pgettext_lazy("order", "Gift"), "orders/panels/gift.html", order_gift, position=6))
