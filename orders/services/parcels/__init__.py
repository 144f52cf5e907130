"""Parcels are planned before they are packed: combined, divided, undone, shipped."""
