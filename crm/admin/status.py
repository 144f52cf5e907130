"""Groups of buyers in words and colours, the same wherever they are shown."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.display import badge_html
from crm.models import BuyerGroup

COLOURS: dict[str, str] = {
    BuyerGroup.CHAMPION: "green",
    BuyerGroup.LOYAL: "blue",
    BuyerGroup.NEW: "violet",
    BuyerGroup.FADING: "amber",
    BuyerGroup.AT_RISK: "red",
    BuyerGroup.ASLEEP: "grey",
}
RULES: dict[str, object] = {
    BuyerGroup.CHAMPION: gettext_lazy("recency 4–5, frequency 4–5"),
    BuyerGroup.LOYAL: gettext_lazy("recency 3 and frequency 3–5, or recency 4–5 and frequency 3"),
    BuyerGroup.NEW: gettext_lazy("recency 4–5, frequency 1–2"),
    BuyerGroup.FADING: gettext_lazy("recency 3, frequency 1–2"),
    BuyerGroup.AT_RISK: gettext_lazy("recency 1–2, frequency 3–5"),
    BuyerGroup.ASLEEP: gettext_lazy("recency 1–2, frequency 1–2"),
}


def group_badge(group: str) -> SafeString:
    """Return the group as a badge; "not enough data" for none."""
    return badge_html(BuyerGroup(group).label, COLOURS[group]) if group else badge_html(_("Not enough data"), "grey")
