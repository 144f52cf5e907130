"""What the knowledge base puts on the home page: articles that may not be true any more."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from core.ui.tiles import Kpi, Tile, register_tile
from knowledge.models import Article


def stale_articles(_request: HttpRequest) -> Kpi | None:
    """Count articles to look through; None where nothing is written yet."""
    if not Article.objects.exists():
        return None
    count = Article.objects.filter(stale_since__isnull=False).count()
    url = f"{reverse('admin:knowledge_article_changelist')}?tab=stale"
    return Kpi(f"{count:,}", "", url, "warning" if count else "good", "menu_book")


register_tile(
    Tile(
        "knowledge.stale", gettext_lazy("Articles to look through"), stale_articles, "knowledge.publish_article",
        "service", 60, cache_seconds=60,
    )
)  # fmt: skip
