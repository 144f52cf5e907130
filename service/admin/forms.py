"""What the dialogs of a ticket ask."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import Product
from core.ui import ActionForm
from orders.models import Order
from service.models import Direction, Macro, Team, Ticket
from staff.models import Language, Priority
from staff.selectors.roles import users_with_permission


class AssignForm(ActionForm):
    """Whom to give the ticket to."""

    assignee = forms.ModelChoiceField(label=_("Colleague"), queryset=Ticket.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = users_with_permission("service.work_on_ticket")  # type: ignore[attr-defined]


class SortForm(ActionForm):
    """How urgent, in which language, whose kind, with which words to find it again."""

    subject = forms.CharField(label=pgettext_lazy("message", "Subject"), max_length=300)
    priority = forms.TypedChoiceField(label=_("Priority"), choices=Priority.choices, coerce=int)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    team = forms.ModelChoiceField(
        label=pgettext_lazy("customer service", "Team"), queryset=Team.objects.all(), required=False
    )
    tags = forms.CharField(label=_("Tags"), max_length=400, required=False, help_text=_("Separated by commas."))


class MergeForm(ActionForm):
    """Which ticket this one is part of."""

    into = forms.CharField(label=_("Number of the ticket that stays"), max_length=20)

    def clean_into(self) -> Ticket:
        """Return the ticket; refused when there is none."""
        return _found(Ticket.objects.filter(number=self.cleaned_data["into"].strip().upper()).first())  # type: ignore[no-any-return]


class SplitForm(ActionForm):
    """Which messages are another matter."""

    messages = forms.MultipleChoiceField(label=_("Messages"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = self.obj.messages.order_by("at", "pk")
        marks = {Direction.INBOUND: "←", Direction.OUTBOUND: "→"}
        self.fields["messages"].choices = [  # type: ignore[attr-defined]
            (row.pk, f"{marks[Direction(row.direction)]} {' '.join(row.body.split())[:80]}") for row in rows
        ]


class OrderForm(ActionForm):
    """Which order the ticket is about."""

    order = forms.CharField(
        label=_("Order number"),
        max_length=80,
        help_text=_("Ours (O-0000001), or the one of the ticket’s sales channel."),
    )

    def clean_order(self) -> Order:
        """Return the order; refused when there is none."""
        number = self.cleaned_data["order"].strip()
        rows = Order.objects.filter(number=number.upper())
        if self.obj.sales_channel_id:
            rows |= Order.objects.filter(external_number=number, sales_channel=self.obj.sales_channel_id)
        return _found(rows.first())  # type: ignore[no-any-return]


class ProductForm(ActionForm):
    """Which product the ticket is about."""

    product = forms.CharField(label=_("Product code or SKU"), max_length=120)

    def clean_product(self) -> Product:
        """Return the product; refused when there is none."""
        code = self.cleaned_data["product"].strip()
        rows = Product.objects.filter(code=code) | Product.objects.filter(variants__sku=code)
        return _found(rows.distinct().first())  # type: ignore[no-any-return]


class UseMacroForm(ActionForm):
    """Which macro, and whether its words leave at once."""

    macro = forms.ModelChoiceField(
        label=pgettext_lazy("customer service", "Macro"), queryset=Macro.objects.filter(is_active=True)
    )
    sends = forms.BooleanField(
        label=_("Send its words to the customers"), required=False,
        help_text=_("Otherwise they become your drafts. Values come from the order that a ticket is about."),
    )  # fmt: skip
    seen_at = forms.DateTimeField(widget=forms.HiddenInput, initial=timezone.now)


class TagForm(ActionForm):
    """Words to find tickets again by."""

    adds = forms.CharField(label=_("Add tags"), max_length=400, required=False, help_text=_("Separated by commas."))
    removes = forms.CharField(label=_("Remove tags"), max_length=400, required=False)

    def clean(self) -> dict[str, Any]:
        """Give the service lists of words; at least one is needed."""
        data = super().clean() or {}
        for name in ("adds", "removes"):
            data[name] = [tag for part in (data.get(name) or "").split(",") if (tag := part.strip())]
        if not data["adds"] and not data["removes"]:
            raise forms.ValidationError(_("Write at least one tag."))
        return data


def _found(row: Any) -> Any:
    if row is None:
        raise forms.ValidationError(_("Nothing has this number or code."))
    return row
