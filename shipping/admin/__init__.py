"""Pages of shipping."""

from shipping.admin import (
    carrier,
    check,
    due,
    files,
    fitting,
    import_screens,
    making_files,
    notices,
    panels,
    papers,
    parcels,
    settings,
    table,
    wave,
    wave_new,
)

__all__ = [
    "carrier",
    "check",
    "due",
    "files",
    "fitting",
    "import_screens",
    "making_files",
    "notices",
    "panels",
    "papers",
    "parcels",
    "settings",
    "table",
    "wave",
    "wave_new",
]
