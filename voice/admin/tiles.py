"""What the voice of the customer puts on the home page: what rings, and reviews that wait."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui.tiles import Kpi, Row, Rows, Tile, register_tile
from voice.models import Alert, AlertState, Hiding, HidingState, Review

SHOWN = 5


def ringing(_request: HttpRequest) -> Rows:
    """List what rings, the latest first."""
    found = Alert.objects.filter(state=AlertState.OPEN).select_related("rule", "product", "lot__variant", "supplier")
    rows = [
        Row(
            str(row),
            reverse("admin:voice_alert_change", args=[row.pk]),
            row.rule.name,
            _("%(count)s, before %(before)s") % {"count": row.matter_count, "before": row.before_count},
        )
        for row in found.order_by("-pk")[:SHOWN]
    ]
    return Rows(rows, gettext_lazy("Nothing rings: no rule finds too many complaints."), _list("alert", "open"))


def low_reviews(_request: HttpRequest) -> Kpi:
    """Count low reviews that nobody has answered, and beside them wishes to hide that wait for a decision."""
    count = Review.objects.to_answer().count()
    asked = Hiding.objects.filter(state=HidingState.ASKED).count()
    note = _("to decide whether hidden: %(count)s") % {"count": asked} if asked else ""
    return Kpi(f"{count:,}", note, _list("review", "low"), "warning" if count else "good", "reviews")


def _list(name: str, tab: str) -> str:
    return f"{reverse(f'admin:voice_{name}_changelist')}?tab={tab}"


register_tile(
    Tile("voice.ringing", gettext_lazy("What customers complain about"), ringing, "voice.view_alert", "service", 40,
         cache_seconds=60)
)  # fmt: skip
register_tile(
    Tile("voice.low_reviews", gettext_lazy("Low reviews to answer"), low_reviews, "voice.answer_review", "service", 30,
         cache_seconds=60)
)  # fmt: skip
