"""Everything that the knowledge base keeps."""

from knowledge.models.article import Article, Audience, Edition, EditionState, Quote, Verdict

__all__ = ["Article", "Audience", "Edition", "EditionState", "Quote", "Verdict"]
