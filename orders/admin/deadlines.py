"""Buttons for the deadlines that only people hear of: on the order, and on its returns and withdrawals."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from compliance.models import ClockEvent, LegalClock
from compliance.selectors.clocks import clocks_of
from compliance.services import stop_clock
from core.display import moment_text
from core.ui import ActionForm, actor, register_action, service_action
from orders import services
from orders.models import Order, Return, Withdrawal
from orders.services.legal.deadlines import law_of
from orders.services.legal.noting import HEARD

STOP = "compliance.stop_legalclock"


def _moment_field(label: Any) -> forms.SplitDateTimeField:
    widget = forms.SplitDateTimeWidget(date_attrs={"type": "date"}, time_attrs={"type": "time"})
    return forms.SplitDateTimeField(label=label, widget=widget)


def _evidence_field(help_text: Any) -> forms.CharField:
    return forms.CharField(label=pgettext_lazy("clock", "evidence"), max_length=300, help_text=help_text)


class StartForm(ActionForm):
    """What was heard, when, and from whom."""

    event = forms.TypedChoiceField(
        label=gettext_lazy("what happened"),
        choices=[(one.value, one.label) for one in HEARD],
        coerce=ClockEvent,
    )
    at = _moment_field(pgettext_lazy("clock", "when"))
    evidence = _evidence_field(gettext_lazy("Who said it, when and where: the mail, the date of the call, the photo."))


class EndForm(ActionForm):
    """Which deadline ends, when it was done, and what proves it."""

    clock = forms.TypedChoiceField(label=gettext_lazy("Legal deadline"), coerce=int)
    at = _moment_field(gettext_lazy("done on"))
    evidence = _evidence_field(gettext_lazy("A number, a document, a link: the answer that was sent."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["clock"]
        field.choices = [(clock.pk, _described(clock)) for clock in running_clocks(self.obj)]
        if not field.choices:
            field.help_text = _("No deadline runs.")


def running_clocks(obj: Order | Return | Withdrawal) -> Sequence[LegalClock]:
    """Return the deadlines that run for an order with its returns and withdrawals, or for one of those."""
    subjects: dict[Any, list[int]] = {type(obj): [obj.pk]}
    if isinstance(obj, Order):
        subjects[Return] = [row.pk for row in obj.returns.all()]
        subjects[Withdrawal] = [row.pk for row in obj.withdrawals.all()]
    return [clock for clock in clocks_of(subjects) if clock.stopped_at is None]


def _has_law(obj: Order | Return | Withdrawal) -> bool:
    """Tell whether any law that we know holds; asking for running clocks would cost each page its statements."""
    order = obj if isinstance(obj, Order) else obj.order
    return order is not None and bool(law_of(order))


def _described(clock: LegalClock) -> str:
    return f"{clock.rule.name} · {clock.subject_label} · {moment_text(clock.due_at)}"


@service_action(
    gettext_lazy("Start a legal deadline"),
    permission=STOP,
    form=StartForm,
    icon="timer",
    is_rare=True,
    initial=lambda request, obj: {"at": timezone.now()},
    available=lambda user, order: _has_law(order),
)
def start_deadline(admin: Any, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
    """Start what a complaint, a defect or goods that cannot be supplied start by law."""
    clocks = services.start_heard_clocks(
        order_id=obj.pk, event=data["event"], at=data["at"], evidence=data["evidence"], actor=actor(request)
    )
    said = ngettext("%(count)d deadline runs.", "%(count)d deadlines run.", len(clocks))
    return said % {"count": len(clocks)}


@service_action(
    gettext_lazy("End a legal deadline"),
    permission=STOP,
    form=EndForm,
    icon="task_alt",
    is_rare=True,
    initial=lambda request, obj: {"at": timezone.now()},
    available=lambda user, obj: _has_law(obj),
)
def end_deadline(admin: Any, request: HttpRequest, obj: Any, data: dict[str, Any]) -> str:
    """End one of them with what proves that it was kept."""
    stop_clock(clock_id=data["clock"], evidence=data["evidence"], at=data["at"], actor=actor(request))
    return _("Noted as done.")


register_action(Order, start_deadline)
for model in (Order, Return, Withdrawal):
    register_action(model, end_deadline)
