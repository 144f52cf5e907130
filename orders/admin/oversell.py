"""Oversells: the list, the screen on which they are decided, messages to customers, penalties of malls."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override, pgettext_lazy
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.display import badge_html, moment_text
from core.errors import DomainError
from core.money import format_money
from core.ui import BulkOutcome, ModelAdmin, Tab, actor, bulk_action, columns
from core.ui.badges import NavigationBadge, register_badge
from core.ui.readonly import ReadOnlyAdmin
from core.ui.sitepages import register_page, render_page
from core.ui.tiles import Kpi, Tile, register_tile
from inventory.admin.why import document_link
from orders import policies, services
from orders.models import CancelPenalty, DecisionKind, OrderMessage, Oversell
from orders.selectors.cases import Elsewhere, OversellCase, ShortOrder, oversell_case
from staff.models import Language

_K = DecisionKind
COLOURS: Mapping[str, str] = {
    _K.MOVE: "blue", _K.TRANSFER: "blue", _K.SPLIT: "violet", _K.WAIT: "amber", _K.SUBSTITUTE: "green",
    _K.CANCEL: "red",
}  # fmt: skip
MEANINGS: Mapping[str, Any] = {
    _K.MOVE: gettext_lazy("All pieces are reserved there and leave from there, also if it does not serve the channel."),
    _K.TRANSFER: gettext_lazy("A transfer is drafted; the orders wait until it has come."),
    _K.SPLIT: gettext_lazy("What is there is reserved and ships now; the rest follows when it comes."),
    _K.WAIT: gettext_lazy("The orders wait; the new day is kept on them."),
    _K.SUBSTITUTE: gettext_lazy("The lines stand for the other product and it is reserved. Ask the customer first."),
    _K.CANCEL: gettext_lazy("The orders are cancelled; the message waits in the list of messages to send."),
}
REASONS: Mapping[str, Any] = {
    "same_product": gettext_lazy("same product"),
    "replacement": gettext_lazy("its replacement"),
    "bundle": gettext_lazy("bundle with it inside"),
}
# drafted in the language of the sales channel, not of whoever decides
APOLOGY = gettext_lazy(
    "We are sorry: an item of your order {order} is sold out, and we cannot deliver it. Your order is cancelled and "
    "you get your money back in full."
)


class DecisionForm(forms.Form):
    """What is decided about the ticked orders."""

    orders = forms.TypedMultipleChoiceField(coerce=int, error_messages={"required": gettext_lazy("Tick an order.")})
    kind = forms.ChoiceField(
        choices=DecisionKind.choices, error_messages={"required": gettext_lazy("Choose what is to be done.")}
    )
    warehouse = forms.TypedChoiceField(
        label=gettext_lazy("Warehouse that has the pieces"), coerce=int, empty_value=None, required=False,
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    promised_on = forms.DateField(
        label=gettext_lazy("Promised now for"), required=False, widget=UnfoldAdminDateWidget(attrs={"type": "date"})
    )
    substitute = forms.TypedChoiceField(
        label=gettext_lazy("Sent instead"), coerce=int, empty_value=None, required=False, widget=UnfoldAdminSelectWidget
    )
    note = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, widget=UnfoldAdminTextInputWidget,
        error_messages={"required": gettext_lazy("Say why it is decided so.")},
    )  # fmt: skip

    def __init__(self, *args: Any, case: OversellCase, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        # those of the post too: the service says what became of an order that is not short any more
        posted = self.data.getlist("orders") if hasattr(self.data, "getlist") else []
        known = {str(one.order.pk) for one in case.orders} | {pk for pk in posted if pk.isascii() and pk.isdigit()}
        fields["orders"].choices = [(pk, pk) for pk in sorted(known)]
        fields["warehouse"].choices = [("", "—")] + [
            (one.item.warehouse_id, f"{one.item.warehouse} ({one.item.available})")
            for one in case.places
            if one.item.available > 0
        ]
        fields["substitute"].choices = [("", "—")] + [
            (one.variant.pk, f"{one.variant.sku} {one.variant.label} ({one.available})") for one in case.substitutes
        ]
        for language in sorted({one.order.sales_channel.language for one in case.orders}):
            with override(language):
                text = str(APOLOGY)
            fields[f"message_{language}"] = forms.CharField(
                label=_("Message in %(language)s") % {"language": Language(language).label},
                required=False,
                max_length=2000,
                initial=text,
                widget=forms.Textarea(attrs={"rows": 4}),
            )

    @property
    def message_fields(self) -> list[Any]:
        """The messages, one for each language of the short orders' channels."""
        return [self[name] for name in self.fields if name.startswith("message_")]

    def choice(self) -> services.Choice:
        """Return what the service is told."""
        data = self.cleaned_data
        kind = _K(data["kind"])
        texts = {name.removeprefix("message_"): data[name] for name in data if name.startswith("message_")}
        return services.Choice(
            kind=kind,
            note=data["note"],
            warehouse_id=data["warehouse"] if kind in {_K.MOVE, _K.TRANSFER} else None,
            promised_on=data["promised_on"] if kind in {_K.WAIT, _K.TRANSFER} else None,
            substitute_id=data["substitute"] if kind == _K.SUBSTITUTE else None,
            messages=texts if kind == _K.CANCEL else {},
        )


