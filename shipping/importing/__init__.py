"""Files of carriers as targets of the import engine: issued numbers, and scans."""

from shipping.importing import reasons, scans, tracking

__all__ = ["reasons", "scans", "tracking"]
