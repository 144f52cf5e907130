"""Deliveries of facts to handlers: the failed ones first, with retry and skip."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from core import events
from core.display import badge_html
from core.models import Delivery
from core.ui import Tab, actor, bulk_action, columns, service_action
from core.ui.badges import NavigationBadge, register_badge
from core.ui.readonly import ReadOnlyAdmin

FAILED = Q(done_at=None) & (Q(attempts__gt=0) | Q(parked_at__isnull=False))


def state(row: Delivery) -> Any:
    """Return the state of one delivery as a badge."""
    if row.done_at:
        return badge_html(pgettext("delivery", "Done"), "green")
    if row.parked_at:
        return badge_html(pgettext("delivery", "Given up"), "red")
    if row.attempts:
        return badge_html(pgettext("delivery", "Failing"), "amber")
    return badge_html(pgettext("delivery", "Waiting"), "blue")


def _owed(user: Any, obj: Delivery) -> bool:
    return obj.done_at is None


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What handlers still owe."""

    list_display = [
        columns.two_lines("record.name", "handler", _("event")),
        columns.computed("state", pgettext_lazy("delivery", "state"), state, css="fit"),
        columns.number("attempts", _("attempts")),
        columns.text("error", _("last error")),
        columns.moment("due_at", _("due")),
    ]
    tabs = [
        Tab("failed", pgettext_lazy("delivery", "Failed"), FAILED, empty=_("No delivery fails."), alert=True),
        Tab(
            "waiting",
            pgettext_lazy("delivery", "Waiting"),
            Q(done_at=None, attempts=0, parked_at=None),
            empty=_("Nothing is waiting."),
        ),
        Tab("all", _("All"), count=False),
    ]
    search_fields = ["handler", "record__name"]
    ordering = ["-id"]
    show_timeline = False

    def facts(self, request: HttpRequest, obj: Any) -> Sequence[tuple[Any, Any]]:
        """Say how it stands."""
        return [(pgettext("delivery", "State"), state(obj)), (_("Attempts"), obj.attempts)]

    @service_action(_("Try again"), permission="core.retry_delivery", icon="replay", variant="primary", available=_owed)
    def retry(self, request: HttpRequest, obj: Delivery, data: Any) -> str:
        """Make it due now."""
        return _retried(events.retry_deliveries(delivery_ids=[obj.pk], actor=actor(request)))

    @service_action(
        _("Skip"),
        permission="core.retry_delivery",
        icon="skip_next",
        variant="danger",
        available=_owed,
        question=_("The handler will never hear of this fact. Later facts of the same subject go on."),
    )
    def skip(self, request: HttpRequest, obj: Delivery, data: Any) -> str:
        """Give it up for good."""
        return _skipped(events.skip_deliveries(delivery_ids=[obj.pk], actor=actor(request)))

    @bulk_action(_("Try again"), permission="core.retry_delivery", icon="replay")
    def retry_selected(self, request: HttpRequest, ids: list[int], data: Any) -> str:
        """Make many due now."""
        return _retried(events.retry_deliveries(delivery_ids=ids, actor=actor(request)))

    @bulk_action(
        _("Skip"),
        permission="core.retry_delivery",
        icon="skip_next",
        variant="danger",
        question=_("The handlers will never hear of these facts."),
    )
    def skip_selected(self, request: HttpRequest, ids: list[int], data: Any) -> str:
        """Give many up for good."""
        return _skipped(events.skip_deliveries(delivery_ids=ids, actor=actor(request)))


def _retried(count: int) -> str:
    return ngettext("%(count)s delivery is due again.", "%(count)s deliveries are due again.", count) % {"count": count}


def _skipped(count: int) -> str:
    return ngettext("%(count)s delivery is skipped.", "%(count)s deliveries are skipped.", count) % {"count": count}


register_badge(
    NavigationBadge(
        "failed_deliveries",
        lambda: Delivery.objects.filter(done_at=None, parked_at__isnull=False),
        "danger",
    )
)
