"""What happened to products, variants and their pictures; the subject is the product."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.fields import column_label, names_of
from core.events import Event


@dataclass(frozen=True, kw_only=True)
class ProductCreated(Event):
    """A product with its variants entered the catalogue."""

    name = "catalog.product_created"

    product_id: int
    variant_count: int

    def sentence(self) -> str:
        """Return e.g. "Created with 6 variants"."""
        return ngettext("Created with %(count)d variant", "Created with %(count)d variants", self.variant_count) % {
            "count": self.variant_count
        }


@dataclass(frozen=True, kw_only=True)
class VariantsAdded(Event):
    """A product has more variants now."""

    name = "catalog.variants_added"

    product_id: int
    count: int

    def sentence(self) -> str:
        """Return e.g. "12 variants added"."""
        return ngettext("%(count)d variant added", "%(count)d variants added", self.count) % {"count": self.count}


@dataclass(frozen=True, kw_only=True)
class ProductCopied(Event):
    """A product began as a copy of another one."""

    name = "catalog.product_copied"

    product_id: int
    source_id: int
    source_code: str

    def sentence(self) -> str:
        """Return e.g. "Copied from SHIRT-1"."""
        return _("Copied from %(code)s") % {"code": self.source_code}


@dataclass(frozen=True, kw_only=True)
class PictureRemoved(Event):
    """A picture was taken off a product."""

    name = "catalog.picture_removed"

    product_id: int
    number: int  # as people count: the face was 1
    reason: str

    def sentence(self) -> str:
        """Return e.g. "Picture 2 removed: wrong colour"."""
        return _("Picture %(number)s removed: %(reason)s") % {"number": self.number, "reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class ProductContentChanged(Event):
    """Something that a reviewer sees was changed; who did cannot approve the product afterwards."""

    name = "catalog.product_content_changed"

    product_id: int
    parts: list[str]  # catalog.fields
    before: str  # status of the product
    is_reopened: bool = False  # True: it was in review or approved and is a draft again

    def sentence(self) -> str:
        """Return e.g. "Changed: Name, Prices. It is a draft again."."""
        words = {"parts": names_of(self.parts)}
        if self.is_reopened and self.before == "in_review":
            return _("Changed during the review: %(parts)s. It is a draft again.") % words
        if self.is_reopened:
            return _("Changed after the approval: %(parts)s. It is a draft again.") % words
        return _("Changed: %(parts)s") % words


@dataclass(frozen=True, kw_only=True)
class GoodsEdited(Event):
    """Cells of a product and its variants were edited in a grid; ``changes`` quotes the first of ``count``."""

    name = "catalog.goods_edited"

    product_id: int
    changes: list[list[str]]  # [SKU or "", column such as "product.name" or "text.ko.title", before, after]
    count: int

    def sentence(self) -> str:
        """Return e.g. "Name: “Tee” → “Shirt”; TEE-M · Barcode: – → “4901234567894”"."""
        said = [_edited(*change) for change in self.changes]
        more = self.count - len(said)
        if more > 0:
            said.append(ngettext("%(count)d more change", "%(count)d more changes", more) % {"count": more})
        return "; ".join(said)


def _edited(sku: str, column: str, before: str, after: str) -> str:
    label = column_label(column)
    quoted = [f"“{text}”" if text else "–" for text in (before, after)]
    return f"{sku} · {label}: {quoted[0]} → {quoted[1]}" if sku else f"{label}: {quoted[0]} → {quoted[1]}"


@dataclass(frozen=True, kw_only=True)
class CertificateAdded(Event):
    """A certificate of the product was written down."""

    name = "catalog.certificate_added"

    kind: str  # code of compliance.CertificateKind
    number: str

    def sentence(self) -> str:
        """Return e.g. "Certificate added: kr-kc-safety-confirmation CB061R0001"."""
        return _("Certificate added: %(kind)s %(number)s") % {"kind": self.kind, "number": self.number}


@dataclass(frozen=True, kw_only=True)
class CertificateRemoved(Event):
    """A certificate was taken off the product; what it said is kept here."""

    name = "catalog.certificate_removed"

    kind: str
    number: str
    reason: str

    def sentence(self) -> str:
        """Return what was removed and why."""
        words = {"kind": self.kind, "number": self.number, "reason": self.reason}
        return _("Certificate removed: %(kind)s %(number)s (%(reason)s)") % words
