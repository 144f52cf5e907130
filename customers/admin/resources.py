"""Customer tables in and out of files."""

from django.utils.translation import gettext_lazy as _
from import_export.fields import Field

from core.masking import hide, mask_code, mask_email, mask_name, mask_phone
from core.resources import BulkResource, PersonalField, TextWidget, WholeNumberWidget
from customers.models import Customer, Identity
from customers.services.searching import refresh_customer_search_text


def mask_identity(text: str) -> str:
    """Mask whichever kind of identity the text is."""
    if "@" in text:
        return mask_email(text)
    return mask_phone(text) if text.lstrip("+").isdigit() else mask_code(text)


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


class IdentityResource(BulkResource):
    """Identities by kind, scope and value."""

    customer = Field(attribute="customer_id", column_name="customer", widget=WholeNumberWidget(), readonly=True)
    value = PersonalField(attribute="value", column_name="value", widget=TextWidget(), mask=mask_identity)

    can_import = False  # an identity says who somebody is; it comes with orders or from the customer's page

    class Meta:
        model = Identity
        import_id_fields = ["kind", "scope", "value"]
        fields = ["customer", "kind", "scope", "value"]
        name = _("Identities")
