"""The way from a masked order to the whole, for who gives a reason."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from core.ui.actions import link_action, register_action
from orders.models import Order

SEE = "customers.see_contact_data"

register_action(
    Order,
    link_action(
        "reveal",
        gettext_lazy("Show in full"),
        permission="privacy.reveal_personal_data",
        link=lambda order: reverse("admin:privacy_reveal", args=["order", order.pk]),
        icon="visibility",
        is_rare=True,
        available=lambda user, _order: not user.has_perm(SEE),
    ),
)
