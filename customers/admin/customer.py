"""Customers and by what they are recognised."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from core.admin.tables import TableFilesMixin
from core.display import moment_text
from core.masking import mask_name
from core.ui import ModelAdmin, Panel, actor, columns, register_panel
from core.ui.countries import CountryFilter, CountryMixin
from core.ui.panels import panels_for
from core.ui.sitepages import register_page
from customers import selectors, services
from customers.admin.resources import CustomerResource
from customers.models import Customer
from customers.services.locking import customers_known_by

SEE = "customers.see_contact_data"


@admin.register(Customer)
class CustomerAdmin(TableFilesMixin, CountryMixin, ModelAdmin):
    """Who buys."""

    resource_class = CustomerResource
    later_panels = "admin:customers_more"

    list_display = [
        columns.two_lines("name", "kana", gettext_lazy("Name")),
        columns.country("country", gettext_lazy("Country")),
        columns.moment("created_at", gettext_lazy("Known since")),
    ]
    ordering = ["-id"]
    list_filter = [("country", CountryFilter)]
    fields = ["name", "kana", "country", "language", "note"]
    empty_title = gettext_lazy("No customers here")
    empty_text = gettext_lazy("Customers appear with their first order.")

    def may_search_text(self, request: HttpRequest) -> bool:
        """Names, phone numbers and e-mail addresses are in it."""
        return request.user.has_perm(SEE)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Customer | None:
        """Return the customer; titles and dialogs call them by a masked name for who may not see it."""
        customer: Customer | None = super().get_object(request, object_id, from_field)
        if customer is not None and not request.user.has_perm(SEE):
            customer.shown_as = mask_name(customer.name) or "–"
        return customer

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find a whole e-mail address or phone number by its digest first: who was told it may find whose it is."""
        if known := customers_known_by(search_term):
            return queryset.filter(pk__in=known), False
        found: tuple[QuerySet[Any], bool] = super().get_search_results(request, queryset, search_term)
        return found

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Mask names for people who may not see contact data."""
        shown = super().get_list_display(request)
        if request.user.has_perm(SEE):
            return shown
        masked = columns.computed("name", gettext_lazy("Name"), lambda customer: mask_name(customer.name) or "–")
        return [masked, *shown[1:]]

    def get_fields(self, request: HttpRequest, obj: Customer | None = None) -> Any:
        """Leave the name out for people who may not see contact data."""
        return self.fields if request.user.has_perm(SEE) else ["country", "language", "note"]

    def facts(self, request: HttpRequest, obj: Customer) -> Sequence[tuple[Any, Any]]:
        """Return who it is."""
        name = obj.name if request.user.has_perm(SEE) else mask_name(obj.name)
        return [(_("Customer"), name or "–"), (_("Known since"), moment_text(obj.created_at))]

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: Any) -> None:
        """Enter or correct the customer through the service, so that the timeline tells it."""
        if not change:
            obj.pk = services.create_customer(**form.cleaned_data, actor=actor(request)).pk
            return
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
        services.update_customer(customer_id=obj.pk, changes=changes, actor=actor(request))


@register_page("customers/<int:pk>/more/", name="customers_more", permission="customers.view_customer")
@require_GET
def more_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give what follows on a customer's page when the page stands: consents, reviews, what they may want next."""
    customer = get_object_or_404(Customer, pk=pk)
    return render(request, "components/panel_list.html", {"panels": panels_for(request, customer, is_later=True)})


def identities(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """Give e-mail, phone and mall ids, masked for those who may not see them."""
    return {"identities": selectors.identities_of(customer_id=customer.pk, masked=not request.user.has_perm(SEE))}


register_panel(
    Customer, Panel("identities", gettext_lazy("Known as"), "customers/panels/identities.html", identities, position=10)
)
