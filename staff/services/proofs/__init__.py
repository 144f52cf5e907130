"""Versions of a result: uploaded, checked, judged, delivered, and true as long as they are shown."""
