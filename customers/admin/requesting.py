"""A customer asks for their data: noted on their page."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.ui import ActionForm, actor, service_action
from core.ui.actions import Answer, register_action
from customers.models import Customer
from customers.personal import customer_label
from privacy.models import RequestKind
from privacy.services import open_data_request


class RequestForm(ActionForm):
    """What is asked for, and how we know that it is them."""

    kind = forms.ChoiceField(label=pgettext_lazy("data request", "kind"), choices=RequestKind.choices)
    asked_at = forms.SplitDateTimeField(
        label=pgettext_lazy("data request", "asked"),
        widget=forms.SplitDateTimeWidget(date_attrs={"type": "date"}, time_attrs={"type": "time"}),
        help_text=gettext_lazy("The legal deadline counts from here."),
    )
    asked_through = forms.CharField(
        label=pgettext_lazy("data request", "by which way"),
        max_length=80,
        help_text=gettext_lazy("A ticket's number, a letter, a call."),
    )
    identity_check = forms.CharField(
        label=gettext_lazy("how we know that it is them"),
        max_length=200,
        help_text=gettext_lazy("Written from the known address, called back, an order's number they could name."),
    )
    wish = forms.CharField(
        label=pgettext_lazy("data request", "what is asked for"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@service_action(
    gettext_lazy("Note a request about their data"), permission="privacy.answer_datarequest", icon="contact_page",
    form=RequestForm, is_rare=True, initial=lambda request, obj: {"asked_at": timezone.localtime()},
)  # fmt: skip
def note_data_request(_admin: Any, request: HttpRequest, obj: Customer, data: dict[str, Any]) -> Answer:
    """Note it and lead to it."""
    row = open_data_request(
        model=Customer,
        subject_id=obj.pk,
        subject_label=customer_label(obj),
        kind=RequestKind(data["kind"]),
        asked_at=data["asked_at"],
        asked_through=data["asked_through"],
        identity_check=data["identity_check"],
        wish=data["wish"],
        country=obj.country,
        actor=actor(request),
    )
    sentence = _("Request %(number)s is noted.") % {"number": row.number}
    return Answer(sentence, reverse("admin:privacy_datarequest_change", args=[row.pk]))


register_action(Customer, note_data_request)
