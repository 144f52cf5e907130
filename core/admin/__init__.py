"""Pages of the kernel for operators."""

from core.admin import deliveries, events, jobs, processes

__all__ = ["deliveries", "events", "jobs", "processes"]
