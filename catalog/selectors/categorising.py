"""Where products stand on the channels: a category's own code there, else that of the nearest one above."""

from collections.abc import Collection

from catalog.models import Category, CategoryMapping


def channel_categories(
    *, category_ids: Collection[int], sales_channel_ids: Collection[int]
) -> dict[tuple[int, int], CategoryMapping]:
    """Return by (category id, sales channel id) the mapping that holds; without one it is left out (two statements)."""
    parents = dict(Category.objects.values_list("pk", "parent_id"))
    own = {
        (row.category_id, row.sales_channel_id): row
        for row in CategoryMapping.objects.filter(sales_channel__in=sales_channel_ids)
    }
    found = {}
    for category_id in category_ids:
        for channel_id in sales_channel_ids:
            at: int | None = category_id
            while at is not None and (at, channel_id) not in own:
                at = parents.get(at)
            if at is not None:
                found[category_id, channel_id] = own[at, channel_id]
    return found
