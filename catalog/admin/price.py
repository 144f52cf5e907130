"""Prices with their periods: what holds, what is planned, what was."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db.models import Case, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject, Now
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from catalog import services
from catalog.admin import resources
from catalog.admin.price_forms import EndForm, PlanForm, plan_initial
from catalog.admin.price_panels import price_answer
from catalog.models import Price
from catalog.selectors.claims import Verdict, is_recorded_late, judge
from catalog.selectors.margins import is_below_floor, known_margin
from compliance.models import Jurisdiction, PriceClaimRule
from compliance.selectors import EU_MEMBERS
from core.admin.tables import TableFilesMixin
from core.display import badge_html, moment_text
from core.money import format_money
from core.ui import Answer, Tab, actor, columns, link_action, service_action
from core.ui.readonly import ReadOnlyAdmin

RULE_COLUMNS = ("method", "window_days", "min_days_total", "max_days_since_last")
_VERDICTS = {
    Verdict.PROVABLE: (gettext_lazy("Provable"), "green"),
    Verdict.NOT_PROVABLE: (gettext_lazy("Not provable"), "red"),
    Verdict.NO_RULE: (gettext_lazy("No rule known"), "grey"),
}


def provable(price: Any) -> SafeString | str:
    """Show whether the price before can be proved; the history and the rule come with the row."""
    if price.compare_at is None:
        return ""
    rule = PriceClaimRule(**price.claim_rule) if price.claim_rule else None
    history = [p for p in price.variant.all_prices if p.sales_channel_id == price.sales_channel_id]
    zone = ZoneInfo(price.sales_channel.time_zone)
    return verdict_html(judge(rule, history, price.starts_at, None, zone=zone).verdict)


def verdict_html(verdict: Verdict) -> SafeString | str:
    """Return a verdict as a badge, nothing when no price before is shown."""
    if verdict not in _VERDICTS:
        return ""
    label, colour = _VERDICTS[verdict]
    return badge_html(label, colour)


def margin_html(price: Price) -> SafeString | str:
    """Show the margin, red below the channel's lowest."""
    margin = known_margin(price.amount, price.cost)
    if margin is None:
        return ""
    is_low = is_below_floor(price.amount, price.cost, price.sales_channel.margin_floor) or margin < 0
    return format_html('<span class="{}">{} %</span>', "late" if is_low else "", margin)


def _moments(price: Price) -> SafeString:
    late = format_html("<small>{}</small>", _("recorded later")) if is_recorded_late(price) else ""
    return format_html("{}{}", moment_text(price.starts_at), late)


def history_url(price: Price) -> str:
    """Return the page that tells the story of this price's variant and channel."""
    return reverse("admin:catalog_price_history", args=[price.variant_id, price.sales_channel_id])


