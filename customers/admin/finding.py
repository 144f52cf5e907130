"""Customers in the search box."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from core.countries import country_name
from core.masking import mask_name
from core.ui.finding import Finder, Found, admin_finder, register_finder
from customers.admin.customer import SEE
from customers.models import Customer


def find_customers(request: HttpRequest, query: str, limit: int) -> list[Found]:
    """Find customers by name, reading or identity; names are masked for those who may not see them."""
    may_see = request.user.has_perm(SEE)
    return [
        Found(
            (customer.name if may_see else mask_name(customer.name)) or "–",
            reverse("admin:customers_customer_change", args=[customer.pk]),
            country_name(customer.country),
        )
        for customer in admin_finder(admin.site.get_model_admin(Customer), request, query, limit)
    ]


register_finder(Finder("customers", gettext_lazy("Customers"), find_customers, "customers.view_customer", "group", 40))
