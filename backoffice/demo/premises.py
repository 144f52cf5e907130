"""Where the shop sells and from where it ships: sales channels, warehouses, the shelves of goods."""

from backoffice.demo.vocabulary import load
from catalog.models import Category, SalesChannel
from inventory.models import Warehouse

CHANNEL_FIELDS = ("code", "name", "kind", "currency", "country", "time_zone", "ship_within_days")


def open_premises() -> None:
    """Make sales channels, warehouses and the category tree."""
    said = load("registration")["channels"]
    SalesChannel.objects.bulk_create(
        [
            SalesChannel(
                **{name: one[name] for name in CHANNEL_FIELDS},
                language=said[one["code"]][0],
                margin_floor=said[one["code"]][1],
            )
            for one in load("shop")["channel"]
        ]
    )
    Warehouse.objects.bulk_create([Warehouse(**one) for one in load("shop")["warehouse"]])
    tree: dict[str, dict[str, None]] = {}
    for kind in load("catalogue")["type"]:
        upper, lower = kind["category"]
        tree.setdefault(upper, {})[lower] = None
    for position, (upper, lowers) in enumerate(tree.items(), start=1):
        parent = Category.objects.create(name=upper, position=position)
        Category.objects.bulk_create(
            [Category(name=name, parent=parent, position=place) for place, name in enumerate(lowers, start=1)]
        )


def channel_ids() -> dict[str, int]:
    """Return the demo's sales channels by code."""
    return dict(SalesChannel.objects.values_list("code", "pk"))


def warehouse_ids() -> dict[str, int]:
    """Return the warehouses by code."""
    return dict(Warehouse.objects.values_list("code", "pk"))


def category_ids() -> dict[tuple[str, str], int]:
    """Return the lower categories by (upper name, name)."""
    rows = Category.objects.exclude(parent=None).values_list("parent__name", "name", "pk")
    return {(upper, name): pk for upper, name, pk in rows}
