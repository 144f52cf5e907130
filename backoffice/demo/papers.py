"""Certificates: candles and diffusers are reported, lamps confirmed; a few end soon, one is over, two are not there."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from backoffice.demo.catalogue import PlannedProduct
from backoffice.demo.describing import paper, product_ids
from backoffice.demo.facts import chance, facts_of, report_number
from catalog.models import Certificate
from catalog.services.content.certifying import NewCertificate, add_certificate
from compliance.models import CertificateKind
from staff.models import User

ENDING = (9, 18, 26)  # days from now
REPORT, CONFIRMED, ROUND = "kr-chemical-report", "kr-kc-electrical-confirmed", "jp-pse-other"


def file_certificates(*, products: Sequence[PlannedProduct], has_gaps: bool = True, actor: User) -> None:
    """Add what the law asks of each product; with ``has_gaps`` some run out, one has expired, two are missing."""
    today = timezone.localdate()
    kinds = dict(CertificateKind.objects.values_list("code", "pk"))
    ids = product_ids(products)
    scented = [one for one in products if facts_of(one).kind == "fragrance"]
    lamps = [one for one in products if facts_of(one).kind == "lighting"]
    plans: list[tuple[PlannedProduct, str, str, date | None]] = []
    for place, one in enumerate(scented):
        days = ENDING[place - 1] if has_gaps and 1 <= place <= len(ENDING) else 200 + chance(one, "until", 500)
        plans.append((one, REPORT, report_number(one), today + timedelta(days=days)))
    for one in lamps:
        number = f"XU{70_000 + chance(one, 'kc', 20_000):05d}-{chance(one, 'kc tail', 100_000):05d}A"
        plans.append((one, CONFIRMED, number, today + timedelta(days=300 + chance(one, "until", 900))))
        plans.append((one, ROUND, "", None))
    missing = {scented[-1].code, lamps[-1].code} if has_gaps and len(scented) > 5 and len(lamps) > 1 else set()
    for one, kind, number, until in plans:
        if one.code not in missing:
            certificate = NewCertificate(
                kind_id=kinds[kind],
                number=number,
                issuer="Korea Example Testing Institute" if kind != ROUND else "Example PSE Laboratory",
                issued_on=today - timedelta(days=400),
                expires_on=until,
            )
            lines = [f"Certificate {number}".strip(), one.code, one.names["en"], "An example of the demo shop."]
            document = ContentFile(paper(lines), name=f"{one.code}.pdf")
            add_certificate(product_id=ids[one.code], certificate=certificate, document=document, actor=actor)
    if has_gaps and scented:
        _let_expire(ids[scented[0].code], today)


def _let_expire(product_id: int, today: date) -> None:
    """Let time pass for one certificate: nobody can add one that is over."""
    Certificate.objects.filter(product=product_id).update(expires_on=today - timedelta(days=12))
