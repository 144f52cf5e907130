"""Admin pages of accounting."""

from accounting.admin import (  # noqa: F401 registering
    documents,
    import_screen,
    issuing,
    profits,
    rules,
    settlements,
    terms,
)
