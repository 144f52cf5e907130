"""Customer tables in and out of files."""

from django.utils.translation import gettext_lazy as _

from core.masking import hide, mask_name
from core.resources import BulkResource, PersonalField, TextWidget
from customers.models import Customer
from customers.services.searching import refresh_customer_search_text


class CustomerResource(BulkResource):
    """Customers by their number; a row without one creates a customer."""

    name = PersonalField(attribute="name", column_name="name", widget=TextWidget(), mask=mask_name)
    kana = PersonalField(attribute="kana", column_name="kana", widget=TextWidget(), mask=mask_name)
    note = PersonalField(attribute="note", column_name="note", widget=TextWidget(), mask=hide)

    class Meta:
        model = Customer
        import_id_fields = ["id"]
        fields = ["id", "name", "kana", "country", "language", "note"]
        name = _("Customers")

    def after_merge(self, *, created: list[int], updated: list[int]) -> None:
        """Keep customers findable."""
        refresh_customer_search_text(customer_ids=[*created, *updated])
