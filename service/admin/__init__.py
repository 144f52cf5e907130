"""Pages of customer service."""

from service.admin import (
    acting,
    approval,
    aside,
    import_screen,
    inbox,
    inlet,
    layout,
    linking,
    macro,
    macro_pages,
    order_work,
    panels,
    reason,
    survey,
    term,
    ticket,
)

__all__ = [
    "acting",
    "approval",
    "aside",
    "import_screen",
    "inbox",
    "inlet",
    "layout",
    "linking",
    "macro",
    "macro_pages",
    "order_work",
    "panels",
    "reason",
    "survey",
    "term",
    "ticket",
]
