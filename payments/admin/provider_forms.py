"""What dialogs about payments at providers ask."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui import ActionForm
from core.ui.amounts import amount_text, read_amount
from payments.models import PaymentMethod, ProviderCode, ProviderPayment


class CaptureForm(ActionForm):
    """How much is taken."""

    amount = forms.CharField(label=gettext_lazy("amount"), max_length=20)

    def clean_amount(self) -> int:
        """Return minor units above zero."""
        amount = read_amount(self.cleaned_data["amount"], self.obj.currency)
        if not amount:
            raise forms.ValidationError(_("Write an amount above zero."))
        return amount


def capture_initial(request: Any, payment: ProviderPayment) -> dict[str, Any]:
    """Propose what is reserved, as far as it is due."""
    due = min(payment.capturable, payment.order.total - payment.order.paid_total)
    return {"amount": amount_text(max(due, 0), payment.currency)}


class NotePaymentForm(ActionForm):
    """Which payment of a provider belongs to the order."""

    provider = forms.ChoiceField(label=gettext_lazy("provider"), choices=ProviderCode.choices)
    external_id = forms.CharField(label=gettext_lazy("provider's number"), max_length=200)
    method = forms.ModelChoiceField(
        label=gettext_lazy("payment method"), queryset=PaymentMethod.objects.filter(is_active=True), required=False
    )
    amount = forms.CharField(
        label=gettext_lazy("amount"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("Only by hand: what is reserved. Other providers are asked."),
    )

    def clean_amount(self) -> int:
        """Return minor units, 0 for none."""
        text = (self.cleaned_data.get("amount") or "").strip()
        return read_amount(text, self.obj.currency) if text else 0
