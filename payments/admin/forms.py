"""What dialogs about money ask."""

from typing import Any

from django import forms
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.money import format_money
from core.ui import ActionForm
from core.ui.amounts import amount_input, amount_text, read_amount
from orders.models import Order
from payments.models import RefundLimit, RefundLine, RefundReason, RefundState
from payments.policies import can_send_refunds


class GrantForm(ActionForm):
    """How much goes back, why, and for which lines."""

    amount = forms.CharField(label=gettext_lazy("amount"), max_length=20)
    reason = forms.ChoiceField(label=gettext_lazy("reason"), choices=RefundReason.choices)
    note = forms.CharField(label=gettext_lazy("note"), max_length=300, required=False)
    sends = forms.BooleanField(
        label=gettext_lazy("The money went back already"),
        required=False,
        help_text=gettext_lazy("Ticked, it is noted as sent by hand. Otherwise it waits in the list of refunds."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not can_send_refunds(self.user):
            del self.fields["sends"]
        earlier = dict(
            RefundLine.objects.filter(order_line__order=self.obj)
            .exclude(refund__state=RefundState.WITHDRAWN)
            .order_by()
            .values_list("order_line")
            .annotate(total=Sum("amount"))
        )
        self.parts = [
            (line, left) for line in self.obj.lines.all() if (left := line.total - earlier.get(line.pk, 0)) > 0
        ]
        for line, left in self.parts:
            self.fields[f"line_{line.pk}"] = forms.CharField(
                label=_("for %(line)s") % {"line": f"{line.name} {line.options}".strip()},
                max_length=20,
                required=False,
                help_text=_("up to %(limit)s") % {"limit": format_money(left, self.obj.currency)},
            )

    def clean_amount(self) -> int:
        """Return minor units above zero."""
        amount = read_amount(self.cleaned_data["amount"], self.obj.currency)
        if not amount:
            raise forms.ValidationError(_("Write an amount above zero."))
        return amount

    def clean(self) -> dict[str, Any]:
        """Give the service the amount of each line."""
        data = super().clean() or {}
        lines: dict[int, int] = {}
        for line, _left in self.parts:
            text = (data.get(f"line_{line.pk}") or "").strip()
            try:
                lines[line.pk] = read_amount(text, self.obj.currency) if text else 0
            except forms.ValidationError as error:
                self.add_error(f"line_{line.pk}", error)
        data["lines"] = {pk: part for pk, part in lines.items() if part}
        return data


def grant_initial(request: Any, order: Order) -> dict[str, Any]:
    """Propose all that was paid and is not granted already."""
    granted = order.refunds.open().aggregate(total=Sum("amount"))["total"] or 0
    return {"amount": amount_text(max(order.paid_total - granted, 0), order.currency)}


class SendForm(ActionForm):
    """How the money went back."""

    method = forms.CharField(label=gettext_lazy("method"), max_length=80, required=False)
    external_id = forms.CharField(
        label=gettext_lazy("provider's number"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Number of the transfer or of the provider, if there is one."),
    )
    paid_at = forms.SplitDateTimeField(
        label=pgettext_lazy("refund", "sent"),
        widget=forms.SplitDateTimeWidget(date_attrs={"type": "date"}, time_attrs={"type": "time"}),
    )


def send_initial(request: Any, refund: Any) -> dict[str, Any]:
    """Propose the order's method, now."""
    return {"method": refund.order.payment_method, "paid_at": timezone.localtime().replace(second=0, microsecond=0)}


class NoteForm(ActionForm):
    """Why."""

    note = forms.CharField(label=gettext_lazy("note"), max_length=200, required=False)


class LimitForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no parameter
    """Up to which amounts agents, and one person alone, decide."""

    agent_amount = forms.CharField(
        label=gettext_lazy("Agents grant up to"), max_length=20, widget=amount_input(),
        help_text=gettext_lazy("All refunds of one order together."),
    )  # fmt: skip
    alone_amount = forms.CharField(
        label=gettext_lazy("One person decides up to"), max_length=20, widget=amount_input(),
        help_text=gettext_lazy("Refunds above it wait for a second person. 0: every refund does."),
    )  # fmt: skip

    class Meta:
        model = RefundLimit
        fields = ("currency", "agent_amount", "alone_amount")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in {"agent_amount", "alone_amount"} & self.fields.keys():
                self.initial[name] = amount_text(getattr(self.instance, name), self.instance.currency)

    def clean(self) -> dict[str, Any]:
        """Read the amounts in the currency that stands beside them."""
        data = super().clean() or {}
        currency = data.get("currency") or self.instance.currency
        for name in ("agent_amount", "alone_amount"):
            if data.get(name) is not None and currency:
                try:
                    data[name] = read_amount(str(data[name]), currency)
                except forms.ValidationError as error:
                    self.add_error(name, error)
        return data
