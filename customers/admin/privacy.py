"""The way from a masked customer to the whole, for who gives a reason."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from core.ui.actions import link_action, register_action
from customers.admin.customer import SEE
from customers.models import Customer

register_action(
    Customer,
    link_action(
        "reveal",
        gettext_lazy("Show in full"),
        permission="privacy.reveal_personal_data",
        link=lambda customer: reverse("admin:privacy_reveal", args=["customer", customer.pk]),
        icon="visibility",
        available=lambda user, _customer: not user.has_perm(SEE),
    ),
)
