"""What the grid's script says: all its sentences, translated on the server."""

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _


def grid_words() -> dict[str, str]:
    """Return the sentences by key; {n} and {m} are filled in by the script."""
    return {
        "language": get_language() or "en",
        "changed": _("{n} changed"),
        "save": _("Save {n} changes"),
        "saveOne": _("Save 1 change"),
        "saveNone": _("Nothing to save"),
        "saving": _("Saving…"),
        "saved": _("{n} saved"),
        "refused": _("{n} refused"),
        "conflicts": _("{n} changed by somebody else"),
        "waiting": _("{n} waiting for approval"),
        "lost": _("The answer did not come. Nothing is lost here: press Save again."),
        "tooMany": _("At most {n} cells are saved at once. Save some of them first."),
        "clipped": _("{n} cells lay outside the rows and columns shown and were left out."),
        "skipped": _("{n} cells cannot be changed here and were left out."),
        "copied": _("{n} cells copied"),
        "mine": pgettext("grid", "Mine"),
        "theirs": pgettext("grid", "Theirs"),
        "takeTheirs": _("Take theirs"),
        "keepMine": _("Keep mine"),
        "empty": _("(empty)"),
        "wasBefore": _("Before: {n}"),
        "readOnly": _("This column cannot be changed."),
        "ofProduct": _("Belongs to the product: change it in the product's first row."),
        "done": _("Done"),
        "cancel": _("Cancel"),
        "yes": _("Yes"),
        "no": _("No"),
        "fill": _("Fill down"),
        "resize": _("Column width"),
        "leave": _("There are changes that are not saved."),
        "sort": _("Sort"),
        "invalid": _("Correct this cell"),
    }
