"""Why a row of a carrier's file was refused, in words."""

from django.utils.translation import gettext_lazy as _

from core.imports.reasons import register_reasons

register_reasons(
    {
        "shipping.unknown_order": _("There is no order %(order_number)s here."),
        "shipping.ambiguous_order": _("%(order_number)s is the number of several orders: %(numbers)s."),
        "shipping.unknown_carrier": _("“%(carrier)s” is no carrier that is known here. Add it to the carrier’s names."),
        "shipping.number_empty": _("There is no tracking number."),
        "shipping.number_letters": _("%(number)s is no tracking number: the carrier’s have digits only."),
        "shipping.number_length": _("%(number)s is too short or too long for a tracking number of this carrier."),
        "shipping.number_check": _("%(number)s cannot be right: its check digit does not fit."),
        "shipping.unknown_warehouse": _("“%(warehouse)s” is no warehouse: write its code or its name."),
        "shipping.which_parcel": _(
            "Which of its parcels? It fits %(parcels)s. Write the warehouse, the parcel or the SKU into the row."
        ),
        "shipping.no_such_parcel": _("The row fits none of its parcels that have no number yet: %(parcels)s."),
        "shipping.second_number": _("An earlier row gives this order another number."),
        "shipping.other_number": _("Its parcel has another number already: %(number)s."),
        "shipping.cancelled": _("The order was cancelled meanwhile. Take the parcel out."),
        "shipping.held": _("The order is held. Release it first."),
        "shipping.not_ready": _("The order is “%(status)s” and cannot leave."),
        "shipping.not_shipped": _("It could not leave: %(why)s"),
        "shipping.unknown_parcel": _("No parcel here has the number %(number)s."),
        "shipping.no_scan": _("The row says neither what happened nor when."),
        "shipping.not_delivered": _("The delivery was not recorded: %(why)s"),
        "shipping.not_yet": _("The carrier has nothing to say of it yet."),
    }
)
