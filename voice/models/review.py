"""Reviews of malls and of the own shop, what we answered in public, and why one is not shown."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import Product, SalesChannel, Variant
from compliance.models import Jurisdiction
from core.search import search_indexes
from customers.models import Customer
from orders.models import Order
from service.models import ReasonNode, Ticket
from staff.models import Language
from staff.models.words import in_language

LOW = 2  # stars, and fewer


class ReviewState(models.TextChoices):
    """Whether people see it; only a decided hiding takes it away."""

    SHOWN = "shown", pgettext_lazy("review", "Shown")
    HIDDEN = "hidden", pgettext_lazy("review", "Hidden")


class ReviewQuerySet(models.QuerySet["Review"]):
    """Words for choosing reviews."""

    def low(self) -> "ReviewQuerySet":
        """Keep those of one or two stars."""
        return self.filter(rating__lte=LOW)

    def to_answer(self) -> "ReviewQuerySet":
        """Keep low ones that people see and that nobody has answered or made a ticket of."""
        return self.filter(rating__lte=LOW, state=ReviewState.SHOWN, ticket=None, reply=None)


class Review(models.Model):
    """What somebody said in public about a product, once for each number that its channel gave it."""

    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="reviews", verbose_name=_("sales channel")
    )
    external_id = models.CharField(_("number at the channel"), max_length=150)
    product = models.ForeignKey(
        Product,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="customer_reviews",
        verbose_name=_("product"),
    )
    variant = models.ForeignKey(
        Variant, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("variant")
    )
    product_code = models.CharField(_("product code at the channel"), max_length=120, blank=True)
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.SET_NULL, related_name="reviews",
        verbose_name=pgettext_lazy("purchase", "order"),
    )  # fmt: skip
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="reviews", verbose_name=_("customer")
    )
    rating = models.PositiveSmallIntegerField(pgettext_lazy("review", "stars"))
    title = models.CharField(_("title"), max_length=300, blank=True)
    body = models.TextField(pgettext_lazy("review", "text"), max_length=20_000, blank=True)
    author_name = models.CharField(pgettext_lazy("review", "author"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=Language.choices)
    reason = models.ForeignKey(
        ReasonNode, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("reason")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=ReviewState.choices, default=ReviewState.SHOWN, editable=False
    )
    ticket = models.ForeignKey(
        Ticket, null=True, blank=True, on_delete=models.SET_NULL, related_name="reviews", verbose_name=_("ticket"),
        editable=False,
    )  # fmt: skip
    search_text = models.TextField(editable=False, default="")  # title, text, product code
    written_at = models.DateTimeField(_("written"))
    created_at = models.DateTimeField(_("taken in"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("customer", "review")
        verbose_name_plural = pgettext_lazy("customer", "reviews")
        ordering = ["-written_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["sales_channel", "external_id"], name="voice_review_once"),
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="voice_review_rating_valid"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="voice_review_language_valid"),
            models.CheckConstraint(condition=Q(state__in=ReviewState.values), name="voice_review_state_valid"),
        ]
        indexes = [
            models.Index(fields=["-written_at", "-id"], name="voice_review_latest"),
            models.Index(
                fields=["-written_at", "-id"], condition=Q(rating__lte=LOW), name="voice_review_low"
            ),
            *search_indexes("voice_review_search"),
        ]  # fmt: skip
        permissions = [
            ("answer_review", gettext_noop("Can answer reviews in public and make tickets of them")),
            ("ask_hiding", gettext_noop("Can ask that a review is hidden")),
            ("decide_hiding", gettext_noop("Can decide whether a review is hidden")),
        ]

    def __str__(self) -> str:
        return self.external_id


class ReplyState(models.TextChoices):
    """Whether the channel has the answer."""

    OWED = "owed", pgettext_lazy("review", "To bring to the channel")
    SENT = "sent", pgettext_lazy("review", "Public")


class ReviewReply(models.Model):
    """Our public answer to a review; it is owed until the channel has it, by file or by hand."""

    review = models.OneToOneField(
        Review, on_delete=models.CASCADE, related_name="reply", verbose_name=pgettext_lazy("customer", "review")
    )
    body = models.TextField(_("our answer"), max_length=2000)
    state = models.CharField(
        _("state"), max_length=10, choices=ReplyState.choices, default=ReplyState.OWED, editable=False
    )
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("written by"),
    )  # fmt: skip
    written_at = models.DateTimeField(_("written"), db_default=Now())
    sent_at = models.DateTimeField(_("public since"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("public answer")
        verbose_name_plural = _("public answers")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReplyState.values), name="voice_reply_state_valid"),
            models.CheckConstraint(
                condition=Q(state="owed", sent_at=None) | Q(state="sent", sent_at__isnull=False),
                name="voice_reply_sent_has_moment",
            ),
            models.CheckConstraint(condition=~Q(body=""), name="voice_reply_has_words"),
        ]

    def __str__(self) -> str:
        return str(self.review_id)


class HidingGround(models.Model):
    """A reason for which the law or the channel's terms let a review be hidden, with where that is written.

    That somebody is dissatisfied is never one: hiding such reviews deceives buyers.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    jurisdiction = models.CharField(_("jurisdiction"), max_length=2, choices=Jurisdiction.choices, blank=True)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    name_ko = models.CharField(_("name (Korean)"), max_length=120, blank=True)
    name_ja = models.CharField(_("name (Japanese)"), max_length=120, blank=True)
    source = models.CharField(_("source"), max_length=300)
    is_verified = models.BooleanField(
        _("verified"), default=False, help_text=_("Somebody has read the source and found it so.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100)

    class Meta:
        verbose_name = _("lawful reason to hide")
        verbose_name_plural = _("lawful reasons to hide")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(jurisdiction__in=["", *Jurisdiction.values]), name="voice_ground_jurisdiction_valid"
            ),
            models.CheckConstraint(
                condition=Q(name_en__gt="") | Q(name_ko__gt="") | Q(name_ja__gt=""), name="voice_ground_has_name"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="voice_ground_has_source"),
        ]

    def __str__(self) -> str:
        return in_language(self, "name")


