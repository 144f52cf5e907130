"""What speaks against live listings is kept beside them, so that lists and reports of many thousands can ask."""

from collections import defaultdict
from collections.abc import Collection

from django.db import transaction

from catalog.checking import Severity, run_checks
from catalog.models import Listing, ListingState

BATCH = 500


@transaction.atomic
def judge_listings(*, product_ids: Collection[int]) -> int:
    """Write down which checks speak against the live listings of these products; return how many listings differ.

    A constant number of statements; the products are read, not locked: what changes meanwhile is seen the next time.
    """
    rows = list(
        Listing.objects.filter(product__in=product_ids, state=ListingState.LIVE).select_related(
            "product", "sales_channel"
        )
    )
    products = list({row.product_id: row.product for row in rows}.values())
    channels = list({row.sales_channel_id: row.sales_channel for row in rows}.values())
    found: dict[tuple[int, int | None], set[str]] = defaultdict(set)
    for finding in run_checks(products, channels):
        if finding.severity == Severity.ERROR:
            found[finding.product_id, finding.channel_id].add(finding.check)
    changed = []
    for row in rows:
        problems = sorted(found[row.product_id, row.sales_channel_id] | found[row.product_id, None])
        if problems != row.problems:
            row.problems = problems
            changed.append(row)
    Listing.objects.bulk_update(changed, ["problems"], batch_size=1000)
    return len(changed)


def judge_all_listings() -> int:
    """Go through everything that is live, a batch of products in each transaction; return how many listings differ."""
    count = last = 0
    while True:
        live = Listing.objects.filter(state=ListingState.LIVE, product_id__gt=last).order_by("product_id")
        ids = list(live.values_list("product_id", flat=True).distinct()[:BATCH])
        if not ids:
            forget_problems()
            return count
        count, last = count + judge_listings(product_ids=ids), ids[-1]


def forget_problems() -> int:
    """Take the problems off listings that are not live any more: they speak of the past; return how many."""
    return Listing.objects.exclude(state=ListingState.LIVE).exclude(problems=[]).update(problems=[])
