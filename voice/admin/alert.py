"""What rang, and what one does about it in one step; and the rules that ring."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.models import Variant
from catalog.policies import can_change_products
from core.display import moment_text
from core.ui import ActionForm, Answer, ModelAdmin, Tab, actor, columns, service_action
from core.ui.readonly import ReadOnlyAdmin
from inventory.models import Warehouse
from voice import services
from voice.admin.voices import SPANS
from voice.models import Alert, AlertRule, AlertState
from voice.policies import can_claim_from_supplier, can_open_alert_task, can_stop_sale
from voice.services.acting import product_of, supplier_of

ACT = "voice.act_on_voice"


class StopForm(ActionForm):
    """Why, and how much: of an alert about a lot the lot alone, unless the whole product is asked for."""

    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)
    whole_product = forms.BooleanField(
        label=gettext_lazy("The whole product, not only this lot"), required=False,
        help_text=gettext_lazy("Paused on all channels until somebody sells it again."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.obj is None or self.obj.lot_id is None or not can_change_products(self.user):
            del self.fields["whole_product"]


class ClaimForm(ActionForm):
    """Which pieces go back to the supplier."""

    variant = forms.ModelChoiceField(
        label=gettext_lazy("Variant"), queryset=Variant.objects.none(), empty_label=None
    )  # fmt: skip
    quantity = forms.IntegerField(label=gettext_lazy("Pieces"), min_value=1, max_value=1_000_000)
    warehouse = forms.ModelChoiceField(
        label=gettext_lazy("Warehouse"), queryset=Warehouse.objects.all(), empty_label=None
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lot = self.obj.lot if self.obj is not None else None
        rows = (
            Variant.objects.filter(pk=lot.variant_id) if lot else Variant.objects.filter(product=product_of(self.obj))
        )
        self.fields["variant"].queryset = rows  # type: ignore[attr-defined]


class TaskForm(ActionForm):
    """What has to be done."""

    title = forms.CharField(label=gettext_lazy("What has to be done"), max_length=200)


class SettleForm(ActionForm):
    """What was found."""

    answer = forms.CharField(label=gettext_lazy("What was found"), max_length=300)


def _is_open(alert: Alert) -> bool:
    return alert.state == AlertState.OPEN


def _said(request: HttpRequest, alert: Alert) -> dict[str, Any]:
    words = _("%(what)s: %(count)s matters in %(days)s days, %(before)s before")
    given = {"what": alert, "count": alert.matter_count, "days": alert.rule.days, "before": alert.before_count}
    return dict.fromkeys(("reason", "title"), (words % given)[:200])


def _figures(alert: Alert) -> str:
    """Return the page of figures, of what the alert is about alone."""
    about = {"product": alert.product_id, "lot": alert.lot_id, "supplier": alert.supplier_id}
    days = next((span for span in SPANS if span >= alert.rule.days), SPANS[-1])
    query = "".join(f"&{name}={pk}" for name, pk in about.items() if pk)
    return f"{reverse('admin:voice_voices')}?by=reason&days={days}{query}"


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """What customers complain about more than the rules allow."""

    list_display = [
        columns.computed("what", gettext_lazy("About"), str),
        columns.text("rule", gettext_lazy("Rule")),
        columns.number("matter_count", gettext_lazy("Matters")),
        columns.number("before_count", gettext_lazy("Before")),
        columns.number("piece_count", gettext_lazy("Sold pieces")),
        columns.badge("state", gettext_lazy("State"), colours={"open": "red", "handled": "green"}),
        columns.moment("created_at", gettext_lazy("Rang"), order=True),
    ]
    list_select_related = ("rule", "product", "lot__variant", "supplier")
    ordering = ["-created_at", "-id"]
    tabs = [
        Tab("open", pgettext_lazy("alerts", "To look at"), Q(state=AlertState.OPEN)),
        Tab("all", pgettext_lazy("alerts", "All"), count=False),
    ]
    fields = ["rule", "product", "lot", "supplier", "first_day", "last_day", "answer", "handled_by", "handled_at"]
    empty_title = gettext_lazy("Nothing rings")
    empty_text = gettext_lazy("Rules say how many matters of which reason ring in how many days.")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        """Show what the page shows."""
        return self.fields

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        """Leave out what this alert is not about, and what nobody has done yet."""
        return [name for name in self.fields if obj is None or getattr(obj, name)]

    def facts(self, request: HttpRequest, obj: Alert) -> Sequence[tuple[Any, Any]]:
        """Return the figures, where they come from, and what was done."""
        facts: list[tuple[Any, Any]] = [
            (_("State"), obj.get_state_display()),
            (_("Matters"), f"{obj.matter_count} ({_('before')}: {obj.before_count})"),
            (_("Sold pieces"), f"{obj.piece_count:,}"),
        ]
        if request.user.has_perm("voice.view_voice"):
            facts.append(
                (_("Behind it"), format_html('<a href="{}">{}</a>', _figures(obj), _("Voice of the customer")))
            )
        if obj.stopped_at is not None:
            facts.append((_("Sale stopped"), moment_text(obj.stopped_at)))
        if obj.supplier_return is not None:
            facts.append((_("Claim against the supplier"), obj.supplier_return))
        if obj.task is not None:
            facts.append((_("Task"), obj.task))
        return facts

    @service_action(
        pgettext_lazy("voice", "Stop the sale"),
        permission=ACT,
        form=StopForm,
        icon="block",
        variant="danger",
        initial=_said,
        question=gettext_lazy(
            "A lot is held back in all warehouses; where no lot is known the product is paused on all channels."
        ),
        available=lambda user, alert: (
            alert.stopped_at is None and product_of(alert) is not None and can_stop_sale(user, alert)
        ),
    )
    def stop(self, request: HttpRequest, obj: Alert, data: dict[str, Any]) -> Answer:
        """Hold the lot back, or take the product off all channels."""
        whole = bool(data.get("whole_product"))
        services.stop_alert_sale(
            alert_id=obj.pk, reason=data["reason"], whole_product=whole, actor=actor(request)
        )  # fmt: skip
        if obj.lot_id is not None and not whole:
            return Answer(_("The lot is held back. Pieces that orders have reserved stay theirs: look at the lot."))
        return Answer(_("The sale is stopped on all channels."))

    @service_action(
        pgettext_lazy("voice", "Claim from the supplier"),
        permission=ACT,
        form=ClaimForm,
        icon="local_shipping",
        initial=_said,
        available=lambda user, alert: (
            alert.supplier_return_id is None
            and can_claim_from_supplier(user)
            and product_of(alert) is not None
            and supplier_of(alert) is not None
        ),
    )
    def claim(self, request: HttpRequest, obj: Alert, data: dict[str, Any]) -> Answer:
        """Draft what goes back to the supplier."""
        alert = services.claim_alert_from_supplier(
            alert_id=obj.pk,
            variant_id=data["variant"].pk,
            quantity=data["quantity"],
            warehouse_id=data["warehouse"].pk,
            reason=data["reason"],
            key="claim",
            actor=actor(request),
        )
        url = reverse("admin:purchasing_supplierreturn_change", args=[alert.supplier_return_id])
        return Answer(_("Drafted as %(number)s.") % {"number": alert.supplier_return}, url)

    @service_action(
        pgettext_lazy("voice", "Give as a task"),
        permission=ACT,
        form=TaskForm,
        icon="add_task",
        initial=_said,
        available=lambda user, alert: alert.task_id is None and can_open_alert_task(user),
    )
    def task(self, request: HttpRequest, obj: Alert, data: dict[str, Any]) -> Answer:
        """Ask somebody to look into it."""
        alert = services.open_alert_task(alert_id=obj.pk, title=data["title"], actor=actor(request))
        return Answer(_("Task %(number)s is open.") % {"number": alert.task})

    @service_action(
        pgettext_lazy("voice", "Settle"),
        permission=ACT,
        form=SettleForm,
        icon="task_alt",
        available=lambda _user, alert: _is_open(alert),
    )
    def settle(self, request: HttpRequest, obj: Alert, data: dict[str, Any]) -> Answer:
        """Note what was found."""
        services.settle_alert(alert_id=obj.pk, answer=data["answer"], actor=actor(request))
        return Answer(_("Handled."))


@admin.register(AlertRule)
class AlertRuleAdmin(ModelAdmin):
    """When the voice of the customer rings."""

    few_rows = True
    list_display = [
        columns.text("name", gettext_lazy("Rule"), order=True),
        columns.text("grain", gettext_lazy("Counted by")),
        columns.text("reason", gettext_lazy("Reason")),
        columns.number("days", gettext_lazy("Days")),
        columns.number("least_count", gettext_lazy("Matters")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    list_select_related = ("reason",)
    ordering = ["name", "id"]
    search_fields = ["name"]
    fields = [("name", "grain"), "reason", ("days", "least_count"), ("least_per_mille", "least_growth"), "is_active"]
    empty_title = gettext_lazy("No rules yet")
    empty_text = gettext_lazy("Say how many matters of which reason ring in how many days.")
