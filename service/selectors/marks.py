"""Words by which upper apps mark customers, such as VIP: they register where from, rules of customer service ask."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

from core.search import fold

Marks = Callable[[Collection[int]], Mapping[int, Collection[str]]]
_sources: dict[str, Marks] = {}


def register_marks(key: str, marks: Marks) -> None:
    """Say where marks come from: a function from customer ids to the words of each, in one statement."""
    _sources[key] = marks


def marks_of(customer_ids: Collection[int]) -> dict[int, set[str]]:
    """Return the folded words of each of these customers (one statement for each source)."""
    found: dict[int, set[str]] = defaultdict(set)
    for source in _sources.values() if customer_ids else ():
        for customer_id, words in source(customer_ids).items():
            found[customer_id] |= {fold(word) for word in words}
    return found
