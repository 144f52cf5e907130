"""What the buttons of a case ask."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy

from compliance.models import GROUNDS, RefusalGround
from core.errors import InvalidInput
from core.money import parse_amount, to_decimal
from core.ui import ActionForm
from inventory.models import Warehouse
from purchasing.models import Supplier
from returns.models import ChargedParty, ChargeState, MessageStep, RequestKind, RequestLine, ReturnRequest
from returns.policies import may_charge_fee, may_charge_way_back
from returns.selectors.cases import exchanges_of
from returns.selectors.standing import standing_of
from returns.services import draft_text
from returns.services.cases import fault_of, lines_of
from returns.services.charging import held_bad_pieces
from returns.services.deciding import DAYS_TO_SEND
from staff.admin.request_form import FilesField


class MoneyField(forms.CharField):
    """An amount in the currency of the case; gives minor units."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs)
        self.currency = "KRW"

    def clean(self, value: Any) -> Any:
        """Return minor units, 0 for nothing."""
        text = super().clean(value)
        if not text.strip():
            return 0
        try:
            return parse_amount(text, self.currency)
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from error


class CaseForm(ActionForm):
    """A form about a case, whose amounts are in its currency."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                field.currency = self.obj.currency
                field.help_text = field.help_text or self.obj.currency


class ApproveForm(CaseForm):
    """On what terms the goods come back."""

    warehouse = forms.ModelChoiceField(
        label=gettext_lazy("goes back to"), queryset=Warehouse.objects.filter(is_active=True), required=False,
        empty_label=gettext_lazy("Where it was shipped from"),
    )  # fmt: skip
    days = forms.IntegerField(
        label=gettext_lazy("days to send it back"), min_value=1, max_value=365, initial=DAYS_TO_SEND,
        help_text=gettext_lazy("As long are the pieces for an exchange kept."),
    )  # fmt: skip
    return_shipping = MoneyField(
        label=gettext_lazy("way back, paid by the customer"), required=False,
        help_text=gettext_lazy("Who bears it is written here by general knowledge. Nobody has verified it."),
    )  # fmt: skip
    fee = MoneyField(label=gettext_lazy("handling fee"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        case: ReturnRequest = self.obj
        fault = fault_of(lines_of(case))
        if case.kind != RequestKind.RETURN:
            self.fields.clear()
            return
        if not may_charge_way_back(fault):
            del self.fields["return_shipping"]
        if not may_charge_fee(fault=fault, is_in_time=standing_of(case.order).in_time(case.asked_at)):
            del self.fields["fee"]


def approve_initial(_request: Any, case: ReturnRequest) -> dict[str, Any]:
    """Propose what the rules say."""
    lines = lines_of(case)
    rules = [line.rule for line in lines if line.rule and line.rule.currency == case.currency]
    pays = any(line.reason.shipping_payer == "customer" for line in lines)
    amounts = {
        "return_shipping": max((rule.return_shipping for rule in rules), default=0) if pays else 0,
        "fee": max((rule.fee for rule in rules), default=0),
    }
    return {name: str(to_decimal(amount, case.currency)) for name, amount in amounts.items()}


class GroundForm(CaseForm):
    """Why not, the ground of the law, and whether its conditions were met."""

    ground = forms.ChoiceField(label=gettext_lazy("legal ground"), required=False)
    was_told = forms.BooleanField(
        label=gettext_lazy("The exception was clearly shown before the order"), required=False
    )
    has_consent = forms.BooleanField(
        label=gettext_lazy("The customer agreed to it in writing"), required=False,
        help_text=gettext_lazy("Needed for what is made to order."),
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The customer reads it; say what proves it."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        case: ReturnRequest = self.obj
        law = standing_of(case.order)
        if case.kind != RequestKind.RETURN or law.in_time(case.asked_at) is not True:
            for name in ("ground", "was_told", "has_consent"):
                del self.fields[name]
            return
        lawful = GROUNDS.get(law.law, frozenset())
        field: Any = self.fields["ground"]
        field.choices = [("", "—"), *((one.value, one.label) for one in RefusalGround if one in lawful)]


class SentForm(CaseForm):
    """Who carries it."""

    carrier = forms.CharField(label=gettext_lazy("carrier"), max_length=60, required=False)
    tracking_number = forms.CharField(label=gettext_lazy("tracking number"), max_length=60, required=False)


class NoteForm(CaseForm):
    """What the customer said."""

    note = forms.CharField(
        label=gettext_lazy("note"), max_length=200, help_text=gettext_lazy("When and how the customer told it.")
    )


class ExchangeForm(CaseForm):
    """Which goods are not exchanged after all."""

    line = forms.ModelChoiceField(
        label=pgettext_lazy("goods", "Goods"),
        queryset=RequestLine.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["line"]
        choice.queryset = exchanges_of(self.obj)
        choice.label_from_instance = lambda line: f"{line.order_line.name} × {line.quantity}"


def exchange_initial(request: HttpRequest, case: ReturnRequest) -> dict[str, Any]:
    """Propose the line of the link, else the first."""
    asked = request.GET.get("line", "")
    first = exchanges_of(case).first()
    if asked.isascii() and asked.isdigit() and len(asked) < 19:
        return {"line": int(asked)}
    return {"line": first.pk if first else None}


class PhotosForm(CaseForm):
    """Pictures that prove something."""

    photos = FilesField(label=gettext_lazy("photos"), help_text=gettext_lazy("JPEG, PNG or WebP, each up to 20 MB."))


class MessageForm(CaseForm):
    """Which step, and the words."""

    step = forms.TypedChoiceField(label=gettext_lazy("step"), choices=MessageStep.choices, coerce=MessageStep)
    body = forms.CharField(
        label=pgettext_lazy("message", "text"), max_length=2000, widget=forms.Textarea(attrs={"rows": 6}),
        required=False, help_text=gettext_lazy("Empty: the usual words of the step. It waits until somebody sends it."),
    )  # fmt: skip


def message_initial(_request: Any, case: ReturnRequest) -> dict[str, Any]:
    """Propose the step that fits the state, with its words."""
    step = {
        "requested": MessageStep.ASKED, "approved": MessageStep.APPROVED, "in_transit": MessageStep.APPROVED,
        "refused": MessageStep.REFUSED, "received": MessageStep.RECEIVED, "inspected": MessageStep.RECEIVED,
        "resolved": MessageStep.REFUNDED,
    }.get(case.state, MessageStep.ASKED)  # fmt: skip
    if case.due_at and case.state in {"approved", "in_transit"} and case.due_at < timezone.now():
        step = MessageStep.OVERDUE
    return {"step": step, "body": draft_text(request=case, step=step)}


class ChargeForm(CaseForm):
    """Whom we charge, how much, and why."""

    party = forms.TypedChoiceField(label=gettext_lazy("charged to"), choices=ChargedParty.choices, coerce=ChargedParty)
    supplier = forms.ModelChoiceField(
        label=gettext_lazy("supplier"), queryset=Supplier.objects.filter(is_active=True), required=False
    )
    party_name = forms.CharField(label=gettext_lazy("name of the carrier or partner"), max_length=120, required=False)
    amount = MoneyField(label=gettext_lazy("amount"))
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=300)
    sends_back = forms.BooleanField(
        label=gettext_lazy("Draft a return of the damaged pieces to the supplier"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not held_bad_pieces(request_id=self.obj.pk):
            del self.fields["sends_back"]


class AnswerForm(CaseForm):
    """What became of a charge."""

    state = forms.TypedChoiceField(
        label=gettext_lazy("state"), coerce=ChargeState,
        choices=[(one.value, one.label) for one in (ChargeState.ACCEPTED, ChargeState.REFUSED, ChargeState.PAID)],
    )  # fmt: skip
    paid = MoneyField(label=pgettext_lazy("money", "paid"), required=False)
    answer = forms.CharField(label=pgettext_lazy("charge", "their answer"), max_length=300, required=False)
