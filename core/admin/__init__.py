"""Pages of the kernel for operators."""

from core.admin import deliveries, events, failing, imports, jobs, processes, proof, tables

__all__ = ["deliveries", "events", "failing", "imports", "jobs", "processes", "proof", "tables"]
