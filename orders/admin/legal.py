"""What the law says of an order: its deadlines on its page, deliveries, and withdrawals with their decisions."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from compliance.admin.clock import clock_rows
from compliance.models import GROUNDS, Duty, Jurisdiction, LegalClock, RefusalGround
from compliance.selectors.clocks import clocks_of, standing, window_of, withdrawal_rule
from core.display import badge_html, document_html, moment_text
from core.errors import DomainError
from core.money import format_money
from core.ui import (
    ActionForm,
    NextAction,
    Panel,
    Tab,
    actor,
    columns,
    register_action,
    register_next_actions,
    register_panel,
    service_action,
)
from core.ui.badges import NavigationBadge, register_badge
from core.ui.readonly import ReadOnlyAdmin
from core.ui.timeline import timeline_icon
from orders import policies, services
from orders.admin.forms import RETURN_REASONS, Suggested, goods
from orders.models import DeliverySource, Order, Return, Shipment, Withdrawal, WithdrawalDecision, WithdrawalWay
from orders.services.legal.deadlines import law_of

DECISIONS: Mapping[str, str] = {
    WithdrawalDecision.OPEN: "amber",
    WithdrawalDecision.ACCEPTED: "green",
    WithdrawalDecision.REFUSED: "red",
}


def _moment_field(label: Any) -> forms.SplitDateTimeField:
    return forms.SplitDateTimeField(
        label=label,
        widget=forms.SplitDateTimeWidget(date_attrs={"type": "date"}, time_attrs={"type": "time"}),
    )


class DeliveryForm(ActionForm):
    """When the customer received the parcel, and who says so."""

    at = _moment_field(gettext_lazy("received"))
    source = forms.TypedChoiceField(
        label=gettext_lazy("who says so"), choices=DeliverySource.choices, coerce=DeliverySource
    )


class WithdrawalForm(ActionForm):
    """What the customer stated, when and how, and of which pieces."""

    stated_at = _moment_field(gettext_lazy("stated (not when it was read)"))
    way = forms.TypedChoiceField(
        label=pgettext_lazy("withdrawal", "way"), choices=WithdrawalWay.choices, coerce=WithdrawalWay
    )
    reason = forms.CharField(
        label=gettext_lazy("reason"), max_length=200, required=False, widget=Suggested(RETURN_REASONS)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = [(line, line.quantity - line.cancelled_count - line.returned_count) for line in goods(self.obj)]
        self.left = [(line, count) for line, count in lines if count]
        for line, count in self.left:
            self.fields[f"line_{line.pk}"] = forms.IntegerField(
                label=f"{line.name} {line.options}".strip(), min_value=0, max_value=count, initial=count
            )

    def clean(self) -> dict[str, Any]:
        """Give the service what it takes."""
        data = super().clean() or {}
        if not self.errors:
            data["quantities"] = {line.pk: data[f"line_{line.pk}"] for line, _count in self.left}
        return data


class RefusalForm(ActionForm):
    """On which ground of the law, whether its conditions were met, and what proves it."""

    ground = forms.ChoiceField(label=gettext_lazy("legal ground"), required=False)
    was_told = forms.BooleanField(
        label=gettext_lazy("The exception was clearly shown before the order"), required=False
    )
    has_consent = forms.BooleanField(
        label=gettext_lazy("The customer agreed to it in writing"),
        required=False,
        help_text=gettext_lazy("Needed for what is made to order."),
    )
    evidence = forms.CharField(
        label=gettext_lazy("evidence"),
        max_length=300,
        help_text=gettext_lazy("Photos, the inspection, the order page: where they are."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lawful = GROUNDS.get(law_of(self.obj.order), frozenset())
        field: Any = self.fields["ground"]
        first = [] if self.obj.is_in_time else [("", _("It came too late"))]
        field.choices = first + [(one.value, one.label) for one in RefusalGround if one in lawful]

    def clean_ground(self) -> RefusalGround | None:
        """Return the ground, None for a statement that came too late."""
        ground = self.cleaned_data["ground"]
        return RefusalGround(ground) if ground else None


def _now(request: HttpRequest, _obj: Any) -> dict[str, Any]:
    return {"at": timezone.now(), "stated_at": timezone.now(), "source": DeliverySource.CARRIER}


@service_action(
    gettext_lazy("Record delivery"),
    permission="orders.record_delivery",
    form=DeliveryForm,
    icon="where_to_vote",
    initial=_now,
    available=lambda user, shipment: shipment.delivered_at is None,
)
def deliver(admin: Any, request: HttpRequest, obj: Shipment, data: dict[str, Any]) -> str:
    """Note when the customer received it."""
    told = services.Delivered(shipment_id=obj.pk, at=data["at"], source=data["source"])
    report = services.record_deliveries(deliveries=[told], actor=actor(request))
    if report.refused:
        raise DomainError(report.refused[0].reason)
    return _("Received: the customer's window to withdraw runs.") if law_of(obj.order) else _("Noted as received.")


@service_action(
    gettext_lazy("Record withdrawal"),
    permission="orders.record_return",
    form=WithdrawalForm,
    icon="undo",
    initial=_now,
    is_rare=True,
    available=lambda user, order: policies.is_withdrawable(order),
)
def withdraw(admin: Any, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
    """Note that the customer withdraws."""
    row = services.record_withdrawal(
        order_id=obj.pk,
        stated_at=data["stated_at"],
        way=data["way"],
        quantities=data["quantities"],
        reason=data["reason"],
        actor=actor(request),
    )
    if row.is_in_time is None:
        return _("Recorded. We know of no right to withdraw there.")
    return _("Recorded: it is in time.") if row.is_in_time else _("Recorded: it came after the window.")


def _in_time(row: Withdrawal) -> Any:
    if row.is_in_time is None:
        return badge_html(_("No right known"), "grey")
    return badge_html(_("In time"), "green") if row.is_in_time else badge_html(_("Too late"), "red")


@admin.register(Withdrawal)
class WithdrawalAdmin(ReadOnlyAdmin):
    """What customers called off, and what was decided."""

    list_display = [
        columns.link("order.number", pgettext_lazy("purchase", "Order"), to="orders_order", key="order_id"),
        columns.moment("stated_at", pgettext_lazy("withdrawal", "Stated"), order=True),
        columns.computed("in_time", gettext_lazy("In time"), _in_time, css="fit"),
        columns.badge("decision", gettext_lazy("Decision"), colours=DECISIONS),
        columns.computed("way", pgettext_lazy("withdrawal", "Way"), lambda row: row.get_way_display()),
        columns.text("reason", gettext_lazy("Reason")),
        columns.number("piece_count", gettext_lazy("Pieces")),
        columns.money("total", gettext_lazy("Value"), currency="order.currency"),
    ]
    list_display_links = ["stated_at"]
    list_select_related = ("order",)
    ordering = ["-stated_at", "-id"]
    tabs = [
        Tab("open", WithdrawalDecision.OPEN.label, Q(decision=WithdrawalDecision.OPEN), alert=True,
            empty=gettext_lazy("No withdrawal waits for a decision.")),
        *[Tab(one.value, one.label, Q(decision=one), count=False)
          for one in (WithdrawalDecision.ACCEPTED, WithdrawalDecision.REFUSED)],
    ]  # fmt: skip
    exact_search_fields = ["order__number"]
    search_fields = ["order__number"]
    show_timeline = False
    empty_title = gettext_lazy("No withdrawals")
    fields = ["stated_at", "way", "reason", "due_at", "ground", "evidence", "decided_at", "created_at"]

    def scope(self, request: HttpRequest, queryset: QuerySet[Withdrawal]) -> QuerySet[Withdrawal]:
        """Bring the order along."""
        return queryset.select_related("order", "decided_by")

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Leave values out for people who may not see money."""
        sees_money = policies.can_see_money(actor(request))
        return [column for column in self.list_display if column.name != "total" or sees_money]

    def facts(self, request: HttpRequest, obj: Withdrawal) -> Sequence[tuple[Any, Any]]:
        """Return whether it is in time first."""
        shown = [
            (_("Decision"), badge_html(obj.get_decision_display(), DECISIONS[WithdrawalDecision(obj.decision)])),
            (_("In time"), _in_time(obj)),
            (pgettext_lazy("purchase", "Order"), document_html(obj.order.number)),
            (_("Pieces"), obj.piece_count),
        ]
        if policies.can_see_money(actor(request)):
            shown.append((_("Value"), format_money(obj.total, obj.order.currency)))
        return shown

    @service_action(
        gettext_lazy("Accept"),
        permission="orders.decide_withdrawal",
        icon="task_alt",
        variant="primary",
        question=gettext_lazy("Let the customer withdraw? Goods and money follow as a return and a refund."),
        available=lambda user, row: row.decision == WithdrawalDecision.OPEN,
    )
    def accept(self, request: HttpRequest, obj: Withdrawal, data: dict[str, Any]) -> str:
        """Let the customer withdraw."""
        services.accept_withdrawal(withdrawal_id=obj.pk, actor=actor(request))
        return _("Accepted.")

    @service_action(
        gettext_lazy("Refuse"),
        permission="orders.decide_withdrawal",
        icon="block",
        variant="danger",
        form=RefusalForm,
        available=lambda user, row: row.decision == WithdrawalDecision.OPEN,
    )
    def refuse(self, request: HttpRequest, obj: Withdrawal, data: dict[str, Any]) -> str:
        """Refuse it as the law allows."""
        refusal = services.WithdrawalRefusal(
            ground=data["ground"],
            evidence=data["evidence"],
            was_told=data["was_told"],
            has_consent=data["has_consent"],
        )
        services.refuse_withdrawal(withdrawal_id=obj.pk, refusal=refusal, actor=actor(request))
        return _("Refused.")