@register_page("orders/oversold/<int:oversell>/", name="orders_oversold", permission="orders.view_oversell")
def oversold_page(request: HttpRequest, oversell: int) -> HttpResponseBase:
    """Show all that helps to decide an oversell; a POST decides about the ticked orders."""
    try:
        case = oversell_case(oversell_id=oversell)
    except Oversell.DoesNotExist as error:
        raise Http404 from error
    form = DecisionForm(request.POST if request.method == "POST" else None, case=case)
    if request.method == "POST" and form.is_valid() and _decided(request, oversell, form):
        return HttpResponseRedirect(request.path)
    sees_money = policies.can_see_money(actor(request))
    return render_page(
        request,
        "orders/pages/oversold.html",
        title=_("Oversold: %(sku)s") % {"sku": case.oversell.variant.sku},
        case=case,
        orders=[_shown(one, sees_money=sees_money) for one in case.orders],
        places=[_place(one) for one in case.places],
        arrivals=[
            {"row": row, "link": document_link(row.reference, row.page, row.page_id)}
            for row in [*(row for step in case.outlook.steps for row in step.arrivals), *case.outlook.undated]
        ],
        substitutes=[(one, REASONS[one.reason]) for one in case.substitutes],
        decisions=[(one, badge_html(one.get_kind_display(), COLOURS[one.kind])) for one in case.decisions],
        kinds=[(kind, kind.label, MEANINGS[kind]) for kind in DecisionKind],
        form=form,
        sees_money=sees_money,
        may_decide=policies.can_decide_oversells(actor(request)) and bool(case.orders),
        back=reverse("admin:orders_oversell_changelist"),
    )


def _decided(request: HttpRequest, oversell_id: int, form: DecisionForm) -> bool:
    """Decide and say what became of it; False when nothing was done."""
    try:
        report = services.decide_oversell(
            oversell_id=oversell_id, order_ids=form.cleaned_data["orders"], choice=form.choice(), actor=actor(request)
        )
    except DomainError as error:
        messages.error(request, str(error))
        return False
    answer = BulkOutcome(len(report.done), [(row.number, row.reason) for row in report.refused]).answer()
    messages.add_message(request, messages.WARNING if report.refused else messages.SUCCESS, answer.sentence)
    return True


def _shown(one: ShortOrder, *, sees_money: bool) -> dict[str, Any]:
    order = one.order
    badges = [badge_html(_("Paid"), "green")] if one.is_paid else [badge_html(_("Not paid yet"), "amber")]
    if one.is_first:
        badges.append(badge_html(_("First order"), "violet"))
    if one.last is not None:
        badges.append(badge_html(one.last.get_kind_display(), COLOURS[one.last.kind]))
    return {
        "row": one,
        "badges": badges,
        "total": format_money(order.total, order.currency) if sees_money else "",
        "is_late": policies.is_late(order),
        "penalty": _penalty(one.penalty, order.currency) if one.penalty else "",
    }


def _penalty(penalty: CancelPenalty, currency: str) -> str:
    parts = [format_money(penalty.amount, currency)] if penalty.amount else []
    if penalty.points:
        points = ngettext("%(count)s point", "%(count)s points", penalty.points)
        parts.append(points % {"count": penalty.points})
    return " + ".join(parts) or penalty.terms


def _place(one: Elsewhere) -> dict[str, Any]:
    return {"one": one, "url": reverse("admin:inventory_stockitem_change", args=[one.item.pk])}


def _state(row: Oversell) -> Any:
    return badge_html(pgettext_lazy("oversell", "Closed"), "grey") if row.closed_at else badge_html(_("Open"), "red")


