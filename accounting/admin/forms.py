"""The questions before a paper is issued or taken back."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounting.models import CORRECTIONS, DocumentKind, IssuedDocument
from accounting.selectors.billing import Sellers
from core.display import moment_text
from core.errors import InvalidInput
from core.money import format_money
from core.ui import ActionForm
from orders.models import Return
from staff.models import Language

_K = DocumentKind
_BILLS = {
    "KR": [_K.TAX_INVOICE, _K.CASH_RECEIPT, _K.INVOICE],
    "JP": [_K.INVOICE, _K.SIMPLIFIED],
}
PURPOSES = [
    ("", "–"),
    ("income", gettext_lazy("Income deduction (소득공제)")),
    ("expense", gettext_lazy("Proof of expense (지출증빙)")),
]
LANGUAGES = [("", gettext_lazy("As the sales channel")), *Language.choices]


def _text(label: Any, *, most: int, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=False, **more)


def _seller_country(order: Any) -> str:
    try:
        return str(Sellers().of(order).country)
    except InvalidInput:
        return ""


class InvoiceForm(ActionForm):
    """Which paper bills the order, and for whom."""

    kind = forms.ChoiceField(label=pgettext_lazy("paper", "Kind"))
    recipient = _text(gettext_lazy("recipient"), most=160)
    registration_number = _text(gettext_lazy("buyer’s registration number"), most=20)
    representative = _text(gettext_lazy("representative"), most=80)
    address = _text(gettext_lazy("address"), most=255)
    email = forms.EmailField(label=gettext_lazy("e-mail"), required=False)
    business_type = _text(gettext_lazy("kind of business (업태)"), most=40)
    business_item = _text(gettext_lazy("line of business (종목)"), most=40)
    purpose = forms.ChoiceField(
        label=gettext_lazy("purpose of a cash receipt"), choices=PURPOSES, required=False,
    )  # fmt: skip
    identity = _text(
        gettext_lazy("number of a cash receipt"), most=24,
        help_text=gettext_lazy(
            "Mobile phone, card or business number. Empty: issued without being asked for, as trades with the duty "
            "(의무발행업종) must for ₩100,000 and more in cash, within five days."
        ),
    )  # fmt: skip
    language = forms.ChoiceField(label=gettext_lazy("language"), choices=LANGUAGES, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = _seller_country(self.obj)
        kinds = _BILLS.get(country, [_K.INVOICE])
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]
        if country != "KR":
            for name in ("purpose", "identity", "business_type", "business_item"):
                del self.fields[name]


class ReceiptForm(ActionForm):
    """A receipt or a delivery note."""

    kind = forms.ChoiceField(
        label=pgettext_lazy("paper", "Kind"),
        choices=[(kind.value, kind.label) for kind in (_K.RECEIPT, _K.DELIVERY_NOTE)],
    )
    recipient = _text(gettext_lazy("recipient"), most=160)
    memo = _text(
        gettext_lazy("paid for"), most=80, help_text=gettext_lazy("What a receipt says that was paid for (但し書き).")
    )
    language = forms.ChoiceField(label=gettext_lazy("language"), choices=LANGUAGES, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if _seller_country(self.obj) == "JP":
            self.fields["kind"].help_text = _(
                "A printed receipt of ¥50,000 or more without tax needs a revenue stamp, unless it was paid by card; "
                "a receipt sent as a file needs none."
            )


class ManyForm(ActionForm):
    """One kind of paper for many orders."""

    kind = forms.ChoiceField(
        label=pgettext_lazy("paper", "Kind"),
        choices=[
            (kind.value, kind.label)
            for kind in DocumentKind
            if kind not in CORRECTIONS and kind not in (_K.TAX_INVOICE, _K.CASH_RECEIPT)
        ],
    )
    language = forms.ChoiceField(label=gettext_lazy("language"), choices=LANGUAGES, required=False)


class CorrectionForm(ActionForm):
    """What is taken back of a paper, and why."""

    record = forms.ChoiceField(label=gettext_lazy("what is taken back"), required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document: IssuedDocument = self.obj
        cited = IssuedDocument.objects.filter(corrects=document, record__isnull=False).values("record")
        returns = Return.objects.filter(order=document.order_id).exclude(pk__in=cited)
        self.fields["record"].choices = [  # type: ignore[attr-defined]
            ("", _("All that is left")),
            *(
                (one.pk, f"{one.number} · {moment_text(one.returned_at)} · {format_money(one.total, one.currency)}")
                for one in returns
            ),
        ]

    def clean_record(self) -> int | None:
        """Return the id of the return, None for all that is left."""
        return int(self.cleaned_data["record"]) if self.cleaned_data["record"] else None
