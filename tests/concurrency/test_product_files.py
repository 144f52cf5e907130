"""Two product files at once, rows in crossing order: they queue and neither is lost."""

import pytest
import tablib

from catalog.admin.product_file import ProductFileResource
from catalog.models import Price, Product, ProductText, Variant
from tests.concurrency.race import race
from tests.factories import make_channel, make_variant

pytestmark = pytest.mark.django_db(transaction=True)

HEADERS = ["code", "name", "brand", "title_ko", "sku", "weight_g", "price[shop]", "maker_code"]
COUNT = 30


def load(rows, mark, *, new):
    """Import the rows; return how many were new, updated or refused."""
    lines = [
        [f"p{n:02}", f"Product {n}", mark, f"제목 {mark}", f"s{n:02}", "100", f"{1000 + n}", f"{mark}-{n}"]
        for n in rows
    ]
    headers = HEADERS if new else [name for name in HEADERS if name != "name"]
    cells = lines if new else [[*line[:1], *line[2:]] for line in lines]
    result = ProductFileResource().import_data(tablib.Dataset(*cells, headers=headers), use_transactions=True)
    return [str(error.error) for error in result.base_errors], dict(result.totals), len(result.invalid_rows)


@pytest.mark.parametrize("known", [True, False], ids=["known products", "the same new products"])
def test_files_in_crossing_order_queue_instead_of_deadlocking(known):
    make_channel(code="shop", currency="JPY")
    if known:
        for n in range(COUNT):
            make_variant(sku=f"s{n:02}", product=Product.objects.create(code=f"p{n:02}", name=f"Product {n}"))
    rows = list(range(COUNT))

    results = race(lambda: load(rows, "ONE", new=not known), lambda: load(rows[::-1], "TWO", new=not known))

    assert [result.kind for result in results] == ["done", "done"], results
    assert [result.value[0] for result in results] == [[], []], results
    assert [result.value[2] for result in results] == [0, 0], results  # what the first made the second updates
    assert Product.objects.count() == Variant.objects.count() == COUNT
    # whoever was last wrote every row: nothing is mixed
    assert Product.objects.values_list("brand", flat=True).distinct().count() == 1
    assert ProductText.objects.values_list("title", flat=True).distinct().count() == 1
    assert Price.objects.filter(ends_at=None).count() == COUNT
