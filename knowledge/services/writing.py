"""Articles are drafted, published version by version, and taken back; what was published stays as it was."""

from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from core.search import fold
from knowledge.events import ArticlePublished, ArticleReviewed, ArticleWithdrawn
from knowledge.models import Article, Edition, EditionState, Verdict
from knowledge.policies import can_publish_articles, can_write_articles
from knowledge.selectors.quoting import print_of
from staff.models import Language, User


@transaction.atomic
def draft_article(*, article_id: int, language: str, title: str, body: str, actor: User | None) -> Edition:
    """Write the draft of the next version in one language and return it; there is one draft for each language.

    InvalidInput without title or text, or for a language that we do not write; NotAllowed.
    """
    if not can_write_articles(actor):
        raise NotAllowed(_("You may not write articles."))
    article = _lock(article_id)
    title, body = " ".join(title.split())[:200], body.replace("\x00", "").strip()[:50_000]
    if not title or not body or language not in Language.values:
        raise InvalidInput(_("An article needs a language, a title and a text."))
    rows = Edition.objects.filter(article=article, language=language)
    draft = rows.filter(state=EditionState.DRAFT).first()
    if draft is None:
        number = (rows.aggregate(Max("number"))["number__max"] or 0) + 1
        draft = Edition(article=article, language=language, number=number)
    draft.title, draft.body, draft.written_by = title, body, actor
    draft.search_text = fold(f"{title} {body}")
    draft.save()
    return draft


@transaction.atomic
def publish_edition(*, edition_id: int, actor: User | None) -> Edition:
    """Let people read a draft instead of the version before it, and return it.

    InvalidTransition unless it is a draft; NotAllowed.
    """
    _check_publisher(actor)
    edition = _edition(edition_id)
    if edition.state != EditionState.DRAFT:
        raise InvalidTransition(_("Only a draft can be published."))
    Edition.objects.filter(
        article=edition.article_id, language=edition.language, state=EditionState.PUBLISHED
    ).update(state=EditionState.REPLACED, updated_at=timezone.now())  # fmt: skip
    edition.state, edition.published_at, edition.published_by = EditionState.PUBLISHED, timezone.now(), actor
    edition.save(update_fields=["state", "published_at", "published_by", "updated_at"])
    fact = ArticlePublished(article_id=edition.article_id, language=edition.language, number=edition.number)
    record(fact, subject=edition.article, actor=actor)
    return edition


@transaction.atomic
def withdraw_edition(*, edition_id: int, actor: User | None) -> Edition:
    """Take a published version back, so that nobody reads it, and return it. InvalidTransition; NotAllowed."""
    _check_publisher(actor)
    edition = _edition(edition_id)
    if edition.state != EditionState.PUBLISHED:
        raise InvalidTransition(_("Only what is published can be taken back."))
    edition.state = EditionState.WITHDRAWN
    edition.save(update_fields=["state", "updated_at"])
    fact = ArticleWithdrawn(article_id=edition.article_id, language=edition.language)
    record(fact, subject=edition.article, actor=actor)
    return edition


@transaction.atomic
def review_article(*, article_id: int, review_on: date | None, actor: User | None) -> Article:
    """Note that somebody compared the article with what it quotes, and when to look again; return it.

    InvalidInput for a day that has passed; NotAllowed.
    """
    _check_publisher(actor)
    article = _lock(article_id)
    if review_on is not None and review_on <= timezone.localdate():
        raise InvalidInput(_("Choose a day that is still to come."))
    article.stale_since, article.stale_reason, article.review_on = None, "", review_on
    article.save(update_fields=["stale_since", "stale_reason", "review_on", "updated_at"])
    for quote in article.quotes.select_related("return_rule"):
        quote.print, quote.checked_at = print_of(quote), timezone.now()
        quote.save(update_fields=["print", "checked_at"])
    record(ArticleReviewed(article_id=article.pk), subject=article, actor=actor)
    return article


@transaction.atomic
def give_verdict(*, edition_id: int, reader: str, is_helpful: bool) -> bool:
    """Keep whether a reader found a published version helpful; return False when the same reader said so before."""
    edition = Edition.objects.select_for_update().filter(pk=edition_id, state=EditionState.PUBLISHED).first()
    if edition is None:
        raise InvalidInput(_("This article is not there."))
    _row, is_new = Verdict.objects.get_or_create(
        edition=edition, reader=reader[:64], defaults={"is_helpful": is_helpful}
    )
    if is_new:
        name = "helpful_count" if is_helpful else "unhelpful_count"
        setattr(edition, name, getattr(edition, name) + 1)
        edition.save(update_fields=[name])
    return is_new


def _check_publisher(actor: User | None) -> None:
    if not can_publish_articles(actor):
        raise NotAllowed(_("You may not publish articles."))


def _lock(article_id: int) -> Article:
    article = Article.objects.select_for_update().filter(pk=article_id).first()
    if article is None:
        raise InvalidInput(_("This article is not there."))
    return article


def _edition(edition_id: int) -> Edition:
    known = Edition.objects.filter(pk=edition_id).first()
    if known is None:
        raise InvalidInput(_("This article is not there."))
    _lock(known.article_id)
    return Edition.objects.select_for_update(of=("self",)).select_related("article").get(pk=edition_id)
