"""Pages of the knowledge base."""

from knowledge.admin import article, tiles

__all__ = ["article", "tiles"]