@admin.register(Oversell)
class OversellAdmin(ReadOnlyAdmin):
    """What was sold and is not there; a row leads to the screen that decides it."""

    list_display = [
        columns.two_lines("variant.sku", lambda row: row.variant.label, "SKU"),
        columns.computed("state", gettext_lazy("State"), _state),
        columns.number("short", gettext_lazy("Pieces short"), order=True),
        columns.number("most_short", pgettext_lazy("oversell", "At most")),
        columns.moment("opened_at", pgettext_lazy("incident", "Opened")),
        columns.moment("closed_at", pgettext_lazy("incident", "Closed")),
    ]
    list_select_related = ("variant__product",)
    ordering = ["-id"]
    tabs = [
        Tab("open", pgettext_lazy("oversell", "Open"), Q(closed_at=None), alert=True,
            empty=gettext_lazy("Nothing is oversold. Well done.")),
        Tab("closed", pgettext_lazy("oversell", "Closed"), Q(closed_at__isnull=False), count=False),
    ]  # fmt: skip
    search_fields = ["variant__sku"]
    exact_search_fields = ["variant__sku"]
    empty_title = gettext_lazy("No oversells")

    def scope(self, request: HttpRequest, queryset: QuerySet[Oversell]) -> QuerySet[Oversell]:
        """Select what every row shows."""
        return queryset.select_related("variant__product")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Lead to the screen that decides it."""
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row) or request.method not in {"GET", "HEAD"}:
            return super().change_view(request, object_id, form_url, extra_context)
        return HttpResponseRedirect(reverse("admin:orders_oversold", args=[row.pk]))


def _sent(row: OrderMessage) -> Any:
    if row.sent_at is None:
        return badge_html(_("To send"), "amber")
    return badge_html(_("Sent %(day)s") % {"day": moment_text(row.sent_at)}, "green")


@admin.register(OrderMessage)
class OrderMessageAdmin(ReadOnlyAdmin):
    """Words for customers that somebody sends through the channel: nothing is sent from here."""

    list_display = [
        columns.link("order.number", pgettext_lazy("purchase", "Order"), to="orders_order", key="order_id", css="fit"),
        columns.text("order.sales_channel.name", gettext_lazy("Channel")),
        columns.text("order.external_number", gettext_lazy("Channel's order number")),
        columns.text("body", pgettext_lazy("message", "Text")),
        columns.computed("sent", gettext_lazy("State"), _sent),
        columns.moment("created_at", gettext_lazy("Written")),
    ]
    list_select_related = ("order__sales_channel",)
    ordering = ["-id"]
    tabs = [
        Tab("to_send", gettext_lazy("To send"), Q(sent_at=None), alert=True,
            empty=gettext_lazy("No customer waits for a message.")),
        Tab("sent", gettext_lazy("Sent"), Q(sent_at__isnull=False), count=False),
    ]  # fmt: skip
    exact_search_fields = ["order__number", "order__external_number"]
    search_fields = ["order__number"]
    show_timeline = False
    empty_title = gettext_lazy("No messages")

    def scope(self, request: HttpRequest, queryset: QuerySet[OrderMessage]) -> QuerySet[OrderMessage]:
        """Select what every row shows."""
        return queryset.select_related("order__sales_channel", "created_by", "sent_by")

    @bulk_action(
        gettext_lazy("Mark as sent"), permission="orders.send_ordermessage", icon="mark_email_read", variant="primary",
        question=gettext_lazy("Were these messages sent to the customers through the channel?"),
    )  # fmt: skip
    def mark_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Note that they were sent."""
        return BulkOutcome(services.mark_sent(message_ids=ids, actor=actor(request)), [])


@admin.register(CancelPenalty)
class CancelPenaltyAdmin(ModelAdmin):
    """What malls ask when the seller cancels."""

    few_rows = True
    list_display = [
        columns.text("sales_channel.name", gettext_lazy("Sales channel")),
        columns.text("terms", gettext_lazy("Terms")),
        columns.number("points", gettext_lazy("Penalty points")),
        columns.money("amount", gettext_lazy("Amount"), currency="sales_channel.currency"),
        columns.moment("valid_from", gettext_lazy("Valid from")),
        columns.moment("valid_until", gettext_lazy("Valid until")),
    ]
    list_select_related = ("sales_channel",)
    ordering = ["sales_channel__name", "-valid_from", "id"]
    list_filter = ["sales_channel"]
    fields = [("sales_channel", "terms"), ("points", "amount"), ("valid_from", "valid_until"), "source"]
    empty_title = gettext_lazy("No penalties are known")
    empty_text = gettext_lazy("Write down what each mall asks when the seller cancels, with the date and the source.")


def open_oversells(request: HttpRequest) -> Kpi | None:
    """Count what is oversold; nothing when nothing is."""
    count = Oversell.objects.filter(closed_at=None).count()
    url = reverse("admin:orders_oversell_changelist")
    return Kpi(str(count), _("sold, and not there"), url, "danger", "production_quantity_limits") if count else None


register_tile(Tile("orders.oversold", gettext_lazy("Oversold"), open_oversells, "orders.view_oversell", "orders", 5))
register_badge(NavigationBadge("oversold", lambda: Oversell.objects.filter(closed_at=None).order_by("pk"), "danger"))
