"""What an article quotes is kept beside it, and the article says so when that has changed."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.models import LegalRule
from core.errors import InvalidInput, NotAllowed
from core.events import record_many
from knowledge.events import ArticleTurnedStale
from knowledge.models import Article, Quote
from knowledge.policies import can_write_articles
from knowledge.selectors.quoting import print_of, prints_of
from staff.models import User


@transaction.atomic
def quote_policy(
    *,
    article_id: int,
    legal_code: str = "",
    jurisdiction: str = "",
    return_rule_id: int | None = None,
    actor: User | None,
) -> Quote:
    """Say which policy the article tells and return the quote, with a print of how it reads today; again: the same.

    InvalidInput for a rule that is not there, or for both kinds at once; NotAllowed.
    """
    if not can_write_articles(actor):
        raise NotAllowed(_("You may not write articles."))
    article = Article.objects.select_for_update().get(pk=article_id)
    is_law = LegalRule.objects.filter(code=legal_code, jurisdiction=jurisdiction).exists()
    if is_law is (return_rule_id is not None):
        raise InvalidInput(_("Choose one rule: of the law, or of returns."))
    quote = Quote(
        article=article,
        legal_code=legal_code if is_law else "",
        jurisdiction=jurisdiction if is_law else "",
        return_rule_id=return_rule_id,
    )
    found, _new = Quote.objects.get_or_create(
        article=article,
        legal_code=quote.legal_code,
        jurisdiction=quote.jurisdiction,
        return_rule_id=return_rule_id,
        defaults={"print": print_of(quote)},
    )
    return found


@transaction.atomic
def flag_stale_articles() -> int:
    """Mark articles whose quoted policies changed or whose review is due, and return how many; repeating finds none."""
    now, today = timezone.now(), timezone.localdate()
    quotes = list(Quote.objects.filter(article__stale_since=None).select_related("return_rule"))
    prints = prints_of(quotes)
    reasons: dict[int, str] = {
        quote.article_id: str(quote) for quote in quotes if prints[quote.pk] != quote.print
    }  # fmt: skip
    due = Article.objects.filter(stale_since=None, review_on__lte=today).values_list("pk", flat=True)
    wanted = {**dict.fromkeys(due, ""), **reasons}
    rows = list(Article.objects.filter(pk__in=wanted, stale_since=None).order_by("pk").select_for_update())
    for row in rows:
        row.stale_since, row.updated_at = now, now
        changed = wanted[row.pk]
        row.stale_reason = (f"changed: {changed}" if changed else f"review: {row.review_on}")[:300]
    Article.objects.bulk_update(rows, ["stale_since", "stale_reason", "updated_at"])
    record_many([(ArticleTurnedStale(article_id=row.pk), row.pk) for row in rows], model=Article)
    return len(rows)
