"""One command for many products: each is done or refused by itself, and the caller hears of both."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from django.db import transaction

from catalog.models import Product
from core.errors import DomainError


@dataclass(frozen=True, kw_only=True)
class ProductBatch:
    """What became of many products: ids that are done, (product code, reason) of those refused."""

    done: list[int] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def for_each_product(product_ids: Collection[int], run: Callable[[int], object]) -> ProductBatch:
    """Run the service for each product in the order of ids, each in a transaction of its own."""
    batch = ProductBatch()
    codes = dict(Product.objects.filter(pk__in=product_ids).values_list("pk", "code"))
    for pk in sorted(codes):
        try:
            with transaction.atomic():
                run(pk)
        except DomainError as error:
            batch.refused.append((codes[pk], str(error)))
        else:
            batch.done.append(pk)
    return batch
