"""Articles: their versions in three languages, what they quote, and whether somebody has to look through them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from compliance.models import LegalRule
from core.display import moment_text
from core.ui import ActionForm, Answer, ModelAdmin, Panel, Tab, actor, columns, register_panel, service_action
from core.ui.timeline import timeline_icon
from knowledge import services
from knowledge.models import Article, Audience, Edition, EditionState, Quote
from returns.models import ReturnRule
from staff.models import Language

WRITE, PUBLISH = "knowledge.change_article", "knowledge.publish_article"
COLOURS = {
    EditionState.DRAFT: "amber",
    EditionState.PUBLISHED: "green",
    EditionState.REPLACED: "grey",
    EditionState.WITHDRAWN: "grey",
}


class DraftForm(ActionForm):
    """The next version in one language; what is published now stands in it."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=Language.choices)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    body = forms.CharField(
        label=pgettext_lazy("article", "Text"), max_length=50_000, widget=forms.Textarea(attrs={"rows": 14})
    )


class EditionForm(ActionForm):
    """Which version."""

    states: tuple[str, ...] = ()
    edition = forms.ModelChoiceField(
        label=pgettext_lazy("article", "Version"), queryset=Edition.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Edition.objects.filter(article=self.obj, state__in=self.states)
        self.fields["edition"].queryset = rows  # type: ignore[attr-defined]
        self.fields["edition"].label_from_instance = _edition_label  # type: ignore[attr-defined]


class PublishForm(EditionForm):
    """Which draft."""

    states = (EditionState.DRAFT,)


class WithdrawForm(EditionForm):
    """Which published version."""

    states = (EditionState.PUBLISHED,)


class QuoteForm(ActionForm):
    """Which policy the article tells."""

    legal_rule = forms.ModelChoiceField(
        label=gettext_lazy("Rule of the law"), queryset=LegalRule.objects.order_by("jurisdiction", "code"),
        required=False,
    )  # fmt: skip
    return_rule = forms.ModelChoiceField(
        label=gettext_lazy("Return rule"), queryset=ReturnRule.objects.all(), required=False
    )


class ReviewForm(ActionForm):
    """When to look again."""

    review_on = forms.DateField(
        label=gettext_lazy("Look again on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


def _edition_label(edition: Edition) -> str:
    return f"{edition.get_language_display()} · {edition.number} · {edition.title}"


def _draft_of(request: HttpRequest, article: Article) -> dict[str, Any]:
    language = request.user.language or "ko"  # type: ignore[union-attr]
    rows = Edition.objects.filter(article=article, language=language).order_by("-number")
    latest = rows.first()
    return {"language": language, "title": latest.title, "body": latest.body} if latest else {"language": language}


def _linked(address: str) -> str:
    return format_html('<a href="{}" target="_blank" rel="noopener">{}</a>', address, address)


def stale_text(article: Article) -> str:
    """Return why an article has to be looked through."""
    kind, _colon, what = article.stale_reason.partition(": ")
    if kind == "changed":
        return _("%(policy)s has changed.") % {"policy": what}
    return _("To review since %(day)s.") % {"day": what} if kind == "review" else ""


@admin.register(Article)
class ArticleAdmin(ModelAdmin):
    """Write, publish and keep true what customers and colleagues read."""

    list_display = [
        columns.computed("title", pgettext_lazy("knowledge", "Article"), lambda article: article.title),
        columns.text("code", gettext_lazy("Code"), order=True),
        columns.text("topic", pgettext_lazy("article", "Topic"), order=True),
        columns.badge("audience", pgettext_lazy("article", "Readers"), colours={"public": "green", "internal": "grey"}),
        columns.computed("languages", gettext_lazy("Published in"), lambda article: article.told),
        columns.computed("stale", gettext_lazy("To look through"), stale_text),
    ]
    tabs = [
        Tab("all", pgettext_lazy("articles", "All")),
        Tab("stale", pgettext_lazy("articles", "To look through"), Q(stale_since__isnull=False)),
        Tab("public", pgettext_lazy("articles", "For customers"), Q(audience=Audience.PUBLIC)),
    ]
    list_filter = ["audience"]
    search_fields = ["code", "topic"]
    ordering = ["topic", "code", "id"]
    fields = [("code", "audience"), "topic"]
    empty_title = gettext_lazy("No articles yet")
    empty_text = gettext_lazy("Write down what is asked again and again; who answers gets it suggested.")

    def for_display(self, request: HttpRequest, queryset: "QuerySet[Article]") -> "QuerySet[Article]":
        """Fetch what is published."""
        published = Edition.objects.filter(state__in=[EditionState.PUBLISHED, EditionState.DRAFT]).defer(
            "body", "search_text"
        )
        return queryset.prefetch_related(Prefetch("editions", queryset=published, to_attr="shown"))

    def complete_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Put title and languages beside each row."""
        mine = request.user.language or "ko"  # type: ignore[union-attr]
        for row in rows:
            titles = {one.language: one.title for one in row.shown}
            row.title = titles.get(mine) or next(iter(titles.values()), "–")
            live = sorted(one.language for one in row.shown if one.state == EditionState.PUBLISHED)
            row.told = ", ".join(live) or "–"

    def facts(self, request: HttpRequest, obj: Article) -> Sequence[tuple[Any, Any]]:
        """Return whether it is true still, and where customers read it."""
        rows = obj.editions.aggregate(
            live=Count("pk", filter=Q(state=EditionState.PUBLISHED)),
        )
        address = reverse("knowledge_article", args=[obj.code])
        is_public = obj.audience == Audience.PUBLIC and rows["live"]
        facts: list[tuple[Any, Any]] = [
            (_("Look again on"), obj.review_on or "–"),
            (_("Public address"), _linked(address) if is_public else "–"),
        ]
        return [(_("To look through"), stale_text(obj)), *facts] if obj.stale_since else facts

    @service_action(
        pgettext_lazy("article", "Write a version"),
        permission=WRITE,
        form=DraftForm,
        icon="edit_note",
        variant="primary",
        initial=_draft_of,
        submit=gettext_lazy("Save draft"),
    )
    def draft(self, request: HttpRequest, obj: Article, data: dict[str, Any]) -> Answer:
        """Write the draft in one language."""
        edition = services.draft_article(article_id=obj.pk, actor=actor(request), **data)
        return Answer(_("Draft %(number)s is saved.") % {"number": edition.number})

    @service_action(
        pgettext_lazy("article", "Publish"),
        permission=PUBLISH,
        form=PublishForm,
        icon="publish",
        available=lambda _user, article: article.editions.filter(state=EditionState.DRAFT).exists(),
    )
    def publish(self, request: HttpRequest, obj: Article, data: dict[str, Any]) -> Answer:
        """Let people read a draft."""
        services.publish_edition(edition_id=data["edition"].pk, actor=actor(request))
        return Answer(_("Published."))

    @service_action(
        pgettext_lazy("article", "Take back"),
        permission=PUBLISH,
        form=WithdrawForm,
        icon="unpublished",
        is_rare=True,
        available=lambda _user, article: article.editions.filter(state=EditionState.PUBLISHED).exists(),
    )
    def withdraw(self, request: HttpRequest, obj: Article, data: dict[str, Any]) -> Answer:
        """Let nobody read a version any more."""
        services.withdraw_edition(edition_id=data["edition"].pk, actor=actor(request))
        return Answer(_("Taken back."))

    @service_action(
        pgettext_lazy("article", "Quote a rule"),
        permission=WRITE,
        form=QuoteForm,
        icon="format_quote",
        is_rare=True,
        question=gettext_lazy("When the rule changes, the article says that it has to be looked through."),
    )
    def quote(self, request: HttpRequest, obj: Article, data: dict[str, Any]) -> Answer:
        """Say which policy the article tells."""
        law, rule = data["legal_rule"], data["return_rule"]
        services.quote_policy(
            article_id=obj.pk,
            legal_code=law.code if law else "",
            jurisdiction=law.jurisdiction if law else "",
            return_rule_id=rule.pk if rule else None,
            actor=actor(request),
        )
        return Answer(_("Quoted."))

    @service_action(pgettext_lazy("article", "Looked through"), permission=PUBLISH, form=ReviewForm, icon="fact_check")
    def review(self, request: HttpRequest, obj: Article, data: dict[str, Any]) -> Answer:
        """Note that it is true."""
        services.review_article(article_id=obj.pk, review_on=data["review_on"], actor=actor(request))
        return Answer(_("Looked through."))


def _versions(_request: HttpRequest, article: Article) -> dict[str, Any] | None:
    rows = list(article.editions.select_related("written_by").defer("search_text"))
    quotes = list(Quote.objects.filter(article=article).select_related("return_rule"))
    shown = [
        (row, COLOURS[EditionState(row.state)], moment_text(row.published_at) if row.published_at else "")
        for row in rows
    ]
    return {"rows": shown, "quotes": quotes, "today": timezone.localdate()} if rows or quotes else None


register_panel(
    Article,
    Panel(
        "versions", pgettext_lazy("article", "Versions"), "knowledge/panels/versions.html", _versions,
        "knowledge.view_article", wide=True,
    ),
)  # fmt: skip
for name, icon in {
    "article_published": "publish",
    "article_withdrawn": "unpublished",
    "article_turned_stale": "history_toggle_off",
    "article_reviewed": "fact_check",
}.items():
    timeline_icon(f"knowledge.{name}", icon)