def _clocks(order: Order) -> list[LegalClock]:
    return clocks_of(
        {
            Order: [order.pk],
            Return: [row.pk for row in order.returns.all()],
            Withdrawal: [row.pk for row in order.withdrawals.all()],
        }
    )


def order_deadlines(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give the deadlines of the order, of its returns and withdrawals, and how the window to withdraw stands."""
    law = law_of(order)
    if not law:
        return None
    clocks = _clocks(order)
    notes = [_("The law of %(place)s holds.") % {"place": Jurisdiction(law).label}]
    rule = withdrawal_rule(law, order.placed_at, order.country)
    if rule is not None and window_of(clocks, Duty.WITHDRAWAL) is None:
        notes.append(_("The window to withdraw has not begun: no delivery is known."))
    return {"rows": clock_rows(request, clocks), "notes": notes}


def document_deadlines(request: HttpRequest, row: Return | Withdrawal) -> dict[str, Any] | None:
    """Give the deadlines of a return or a withdrawal."""
    clocks = clocks_of({type(row): [row.pk]})
    return {"rows": clock_rows(request, clocks), "notes": []} if clocks else None


def next_by_law(request: HttpRequest, order: Order) -> list[NextAction]:
    """Say which deadlines are missed, and that a withdrawal waits."""
    waiting = order.withdrawals.filter(decision=WithdrawalDecision.OPEN).order_by("pk").first()
    said = []
    if waiting is not None:
        sentence = _("The customer withdrew on %(day)s. Decide it.") % {"day": moment_text(waiting.stated_at)}
        said.append(NextAction(sentence, reverse("admin:orders_withdrawal_change", args=[waiting.pk]), "warning"))
    missed = [clock for clock in _clocks(order) if standing(clock).is_late and clock.stopped_at is None]
    for clock in missed:
        sentence = _("Legal deadline missed: %(duty)s") % {"duty": clock.rule.name}
        url = reverse("admin:compliance_legalclock_change", args=[clock.pk])
        said.append(NextAction(sentence, url if request.user.has_perm("compliance.view_legalclock") else "", "danger"))
    return said


register_action(Shipment, deliver)
register_action(Order, withdraw)
register_panel(
    Order,
    Panel(
        "deadlines",
        gettext_lazy("Legal deadlines"),
        "compliance/panels/clocks.html",
        order_deadlines,
        "compliance.view_legalclock",
        position=35,
    ),
)
for _model in (Return, Withdrawal):
    register_panel(
        _model,
        Panel(
            "deadlines",
            gettext_lazy("Legal deadlines"),
            "compliance/panels/clocks.html",
            document_deadlines,
            "compliance.view_legalclock",
            position=20,
        ),
    )
register_next_actions(Order, next_by_law)
for _name, _icon in {
    "orders.shipment_delivered": "where_to_vote",
    "orders.withdrawal_stated": "undo",
    "orders.withdrawal_decided": "rule",
    "compliance.clock_breached": "alarm",
    "compliance.clock_stopped": "task_alt",
    "compliance.clock_moved": "more_time",
    "compliance.clock_started": "timer",
}.items():
    timeline_icon(_name, _icon)
register_badge(
    NavigationBadge("withdrawals", lambda: Withdrawal.objects.filter(decision=WithdrawalDecision.OPEN).order_by("pk"))
)
