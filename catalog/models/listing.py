"""A product on one sales channel, and the review that comes before."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models.channel import SalesChannel
from catalog.models.product import Product
from core.states import Transitions
from staff.models import User


class ListingState(models.TextChoices):
    """Where a product is on one channel."""

    PLANNED = "planned", pgettext_lazy("listing", "Planned")
    SCHEDULED = "scheduled", pgettext_lazy("listing", "Scheduled")
    LIVE = "live", pgettext_lazy("listing", "Live")
    PAUSED = "paused", pgettext_lazy("listing", "Paused")
    ENDED = "ended", pgettext_lazy("listing", "Ended")


_L = ListingState
LISTING_TRANSITIONS = Transitions(
    {
        _L.PLANNED: {_L.SCHEDULED, _L.LIVE, _L.ENDED},
        _L.SCHEDULED: {_L.PLANNED, _L.LIVE, _L.PAUSED, _L.ENDED},
        _L.LIVE: {_L.PAUSED, _L.ENDED},
        _L.PAUSED: {_L.SCHEDULED, _L.LIVE, _L.ENDED},
        _L.ENDED: {_L.PLANNED, _L.SCHEDULED, _L.LIVE},
    }
)


class Listing(models.Model):
    """Where one product is on one channel, from when until when."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="listings", verbose_name=_("product"))
    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="listings", verbose_name=_("sales channel")
    )
    state = models.CharField(
        _("status"), max_length=20, choices=ListingState.choices, default=ListingState.PLANNED, editable=False
    )
    external_code = models.CharField(_("number there"), max_length=120, blank=True)
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True, editable=False)  # of the pause or the end
    changed_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)
    problems = ArrayField(
        models.CharField(max_length=40), default=list, db_default=[], editable=False
    )  # of a live one: checks that speak against it, as they found it last; kept by catalog.services.listings.judging

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        ordering = ["product_id", "sales_channel_id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "sales_channel"], name="catalog_listing_once"),
            models.CheckConstraint(condition=Q(state__in=ListingState.values), name="catalog_listing_state_valid"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(starts_at=None) | Q(ends_at__gt=F("starts_at")),
                name="catalog_listing_period_valid",
            ),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(starts_at__isnull=False), name="catalog_listing_schedule_dated"
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at"], condition=Q(state="scheduled"), name="catalog_listing_to_start"),
            models.Index(
                fields=["ends_at"],
                condition=Q(state__in=["live", "paused", "scheduled"], ends_at__isnull=False),
                name="catalog_listing_to_end",
            ),
            models.Index(fields=["sales_channel", "state", "product"], name="catalog_listing_channel"),
            models.Index(
                fields=["product"], condition=Q(state="live") & ~Q(problems=[]), name="catalog_listing_problems"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} · {self.sales_channel}"


class Verdict(models.TextChoices):
    """What a reviewer said."""

    WAITING = "waiting", pgettext_lazy("review", "Waiting")
    APPROVED = "approved", pgettext_lazy("review", "Approved")
    CHANGES_REQUESTED = "changes_requested", pgettext_lazy("review", "Changes requested")
    WITHDRAWN = "withdrawn", pgettext_lazy("review", "Withdrawn")


class Review(models.Model):
    """One round: somebody hands a product in, somebody else judges it."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="reviews", verbose_name=_("product"))
    submitted_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("submitted by")
    )
    submitted_at = models.DateTimeField(_("submitted"), db_default=Now())
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict.choices, default=Verdict.WAITING)
    decided_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="catalog_review_verdict_valid"),
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | Q(submitted_by=None)
                | ~Q(decided_by=F("submitted_by"))
                | Q(verdict="withdrawn"),
                name="catalog_review_two_people",
            ),
            models.UniqueConstraint(
                fields=["product"], condition=Q(verdict="waiting"), name="catalog_review_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return self.get_verdict_display()


class ReviewComment(models.Model):
    """What a reviewer wants changed, at the field it is about; the author says when it is done."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="comments", verbose_name=_("review"))
    field = models.CharField(_("field"), max_length=80, blank=True)  # catalog.fields; "" is the whole product
    text = models.CharField(pgettext_lazy("review", "comment"), max_length=500)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("author"))
    created_at = models.DateTimeField(_("created"), db_default=Now())
    done_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("done by")
    )
    done_at = models.DateTimeField(pgettext_lazy("moment", "done"), null=True, blank=True)

    class Meta:
        verbose_name = _("review comment")
        verbose_name_plural = _("review comments")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="catalog_reviewcomment_text_given")]

    def __str__(self) -> str:
        return self.text
