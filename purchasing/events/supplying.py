"""What happened to suppliers."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.events import Event
from purchasing.models import Supplier


@dataclass(frozen=True, kw_only=True)
class SupplierEvent(Event):
    """Base of all facts about one supplier."""

    supplier_id: int


@dataclass(frozen=True, kw_only=True)
class SupplierSaved(SupplierEvent):
    """A supplier was registered or changed; names of fields only, contacts stay out of the history."""

    name = "purchasing.supplier_saved"

    changed: list[str]
    is_new: bool = False

    def sentence(self) -> str:
        """Return e.g. "Changed: e-mail for orders"."""
        if self.is_new:
            return _("Registered")
        names = {field.name: str(field.verbose_name) for field in Supplier._meta.fields}
        return _("Changed: %(fields)s") % {"fields": ", ".join(names.get(name, name) for name in self.changed)}
