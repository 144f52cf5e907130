"""Pages of the knowledge base."""

from knowledge.admin import article

__all__ = ["article"]
