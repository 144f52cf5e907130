"""What the house keeps of its connections to malls."""

from channels.models.connection import Connection, Problem

__all__ = ["Connection", "Problem"]
