"""Everything that writes articles."""

from knowledge.services.quoting import flag_stale_articles, quote_policy
from knowledge.services.writing import draft_article, give_verdict, publish_edition, review_article, withdraw_edition

__all__ = [
    "draft_article",
    "flag_stale_articles",
    "give_verdict",
    "publish_edition",
    "quote_policy",
    "review_article",
    "withdraw_edition",
]
