"""Which known line a line without own number is: the one with the same content, else one of the same article."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from orders.services.intake.drafts import LineDraft, name_by_parent

Content = tuple[Any, ...]


def content(line: Any) -> Content:
    """Return what tells two lines of one article apart; works for drafts and known lines."""
    return (line.quantity, line.unit_price, line.total, line.kind)


def settle_ids(lines: Iterable[LineDraft], known: Mapping[str, Content]) -> None:
    """Give drafted lines without own numbers the ids of the known lines that they are; ``known`` is id -> content.

    A file may be cut in the middle of an order, or tell a new quantity: lines of equal content are taken for the same
    first, what is left over pairs up in turn, and further lines get ids that are free.
    """
    drafted: dict[str, list[LineDraft]] = defaultdict(list)
    every = list(lines)
    for line in every:
        if not line.is_numbered:
            drafted[line.external_id.rpartition("#")[0]].append(line)
    if not drafted or not known:
        return
    ours: dict[str, dict[str, Content]] = defaultdict(dict)
    for external_id in sorted(known, key=lambda one: (len(one), one)):
        ours[external_id.rpartition("#")[0]][external_id] = known[external_id]
    for article, alike in drafted.items():
        if article in ours:
            _pair(article, alike, ours[article])
    for line in every:
        name_by_parent(line)


def _pair(article: str, alike: list[LineDraft], ours: dict[str, Content]) -> None:
    left = dict(ours)
    unpaired = []
    for line in alike:
        same = next((pk for pk, what in left.items() if what == content(line)), None)
        if same is None:
            unpaired.append(line)
        else:
            line.external_id = same
            del left[same]
    spare = iter([*left, *(one for n in range(1, len(ours) + len(alike) + 1) if (one := f"{article}#{n}") not in ours)])
    for line in unpaired:
        line.external_id = next(spare)
