"""Certificates of products: added with their paper, removed with it."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.events import CertificateAdded, CertificateRemoved
from catalog.models import Certificate, Product
from catalog.policies import can_change_products
from catalog.services.review.reviewing import content_changed
from compliance.models import CertificateKind
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from staff.adapters.file_types import sniff
from staff.models import User
from staff.services.proofs.storing import discard, store_upload

FOLDER = "certificates"
PAPERS = ("pdf", "png", "jpeg", "webp")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCertificate:
    """What stands on a certificate; which of it is needed is said by its kind."""

    kind_id: int
    number: str = ""
    issuer: str = ""
    issued_on: date | None = None
    expires_on: date | None = None


def add_certificate(
    *, product_id: int, certificate: NewCertificate, document: Any = None, actor: User | None = None
) -> Certificate:
    """Add a certificate with its document (PDF or picture, private) and return it.

    InvalidInput for what the kind needs and is missing, an end before the issue or in the past, a document of another
    type; Conflict when the product has it already. Nothing is left of a refused document. A number that does not look
    like its kind's is taken (``looks_unusual`` tells): how numbers are formed is the least certain part of the rules.
    """
    if actor is not None and not can_change_products(actor):
        raise NotAllowed(_("You may not change products."))
    kind = CertificateKind.objects.filter(pk=certificate.kind_id).first()
    if kind is None:
        raise InvalidInput(_("There is no such kind of certificate. Reload the page."))
    number = " ".join(certificate.number.replace("\x00", "").split())
    _check(kind, number, certificate, has_document=document is not None)
    path = _store(document) if document is not None else ""
    try:
        return _add(product_id, kind, number, certificate, path, actor)
    except BaseException:
        if path:
            discard(path)
        raise


def looks_unusual(certificate: Certificate) -> bool:
    """Tell whether the number does not fit the pattern of its kind; touches ``kind``."""
    pattern = certificate.kind.number_pattern
    return bool(pattern and certificate.number and not re.fullmatch(pattern, certificate.number))


@transaction.atomic
def remove_certificate(*, certificate_id: int, reason: str, actor: User | None = None) -> None:
    """Take a certificate off its product; the history keeps kind, number and reason. InvalidInput without a reason."""
    if actor is not None and not can_change_products(actor):
        raise NotAllowed(_("You may not change products."))
    if not reason.strip():
        raise InvalidInput(_("Say why."))
    row = Certificate.objects.select_for_update(of=("self",)).select_related("kind").get(pk=certificate_id)
    fact = CertificateRemoved(kind=row.kind.code, number=row.number, reason=reason.strip()[:200])
    record(fact, subject=Product(pk=row.product_id), actor=actor)
    path = str(row.document.name or "")
    row.delete()
    content_changed(product_ids=[row.product_id], parts=["certificates"], actor=actor)
    if path:
        transaction.on_commit(lambda: discard(path))


@transaction.atomic
def _add(
    product_id: int, kind: CertificateKind, number: str, wanted: NewCertificate, path: str, actor: User | None
) -> Certificate:
    product = Product.objects.select_for_update(no_key=True, of=("self",)).get(pk=product_id)
    if product.certificates.filter(kind=kind, number=number).exists():
        raise Conflict(_("The product has this certificate already."))
    made: Certificate = product.certificates.create(
        kind=kind,
        number=number,
        issuer=wanted.issuer.strip()[:120],
        document=path,
        issued_on=wanted.issued_on,
        expires_on=wanted.expires_on,
        added_by=actor,
    )
    record(CertificateAdded(kind=kind.code, number=number), subject=product, actor=actor)
    content_changed(product_ids=[product_id], parts=["certificates"], actor=actor)
    return made


def _check(kind: CertificateKind, number: str, wanted: NewCertificate, *, has_document: bool) -> None:
    words = {"kind": kind.name}
    if kind.needs_number and not number:
        raise InvalidInput(_("“%(kind)s” needs its number.") % words)
    if kind.needs_document and not has_document:
        raise InvalidInput(_("“%(kind)s” needs its document.") % words)
    if kind.needs_expiry and wanted.expires_on is None:
        raise InvalidInput(_("“%(kind)s” needs the day on which it expires.") % words)
    if wanted.expires_on and wanted.issued_on and wanted.expires_on < wanted.issued_on:
        raise InvalidInput(_("It would expire before it was issued."))
    if wanted.expires_on and wanted.expires_on < timezone.localdate():
        raise InvalidInput(_("It has expired. Ask for the new one."))


def _store(document: Any) -> str:
    document.seek(0)
    if sniff(document.read(4096)) not in PAPERS:
        raise InvalidInput(_("Take a PDF, PNG, JPEG or WebP as the document."))
    return store_upload(file=document, filename=getattr(document, "name", ""), folder=FOLDER).path