@admin.register(Price)
class PriceAdmin(TableFilesMixin, ReadOnlyAdmin):
    """Prices with their periods; they follow one another without gaps or overlaps, so services set them."""

    resource_class = resources.PriceResource

    list_display = [
        columns.two_lines("variant.sku", "variant.product.name", "SKU"),
        columns.text("sales_channel.name", gettext_lazy("Sales channel")),
        columns.money("amount", gettext_lazy("Price")),
        columns.money("compare_at", gettext_lazy("Price before")),
        columns.computed("is_provable", gettext_lazy("Proof"), provable, css="fit"),
        columns.money("cost", pgettext_lazy("price", "Cost")),
        columns.computed("margin", gettext_lazy("Margin"), margin_html, css="num", related=("sales_channel",)),
        columns.computed("starts_at", pgettext_lazy("moment", "From"), _moments, css="fit"),
        columns.moment("ends_at", gettext_lazy("Until")),
    ]
    search_fields = ["variant__sku"]
    fields = ("variant", "sales_channel", "starts_at", "ends_at", "recorded_at")
    exact_search_fields = ["variant__sku"]
    filter_lookups = ["variant"]
    ordering = ["-id"]
    list_filter = ["sales_channel"]
    tabs = [
        Tab(
            "running",
            pgettext_lazy("price", "Running"),
            Q(Q(ends_at=None) | Q(ends_at__gt=Now()), starts_at__lte=Now()),
            count=False,
        ),
        Tab("planned", pgettext_lazy("price", "Planned"), Q(starts_at__gt=Now()), empty=gettext_lazy("No plans.")),
        Tab(
            "before",
            gettext_lazy("With a price before"),
            Q(Q(ends_at=None) | Q(ends_at__gt=Now()), compare_at__isnull=False),
            count=False,
        ),
        Tab("all", pgettext_lazy("price", "All"), count=False),
    ]
    empty_title = gettext_lazy("No prices here")
    empty_text = gettext_lazy("Set one on the page of a product or variant, or import a product file.")

    def facts(self, request: HttpRequest, obj: Price) -> Sequence[tuple[Any, Any]]:
        """Return the amounts as money."""
        shown = [
            (_("Price"), obj.amount),
            (_("Price before"), obj.compare_at),
            (_("List price"), obj.list_price),
            (pgettext("price", "Cost"), obj.cost),
        ]
        return [(label, format_money(amount, obj.currency)) for label, amount in shown if amount is not None]

    def for_display(self, request: HttpRequest, queryset: QuerySet[Price]) -> QuerySet[Price]:
        """Bring the histories and the rule of each row's country, for the proof of the price before."""
        rules = PriceClaimRule.objects.in_force(timezone.localdate()).filter(jurisdiction=OuterRef("jurisdiction"))
        return (
            queryset.select_related("sales_channel", "variant__product")
            .prefetch_related(
                Prefetch("variant__prices", queryset=Price.objects.order_by("starts_at"), to_attr="all_prices")
            )
            .annotate(
                jurisdiction=Case(
                    When(sales_channel__country__in=EU_MEMBERS, then=Value(Jurisdiction.EU.value)),
                    default=F("sales_channel__country"),
                )
            )
            .annotate(
                claim_rule=Subquery(
                    rules.annotate(columns=JSONObject(**{name: name for name in RULE_COLUMNS})).values("columns")[:1]
                )
            )
        )

    @service_action(
        gettext_lazy("Change the plan"),
        permission="catalog.change_price",
        icon="edit_calendar",
        variant="primary",
        form=PlanForm,
        initial=plan_initial,
        available=lambda user, price: price.starts_at > timezone.now(),
    )
    def change_plan(self, request: HttpRequest, obj: Price, data: dict[str, Any]) -> Answer:
        """Change a price that has not begun."""
        price = services.change_planned_price(
            price_id=obj.pk,
            amount=data["amount"],
            compare_at=data["compare_at"],
            starts_at=data["starts_at"],
            ends_at=data["ends_at"],
            reason=data["reason"],
            actor=actor(request),
        )
        answer = price_answer(price, is_planned=True, has_end=data["ends_at"] is not None)
        return Answer(answer.sentence, history_url(obj), answer.level)

    @service_action(
        pgettext_lazy("price", "Take back"),
        permission="catalog.change_price",
        icon="undo",
        variant="danger",
        question=gettext_lazy("Take the planned price back? The one before it goes on until the next."),
        available=lambda user, price: price.starts_at > timezone.now(),
    )
    def take_back(self, request: HttpRequest, obj: Price, data: dict[str, Any]) -> Answer:
        """Let a planned price never begin."""
        services.cancel_price(price_id=obj.pk, actor=actor(request))
        return Answer(_("The planned price %(price)s is taken back.") % {"price": obj}, history_url(obj))

    @service_action(
        gettext_lazy("End"),
        permission="catalog.change_price",
        icon="event_busy",
        form=EndForm,
        question=gettext_lazy("When does it end? From then on the price before it holds again, if there was one."),
        available=lambda user, price: price.ends_at is None or price.ends_at > timezone.now(),
    )
    def end(self, request: HttpRequest, obj: Price, data: dict[str, Any]) -> Answer:
        """End a price earlier or later than it would."""
        services.end_price(price_id=obj.pk, ends_at=data["ends_at"], actor=actor(request))
        return Answer(_("The end of the price %(price)s is changed.") % {"price": obj}, history_url(obj))

    history = link_action(
        "history",
        gettext_lazy("History and proof"),
        permission="catalog.view_price",
        icon="show_chart",
        link=history_url,
    )
