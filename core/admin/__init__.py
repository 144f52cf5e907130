"""Pages of the kernel for operators."""

from core.admin import deliveries, events, imports, jobs, processes, proof, tables

__all__ = ["deliveries", "events", "imports", "jobs", "processes", "proof", "tables"]
