"""What waves and packing show on pages: the orders of a wave, an order's wave and scans, tiles, buttons of orders."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST

from core.display import moment_text
from core.errors import DomainError
from core.ui import (
    ActionForm,
    Answer,
    BulkOutcome,
    Panel,
    actor,
    bulk_action,
    link_action,
    register_action,
    register_panel,
    service_action,
)
from core.ui.sitepages import register_page
from core.ui.tiles import Kpi, Tile, register_tile
from orders.models import Order
from orders.policies import is_shippable
from shipping import services
from shipping.admin.papers import PRINT, SlipForm, slips_answer
from shipping.models import Wave
from shipping.policies import can_make_waves
from shipping.selectors.waving import MOST_IN_A_WAVE, waves_under_way

MAKE, SHIP, VIEW = "shipping.add_wave", "orders.ship_order", "shipping.view_wave"
LATEST = 40


def wave_orders(request: HttpRequest, wave: Wave) -> dict[str, Any]:
    """Give the orders of a wave by slot, with what became of each."""
    rows = wave.orders.select_related("order__sales_channel", "order__gift").order_by("slot")
    return {
        "rows": rows,
        "wave": wave,
        "may_make": can_make_waves(actor(request)) and wave.is_under_way,
        "take_out": reverse("admin:shipping_wave_take_out", args=[wave.pk]),
    }


def order_packing(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give the waves of an order and its scans, newest first; None where nothing was waved or scanned."""
    places = list(order.in_waves.select_related("wave").order_by("-pk")[:5])
    checks = list(order.packing_checks.select_related("scanned_by").order_by("-pk")[:LATEST])
    if not places and not checks:
        return None
    said = ngettext("%(count)s scan", "%(count)s scans", len(checks)) % {"count": len(checks)}
    return {
        "places": places,
        "checks": checks,
        "is_folded": True,
        "gist": " · ".join([*(place.wave.number for place in places[:1]), said]),
    }


@register_page("shipping/waves/<int:wave>/take-out/", name="shipping_wave_take_out", permission=MAKE)
@require_POST
def take_out(request: HttpRequest, wave: int) -> HttpResponseBase:
    """Take one order out of its wave."""
    text = request.POST.get("order", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19) or wave >= 2**62:
        raise SuspiciousOperation("no order")
    try:
        services.take_out_of_wave(wave_id=wave, order_ids=[int(text)], actor=actor(request))
        messages.success(request, _("It is ready to pick again."))
    except DomainError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("admin:shipping_wave_change", args=[wave]))


class WaveNoteForm(ActionForm):
    """A word for who picks."""

    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)


@bulk_action(
    gettext_lazy("Make a wave"), permission=MAKE, form=WaveNoteForm, icon="waves", limit=MOST_IN_A_WAVE,
    question=gettext_lazy("They are picked together, one wave for each warehouse."),
)  # fmt: skip
def make_a_wave(self: Any, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> BulkOutcome:
    """Put ticked orders into new waves."""
    report = services.wave_orders(order_ids=ids, note=data.get("note", ""), actor=actor(request))
    refused = [(one.number, one.reason) for one in report.refused]
    url = reverse("admin:shipping_wave_change", args=[report.waves[0].pk]) if len(report.waves) == 1 else ""
    return BulkOutcome(len(report.done), refused, url)


@bulk_action(
    gettext_lazy("Packing slips (PDF)"), permission=PRINT, form=SlipForm, icon="print", limit=2000,
    submit=gettext_lazy("Print"),
)  # fmt: skip
def slips_of_orders(self: Any, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> Answer:
    """Print the slips of ticked orders."""
    title = ngettext("%(count)s order", "%(count)s orders", len(ids)) % {"count": len(ids)}
    return slips_answer(ids, title=title, with_prices=data.get("with_prices", False), user=actor(request))


@service_action(
    gettext_lazy("Packing slip (PDF)"), permission=PRINT, form=SlipForm, icon="print", is_rare=True,
    submit=gettext_lazy("Print"),
)  # fmt: skip
def slip_of_order(self: Any, request: HttpRequest, obj: Order, data: dict[str, Any]) -> Answer:
    """Print the slip of one order."""
    return slips_answer([obj.pk], title=obj.number, with_prices=data.get("with_prices", False), user=actor(request))


def _is_packable(_user: Any, order: Order) -> bool:
    return is_shippable(order)


def waves_tile(request: HttpRequest) -> Kpi:
    """Count the orders in waves, and say since when the oldest waits."""
    count, waiting, oldest = waves_under_way()
    waves = ngettext("%(count)s wave", "%(count)s waves", count) % {"count": count}
    note = _("%(waves)s, the oldest of %(moment)s") % {"waves": waves, "moment": moment_text(oldest)} if oldest else ""
    return Kpi(waiting, note, f"{reverse('admin:shipping_wave_changelist')}?tab=under_way", icon="waves")


register_panel(
    Wave,
    Panel(
        "orders", pgettext_lazy("navigation", "Orders"), "shipping/panels/wave_orders.html", wave_orders, VIEW,
        wide=True,
    ),
)  # fmt: skip
register_panel(
    Order,
    Panel(
        "packing", gettext_lazy("Waves and packing"), "shipping/panels/order_packing.html", order_packing,
        "shipping.view_packingcheck", position=60,
    ),
)  # fmt: skip
register_action(Order, make_a_wave)
register_action(Order, slips_of_orders)
register_action(Order, slip_of_order)
register_action(
    Order,
    link_action(
        "pack",
        gettext_lazy("Pack with scans"),
        permission=SHIP,
        icon="barcode_scanner",
        available=_is_packable,
        link=lambda order: f"{reverse('admin:shipping_pack')}?order={order.number}",
    ),
)
register_tile(Tile("shipping.waves", gettext_lazy("Orders in waves"), waves_tile, VIEW, "shipping", 20))
