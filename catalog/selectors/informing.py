"""What the law wants to be told about products, and what is missing; a number of statements that does not grow."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from catalog.models import Certificate, NoticeAnswer, Product, ProductNotice, ProductType
from compliance.models import NeededWhen, NoticeField, NoticeType
from compliance.selectors import CertificateGroup, needed_certificates, notice_fields_of, notice_types_for

SOON = 30  # days before a certificate's end from which somebody should ask for the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Information:
    """How well one product is described for one jurisdiction; all lists empty: nothing is missing."""

    product_id: int
    jurisdiction: str
    notices: Sequence[NoticeType]
    is_unclassified: bool  # its class of goods has no notice here yet
    missing_fields: Sequence[NoticeField]
    missing_certificates: Sequence[CertificateGroup]
    expired: Sequence[Certificate]  # and no other of their kind is valid
    ending: Sequence[Certificate]  # within ``SOON`` days

    @property
    def is_complete(self) -> bool:
        """Tell whether the product may be shown there."""
        return not (self.is_unclassified or self.missing_fields or self.missing_certificates)


def notices_of(
    *, products: Sequence[Product], jurisdictions: Collection[str], on: date | None = None
) -> dict[tuple[int, str], list[NoticeType]]:
    """Return by (product id, jurisdiction) the notices it carries: those for all, its own, else those of its type."""
    day = on or timezone.localdate()
    return _carried(products, {code: notice_types_for(code, day) for code in jurisdictions})


def _carried(
    products: Sequence[Product], in_force: Mapping[str, Sequence[NoticeType]]
) -> dict[tuple[int, str], list[NoticeType]]:
    own: dict[int, set[int]] = defaultdict(set)
    for product_id, notice_id in ProductNotice.objects.filter(
        product__in=[product.pk for product in products]
    ).values_list("product_id", "notice_type_id"):
        own[product_id].add(notice_id)
    by_type: dict[int | None, set[int]] = defaultdict(set)
    types = {product.product_type_id for product in products if product.product_type_id}
    for type_id, notice_id in ProductType.notice_types.through.objects.filter(producttype__in=types).values_list(
        "producttype_id", "noticetype_id"
    ):
        by_type[type_id].add(notice_id)
    carried = {}
    for product in products:
        for code, notices in in_force.items():
            mine = [n for n in notices if n.pk in own[product.pk] and not n.applies_to_all]
            usual = [n for n in notices if n.pk in by_type[product.product_type_id] and not n.applies_to_all]
            carried[product.pk, code] = [n for n in notices if n.applies_to_all] + (mine or usual)
    return carried


def information_of(
    *,
    products: Sequence[Product],
    jurisdictions: Collection[str],
    compared: Collection[tuple[int, str]] = (),
    on: date | None = None,
) -> list[Information]:
    """Return how well each product is described for each jurisdiction; ``compared``: where it shows a price before."""
    day = on or timezone.localdate()
    in_force = {code: notice_types_for(code, day) for code in jurisdictions}
    carried = _carried(products, in_force)
    fields = notice_fields_of({notice.pk for notices in carried.values() for notice in notices}, day)
    ids = [product.pk for product in products]
    told = set(NoticeAnswer.objects.filter(product__in=ids).values_list("product_id", "field_id"))
    papers: dict[int, list[Certificate]] = defaultdict(list)
    for paper in Certificate.objects.filter(product__in=ids).select_related("kind"):
        papers[paper.product_id].append(paper)
    needs = {
        code: needed_certificates(list({n.pk for (_pk, c), ns in carried.items() if c == code for n in ns}), code, day)
        for code in jurisdictions
    }
    found = []
    for (product_id, code), notices in carried.items():
        asked = [
            field
            for notice in notices
            for field in fields[notice.pk]
            if field.is_required
            and (field.needed_when != NeededWhen.COMPARE_AT or (product_id, code) in compared)
            and (product_id, field.pk) not in told
        ]
        mine = [paper for paper in papers[product_id] if paper.kind.jurisdiction == code]
        notice_ids = {notice.pk for notice in notices}
        found.append(
            Information(
                product_id=product_id,
                jurisdiction=code,
                notices=notices,
                is_unclassified=not notices and bool(in_force[code]),
                missing_fields=asked,
                missing_certificates=[
                    group
                    for group in needs[code]
                    if group.is_required and group.notice_type_ids & notice_ids and not _has(group, mine, day)
                ],
                expired=[paper for paper in mine if _is_over(paper, day) and not _is_renewed(paper, mine, day)],
                ending=[
                    paper
                    for paper in mine
                    if paper.expires_on and day <= paper.expires_on <= day + timedelta(days=SOON)
                ],
            )
        )
    return found


def _has(group: CertificateGroup, papers: Sequence[Certificate], day: date) -> bool:
    kinds = {kind.pk for kind in group.kinds}
    return any(paper.kind_id in kinds and not _is_over(paper, day) for paper in papers)


def _is_over(paper: Certificate, day: date) -> bool:
    return paper.expires_on is not None and paper.expires_on < day


def _is_renewed(old: Certificate, papers: Sequence[Certificate], day: date) -> bool:
    return any(paper.kind_id == old.kind_id and not _is_over(paper, day) for paper in papers)
