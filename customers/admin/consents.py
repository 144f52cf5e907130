"""What a customer agreed to, on their page: what holds, what was said, and a form to write down the next word."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from core.display import badge_html
from core.ui import ActionForm, Panel, actor, register_panel, service_action
from core.ui.actions import register_action
from customers.models import Customer
from privacy.models import Channel, ConsentAct, ConsentSource, Purpose
from privacy.selectors.consents import Consent, consents_of
from privacy.services import Said, record_consents, withdraw_consents

RECORD = "privacy.record_consent"
# what people may say they heard; merges and erasures write theirs themselves
HEARD = (ConsentSource.PHONE, ConsentSource.LETTER, ConsentSource.SIGN_UP, ConsentSource.ORDER)
_SOURCES = [(one.value, one.label) for one in HEARD]


class ConsentForm(ActionForm):
    """One thing the customer said."""

    act = forms.ChoiceField(label=pgettext_lazy("consent", "what"), choices=ConsentAct.choices)
    purpose = forms.ChoiceField(label=pgettext_lazy("consent", "purpose"), choices=Purpose.choices)
    channel = forms.ChoiceField(label=pgettext_lazy("consent", "channel"), choices=Channel.choices)
    is_night = forms.BooleanField(
        label=pgettext_lazy("consent", "at night"),
        required=False,
        help_text=gettext_lazy("Korea: from 21 to 8 o'clock a consent of its own is needed, e-mail excepted."),
    )
    text_version = forms.CharField(
        label=gettext_lazy("version of the text"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Which text was read out or shown; needed for a consent, not for a withdrawal."),
    )
    source = forms.ChoiceField(label=pgettext_lazy("consent", "source"), choices=_SOURCES)
    evidence = forms.CharField(
        label=pgettext_lazy("consent", "evidence"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The number of the ticket, the date of the call, where the letter lies."),
    )
    happened_at = forms.SplitDateTimeField(
        label=pgettext_lazy("consent", "said"),
        widget=forms.SplitDateTimeWidget(date_attrs={"type": "date"}, time_attrs={"type": "time"}),
    )
    expires_on = forms.DateField(
        label=gettext_lazy("last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: until it is withdrawn."),
    )


class WithdrawForm(ActionForm):
    """By which way the customer said it."""

    source = forms.ChoiceField(label=pgettext_lazy("consent", "source"), choices=_SOURCES)
    evidence = forms.CharField(label=pgettext_lazy("consent", "evidence"), max_length=200, required=False)


@service_action(
    gettext_lazy("Record a consent"), permission=RECORD, icon="fact_check", form=ConsentForm, is_rare=True,
    initial=lambda request, obj: {"happened_at": timezone.localtime()},
)  # fmt: skip
def record_consent(_admin: Any, request: HttpRequest, obj: Customer, data: dict[str, Any]) -> str:
    """Write one event into the ledger."""
    last_day = data["expires_on"]
    said = Said(
        subject_id=obj.pk,
        act=ConsentAct(data["act"]),
        purpose=Purpose(data["purpose"]),
        channel=Channel(data["channel"]),
        is_night=data["is_night"],
        text_version=data["text_version"],
        source=ConsentSource(data["source"]),
        evidence=data["evidence"],
        happened_at=data["happened_at"],
        expires_at=timezone.make_aware(datetime.combine(last_day, time.max)) if last_day else None,
    )
    record_consents(model=Customer, said=[said], actor=actor(request))
    return _("Written into the consent ledger.")


@service_action(
    gettext_lazy("Withdraw all consents"), permission=RECORD, icon="unsubscribe", form=WithdrawForm, is_rare=True,
    question=gettext_lazy("Nobody is written to afterwards but about their orders."),
)  # fmt: skip
def withdraw_all_consents(_admin: Any, request: HttpRequest, obj: Customer, data: dict[str, Any]) -> str:
    """End all that holds, by one word of the customer."""
    count = withdraw_consents(
        model=Customer, subject_id=obj.pk, source=ConsentSource(data["source"]), evidence=data["evidence"],
        actor=actor(request),
    )  # fmt: skip
    return _("%(count)s consents have ended.") % {"count": count} if count else _("There was nothing to withdraw.")


def _badge(one: Consent, now: datetime) -> Any:
    if one.holds(now):
        return badge_html(pgettext("consent", "Agreed"), "green")
    if one.event.act == ConsentAct.WITHDRAWN:
        return badge_html(pgettext("consent", "Withdrawn"), "red")
    return badge_html(pgettext("consent", "Ended"), "grey")


def consents_panel(_request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """Give what holds for each purpose, way and time of day; one statement."""
    now = timezone.now()
    held = consents_of(model=Customer, subject_id=customer.pk)
    rows = [{"one": one, "event": one.event, "badge": _badge(one, now)} for one in held]
    return {
        "rows": rows,
        "is_folded": not rows,
        "gist": _("No consent is known: nothing but what the orders need may be sent."),
    }


register_panel(
    Customer,
    Panel(
        "consents",
        gettext_lazy("Consents"),
        "customers/panels/consents.html",
        consents_panel,
        position=40,
        wide=True,
        is_later=True,
    ),
)
register_action(Customer, record_consent)
register_action(Customer, withdraw_all_consents)
