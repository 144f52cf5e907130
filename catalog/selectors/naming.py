"""What products were called before."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet

from catalog.models import FormerName, Product


def with_former_names(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Add ``former_texts`` to products or variants: list of former names and SKUs, the latest first.

    Those of a variant are the names of its product and SKUs of its own.
    """
    if rows.model is Product:
        former = FormerName.objects.filter(product=OuterRef("pk"))
    else:
        own = Q(variant=None) | Q(variant=OuterRef("pk"))
        former = FormerName.objects.filter(own, product=OuterRef("product_id"))
    named: QuerySet[Any] = rows.annotate(former_texts=ArraySubquery(former.order_by("-until", "-id").values("text")))
    return named
