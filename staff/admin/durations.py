"""Minutes of work in words."""

from django.utils.translation import gettext as _


def minutes_text(minutes: int) -> str:
    """Return working minutes as “2 h 30 min”, with a sign when there are too few."""
    hours, rest = divmod(abs(minutes), 60)
    parts = [_("%(hours)s h") % {"hours": hours}] if hours else []
    if rest or not hours:
        parts.append(_("%(minutes)s min") % {"minutes": rest})
    return ("−" if minutes < 0 else "") + " ".join(parts)
