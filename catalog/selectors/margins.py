"""What is left of a price after its cost.

Margin = (price − cost) / price, in per cent. Both are taken as they are written: where prices are shown with tax
(Korea, Japan, the European Union), write the cost with tax as well, or the margin looks better than it is by the tax.
"""


def margin_percent(amount: int, cost: int) -> int:
    """Return the margin in whole per cent, rounded down.

    A price of nothing has a margin of 0 when it cost nothing, else -100.
    """
    if amount == 0:
        return 0 if cost == 0 else -100
    return max((amount - cost) * 100 // amount, -32000)


def is_below_floor(amount: int, cost: int | None, floor: int | None) -> bool:
    """Tell whether the margin lies below ``floor`` per cent; without a known cost or a floor nothing is guarded."""
    if cost is None or floor is None:
        return False
    return (amount - cost) * 100 < floor * amount or (amount == 0 and cost > 0)


def known_margin(amount: int, cost: int | None) -> int | None:
    """Return the margin as ``margin_percent``, None without a known cost."""
    return None if cost is None else margin_percent(amount, cost)
