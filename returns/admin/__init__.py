"""Pages of return cases."""

from returns.admin import charges, figures, inspecting, opening, panels, request, resolving, rules

__all__ = ["charges", "figures", "inspecting", "opening", "panels", "request", "resolving", "rules"]
