"""What the buttons on a ticket's order ask."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.money import format_money
from core.ui import ActionForm
from core.ui.amounts import read_amount
from orders.models import LineKind, Order, OrderLine
from payments.models import RefundReason
from returns.models import WISH_CHOICES, Resolution, ReturnReason
from returns.selectors.returnable import returnable
from returns.services import LineWish
from service.services.order_work.resending import resendable

_ADDRESS = (
    "recipient_name", "recipient_kana", "recipient_phone", "postcode", "region", "city", "address_1", "address_2",
)  # fmt: skip


def address_initial(order: Order) -> dict[str, Any]:
    """Return the address as it is."""
    return {name: getattr(order, name) for name in _ADDRESS}


class AddressForm(ActionForm):
    """Where the order goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _ADDRESS:
            column: Any = Order._meta.get_field(name)
            is_shown = name != "recipient_kana" or self.obj.order.country == "JP"
            if is_shown:
                self.fields[name] = forms.CharField(
                    label=column.verbose_name, max_length=column.max_length, required=name == "recipient_name"
                )


class RefundForm(ActionForm):
    """How much goes back, and why."""

    amount = forms.CharField(
        label=gettext_lazy("amount"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    reason = forms.ChoiceField(label=gettext_lazy("reason"), choices=RefundReason.choices)
    note = forms.CharField(label=gettext_lazy("note"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        order = self.obj.order
        self.fields["amount"].help_text = _("%(amount)s was paid.") % {
            "amount": format_money(order.paid_total, order.currency)
        }

    def clean_amount(self) -> int:
        """Return minor units above zero."""
        amount = read_amount(self.cleaned_data["amount"], self.obj.order.currency)
        if not amount:
            raise forms.ValidationError(_("Write an amount above zero."))
        return amount


class PiecesForm(ActionForm):
    """How many pieces of which line; a line that the ticket names is filled in."""

    def pieces_left(self) -> list[tuple[OrderLine, int]]:
        """Return the lines that can be chosen, with how many pieces."""
        raise NotImplementedError

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left = self.pieces_left()
        for line, count in self.left:
            self.fields[f"line_{line.pk}"] = forms.IntegerField(
                label=f"{line.name} {line.options}".strip(),
                min_value=0,
                max_value=count,
                initial=count if line.pk == self.obj.line_id or len(self.left) == 1 else 0,
                help_text=_("at most %(count)s") % {"count": count},
            )

    def chosen(self) -> dict[int, int]:
        """Return line id: pieces, without those left at zero."""
        found = {line.pk: self.cleaned_data.get(f"line_{line.pk}") or 0 for line, _count in self.left}
        return {pk: count for pk, count in found.items() if count}


class ReturnForm(PiecesForm):
    """Which pieces, why, and what the customer would like."""

    reason = forms.ModelChoiceField(
        label=gettext_lazy("reason"), queryset=ReturnReason.objects.filter(is_active=True), empty_label=None
    )
    wish = forms.ChoiceField(label=gettext_lazy("the customer would like"), choices=WISH_CHOICES)
    note = forms.CharField(
        label=pgettext_lazy("return", "what the customer said"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def pieces_left(self) -> list[tuple[OrderLine, int]]:
        """Return what is with the customer and in no case."""
        return returnable(order=self.obj.order)

    def clean(self) -> dict[str, Any]:
        """Give the service a wish for each line."""
        data = super().clean() or {}
        if not self.errors:
            reason_id, wish = data["reason"].pk, Resolution(data["wish"])
            data["wishes"] = [
                LineWish(line_id=pk, quantity=count, reason_id=reason_id, wish=wish)
                for pk, count in self.chosen().items()
            ]
        return data


class ResendForm(PiecesForm):
    """Which pieces are sent once more, and why."""

    reason = forms.CharField(label=gettext_lazy("reason"), max_length=120)

    def pieces_left(self) -> list[tuple[OrderLine, int]]:
        """Return what was sent and not replaced yet."""
        order = self.obj.order
        lines = list(order.lines.filter(kind=LineKind.PRODUCT).order_by("position", "pk"))
        left = resendable(order=order, lines=lines)
        return [(line, left[line.pk]) for line in lines if left[line.pk] > 0]

    def clean(self) -> dict[str, Any]:
        """Give the service the pieces."""
        data = super().clean() or {}
        if not self.errors:
            data["pieces"] = self.chosen()
        return data
