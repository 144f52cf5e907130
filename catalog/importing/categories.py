"""Categories that a file names and the tree does not have yet: made only where the person asked for it."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from catalog.models import Category
from catalog.selectors.grid import SEPARATOR, category_paths
from core.models import TableChange
from core.resources import Part, PartRun, settle
from core.resources.choices import is_blank, is_clear_mark

LENGTH = 100
MAKE = "make_categories"  # in the choices of the import


class CategoriesPart(Part):
    """Paths of categories ("Women > Shoes"), each made from the root down; keyed by path."""

    model = Category

    def __init__(self) -> None:
        super().__init__(
            "categories", columns={"category": "path"}, keys=["path"], always=True, label="catalog.categories"
        )

    def concerns(self, cells: Any) -> bool:
        """Tell whether there is a path."""
        return not is_blank(cells.get("path")) and not is_clear_mark(cells.get("path"))

    def apply(self, run: PartRun) -> None:
        """Make what is missing, if that was asked for; otherwise the product's part refuses unknown paths."""
        if not run.choices.extra.get(MAKE):
            return
        known = {path: pk for pk, path in category_paths().items()}
        for row in run.good_rows():
            names = [name.strip() for name in str(row.cells["path"]).split(">")]
            if not all(names) or any(len(name) > LENGTH for name in names):
                run.refuse(row, "path", _("“%(path)s” is no path of categories.") % {"path": row.cells["path"]})
                continue
            parent: int | None = None
            for depth in range(1, len(names) + 1):
                path = SEPARATOR.join(names[:depth])
                if path not in known:
                    known[path] = Category.objects.create(parent_id=parent, name=names[depth - 1]).pk
                    run.keep(row, object_id=known[path], created=True, after={"path": path})
                parent = known[path]

    def undo(self, changes: Sequence[TableChange], user: Any) -> None:
        """Remove categories that nothing stands in, the deepest first."""
        for change in sorted(changes, key=lambda one: -one.object_id):
            try:
                with transaction.atomic():
                    Category.objects.filter(pk=change.object_id).delete()
            except IntegrityError:  # ProtectedError is one
                settle(change, _("Something stands in this category."))
            else:
                settle(change)
