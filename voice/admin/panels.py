"""What reviews show on the pages of products and customers."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import pgettext_lazy

from catalog.models import Product
from core.ui import Panel, register_panel
from core.ui.badges import NavigationBadge, register_badge
from customers.models import Customer
from voice.models import Alert, AlertState, Review

SHOWN = 8


def _latest(rows: Any) -> dict[str, Any] | None:
    found = list(rows.select_related("sales_channel").order_by("-written_at", "-pk")[:SHOWN])
    return {"rows": found} if found else None


def product_reviews(_request: HttpRequest, product: Product) -> dict[str, Any] | None:
    """Give the latest reviews of the product."""
    return _latest(Review.objects.filter(product=product))


def customer_reviews(_request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """Give what the customer said in public."""
    return _latest(Review.objects.filter(customer=customer))


for model, values in ((Product, product_reviews), (Customer, customer_reviews)):
    register_panel(
        model,
        Panel(
            "reviews", pgettext_lazy("customer", "Reviews"), "voice/panels/reviews.html", values, "voice.view_review",
            position=220 if model is Product else 70,
        ),
    )  # fmt: skip
register_badge(NavigationBadge("voice_alerts", lambda: Alert.objects.filter(state=AlertState.OPEN), "danger"))
