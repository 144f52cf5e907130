"""Macros: used at one ticket or at many, kept as favourites."""

from service.services.macros.liking import like_macro
from service.services.macros.many import MacroReport, tag_tickets, use_macro_on_tickets
from service.services.macros.using import use_macro

__all__ = ["MacroReport", "like_macro", "tag_tickets", "use_macro", "use_macro_on_tickets"]
