"""Which rules hold where and when; each selector is one statement."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from compliance.models import CertificateKind, CertificateNeed, Jurisdiction, NoticeField, NoticeType, PriceClaimRule
from staff.models import in_language

# member states of the European Union, ISO 3166-1
EU_MEMBERS = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())


@dataclass(frozen=True, kw_only=True)
class CertificateGroup:
    """Certificates of which one is enough; ``is_required`` False: only some goods need one, a person decides."""

    group: str
    kinds: tuple[CertificateKind, ...]
    is_required: bool
    notice_type_ids: frozenset[int]

    @property
    def name(self) -> str:
        """Return the alternatives in the reader's language, one after the other."""
        return " / ".join(in_language(kind, "name") for kind in self.kinds)


def jurisdiction_of(country: str) -> str:
    """Return whose rules hold for goods sold to this country (two letters); empty where we know of none."""
    code = country.strip().upper()
    if code in EU_MEMBERS:
        return Jurisdiction.EU.value
    return code if code in Jurisdiction.values else ""


def notice_types_for(jurisdiction: str, on: date | None = None) -> list[NoticeType]:
    """Return the notices of a jurisdiction that are in force on this day (today), those for all products first."""
    rows = NoticeType.objects.in_force(_day(on)).filter(jurisdiction=jurisdiction)
    return list(rows.order_by("-applies_to_all", "position", "pk"))


def notice_fields(notice_type_id: int, on: date | None = None) -> list[NoticeField]:
    """Return the fields of one notice that are asked for on this day (today), in order."""
    return notice_fields_of([notice_type_id], on)[notice_type_id]


def notice_fields_of(notice_type_ids: Iterable[int], on: date | None = None) -> dict[int, list[NoticeField]]:
    """Return the fields of several notices by the notice's id, as ``notice_fields``; one without fields is empty."""
    ids = list(notice_type_ids)
    rows = NoticeField.objects.in_force(_day(on)).filter(notice_type__in=ids).order_by("notice_type", "position", "pk")
    found: dict[int, list[NoticeField]] = {key: [] for key in ids}
    for row in rows:
        found[row.notice_type_id].append(row)
    return found


def needed_certificates(
    notice_type_ids: Sequence[int], jurisdiction: str, on: date | None = None
) -> list[CertificateGroup]:
    """Return what goods with these notices need in a jurisdiction on this day (today): a group for each thing to prove.

    The kinds of a group satisfy each other. Required groups come first.
    """
    rows = (
        CertificateNeed.objects.filter(notice_type__in=notice_type_ids, certificate_kind__jurisdiction=jurisdiction)
        .filter(_in_force("certificate_kind", _day(on)))
        .select_related("certificate_kind")
        .order_by("certificate_kind__position", "certificate_kind")
    )
    needs: dict[str, list[CertificateNeed]] = defaultdict(list)
    for need in rows:
        needs[need.certificate_kind.group or need.certificate_kind.code].append(need)
    groups = [
        CertificateGroup(
            group=group,
            kinds=tuple({need.certificate_kind_id: need.certificate_kind for need in found}.values()),
            is_required=any(need.is_required for need in found),
            notice_type_ids=frozenset(need.notice_type_id for need in found),
        )
        for group, found in needs.items()
    ]
    return sorted(groups, key=lambda group: not group.is_required)


def claim_rule(jurisdiction: str, on: date | None = None) -> PriceClaimRule | None:
    """Return the rule for “before” prices that is in force on this day (today), None where we know of none."""
    rule: PriceClaimRule | None = PriceClaimRule.objects.in_force(_day(on)).filter(jurisdiction=jurisdiction).first()
    return rule


def _day(on: date | None) -> date:
    return timezone.localdate() if on is None else on


def _in_force(path: str, on: date) -> Q:
    began = Q((f"{path}__valid_from__isnull", True)) | Q((f"{path}__valid_from__lte", on))
    return began & (Q((f"{path}__valid_until__isnull", True)) | Q((f"{path}__valid_until__gte", on)))
