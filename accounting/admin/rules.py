"""Who sells, and what is taxed how."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from stdnum.jp import cn

from accounting.models import ChannelSeller, GoodsTax, Seller, TaxRate
from core.errors import DomainError
from core.ui import ModelAdmin, columns
from purchasing.registration import tidy_registration_number

CLASS_COLOURS = {"standard": "blue", "reduced": "green", "zero": "grey", "exempt": "grey"}


class SellerForm(forms.ModelForm):  # type: ignore[type-arg]
    """Checks the numbers under which the company is registered."""

    class Meta:
        model = Seller
        fields = "__all__"  # noqa: DJ007 the admin names them

    def clean(self) -> dict[str, Any]:
        """Refuse numbers whose check digit is wrong."""
        data: dict[str, Any] = super().clean() or {}
        try:
            country = data.get("country", "")
            if "registration_number" in data:
                data["registration_number"] = tidy_registration_number(country, data["registration_number"])
            if data.get("invoice_number"):
                data["invoice_number"] = tidy_registration_number("JP", data["invoice_number"])
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error
        number = data.get("invoice_number", "")
        if number and data.get("is_company") and not cn.is_valid(number[1:]):
            self.add_error("invoice_number", _("The check digit of the corporate number does not fit."))
        return data


@admin.register(Seller)
class SellerAdmin(ModelAdmin):
    """Companies in whose name papers are issued."""

    few_rows = True
    form = SellerForm
    list_display = [
        columns.two_lines("name", "code", gettext_lazy("Seller")),
        columns.country("country", gettext_lazy("Country")),
        columns.text("currency", gettext_lazy("Currency")),
        columns.text("invoice_number", gettext_lazy("Issuer’s number")),
        columns.flag("is_default", pgettext_lazy("seller", "Default")),
    ]
    fields = [
        "code", "name", "representative", "country", "postcode", "address", "phone", "email", "currency",
        "registration_number", "invoice_number", "is_company", "business_type", "business_item", "rounding",
        "taxes_at_destination", "is_default",
    ]  # fmt: skip
    empty_title = gettext_lazy("No seller yet")
    empty_text = gettext_lazy("Papers about money need a company in whose name they are issued.")


@admin.register(ChannelSeller)
class ChannelSellerAdmin(ModelAdmin):
    """Who sells where."""

    few_rows = True
    list_display = [
        columns.text("sales_channel.name", gettext_lazy("Channel")),
        columns.text("seller.name", gettext_lazy("Seller")),
    ]
    fields = ["sales_channel", "seller"]
    empty_title = gettext_lazy("Every channel sells for the default seller")


@admin.register(TaxRate)
class TaxRateAdmin(ModelAdmin):
    """What goods are taxed at, from which day on."""

    few_rows = True
    list_display = [
        columns.country("country", gettext_lazy("Country")),
        columns.badge("tax_class", pgettext_lazy("tax", "Class"), colours=CLASS_COLOURS),
        columns.text("percent", gettext_lazy("Percent"), css="num"),
        columns.text("starts_on", gettext_lazy("From"), order=True),
        columns.flag("is_verified", gettext_lazy("Verified")),
    ]
    list_filter = ["tax_class", "is_verified"]
    search_fields = ["country"]
    fields = ["country", "tax_class", "percent", "starts_on", "source", "is_verified"]
    empty_title = gettext_lazy("No tax rates")


@admin.register(GoodsTax)
class GoodsTaxAdmin(ModelAdmin):
    """Which goods are not taxed at the standard rate."""

    list_display = [
        columns.country("country", gettext_lazy("Country")),
        columns.text("product.name", gettext_lazy("Product")),
        columns.text("category.name", gettext_lazy("Category")),
        columns.text("product_type.code", gettext_lazy("Product type")),
        columns.badge("tax_class", pgettext_lazy("tax", "Class"), colours=CLASS_COLOURS),
        columns.text("starts_on", gettext_lazy("From"), order=True),
    ]
    list_filter = ["tax_class"]
    fields = ["country", "product", "category", "product_type", "tax_class", "starts_on"]
    empty_title = gettext_lazy("Everything is at the standard rate")
