"""What reviews show on the pages of products and customers, and in the whole story of a customer."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from catalog.models import Product
from core.ui import Panel, register_panel
from core.ui.badges import NavigationBadge, register_badge
from customers.models import Customer
from customers.story import StorySource, Told, register_story
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


def _told(review: Review, _request: HttpRequest) -> Told:
    stars = "★" * review.rating + "☆" * (5 - review.rating)
    about = str(review.product or review.product_code or review.sales_channel)
    return Told(
        f"{stars} {about}",
        reverse("admin:voice_review_change", args=[review.pk]),
        f"{review.title} {review.body}".strip()[:200],
    )


register_story(
    StorySource(
        "review", pgettext_lazy("customer", "Reviews"), "reviews", "voice.view_review", "written_at",
        lambda ids: Review.objects.filter(customer__in=ids).select_related("product", "sales_channel"), _told,
    )
)  # fmt: skip
for model, values in ((Product, product_reviews), (Customer, customer_reviews)):
    register_panel(
        model,
        Panel(
            "reviews", pgettext_lazy("customer", "Reviews"), "voice/panels/reviews.html", values, "voice.view_review",
            position=220 if model is Product else 70, is_later=True,
        ),
    )  # fmt: skip
register_badge(NavigationBadge("voice_alerts", lambda: Alert.objects.filter(state=AlertState.OPEN), "danger"))
