"""Everything on one machine in one foreground process: database, web, worker and beat, kept alive."""

from backoffice.runner.service import serve

__all__ = ["serve"]
