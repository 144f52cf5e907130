"""What products were called before."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from catalog.models import FormerName
from core.search import contains_word, fold


@dataclass(frozen=True, slots=True)
class Former:
    """A former name of a product, or (``variant_id``) a former SKU of one of its variants."""

    text: str
    variant_id: int | None

    def has_any(self, words: Iterable[str]) -> bool:
        """Tell whether one of these folded words occurs in it."""
        folded = fold(self.text)
        return any(contains_word(folded, word) for word in words)


def former_names(*, products: Collection[int]) -> dict[int, list[Former]]:
    """Return product id -> its former names and SKUs, the latest first; one statement."""
    found: dict[int, list[Former]] = defaultdict(list)
    rows = FormerName.objects.filter(product__in=products).order_by("-until", "-id")
    for product, text, variant in rows.values_list("product_id", "text", "variant_id"):
        found[product].append(Former(text, variant))
    return dict(found)
