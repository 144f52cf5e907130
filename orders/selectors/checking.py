"""What intake wanted a person to look at, in words."""

from django.utils.translation import gettext_lazy as _

from orders.models import Order

SENTENCES = {
    "unknown_sku": _("A line has no known SKU: match it to a variant."),
    "no_lines": _("The source listed no lines for this order."),
    "no_address": _("Recipient or address is missing."),
    "noshi": _("The noshi that the customer asked for is not known here: choose one."),
    "country": _("The country is not known."),
    "total": _("The lines do not add up to the total that the channel stated."),
    "currency": _("The currency is not the channel's."),
    "unknown_state": _("The channel used a status word that nobody has mapped yet."),
    "gone": _("The channel says that it, or a part of it, was already shipped."),
    "return_requested": _("The buyer asked for a return at the channel."),
    "cancelled_late": _("The channel cancelled it after it was shipped here."),
    "cancelled_in_part": _("The channel cancelled a line of it."),
    "changed": _("The channel changed it after it was confirmed or corrected here; ours was kept."),
}


def sentences(order: Order) -> list[str]:
    """Return what is to be checked on this order, in the active language."""
    return [str(SENTENCES.get(code, code)) for code in order.to_check.split(",") if code]
