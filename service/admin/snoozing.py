"""Putting a ticket aside: until when, with what ends before, and taking it up again."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import moment_text
from core.ui import ActionForm, Answer, actor, service_action
from service import policies
from service.admin.status import inbox_url
from service.models import Ticket
from service.selectors.snoozes import clocks_before, presets_of
from service.services.quiet.snoozing import snooze_ticket, wake_ticket

WORK = "service.work_on_ticket"
CUSTOMER, OWN = "customer", "own"


class SnoozeForm(ActionForm):
    """Until when; the presets are those of the ticket's calendar."""

    until = forms.ChoiceField(label=pgettext_lazy("ticket", "Snooze until"), widget=forms.RadioSelect)
    at = forms.DateTimeField(
        label=gettext_lazy("Another time"), required=False, input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._presets = {one.key: one for one in presets_of(self.obj, timezone.now())}
        choices = [(key, f"{one.label} · {moment_text(one.at)}") for key, one in self._presets.items()]
        choices += [(CUSTOMER, _("When the customer writes")), (OWN, _("Another time"))]
        self.fields["until"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("until", choices[0][0])
        ending = clocks_before(self.obj, None) if self.obj is not None else []
        said = _("It is back by itself then, and at once when the customer writes. No clock stops meanwhile.")
        if ending:
            clocks = ", ".join(f"{label} {moment_text(at)}" for label, at in ending)
            said = f"{said} {_('Running: %(clocks)s.') % {'clocks': clocks}}"
        self.fields["until"].help_text = said

    def clean(self) -> dict[str, Any]:
        """Give the service a moment, or None for "when the customer writes"."""
        data = super().clean() or {}
        chosen = data.get("until")
        if chosen == OWN and not data.get("at"):
            self.add_error("at", _("Choose a time."))
        elif chosen in self._presets:
            data["at"] = self._presets[chosen].at
        elif chosen == CUSTOMER:
            data["at"] = None
        return data


def snoozed_words(until: datetime | None) -> str:
    """Return until when a ticket is put aside, in words."""
    if until is None:
        return _("Snoozed until the customer writes")
    return _("Snoozed until %(moment)s") % {"moment": moment_text(until)}


class SnoozingMixin:
    """The buttons of a ticket with which it is put aside and taken up again."""

    @service_action(
        pgettext_lazy("ticket", "Snooze"),
        permission=WORK,
        form=SnoozeForm,
        icon="snooze",
        available=lambda _user, ticket: policies.is_snoozable(ticket) and not ticket.is_snoozed,
    )
    def snooze(self, request: HttpRequest, obj: Ticket, data: dict[str, Any]) -> Answer:
        """Put the ticket aside."""
        ticket = snooze_ticket(ticket_id=obj.pk, until=data["at"], actor=actor(request))
        said = snoozed_words(ticket.snoozed_until)
        ending = clocks_before(ticket, ticket.snoozed_until)
        if not ending:
            return Answer(f"{said}.", inbox_url(view="mine"))
        clocks = ", ".join(f"{label} {moment_text(at)}" for label, at in ending)
        late = _("Mind what is due before: %(clocks)s.") % {"clocks": clocks}
        return Answer(f"{said}. {late}", inbox_url(view="mine"), "warning")

    @service_action(
        pgettext_lazy("ticket", "Take up again"),
        permission=WORK,
        icon="alarm_on",
        available=lambda _user, ticket: ticket.is_snoozed,
    )
    def wake(self, request: HttpRequest, obj: Ticket, data: dict[str, Any]) -> Answer:
        """Bring the ticket back now."""
        wake_ticket(ticket_id=obj.pk, actor=actor(request))
        return Answer(_("%(number)s is back.") % {"number": obj.number}, inbox_url(obj.pk))
