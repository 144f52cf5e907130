"""What changes in addresses."""

from addresses.services.loading import LoadReport, load_postcodes
from addresses.services.seeding import sync_remote_zones

__all__ = ["LoadReport", "load_postcodes", "sync_remote_zones"]
