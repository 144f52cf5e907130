"""What forms and dialogs of suppliers and purchase orders ask."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from core.admin.table_forms import TableFileForm
from core.errors import DomainError
from core.ui import ActionForm
from core.ui.amounts import amount_input, amount_text, read_amount
from orders.admin.forms import Suggested
from purchasing.models import ApprovalLimit, PurchaseOrder, Supplier, SupplierItem
from purchasing.registration import tidy_registration_number
from purchasing.services import Break, ConfirmedLine

CANCEL_REASONS = [
    gettext_lazy("Ordered twice"),
    gettext_lazy("No longer needed"),
    gettext_lazy("Supplier cannot deliver"),
    gettext_lazy("Too expensive"),
]
CLOSE_REASONS = [
    gettext_lazy("Supplier cannot deliver the rest"),
    gettext_lazy("No longer needed"),
    gettext_lazy("Comes with another order"),
]


class AmountModelForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no parameter
    """A form whose one amount is written in major units of the row's currency."""

    amount_name = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.amount_name in self.fields:
            self.initial[self.amount_name] = amount_text(
                getattr(self.instance, self.amount_name), self.instance.currency
            )

    def clean(self) -> dict[str, Any]:
        """Read the amount in the currency that stands beside it."""
        data = super().clean() or {}
        text, currency = data.get(self.amount_name), data.get("currency") or self.instance.currency
        if text is not None and currency:
            try:
                data[self.amount_name] = read_amount(str(text), currency)
            except forms.ValidationError as error:
                self.add_error(self.amount_name, error)
        return data


class SupplierForm(AmountModelForm):
    """A supplier; the registration number is checked by its country."""

    amount_name = "minimum_amount"
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Of purchase orders and mails."),
    )  # fmt: skip
    minimum_amount = forms.CharField(
        label=gettext_lazy("Minimum order"), max_length=20, initial="0", widget=amount_input()
    )

    class Meta:
        model = Supplier
        fields = ("code", "name", "country", "registration_number", "language", "currency", "minimum_amount")

    def clean(self) -> dict[str, Any]:
        """Write the registration number in one way, or say what is wrong with it."""
        data = super().clean()
        try:
            data["registration_number"] = tidy_registration_number(
                data.get("country", ""), data.get("registration_number", "")
            )
        except DomainError as error:
            self.add_error("registration_number", str(error))
        return data


class LimitForm(AmountModelForm):
    """Up to which total an order is approved at once."""

    amount_name = "amount"
    amount = forms.CharField(
        label=gettext_lazy("Approved at once up to"), max_length=20, widget=amount_input(),
        help_text=gettext_lazy("Orders above it wait for a second person. 0: every order does."),
    )  # fmt: skip

    class Meta:
        model = ApprovalLimit
        fields = ("currency", "amount")


class PriceForm(ActionForm):
    """A price from so many pieces on, from a day on."""

    from_quantity = forms.IntegerField(label=gettext_lazy("from pieces"), min_value=1, max_value=10_000_000, initial=1)
    price = forms.CharField(
        label=gettext_lazy("price of one piece"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    starts_on = forms.DateField(
        label=pgettext_lazy("moment", "from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("A later day replaces the whole older price list of this item from then on."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        item: SupplierItem = self.obj
        self.fields["price"].help_text = item.supplier.currency

    def clean_price(self) -> int:
        """Return minor units of the supplier's currency."""
        return read_amount(self.cleaned_data["price"], self.obj.supplier.currency)

    def clean(self) -> dict[str, Any]:
        """Give the service what it takes."""
        data = super().clean() or {}
        if not self.errors:
            data["break"] = Break(price=data["price"], starts_on=data["starts_on"], from_quantity=data["from_quantity"])
        return data


def price_initial(request: HttpRequest, item: SupplierItem) -> dict[str, Any]:
    """Propose today."""
    return {"starts_on": timezone.localdate(), "from_quantity": 1}


class PriceListForm(TableFileForm):
    """A price list of one supplier, or of many that it names itself."""

    supplier = forms.ChoiceField(
        label=gettext_lazy("Supplier"), required=False, widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Chosen here, the file needs no column that names the supplier."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Supplier.objects.order_by("name").values_list("code", "name")
        self.fields["supplier"].choices = [("", _("The file names it")), *known]  # type: ignore[attr-defined]


class SendForm(ActionForm):
    """To which address."""

    address = forms.EmailField(label=gettext_lazy("to"))


def send_initial(request: HttpRequest, order: PurchaseOrder) -> dict[str, Any]:
    """Propose the supplier's address."""
    return {"address": order.supplier.email}


class ReasonForm(ActionForm):
    """Why, if one wants to say it."""

    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200, required=False)


class CancelForm(ActionForm):
    """Why."""

    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200, widget=Suggested(CANCEL_REASONS))


class CloseForm(ActionForm):
    """Why the rest is given up."""

    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200, widget=Suggested(CLOSE_REASONS))


class ConfirmOrderForm(ActionForm):
    """The supplier's number, and what is promised of each line."""

    reference = forms.CharField(label=gettext_lazy("supplier's order number"), max_length=80, required=False)
    expected_on = forms.DateField(
        label=gettext_lazy("expected"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(self.obj.lines.select_related("variant").order_by("pk"))
        for line in self.lines:
            self.fields[f"line_{line.pk}"] = forms.IntegerField(
                label=f"{line.variant.sku} · {line.name}",
                min_value=0,
                max_value=10_000_000,
                initial=line.quantity - line.given_up,
                help_text=_("%(count)s ordered") % {"count": line.quantity},
            )
            self.fields[f"due_{line.pk}"] = forms.DateField(
                label=pgettext_lazy("purchase order", "expected"),
                required=False,
                initial=line.expected_on,
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )

    def clean(self) -> dict[str, Any]:
        """Give the service the lines."""
        data = super().clean() or {}
        if not self.errors:
            data["lines"] = {
                line.pk: ConfirmedLine(quantity=data[f"line_{line.pk}"], expected_on=data[f"due_{line.pk}"])
                for line in self.lines
            }
        return data


def confirm_initial(request: HttpRequest, order: PurchaseOrder) -> dict[str, Any]:
    """Propose the day that is known."""
    return {"expected_on": order.expected_on}
