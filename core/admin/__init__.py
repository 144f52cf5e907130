"""Pages of the kernel for operators."""

from core.admin import (
    deliveries,
    events,
    failing,
    imports,
    jobs,
    processes,
    proof,
    saved_views,
    table_import_list,
    tables,
)

__all__ = [
    "deliveries",
    "events",
    "failing",
    "imports",
    "jobs",
    "processes",
    "proof",
    "saved_views",
    "table_import_list",
    "tables",
]
