"""Articles: one subject, an edition for each language and version, and the policies that they quote."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from compliance.models import Jurisdiction
from core.search import search_indexes
from returns.models import ReturnRule
from staff.models import Language


class Audience(models.TextChoices):
    """Who may read it."""

    PUBLIC = "public", pgettext_lazy("article", "Customers and colleagues")
    INTERNAL = "internal", pgettext_lazy("article", "Colleagues only")


class EditionState(models.TextChoices):
    """Where one version in one language stands."""

    DRAFT = "draft", pgettext_lazy("article", "Draft")
    PUBLISHED = "published", pgettext_lazy("article", "Published")
    REPLACED = "replaced", pgettext_lazy("article", "Replaced")
    WITHDRAWN = "withdrawn", pgettext_lazy("article", "Withdrawn")


class Article(models.Model):
    """One subject. ``stale_since`` is set while something it quotes has changed, or its review is overdue."""

    code = models.SlugField(
        _("code"), max_length=60, unique=True, help_text=_("Part of the public address, in Latin letters.")
    )
    audience = models.CharField(
        pgettext_lazy("article", "readers"), max_length=10, choices=Audience.choices, default=Audience.INTERNAL
    )
    topic = models.CharField(pgettext_lazy("article", "topic"), max_length=60, blank=True)
    review_on = models.DateField(_("to review on"), null=True, blank=True)
    stale_since = models.DateTimeField(_("to look through since"), null=True, blank=True, editable=False)
    stale_reason = models.CharField(_("why to look through"), max_length=300, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"), editable=False,
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = pgettext_lazy("knowledge", "article")
        verbose_name_plural = pgettext_lazy("knowledge", "articles")
        ordering = ["topic", "code", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="knowledge_article_audience_valid"),
            models.CheckConstraint(
                condition=Q(stale_since=None, stale_reason="") | (Q(stale_since__isnull=False) & ~Q(stale_reason="")),
                name="knowledge_article_stale_says_why",
            ),
        ]
        permissions = [("publish_article", gettext_noop("Can publish articles and take them back"))]

    def __str__(self) -> str:
        return self.code


class Edition(models.Model):
    """One version of an article in one language; of these at most one is published and one a draft."""

    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="editions", verbose_name=pgettext_lazy("knowledge", "article")
    )
    language = models.CharField(_("language"), max_length=5, choices=Language.choices)
    number = models.PositiveIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(pgettext_lazy("article", "text"), max_length=50_000)
    state = models.CharField(
        _("state"), max_length=10, choices=EditionState.choices, default=EditionState.DRAFT, editable=False
    )
    search_text = models.TextField(editable=False, default="")  # title and text, folded
    helpful_count = models.PositiveIntegerField(_("found it helpful"), default=0, editable=False)
    unhelpful_count = models.PositiveIntegerField(_("did not find it helpful"), default=0, editable=False)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("written by"), editable=False,
    )  # fmt: skip
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("published by"), editable=False,
    )  # fmt: skip
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = pgettext_lazy("knowledge", "version of an article")
        verbose_name_plural = pgettext_lazy("knowledge", "versions of articles")
        ordering = ["article", "language", "-number"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(language__in=Language.values), name="knowledge_edition_language_valid"),
            models.CheckConstraint(condition=Q(state__in=EditionState.values), name="knowledge_edition_state_valid"),
            models.UniqueConstraint(fields=["article", "language", "number"], name="knowledge_edition_once"),
            models.UniqueConstraint(
                fields=["article", "language"], condition=Q(state="published"), name="knowledge_edition_one_published"
            ),
            models.UniqueConstraint(
                fields=["article", "language"], condition=Q(state="draft"), name="knowledge_edition_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None) | (~Q(state="draft") & Q(published_at__isnull=False)),
                name="knowledge_edition_published_has_moment",
            ),
        ]
        indexes = [*search_indexes("knowledge_edition")]

    def __str__(self) -> str:
        return self.title


class Quote(models.Model):
    """A policy that an article tells: a rule of the law by its code, or a return rule; and how it read then."""

    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="quotes", verbose_name=pgettext_lazy("knowledge", "article")
    )
    legal_code = models.CharField(_("rule of the law"), max_length=60, blank=True)
    jurisdiction = models.CharField(_("jurisdiction"), max_length=2, choices=Jurisdiction.choices, blank=True)
    return_rule = models.ForeignKey(
        ReturnRule, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("return rule")
    )
    print = models.CharField(max_length=64, editable=False)  # digest of what the policy said when it was looked at
    checked_at = models.DateTimeField(_("looked through"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = pgettext_lazy("knowledge", "quoted policy")
        verbose_name_plural = pgettext_lazy("knowledge", "quoted policies")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(jurisdiction__in=["", *Jurisdiction.values]), name="knowledge_quote_jurisdiction_valid"
            ),
            models.CheckConstraint(
                condition=(Q(return_rule=None) & ~Q(legal_code="") & ~Q(jurisdiction=""))
                | Q(return_rule__isnull=False, legal_code="", jurisdiction=""),
                name="knowledge_quote_one_policy",
            ),
            models.UniqueConstraint(
                fields=["article", "legal_code", "jurisdiction", "return_rule"],
                nulls_distinct=False,
                name="knowledge_quote_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.legal_code} {self.jurisdiction}".strip() or str(self.return_rule)


class Verdict(models.Model):
    """Whether a reader found an edition helpful: once for each reader, known by a random number in a cookie only."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="verdicts")
    reader = models.CharField(max_length=64)
    is_helpful = models.BooleanField(_("helpful"))
    created_at = models.DateTimeField(_("given"), db_default=Now())

    class Meta:
        verbose_name = pgettext_lazy("knowledge", "verdict of a reader")
        verbose_name_plural = pgettext_lazy("knowledge", "verdicts of readers")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["edition", "reader"], name="knowledge_verdict_once")]

    def __str__(self) -> str:
        return str(self.edition_id)
