"""Which receipts are valued without an exchange rate, or by another one than is known now."""

from typing import Any

from django.conf import settings
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from purchasing.models import ExchangeRate, GoodsReceipt


def receipts_with_late_rates() -> "QuerySet[Any]":
    """Return receipts in foreign money whose noted rate is not the one of their day, the newest first.

    Each with ``day`` and ``rate_now`` (None: nobody has written one that holds then).
    """
    known = ExchangeRate.objects.filter(currency=OuterRef("order__currency"), starts_on__lte=OuterRef("day"))
    foreign = GoodsReceipt.objects.exclude(order__currency=settings.SHOP_CURRENCY)
    rows: QuerySet[Any] = foreign.filter(undone_at=None, entry__isnull=False).annotate(day=TruncDate("received_at"))
    rows = rows.annotate(rate_now=Subquery(known.order_by("-starts_on").values("rate")[:1]))
    return rows.filter(Q(rate=None) | Q(rate_now__isnull=False) & ~Q(rate=F("rate_now"))).order_by("-pk")
