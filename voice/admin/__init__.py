"""Pages of reviews and of the voice of the customer."""

from voice.admin import alert, hiding, import_screen, panels, review, tiles, voices

__all__ = ["alert", "hiding", "import_screen", "panels", "review", "tiles", "voices"]
