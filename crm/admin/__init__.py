"""Pages of customer relations."""

from crm.admin import duplicates, panels, patterns, segments, story  # noqa: F401 registering