class HidingState(models.TextChoices):
    """Where a wish to hide stands."""

    ASKED = "asked", pgettext_lazy("hiding", "To decide")
    HIDDEN = "hidden", pgettext_lazy("hiding", "Hidden")
    REFUSED = "refused", pgettext_lazy("hiding", "Refused")
    LIFTED = "lifted", pgettext_lazy("hiding", "Shown again")


class Hiding(models.Model):
    """One wish to hide a review: its lawful reason, the evidence, and the second person who decided."""

    review = models.ForeignKey(
        Review, on_delete=models.PROTECT, related_name="hidings", verbose_name=pgettext_lazy("customer", "review")
    )
    ground = models.ForeignKey(
        HidingGround, on_delete=models.PROTECT, related_name="hidings", verbose_name=_("lawful reason")
    )
    evidence = models.TextField(_("evidence"), max_length=2000)
    state = models.CharField(
        _("state"), max_length=10, choices=HidingState.choices, default=HidingState.ASKED, editable=False
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(pgettext_lazy("hiding", "asked"), db_default=Now())
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("decided by"), editable=False,
    )  # fmt: skip
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    answer = models.CharField(_("why so"), max_length=300, blank=True, editable=False)
    lifted_at = models.DateTimeField(_("shown again"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("hiding of a review")
        verbose_name_plural = _("hidings of reviews")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(state__in=HidingState.values), name="voice_hiding_state_valid"),
            models.CheckConstraint(condition=~Q(evidence=""), name="voice_hiding_has_evidence"),
            models.CheckConstraint(
                condition=Q(state="asked", decided_by=None, decided_at=None)
                | (~Q(state="asked") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="voice_hiding_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="voice_hiding_second_person"
            ),
            models.CheckConstraint(
                condition=Q(state="lifted", lifted_at__isnull=False) | (~Q(state="lifted") & Q(lifted_at=None)),
                name="voice_hiding_lifted_has_moment",
            ),
            models.UniqueConstraint(
                fields=["review"], condition=Q(state__in=["asked", "hidden"]), name="voice_hiding_one_stands"
            ),
        ]

    def __str__(self) -> str:
        return str(self.review)
